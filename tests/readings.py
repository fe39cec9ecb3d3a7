"""Readings beside kanji, looked at with SudachiPy: what it would read otherwise is in doubt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from sudachipy import Dictionary, SplitMode

from chat.rules.readings import READING

KANJI = re.compile(r"[\u3400-\u9fff々]+")
_TAGS = re.compile(r"<[^>]*>|\{%.*?%\}|\{\{.*?\}\}|%\(\w+\)s")


class Block(NamedTuple):
    """A stretch of a sentence that begins and ends with a word of the author's and of Sudachi's."""

    words: str
    written: str
    read: str


def plain(markup: str) -> str:
    """Take tags and places of values out: each becomes a stop, so that no word runs over it."""
    return _TAGS.sub("。", markup)


def bare(markup: str) -> list[str]:
    """Find kanji without a reading."""
    return KANJI.findall(READING.sub("", plain(markup)))


def doubts(markup: str) -> list[Block]:
    """Find the readings that Sudachi would give otherwise."""
    return [block for block in _blocks(plain(markup)) if block.written != block.read]


@lru_cache(maxsize=1)
def _tokenizer() -> object:
    dictionary = Dictionary(dict="small")
    return dictionary.tokenizer(SplitMode.C)


def _blocks(text: str) -> Iterator[Block]:
    authors, words = _authors(text)
    at, block_words, written, read = 0, "", "", ""
    ends = _ends(words)
    for surface, reading in authors:
        at += len(surface)
        block_words += surface
        written += _hiragana(reading)
        start = at - len(block_words)
        if at in ends and start in ends:
            read = "".join(ends_reading for ends_reading in _between(words, start, at))
            if KANJI.search(block_words):
                yield Block(block_words, written, read)
            block_words, written = "", ""


def _authors(text: str) -> tuple[list[tuple[str, str]], str]:
    """Give the author's words with their readings (kana, one by one, are their own), and the words alone."""
    parts: list[tuple[str, str]] = []
    at = 0
    for found in READING.finditer(text):
        parts += [(sign, sign) for sign in text[at : found.start()]]
        parts.append((found[1], found[2]))
        at = found.end()
    parts += [(sign, sign) for sign in text[at:]]
    return parts, "".join(surface for surface, _ in parts)


@lru_cache(maxsize=256)
def _tokens(words: str) -> tuple[tuple[int, int, str], ...]:
    tokenizer = _tokenizer()
    return tuple(
        (token.begin(), token.end(), _hiragana(token.reading_form()))
        for token in tokenizer.tokenize(words)  # type: ignore[attr-defined]  # it ships no types
    )


def _ends(words: str) -> set[int]:
    return {0, *(end for _, end, _ in _tokens(words))}


def _between(words: str, start: int, end: int) -> Iterator[str]:
    for begins, ends, reading in _tokens(words):
        if start <= begins and ends <= end:
            yield reading


def _hiragana(words: str) -> str:
    folded = unicodedata.normalize("NFKC", words)
    return "".join(chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign for sign in folded)
