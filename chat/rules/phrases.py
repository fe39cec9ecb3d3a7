"""Return phrases: a few easy words that lead back to a ticket from another device."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

WORDS_IN_PHRASE = 5
SHOWN_BETWEEN = "・"
_LENGTHS = range(10, 61)
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def parse_phrase_words(text: str) -> tuple[str, ...]:
    """Read the words, one a line; ``#`` begins a remark."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(line for line in lines if line)


def phrase_of(words: Sequence[str], picks: Sequence[int]) -> str:
    """Make a phrase of the words at these indexes, as it is shown: ひまわり・くま・そら・りんご・とけい."""
    return SHOWN_BETWEEN.join(words[pick] for pick in picks)


def plain_phrase(text: str) -> str | None:
    """Give what counts of a phrase as somebody typed it: its hiragana, whatever stands between.

    Katakana and half-width kana count as hiragana. None where that can be no phrase.
    """
    kana = unicodedata.normalize("NFKC", text[:300]).translate(_HIRAGANA)
    plain = "".join(character for character in kana if "ぁ" <= character <= "ん")
    return plain if len(plain) in _LENGTHS else None
