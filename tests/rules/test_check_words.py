from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.rules.check_words import (
    WORDS_MAX,
    CheckWords,
    Found,
    WordsFault,
    find,
    fold,
    parse_words,
    precedence,
)
from notalone.env import ROOT

SHIPPED = (ROOT / "notalone" / "words" / "check.ja.txt").read_text("utf-8")
LIST = parse_words("[3]\n死にたい\nしにたい\n[1]\nつらい\n[except]\nしにたいして\n")
KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


# --- reading a list ---


def test_a_list_is_read_with_its_levels_and_remarks() -> None:
    words = parse_words("# はじめに\n[3]\n死にたい  # 一番\n\n［１］\nつらい\n[Except]\nつらいわけ\n")
    assert words == CheckWords({"死にたい": (3, "死にたい"), "つらい": (1, "つらい")}, ("つらいわけ",))


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("", 1, "empty"),
        ("[except]\nつらいわけ\n", 1, "empty"),
        ("つらい\n", 1, "no_head"),
        ("[1]\nつらい\n[4]\n", 3, "unknown_head"),
        ("[0]\n", 1, "unknown_head"),
        ("[かならず]\n", 1, "unknown_head"),
        ("[1]\nし\n", 2, "too_short"),
        ("[1]\nしー〜\n", 2, "too_short"),
        ("[1]\n" + "あ" * 41, 2, "too_long"),
        ("[1]\nつらい\n[3]\nツライ\n", 4, "twice"),
        ("[1]\nつらい\n[except]\nつら い\n", 4, "twice"),
        ("[1]\n" + "\n".join(f"ことば{n:04}" for n in range(WORDS_MAX + 1)), WORDS_MAX + 2, "too_many"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, line: int, code: str) -> None:
    with pytest.raises(WordsFault) as fault:
        parse_words(text)
    assert (fault.value.line, fault.value.code) == (line, code)


def test_the_list_that_comes_with_the_software_can_be_read() -> None:
    levels = {level for level, _ in parse_words(SHIPPED).words.values()}
    assert levels == {1, 2, 3}


# --- finding ---


@pytest.mark.parametrize(
    "text",
    [
        "死にたい",
        "もう、死にたいです。",
        "死 に た い",
        "死に\nたい",
        "死に\u200bたい",
        "しにたい",
        "シニタイ",
        "ｼﾆﾀｲ",
        "しにたーい",
        "しにたぃ",
        "しにた〜〜い",
    ],
)
def test_other_spellings_of_a_word_are_found(text: str) -> None:
    assert find(LIST, text).level == 3


@pytest.mark.parametrize("text", ["", "げんき", "わたしにたいして", "ワタシニタイシテ", "死", "したい"])
def test_what_is_no_such_word_is_not_found(text: str) -> None:
    assert find(LIST, text) == Found(0, ())


def test_a_word_beside_one_that_is_passed_over_is_found() -> None:
    assert find(LIST, "わたしにたいして しにたいと").words == ("しにたい",)


def test_the_gravest_word_counts_and_is_named_first_once() -> None:
    found = find(LIST, "つらい、つらい", "死にたい。しにたい")
    assert found == Found(3, ("しにたい", "死にたい", "つらい"))


def test_two_texts_are_not_joined() -> None:
    assert find(LIST, "しに", "たい").level == 0


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("きえたい。もうむり", 2),
        ("がっこうにいきたくない", 0),
        ("学校に行きたくない", 0),
        ("友だちとけんかした", 0),
        ("ＯＤしちゃった。odした", 2),
    ],
)
def test_the_shipped_list_on_sentences(text: str, level: int) -> None:
    assert find(parse_words(SHIPPED), text).level == level


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(
    st.sampled_from(sorted(parse_words(SHIPPED).words)),
    st.lists(st.sampled_from(" \u3000\n\u200bー〜"), max_size=6),
)
def test_no_stretching_hides_a_word_of_the_list(word: str, between: list[str]) -> None:
    hidden = "".join(a + b for a, b in zip(word, [*between, *[""] * len(word)], strict=False))
    assert find(parse_words(SHIPPED), hidden.translate(KATAKANA)).level > 0


@given(st.integers(0, 3), st.text())
def test_a_list_raises_and_never_lowers(urgency: int, text: str) -> None:
    weight = precedence(urgency, find(LIST, text))
    assert urgency <= weight <= 3


@given(st.integers(0, 3), st.text(), st.text())
def test_who_writes_more_is_never_later(urgency: int, text: str, more: str) -> None:
    less = precedence(urgency, find(LIST, text))
    assert precedence(urgency, find(LIST, text, more)) >= less
