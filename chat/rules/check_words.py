"""Words at entry that ask for a second look: a list that people can read, and what it finds.

The list may let somebody be heard earlier, never later, and it judges nobody: what it finds is shown to
the staff as words to check. It is plain text, one word a line under a head that says how much it counts:

    # a remark
    [3]
    死にたい
    [except]
    しにたいして

``[1]`` to ``[3]`` are levels of urgency. What stands under ``[except]`` is passed over where it is found.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

LEVELS = (1, 2, 3)
WORDS_MAX = 500
WORD_LONGEST = 40
SHOWN_MAX = 8

FaultCode = Literal["unknown_head", "no_head", "too_short", "too_long", "twice", "too_many", "empty"]

_HEAD = re.compile(r"\[\s*(.*?)\s*\]")
_EXCEPT = "except"
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}  # ァ to ヶ
_SMALL = str.maketrans("ぁぃぅぇぉ", "あいうえお")
_DRAWN_OUT = re.compile("[ー〜~～‐-―−-]+")
_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn"}


@dataclass(frozen=True, slots=True)
class CheckWords:
    """A list: each word's folded form → its level and the form to show. ``passed_over`` is folded."""

    words: dict[str, tuple[int, str]] = field(default_factory=dict)
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a list found: ``level`` 0 where nothing; ``words`` as the list writes them."""

    level: int
    words: tuple[str, ...]


class WordsFault(Exception):
    """A list that can not be used. ``line`` counts from 1; ``code`` says what to mend, ``word`` where."""

    def __init__(self, line: int, code: FaultCode, word: str = "") -> None:
        super().__init__(f"line {line}: {code}")
        self.line = line
        self.code: FaultCode = code
        self.word = word


def fold(text: str) -> str:
    """Give what two spellings of one thing share.

    Width and compatibility (NFKC), case, kana (all hiragana, small vowels large), and nothing of what
    only stretches or spaces a word: しにたーい, ｼﾆﾀｲ and し に た い are one.
    """
    # a voiced mark of its own is joined by NFKC to the kana before it, so nothing is lost with "Mn"
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_HIRAGANA).translate(_SMALL)
    seen = "".join(ch for ch in plain if unicodedata.category(ch) not in _UNSEEN)
    return _DRAWN_OUT.sub("", seen)


def parse_words(text: str) -> CheckWords:
    """Read a list. Raises WordsFault with the line that has to be mended."""
    words: dict[str, tuple[int, str]] = {}
    passed_over: list[str] = []
    head = ""
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        found = _HEAD.fullmatch(unicodedata.normalize("NFKC", line))
        if found:
            head = found[1].casefold()
            if head != _EXCEPT and head not in map(str, LEVELS):
                raise WordsFault(number, "unknown_head", line)
            continue
        folded = _checked(number, line, head)
        if folded in words or folded in passed_over:
            raise WordsFault(number, "twice", line)
        if head == _EXCEPT:
            passed_over.append(folded)
        else:
            words[folded] = (int(head), line)
        if len(words) + len(passed_over) > WORDS_MAX:
            raise WordsFault(number, "too_many")
    if not words:
        raise WordsFault(1, "empty")
    return CheckWords(words, tuple(sorted(passed_over, key=len, reverse=True)))


def _checked(number: int, line: str, head: str) -> str:
    if not head:
        raise WordsFault(number, "no_head", line)
    if len(line) > WORD_LONGEST:
        raise WordsFault(number, "too_long", line)
    folded = fold(line)
    if len(folded) < 2:  # one kana would stand in every second sentence
        raise WordsFault(number, "too_short", line)
    return folded


def find(words: CheckWords, *texts: str) -> Found:
    """Look for the words of a list in what somebody wrote; the gravest first."""
    hits: set[tuple[int, str]] = set()
    for text in texts:
        folded = fold(text)
        for passed in words.passed_over:
            folded = folded.replace(passed, "\n")
        hits |= {told for word, told in words.words.items() if word in folded}
    ranked = sorted(hits, key=lambda hit: (-hit[0], hit[1]))
    return Found(ranked[0][0] if ranked else 0, tuple(word for _, word in ranked[:SHOWN_MAX]))


def precedence(urgency: int, found: Found) -> int:
    """Say by which urgency a ticket stands in its lane: what the visitor said, and never less."""
    return max(urgency, found.level)
