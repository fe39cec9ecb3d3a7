from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.actions.returning import phrase_words
from chat.rules.phrases import WORDS_IN_PHRASE, parse_phrase_words, phrase_of, plain_phrase

PLAIN = "ひまわりくまそらりんごとけい"
PICKS = st.lists(st.integers(0, len(phrase_words()) - 1), min_size=WORDS_IN_PHRASE, max_size=WORDS_IN_PHRASE)


@pytest.mark.parametrize(
    "typed",
    [
        "ひまわり・くま・そら・りんご・とけい",
        "ひまわり くま そら りんご とけい",
        "ひまわりくまそらりんごとけい",
        " ヒマワリ、クマ、ソラ、リンゴ、トケイ。\n",
        "ﾋﾏﾜﾘ･ｸﾏ･ｿﾗ･ﾘﾝｺﾞ･ﾄｹｲ",
        "「ひまわり」「くま」「そら」「りんご」「とけい」",
    ],
)
def test_a_phrase_counts_however_it_is_typed(typed: str) -> None:
    assert plain_phrase(typed) == PLAIN


@pytest.mark.parametrize("typed", ["", "ひまわり", "abc def ghi jkl", "向日葵熊空林檎時計", "あ" * 61])
def test_what_can_be_no_phrase_is_none(typed: str) -> None:
    assert plain_phrase(typed) is None


def test_a_phrase_is_shown_with_a_sign_between_its_words() -> None:
    assert phrase_of(("くま", "そら"), [1, 0, 1]) == "そら・くま・そら"


def test_remarks_are_no_words() -> None:
    assert parse_phrase_words("# くま\nそら  # うえ\n\n") == ("そら",)


def test_a_phrase_has_40_bits_or_more() -> None:
    assert len(set(phrase_words())) == len(phrase_words())
    assert WORDS_IN_PHRASE * math.log2(len(phrase_words())) >= 40


def test_every_word_is_short_plain_hiragana() -> None:
    assert all(2 <= len(word) <= 5 and all("ぁ" <= ch <= "ん" for ch in word) for word in phrase_words())


@given(PICKS)
def test_every_phrase_of_the_words_can_be_typed(picks: list[int]) -> None:
    phrase = phrase_of(phrase_words(), picks)
    assert plain_phrase(phrase) == phrase.replace("・", "")


@given(st.text())
def test_plain_is_plain(text: str) -> None:
    plain = plain_phrase(text)
    assert plain is None or plain_phrase(plain) == plain
