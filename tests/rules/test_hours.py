from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.rules.hours import (
    end_reason,
    intervals,
    phase,
    state_of,
    talk_ends_at,
    warning_due,
    window_closes_at,
)
from chat.rules.types import Campaign, DailyWindow, DatedException, Interval, Service
from tests.rules.campaign_makers import SECOND, SEED, jst, one_service

LONG_AGO, FAR_AHEAD = jst("2000-01-01 00:00"), jst("2060-01-01 00:00")


def all_intervals(campaign: Campaign, service: Service) -> list[tuple[str, str]]:
    found = intervals(campaign, service, LONG_AGO, FAR_AHEAD)
    return [(local(campaign, opens_at), local(campaign, closes_at)) for opens_at, closes_at in found]


def local(campaign: Campaign, instant: datetime) -> str:
    return f"{instant.astimezone(campaign.zone):%m-%d %H:%M}"


def test_a_window_that_crosses_midnight_is_one_interval() -> None:
    campaign, service = one_service(["22:00-02:00"], starts="2024-12-30 12:00", ends="2025-01-01 12:00")
    assert all_intervals(campaign, service) == [
        ("12-30 22:00", "12-31 02:00"),
        ("12-31 22:00", "01-01 02:00"),
    ]


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2024-12-31 21:59:59", False),
        ("2024-12-31 22:00:00", True),
        ("2024-12-31 23:59:59", True),
        ("2025-01-01 00:00:00", True),
        ("2025-01-01 01:59:59", True),
        ("2025-01-01 02:00:00", False),
    ],
)
def test_midnight_closes_nothing(now: str, is_open: bool) -> None:
    campaign, service = one_service(["22:00-02:00"])
    assert state_of(campaign, service, jst(now)).is_open is is_open


def test_a_window_of_the_eve_reaches_into_the_first_day() -> None:
    campaign, service = one_service(["22:00-02:00"], starts="2024-12-25 00:00", ends="2024-12-25 23:00")
    assert all_intervals(campaign, service) == [
        ("12-25 00:00", "12-25 02:00"),
        ("12-25 22:00", "12-25 23:00"),
    ]


def test_a_campaign_clips_a_window_on_both_sides() -> None:
    campaign, service = one_service(["10:00-16:00"], starts="2024-12-25 11:30", ends="2024-12-26 11:45")
    assert all_intervals(campaign, service) == [
        ("12-25 11:30", "12-25 16:00"),
        ("12-26 10:00", "12-26 11:45"),
    ]


def test_windows_that_touch_are_one_interval() -> None:
    campaign, service = one_service(["10:00-16:00", "16:00-20:00"], ends="2024-12-26 10:00")
    assert all_intervals(campaign, service) == [("12-25 10:00", "12-25 20:00")]


def test_windows_that_touch_at_midnight_are_one_interval() -> None:
    campaign, service = one_service(["00:00-02:00", "22:00-00:00"], ends="2024-12-27 10:00")
    assert all_intervals(campaign, service) == [
        ("12-25 22:00", "12-26 02:00"),
        ("12-26 22:00", "12-27 02:00"),
    ]


@pytest.mark.parametrize(
    "daily",
    [["00:00-00:00"], ["09:00-09:00"], ["22:00-10:00", "10:00-22:00"], ["00:00-12:00", "12:00-00:00"]],
)
def test_windows_round_the_clock_are_the_whole_campaign(daily: list[str]) -> None:
    campaign, service = one_service(daily)
    assert all_intervals(campaign, service) == [("12-25 10:00", "01-04 10:00")]


def test_years_round_the_clock_are_one_interval_from_anywhere() -> None:
    campaign, service = one_service(["00:00-00:00"], starts="2001-01-01 00:00", ends="2050-01-01 00:00")
    found = state_of(campaign, service, jst("2025-06-15 12:00"))
    assert (found.opens_at, found.closes_at) == (campaign.starts_at, campaign.ends_at)


def test_an_exception_replaces_the_windows_of_its_day() -> None:
    campaign, service = one_service(
        ["16:00-22:00"], {"2024-12-26": ["12:00-14:00", "18:00-20:00"]}, ends="2024-12-28 00:00"
    )
    assert all_intervals(campaign, service) == [
        ("12-25 16:00", "12-25 22:00"),
        ("12-26 12:00", "12-26 14:00"),
        ("12-26 18:00", "12-26 20:00"),
        ("12-27 16:00", "12-27 22:00"),
    ]


def test_an_exception_without_windows_closes_its_day() -> None:
    campaign, service = one_service(["16:00-22:00"], {"2024-12-26": []}, ends="2024-12-28 00:00")
    assert all_intervals(campaign, service) == [
        ("12-25 16:00", "12-25 22:00"),
        ("12-27 16:00", "12-27 22:00"),
    ]


def test_a_closed_day_is_skipped_by_the_next_opening() -> None:
    campaign, service = one_service(["16:00-22:00"], {"2024-12-26": []})
    found = state_of(campaign, service, jst("2024-12-25 23:00"))
    assert found.next_opens_at == jst("2024-12-27 16:00")


def test_an_exception_leaves_what_the_day_before_began() -> None:
    campaign, service = one_service(
        ["22:00-02:00"], {"2024-12-26": []}, starts="2024-12-25 12:00", ends="2024-12-28 12:00"
    )
    assert all_intervals(campaign, service) == [
        ("12-25 22:00", "12-26 02:00"),
        ("12-27 22:00", "12-28 02:00"),
    ]


def test_an_exception_makes_a_gap_in_days_without_one() -> None:
    campaign, service = one_service(["00:00-00:00"], {"2024-12-31": ["00:00-12:00", "13:00-00:00"]})
    assert all_intervals(campaign, service) == [
        ("12-25 10:00", "12-31 12:00"),
        ("12-31 13:00", "01-04 10:00"),
    ]


def test_exceptions_alone_can_make_the_hours() -> None:
    campaign, service = one_service([], {"2024-12-31": ["18:00-06:00"], "2025-01-02": ["10:00-12:00"]})
    assert all_intervals(campaign, service) == [
        ("12-31 18:00", "01-01 06:00"),
        ("01-02 10:00", "01-02 12:00"),
    ]


def test_a_service_without_hours_never_opens() -> None:
    campaign, service = one_service([])
    found = state_of(campaign, service, jst("2024-12-28 16:30"))
    assert (found.is_open, found.opens_at, found.next_opens_at) == (False, None, None)


def test_intervals_are_whole_though_only_a_part_is_asked_for() -> None:
    campaign, service = one_service(["16:00-22:00"])
    found = list(intervals(campaign, service, jst("2024-12-28 17:00"), jst("2024-12-28 18:00")))
    assert found == [Interval(jst("2024-12-28 16:00"), jst("2024-12-28 22:00"))]


def test_both_ends_of_a_question_are_half_open() -> None:
    campaign, service = one_service(["16:00-22:00"])
    assert list(intervals(campaign, service, jst("2024-12-28 22:00"), jst("2024-12-29 16:00"))) == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2024-12-25 09:59:59", "announced"),
        ("2024-12-25 10:00:00", "open"),
        ("2025-01-04 09:59:59", "open"),
        ("2025-01-04 10:00:00", "closed"),
    ],
)
def test_phase(now: str, expected: str) -> None:
    assert phase(SEED, jst(now)) == expected


@pytest.mark.parametrize(
    ("now", "closes", "ends"),
    [
        ("2024-12-28 15:59:59", None, None),
        ("2024-12-28 16:00:00", "2024-12-28 22:00", "2024-12-28 22:30"),
        ("2024-12-28 21:59:59", "2024-12-28 22:00", "2024-12-28 22:30"),
        ("2024-12-28 22:00:00", "2024-12-28 22:00", "2024-12-28 22:30"),
        ("2024-12-28 22:29:59", "2024-12-28 22:00", "2024-12-28 22:30"),
        ("2024-12-28 22:30:00", None, None),
        ("2025-01-03 22:10:00", "2025-01-03 22:00", "2025-01-03 22:30"),
        ("2025-01-04 09:00:00", None, None),
    ],
)
def test_a_youth_talk_may_run_to_the_end_of_its_grace(now: str, closes: str | None, ends: str | None) -> None:
    assert window_closes_at(SEED, "youth", jst(now)) == (jst(closes) if closes else None)
    assert talk_ends_at(SEED, "youth", jst(now)) == (jst(ends) if ends else None)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2024-12-25 09:59:59", None),
        ("2024-12-31 23:59:59", "2025-01-04 10:30"),
        ("2025-01-04 10:00:00", "2025-01-04 10:30"),
        ("2025-01-04 10:29:59", "2025-01-04 10:30"),
        ("2025-01-04 10:30:00", None),
    ],
)
def test_a_general_talk_may_run_over_the_end_of_the_campaign(now: str, ends: str | None) -> None:
    assert talk_ends_at(SEED, "general", jst(now)) == (jst(ends) if ends else None)


def test_a_window_that_opens_within_the_grace_takes_over() -> None:
    campaign, _ = one_service(["10:00-12:00", "12:20-14:00"])
    assert window_closes_at(campaign, "youth", jst("2024-12-28 12:19:59")) == jst("2024-12-28 12:00")
    assert window_closes_at(campaign, "youth", jst("2024-12-28 12:20")) == jst("2024-12-28 14:00")


def test_without_grace_a_talk_ends_with_its_window() -> None:
    campaign, _ = one_service(["10:00-12:00"], grace_s=0)
    assert talk_ends_at(campaign, "youth", jst("2024-12-28 11:59:59")) == jst("2024-12-28 12:00")
    assert talk_ends_at(campaign, "youth", jst("2024-12-28 12:00")) is None


def test_without_a_chat_no_talk_may_run() -> None:
    campaign, _ = one_service(["00:00-00:00"], channel="phone")
    assert talk_ends_at(campaign, "youth", jst("2024-12-28 12:00")) is None


@pytest.mark.parametrize(
    ("audience", "now", "expected"),
    [
        ("youth", "2024-12-28 22:00", "window"),
        ("youth", "2025-01-03 22:30", "window"),
        ("youth", "2025-01-04 10:00", "window"),
        ("general", "2025-01-04 10:00", "campaign"),
        ("general", "2025-01-04 10:30", "campaign"),
    ],
)
def test_end_reason(audience: Any, now: str, expected: str) -> None:
    assert end_reason(SEED, audience, jst(now)) == expected


def test_the_campaign_is_the_reason_when_both_end_at_once() -> None:
    campaign, _ = one_service(["16:00-22:00"], ends="2024-12-27 22:00")
    assert end_reason(campaign, "youth", jst("2024-12-26 22:00")) == "window"
    assert end_reason(campaign, "youth", jst("2024-12-27 22:00")) == "campaign"


def test_a_campaign_that_cuts_a_window_short_is_the_reason() -> None:
    campaign, _ = one_service(["16:00-22:00"], ends="2024-12-27 20:00")
    assert end_reason(campaign, "youth", jst("2024-12-27 20:00")) == "campaign"


@pytest.mark.parametrize(
    ("left_s", "last_warned_s", "expected"),
    [
        (601, None, None),
        (600, None, 600),
        (599, 600, None),
        (301, 600, None),
        (300, 600, 300),
        (61, 300, None),
        (60, 300, 60),
        (1, 60, None),
        (1, None, 60),  # whoever comes late hears the newest warning alone
        (240, None, 300),
        (0, None, None),
        (-5, 300, None),
    ],
)
def test_warning_due(left_s: int, last_warned_s: int | None, expected: int | None) -> None:
    closes_at, ends_at = jst("2024-12-28 22:00"), jst("2024-12-28 22:00")
    assert warning_due(closes_at, ends_at, closes_at - left_s * SECOND, last_warned_s) == expected


@pytest.mark.parametrize(
    ("left_s", "last_warned_s", "expected"),
    [
        (1800, None, 1800),  # the first instant of the grace
        (1500, 1800, None),
        (1500, None, 1800),  # who comes then has heard nothing yet
        (600, 1800, 600),
        (59, 300, 60),
        (0, None, None),
    ],
)
def test_in_the_grace_the_talk_s_end_is_warned_of(
    left_s: int, last_warned_s: int | None, expected: int | None
) -> None:
    closes_at, ends_at = jst("2024-12-28 22:00"), jst("2024-12-28 22:30")
    assert warning_due(closes_at, ends_at, ends_at - left_s * SECOND, last_warned_s) == expected


def test_without_a_grace_nothing_is_warned_of_after_the_end() -> None:
    closes_at = jst("2024-12-28 22:00")
    assert warning_due(closes_at, closes_at, closes_at, None) is None


def test_each_warning_is_given_once_however_often_the_clock_is_asked() -> None:
    closes_at, last, given_s = jst("2024-12-28 22:00"), None, []
    for left_s in range(1000, -100, -7):
        mark = warning_due(closes_at, closes_at, closes_at - left_s * SECOND, last)
        if mark is not None:
            last = mark
            given_s.append(mark)
    assert given_s == [600, 300, 60]


ZONES = ["Asia/Tokyo", "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/St_Johns"]
times = st.times(min_value=time(0), max_value=time(23, 59)).map(
    lambda at: at.replace(second=0, microsecond=0)
)
some_windows = st.lists(st.builds(DailyWindow, times, times), max_size=3).map(tuple)
# March to November of one year: the clocks of these zones are changed twice within it.
days = st.dates(date(2024, 3, 1), date(2024, 11, 30))
instants = st.datetimes(datetime(2024, 2, 1), datetime(2024, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 — hypothesis adds the zone


@st.composite
def campaigns(draw: st.DrawFn, zones: list[str] = ZONES) -> Campaign:
    starts_at = draw(instants)
    length = draw(st.timedeltas(timedelta(minutes=1), timedelta(days=12)))
    near = st.integers(-1, 13).map(lambda offset: starts_at.date() + timedelta(days=offset))
    dated = draw(st.dictionaries(near, some_windows, max_size=3))
    exceptions = tuple(DatedException(on, hours) for on, hours in dated.items())
    service = Service("chat", "youth", draw(some_windows), exceptions)
    zone = ZoneInfo(draw(st.sampled_from(zones)))
    return Campaign("any", "Any", zone, starts_at, starts_at + length, (service,))


def moments(campaign: Campaign) -> st.SearchStrategy[datetime]:
    span = campaign.ends_at - campaign.starts_at
    return st.timedeltas(-timedelta(days=1), span + timedelta(days=1)).map(lambda t: campaign.starts_at + t)


def reads_open(campaign: Campaign, service: Service, now: datetime) -> bool:
    """Do what a person does: look at the clock on the wall and at the leaflet."""
    wall = now.astimezone(campaign.zone).replace(tzinfo=None)
    dated = {exception.on: exception.windows for exception in service.exceptions}
    yesterday = wall.date() - timedelta(days=1)
    for window in dated.get(wall.date(), service.windows):
        ends = time.max if window.closes <= window.opens else window.closes
        if window.opens <= wall.time() and (wall.time() < ends or ends == time.max):
            return True
    return any(
        window.closes <= window.opens and wall.time() < window.closes
        for window in dated.get(yesterday, service.windows)
    )


@given(st.data())
def test_the_hours_are_those_on_the_wall_clock(data: st.DataObject) -> None:
    campaign = data.draw(campaigns(zones=["Asia/Tokyo"]))
    now = data.draw(moments(campaign))
    service = campaign.services[0]
    expected = campaign.starts_at <= now < campaign.ends_at and reads_open(campaign, service, now)
    assert state_of(campaign, service, now).is_open is expected


@given(st.data())
def test_nobody_who_reads_the_wall_clock_is_turned_away(data: st.DataObject) -> None:
    campaign = data.draw(campaigns())
    now = data.draw(moments(campaign))
    service = campaign.services[0]
    if campaign.starts_at <= now < campaign.ends_at and reads_open(campaign, service, now):
        assert state_of(campaign, service, now).is_open


@given(campaigns())
def test_intervals_are_ordered_apart_and_inside_the_campaign(campaign: Campaign) -> None:
    found = list(intervals(campaign, campaign.services[0], LONG_AGO, FAR_AHEAD))
    edges = [edge for interval in found for edge in interval]
    assert edges == sorted(set(edges))
    assert all(campaign.starts_at <= edge <= campaign.ends_at for edge in edges)


@given(st.data())
def test_a_part_of_the_time_has_the_intervals_of_the_whole(data: st.DataObject) -> None:
    campaign = data.draw(campaigns())
    since, until = sorted([data.draw(moments(campaign)), data.draw(moments(campaign))])
    service = campaign.services[0]
    whole = intervals(campaign, service, LONG_AGO, FAR_AHEAD)
    overlapping = [
        each for each in whole if each.opens_at < until and each.closes_at > since and since < until
    ]
    assert list(intervals(campaign, service, since, until)) == overlapping


@given(st.data())
def test_a_state_agrees_with_the_intervals(data: st.DataObject) -> None:
    campaign = data.draw(campaigns())
    now = data.draw(moments(campaign))
    service = campaign.services[0]
    ahead = [each for each in intervals(campaign, service, LONG_AGO, FAR_AHEAD) if each.closes_at > now]
    openings = [each.opens_at for each in ahead if each.opens_at > now]
    found = state_of(campaign, service, now)
    assert found.is_open is any(each.holds(now) for each in ahead)
    assert (found.opens_at, found.closes_at) == (tuple(ahead[0]) if ahead else (None, None))
    assert found.next_opens_at == (openings[0] if openings else None)


@given(st.data())
def test_a_talk_may_run_while_open_and_in_the_grace(data: st.DataObject) -> None:
    campaign = data.draw(campaigns())
    now = data.draw(moments(campaign))
    begun = [
        each
        for each in intervals(campaign, campaign.services[0], LONG_AGO, FAR_AHEAD)
        if each.opens_at <= now
    ]
    grace = timedelta(seconds=campaign.talk_grace_s)
    runs = begun and now < begun[-1].closes_at + grace
    assert talk_ends_at(campaign, "youth", now) == (begun[-1].closes_at + grace if runs else None)
