"""How long it may still take: by tables, properties, and evenings that are played."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.estimates import hits
from bench.evenings import Evening
from chat.rules.estimate import LaneNow, Outlook, Range, fit_talks, look_ahead

TALKS = [2460.0] * 20
MINUTE = 60
lanes = st.builds(
    LaneNow,
    slots=st.integers(1, 60),
    running_s=st.lists(st.floats(0, 20_000), max_size=60),
    ended_s=st.lists(st.floats(1, 20_000), min_size=3, max_size=60),
    away_slots=st.integers(0, 20),
    left=st.integers(0, 300),
    waited_s=st.floats(0, 1e6),
    open_s=st.floats(0, 22_000),
)


def outlook(**now: object) -> Outlook:
    found = look_ahead(LaneNow(**{"slots": 9, "running_s": [600.0] * 9, "ended_s": TALKS} | now))  # type: ignore[arg-type]
    assert found is not None
    return found


# --- null ---


def test_where_nobody_serves_nothing_is_said() -> None:
    assert look_ahead(LaneNow(0, [], TALKS)) is None


@pytest.mark.parametrize("ended_s", [[], [2460.0], [2460.0] * 2])
def test_from_fewer_than_three_talks_nothing_is_said(ended_s: list[float]) -> None:
    assert look_ahead(LaneNow(9, [], ended_s)) is None


def test_from_three_talks_on_a_range_is_said() -> None:
    assert look_ahead(LaneNow(9, [], TALKS[:3])) is not None


# --- the range ---


@given(lanes, st.integers(1, 5000))
def test_a_range_is_whole_minutes_and_has_an_end_after_its_beginning(now: LaneNow, place: int) -> None:
    found = Outlook(now).wait(place, None)
    assert 0 <= found.low_s < found.high_s
    assert found.low_s % MINUTE == found.high_s % MINUTE == 0


@given(lanes, st.integers(1, 5000), st.integers(1, 500))
def test_who_stands_behind_is_never_told_an_earlier_turn(now: LaneNow, place: int, behind: int) -> None:
    ahead, after = Outlook(now).wait(place, None), Outlook(now).wait(place + behind, None)
    assert ahead.low_s <= after.low_s
    assert ahead.high_s <= after.high_s


@given(lanes, st.integers(1, 5000), st.integers(0, 40_000))
def test_by_close_is_said_only_where_even_the_late_end_is_before_closing(
    now: LaneNow, place: int, closes_in_s: int
) -> None:
    found = Outlook(now).wait(place, closes_in_s)
    assert found.by_close is (found.high_s <= closes_in_s)
    assert Outlook(now).wait(place, None) == Range(found.low_s, found.high_s, by_close=True)


def test_more_slots_make_the_wait_shorter() -> None:
    few, many = outlook(slots=3, running_s=[600.0] * 3).wait(10, None), outlook().wait(10, None)
    assert many.high_s < few.low_s + few.high_s
    assert (many.low_s, many.high_s) < (few.low_s, few.high_s)


def test_talks_that_have_lasted_for_long_end_sooner() -> None:
    begun, old = outlook(running_s=[60.0] * 9).wait(5, None), outlook(running_s=[2400.0] * 9).wait(5, None)
    assert old.high_s < begun.high_s


def test_longer_talks_make_the_wait_longer() -> None:
    short, long = outlook(ended_s=[1200.0] * 20).wait(10, None), outlook(ended_s=[4800.0] * 20).wait(10, None)
    assert short.high_s < long.high_s


def test_where_many_give_up_the_back_is_reached_sooner() -> None:
    staying, leaving = outlook(waited_s=1e6).wait(60, None), outlook(left=300, waited_s=1e6).wait(60, None)
    assert leaving.high_s < staying.high_s


def test_fewer_talks_to_go_by_make_a_wider_range() -> None:
    few, many = outlook(ended_s=[2460.0] * 3).wait(30, None), outlook(ended_s=[2460.0] * 60).wait(30, None)
    assert few.high_s - few.low_s > many.high_s - many.low_s


# --- how long talks take ---


def test_talks_under_way_keep_an_evening_s_first_ends_from_standing_for_all() -> None:
    """Twenty minutes after the opening only short talks have ended; forty others go on."""
    draw = random.Random(1)
    lengths = [draw.lognormvariate(math.log(2500), 0.5) for _ in range(60)]
    ended = [length for length in lengths if length < 1200]
    running = [1200.0] * (60 - len(ended))
    naive, _ = fit_talks(ended, [])
    mean, spread = fit_talks(ended, running)
    assert math.exp(naive) < 1700
    assert 2000 < math.exp(mean) < 3100
    assert 0.35 < spread < 0.7


@given(st.lists(st.floats(0, 1e6), max_size=80), st.lists(st.floats(0, 1e6), max_size=80))
def test_any_talks_can_be_fitted(ended: list[float], running: list[float]) -> None:
    mean, spread = fit_talks(ended, running)
    assert math.isfinite(mean)
    assert 0.3 <= spread <= 1.2


def test_at_the_opening_more_is_left_open_than_later_on() -> None:
    new, later, old = (outlook(open_s=open_s).wait(20, None) for open_s in (0.0, 3600.0, math.inf))
    assert new.low_s < later.low_s <= old.low_s
    assert old.high_s <= later.high_s < new.high_s


# --- evenings ---


def test_on_played_evenings_four_of_five_are_served_within_the_range_they_were_told() -> None:
    """Seeds that the constants were not fitted to; `python -m bench estimates` plays more of them."""
    told = [one for seed in range(1000, 1003) for one in hits(Evening(seed))]
    assert len(told) > 200
    assert sum(told) / len(told) >= 0.8
