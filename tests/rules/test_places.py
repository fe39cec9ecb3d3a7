"""Places as they are told: by tables and properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.rules.estimate import Range
from chat.rules.places import EXACT, Told, has_moved, is_news, marks, told, told_place

PLACES = st.integers(1, 1_000_000)


@pytest.mark.parametrize(
    ("place", "as_told"),
    [
        (1, 1),
        (99, 99),
        (100, 100),
        (101, 110),
        (110, 110),
        (200, 200),
        (201, 220),
        (400, 400),
        (401, 450),
        (1000, 1000),
        (1001, 1100),
        (3999, 4000),
        (9501, 10_000),
        (10_001, 11_000),
    ],
)
def test_a_place_is_told_exactly_near_the_front_and_rounded_up_behind(place: int, as_told: int) -> None:
    assert told_place(place) == as_told


@given(PLACES)
def test_a_place_is_never_told_better_than_it_is_nor_worse_by_an_eighth(place: int) -> None:
    assert place <= told_place(place) < place * 1.125 + 1


@given(PLACES, PLACES)
def test_who_stands_behind_is_never_told_a_better_place(one: int, other: int) -> None:
    assert (told_place(one) <= told_place(other)) or one > other


@given(PLACES)
def test_what_is_told_is_told_again(place: int) -> None:
    assert told_place(told_place(place)) == told_place(place)


def test_marks_are_the_places_that_are_told() -> None:
    assert marks(10_000) == sorted({told_place(place) for place in range(EXACT, 10_001)})


def test_marks_grow_with_the_logarithm() -> None:
    assert [len(marks(upto)) for upto in (99, 1_000, 10_000, 100_000)] == [0, 33, 65, 97]


def test_no_place_is_no_news() -> None:
    assert told(None, None) is None


@pytest.mark.parametrize(
    ("before", "is_one"), [(None, True), (Told(350, None), False), (Told(380, None), True)]
)
def test_news_is_another_place(before: Told | None, is_one: bool) -> None:
    assert is_news(before, Told(350, Range(0, 60, by_close=True))) is is_one


@pytest.mark.parametrize(
    ("before", "now", "moved"),
    [
        (None, None, False),
        (None, Range(60, 120, True), True),
        (Range(60, 120, True), None, True),
        (Range(600, 1200, True), Range(600, 1200, False), True),
        (Range(600, 1200, True), Range(540, 1140, True), False),
        (Range(600, 1200, True), Range(420, 1200, True), True),
        (Range(6000, 12000, True), Range(5700, 11000, True), False),
        (Range(6000, 12000, True), Range(6000, 9000, True), True),
    ],
)
def test_a_range_is_told_anew_when_it_moved_by_minutes_and_a_quarter(
    before: Range | None, now: Range | None, moved: bool
) -> None:
    assert has_moved(before, now) is moved
