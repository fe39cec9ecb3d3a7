import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.rules.estimate import Range, estimate

TALKS_S = [41 * 60] * 20

counts = st.integers(0, 50)
talks = st.lists(st.integers(0, 4 * 3600), min_size=3, max_size=40)
positions = st.integers(1, 10_000)
closings = st.none() | st.integers(-3600, 6 * 3600)


def test_without_counselors_nothing_is_said() -> None:
    assert estimate(1, 0, 0, TALKS_S, None) is None


def test_a_free_slot_is_less_than_a_minute_away() -> None:
    assert estimate(2, 2, 9, [], 3600) == Range(0, 60, by_close=True)


@pytest.mark.parametrize("recent_talks_s", [[], [2460], [2460, 2460]])
def test_from_fewer_than_three_talks_nothing_is_said(recent_talks_s: list[int]) -> None:
    assert estimate(1, 0, 9, recent_talks_s, 3600) is None


def test_three_talks_are_enough() -> None:
    assert estimate(1, 0, 9, [2460, 2460, 2460], None) == Range(0, 720, by_close=True)


def test_the_fifth_in_a_lane_of_nine_slots() -> None:
    # 5 talks of 41 minutes end in 22:47 on average; 1.28 times sqrt(5 + 25/20) steps each side
    assert estimate(5, 0, 9, TALKS_S, None) == Range(8 * 60, 38 * 60, by_close=True)


def test_free_slots_are_taken_by_those_in_front() -> None:
    assert estimate(5, 2, 9, TALKS_S, None) == estimate(3, 0, 9, TALKS_S, None)


@pytest.mark.parametrize(
    ("closes_in_s", "by_close"), [(38 * 60, True), (38 * 60 - 1, False), (0, False), (-5, False)]
)
def test_it_says_when_the_window_may_close_first(closes_in_s: int, by_close: bool) -> None:
    found = estimate(5, 0, 9, TALKS_S, closes_in_s)
    assert found is not None
    assert found.by_close is by_close


@given(positions, positions, counts, st.integers(1, 50), talks, closings)
def test_nobody_behind_is_told_less(
    one: int, other: int, free: int, slots: int, recent: list[int], closes_in_s: int | None
) -> None:
    before, after = (estimate(place, free, slots, recent, closes_in_s) for place in sorted([one, other]))
    assert before is not None
    assert after is not None
    assert before.low_s <= after.low_s
    assert before.high_s <= after.high_s
    assert before.by_close >= after.by_close


@given(positions, st.integers(1, 49), counts, talks)
def test_more_counselors_never_make_it_longer(
    position: int, slots: int, free: int, recent: list[int]
) -> None:
    fewer, more = (estimate(position, free, capacity, recent, None) for capacity in (slots, slots + 1))
    assert fewer is not None
    assert more is not None
    assert more.high_s <= fewer.high_s
    assert more.low_s <= fewer.low_s


@given(positions, counts, counts, st.lists(st.integers(0, 4 * 3600)), closings)
def test_a_range_is_a_range_of_whole_minutes(
    position: int, free: int, slots: int, recent: list[int], closes_in_s: int | None
) -> None:
    found = estimate(position, free, slots, recent, closes_in_s)
    if found is not None:
        assert 0 <= found.low_s < found.high_s
        assert (found.low_s % 60, found.high_s % 60) == (0, 0)
        assert found.by_close is (closes_in_s is None or found.high_s <= closes_in_s)
