from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.rules.pairing import boost_ms, moved_score_ms, requeued_score_ms, score_ms
from tests.rules.campaign_makers import jst

NOW = jst("2024-12-28 16:30")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("urgency", "minutes"), [(0, 0), (1, 5), (2, 10), (3, 20)])
def test_boost(urgency: int, minutes: int) -> None:
    assert boost_ms(urgency) == minutes * 60_000


@pytest.mark.parametrize(("urgency", "minutes"), [(-1, 0), (4, 20), (10**9, 20)])
def test_boost_is_bounded(urgency: int, minutes: int) -> None:
    assert boost_ms(urgency) == minutes * 60_000


def test_score_is_in_milliseconds_since_1970() -> None:
    assert score_ms(datetime(1970, 1, 1, 0, 0, 1, 2999, tzinfo=UTC), 0) == 1002


def test_score_does_not_depend_on_the_zone() -> None:
    assert score_ms(NOW.astimezone(UTC), 2) == score_ms(NOW, 2)


def test_equal_urgency_is_first_come_first_served() -> None:
    assert score_ms(NOW, 1) < score_ms(NOW + timedelta(milliseconds=1), 1)


def test_an_urgent_ticket_passes_those_of_the_last_minutes() -> None:
    assert score_ms(NOW, 3) < score_ms(NOW - 19 * MINUTE, 0)
    assert score_ms(NOW, 3) > score_ms(NOW - 21 * MINUTE, 0)


@given(
    st.timedeltas(20 * MINUTE + timedelta(milliseconds=1), timedelta(days=9)), st.integers(), st.integers()
)
def test_nobody_is_overtaken_by_who_came_20_minutes_later(wait: timedelta, mine: int, theirs: int) -> None:
    assert score_ms(NOW, mine) < score_ms(NOW + wait, theirs)


@given(
    st.timedeltas(20 * MINUTE + timedelta(milliseconds=1), timedelta(days=9)),
    st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=20),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_no_change_by_a_supervisor_lets_anybody_be_overtaken_for_ever(
    wait: timedelta, changes: list[tuple[bool, int]], mine: int, theirs: int
) -> None:
    """Two tickets, raised and lowered as often as you like: who waited 20 minutes longer stays before."""
    earlier, later = score_ms(NOW, mine), score_ms(NOW + wait, theirs)
    for is_later, urgency in changes:
        if is_later:
            later = moved_score_ms(NOW + wait, urgency, later)
        else:
            earlier = moved_score_ms(NOW, urgency, earlier)
        assert earlier < later


@given(st.integers(0, 3), st.integers(0, 3))
def test_a_moved_ticket_stands_where_one_of_that_urgency_came(before: int, after: int) -> None:
    assert moved_score_ms(NOW, after, score_ms(NOW, before)) == score_ms(NOW, after)


@given(st.integers(0, 3))
def test_who_was_put_back_in_front_stays_there(urgency: int) -> None:
    front = requeued_score_ms(score_ms(NOW, 0))
    assert moved_score_ms(NOW, urgency, front) == front
