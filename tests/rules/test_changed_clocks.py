"""What a window does on a day when clocks are put forward or back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chat.rules.hours import instant_of, intervals, state_of
from tests.rules.campaign_makers import one_service

NEW_YORK = "America/New_York"
LONG_AGO, FAR_AHEAD = datetime(2000, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def hours_of(daily: list[str], day: str, zone: str = NEW_YORK) -> list[tuple[str, str]]:
    """The intervals of one local day, in UTC."""
    after = f"{datetime.fromisoformat(day) + timedelta(days=1):%F}"
    campaign, service = one_service(daily, zone=zone, starts=f"{day} 00:00", ends=f"{after} 00:00")
    found = intervals(campaign, service, LONG_AGO, FAR_AHEAD)
    return [(f"{opens_at:%d %H:%M}", f"{closes_at:%d %H:%M}") for opens_at, closes_at in found]


@pytest.mark.parametrize(
    ("zone", "text", "opening", "closing"),
    [
        # 2024-03-10, New York: 01:59:59 is followed by 03:00:00 at 07:00 UTC
        (NEW_YORK, "2024-03-10 01:59:59", "2024-03-10 06:59:59", "2024-03-10 06:59:59"),
        (NEW_YORK, "2024-03-10 02:00", "2024-03-10 07:00", "2024-03-10 07:00"),
        (NEW_YORK, "2024-03-10 02:59:59", "2024-03-10 07:00", "2024-03-10 07:00"),
        (NEW_YORK, "2024-03-10 03:00", "2024-03-10 07:00", "2024-03-10 07:00"),
        # 2024-11-03, New York: 01:00 to 01:59:59 come twice, from 05:00 and from 06:00 UTC
        (NEW_YORK, "2024-11-03 00:59:59", "2024-11-03 04:59:59", "2024-11-03 04:59:59"),
        (NEW_YORK, "2024-11-03 01:00", "2024-11-03 05:00", "2024-11-03 06:00"),
        (NEW_YORK, "2024-11-03 01:59:59", "2024-11-03 05:59:59", "2024-11-03 06:59:59"),
        (NEW_YORK, "2024-11-03 02:00", "2024-11-03 07:00", "2024-11-03 07:00"),
        # Lord Howe changes by half an hour: 02:00 becomes 02:30 at 15:30 UTC the day before
        ("Australia/Lord_Howe", "2024-10-06 02:10", "2024-10-05 15:30", "2024-10-05 15:30"),
        # Beirut changes at midnight: that day begins at 01:00
        ("Asia/Beirut", "2024-03-31 00:00", "2024-03-30 22:00", "2024-03-30 22:00"),
        # Samoa left out the whole of 30 December 2011, at 10:00 UTC
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00", "2011-12-30 10:00"),
    ],
)
def test_a_local_time_that_is_missing_or_comes_twice(
    zone: str, text: str, opening: str, closing: str
) -> None:
    assert instant_of(ZoneInfo(zone), wall(text)) == utc(opening)
    assert instant_of(ZoneInfo(zone), wall(text), closing=True) == utc(closing)


@pytest.mark.parametrize(
    ("daily", "expected"),
    [
        (["01:00-02:30"], [("10 06:00", "10 07:00")]),
        (["02:30-04:00"], [("10 07:00", "10 08:00")]),
        (["02:10-02:50"], []),
        (["01:00-04:00"], [("10 06:00", "10 08:00")]),
        (["01:30-02:15", "02:45-03:30"], [("10 06:30", "10 07:30")]),
    ],
)
def test_windows_on_the_day_that_lacks_an_hour(daily: list[str], expected: list[tuple[str, str]]) -> None:
    assert hours_of(daily, "2024-03-10") == expected


@pytest.mark.parametrize(
    ("daily", "expected"),
    [
        (["00:30-01:30"], [("03 04:30", "03 06:30")]),
        (["01:30-03:00"], [("03 05:30", "03 08:00")]),
        (["01:10-01:20"], [("03 05:10", "03 06:20")]),
        (["00:00-01:15", "01:15-02:00"], [("03 04:00", "03 07:00")]),
        (["10:00-16:00"], [("03 15:00", "03 21:00")]),
    ],
)
def test_windows_on_the_day_with_an_hour_twice(daily: list[str], expected: list[tuple[str, str]]) -> None:
    assert hours_of(daily, "2024-11-03") == expected


@pytest.mark.parametrize(("day", "hours"), [("2024-03-10", 23), ("2024-11-03", 25), ("2024-06-01", 24)])
def test_a_whole_day_is_as_long_as_the_day(day: str, hours: int) -> None:
    campaign, service = one_service(
        [], {day: ["00:00-00:00"]}, zone=NEW_YORK, starts="2024-01-01 00:00", ends="2025-01-01 00:00"
    )
    (interval,) = intervals(campaign, service, LONG_AGO, FAR_AHEAD)
    assert interval.closes_at - interval.opens_at == timedelta(hours=hours)


def test_a_window_over_the_change_at_midnight_is_whole() -> None:
    campaign, service = one_service(
        ["22:00-02:00"], zone="Asia/Beirut", starts="2024-03-30 12:00", ends="2024-03-31 12:00"
    )
    (interval,) = intervals(campaign, service, LONG_AGO, FAR_AHEAD)
    assert interval == (utc("2024-03-30 20:00"), utc("2024-03-30 23:00"))


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2024-11-03 04:29:59", False),
        ("2024-11-03 05:29:59", True),  # 01:29:59, the first time
        ("2024-11-03 06:29:59", True),  # 01:29:59 again
        ("2024-11-03 06:30:00", False),
    ],
)
def test_the_second_reading_of_an_hour_is_told_from_the_first(now: str, is_open: bool) -> None:
    campaign, service = one_service(
        ["00:30-01:30"], zone=NEW_YORK, starts="2024-11-01 00:00", ends="2024-11-05 00:00"
    )
    for instant in (utc(now), utc(now).astimezone(campaign.zone)):
        assert state_of(campaign, service, instant).is_open is is_open


def test_hours_keep_to_the_wall_clock_over_the_change() -> None:
    campaign, service = one_service(
        ["16:00-22:00"], zone="Europe/London", starts="2024-03-29 00:00", ends="2024-04-02 00:00"
    )
    openings = [f"{each.opens_at:%d %H:%M}" for each in intervals(campaign, service, LONG_AGO, FAR_AHEAD)]
    assert openings == ["29 16:00", "30 16:00", "31 15:00", "01 15:00"]
