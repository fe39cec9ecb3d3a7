"""Unique words, and whether a dump of whatever kind holds one of them in a form that can be read back."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable
from urllib.parse import quote


def marker(field: str) -> str:
    """Make a word that nobody else writes."""
    return f"ひみつ{field}{secrets.token_hex(6)}"


def readable(data: bytes, words: Iterable[str]) -> list[str]:
    """Give the words that can be read in the data: as UTF-8 or UTF-16, escaped, in hexadecimal or base64."""
    lowered = data.lower()
    return [
        word
        for word in words
        if any(form in data for form in _exact_forms(word)) or any(form in lowered for form in _escaped(word))
    ]


def _exact_forms(word: str) -> list[bytes]:
    text = word.encode()
    return [text, word.encode("utf-16-le"), word.encode("utf-16-be"), *_base64_forms(text)]


def _escaped(word: str) -> list[bytes]:
    """Give what differs in upper and lower case only, in lower case."""
    forms = (json.dumps(word)[1:-1], word.encode().hex(), quote(word), repr(word.encode())[2:-1])
    return [form.lower().encode() for form in forms]


def _base64_forms(text: bytes) -> list[bytes]:
    """Give the part that is the same wherever in an encoded text the word stands."""
    forms = []
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + text)
        forms.append(encoded[4 if offset else 0 : len(encoded) - 4])
        forms.append(forms[-1].translate(bytes.maketrans(b"+/", b"-_")))
    return forms
