"""A day's window that a supervisor lets end at another time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from chat.rules.hours import state_of
from chat.rules.overrides import Override, ending_at, with_overrides
from chat.rules.types import Campaign, DailyWindow, DatedException, Service

JST = ZoneInfo("Asia/Tokyo")
EVENING = (DailyWindow(time(16), time(22)),)
WHOLE_DAY = (DailyWindow(time(0), time(0)),)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


def campaign(*windows: DailyWindow, exceptions: tuple[DatedException, ...] = ()) -> Campaign:
    services = (
        Service("chat", "youth", windows or EVENING, exceptions),
        Service("chat", "general", WHOLE_DAY),
        Service("phone", "youth", EVENING),
    )
    return Campaign("c", "c", JST, at("2024-12-25 10:00"), at("2025-01-04 10:00"), services)


def closes(now: str, closes_at: str, base: Campaign, audience: str = "youth") -> datetime | None:
    """Say when the window open at ``now``, or next, closes once it was told to at ``closes_at``."""
    exception = ending_at(base, audience, at(now), at(closes_at))  # type: ignore[arg-type]
    assert exception is not None
    changed = with_overrides(base, [Override("c", audience, exception)])  # type: ignore[arg-type]
    service = changed.service("chat", audience)  # type: ignore[arg-type]
    assert service is not None
    return state_of(changed, service, at(now)).closes_at


@pytest.mark.parametrize(
    ("now", "closes_at"),
    [
        ("2024-12-28 16:30", "2024-12-28 21:00"),
        ("2024-12-28 16:30", "2024-12-28 23:30"),
        ("2024-12-28 16:30", "2024-12-29 00:00"),
        ("2024-12-28 16:30", "2024-12-29 02:00"),
        ("2024-12-28 16:30", "2024-12-28 16:31"),
        ("2024-12-28 09:00", "2024-12-28 20:00"),
        ("2024-12-31 21:59", "2025-01-01 00:30"),
    ],
)
def test_window_ends_as_told(now: str, closes_at: str) -> None:
    assert closes(now, closes_at, campaign()) == at(closes_at)


def test_next_day_keeps_its_hours() -> None:
    exception = ending_at(campaign(), "youth", at("2024-12-28 16:30"), at("2024-12-28 23:00"))
    assert exception is not None
    changed = with_overrides(campaign(), [Override("c", "youth", exception)])
    service = changed.service("chat", "youth")
    assert service is not None
    state = state_of(changed, service, at("2024-12-29 17:00"))
    assert (state.is_open, state.closes_at) == (True, at("2024-12-29 22:00"))


def test_it_is_changed_back() -> None:
    base = campaign()
    exception = ending_at(base, "youth", at("2024-12-28 16:30"), at("2024-12-28 18:00"))
    assert exception is not None
    changed = with_overrides(base, [Override("c", "youth", exception)])
    assert closes("2024-12-28 17:00", "2024-12-28 22:00", changed) == at("2024-12-28 22:00")


def test_window_after_midnight_is_still_the_day_before_s() -> None:
    base = campaign(DailyWindow(time(20), time(2)))
    assert closes("2024-12-29 01:00", "2024-12-29 03:00", base) == at("2024-12-29 03:00")
    assert closes("2024-12-29 01:00", "2024-12-29 01:30", base) == at("2024-12-29 01:30")


def test_round_the_clock_ends_today_and_begins_again() -> None:
    assert closes("2024-12-28 16:30", "2024-12-28 20:00", campaign(), "general") == at("2024-12-28 20:00")
    exception = ending_at(campaign(), "general", at("2024-12-28 16:30"), at("2024-12-28 20:00"))
    assert exception is not None
    changed = with_overrides(campaign(), [Override("c", "general", exception)])
    service = changed.service("chat", "general")
    assert service is not None
    assert state_of(changed, service, at("2024-12-28 21:00")).next_opens_at == at("2024-12-29 00:00")


def test_window_that_it_grows_over_is_gone_and_a_later_one_stays() -> None:
    base = campaign(*(DailyWindow(time(a), time(b)) for a, b in ((10, 12), (13, 15), (18, 20))))
    exception = ending_at(base, "youth", at("2024-12-28 11:00"), at("2024-12-28 14:00"))
    assert exception == DatedException(
        date(2024, 12, 28), (DailyWindow(time(10), time(14)), DailyWindow(time(18), time(20)))
    )


def test_dated_exception_of_the_file_is_what_is_changed() -> None:
    short = DatedException(date(2024, 12, 31), (DailyWindow(time(14), time(18)),))
    assert closes("2024-12-31 15:00", "2024-12-31 19:00", campaign(exceptions=(short,))) == at(
        "2024-12-31 19:00"
    )


@pytest.mark.parametrize(
    ("now", "closes_at"),
    [
        ("2024-12-28 16:30", "2024-12-28 16:30"),
        ("2024-12-28 16:30", "2024-12-28 16:29"),
        ("2024-12-28 09:00", "2024-12-28 16:00"),
        ("2024-12-28 09:00", "2024-12-28 15:00"),
        ("2024-12-28 16:30", "2024-12-29 16:00"),
        ("2024-12-28 16:30", "2024-12-28 20:00:30"),
        ("2024-12-28 23:00", "2024-12-28 23:30"),
        ("2025-01-03 17:00", "2025-01-04 10:01"),
        ("2024-12-20 17:00", "2024-12-20 20:00"),
        ("2025-01-05 17:00", "2025-01-05 20:00"),
    ],
)
def test_senseless_end_is_refused(now: str, closes_at: str) -> None:
    assert ending_at(campaign(), "youth", at(now), at(closes_at)) is None


def test_audience_without_a_chat_has_no_window() -> None:
    base = campaign()
    phone_only = replace(base, services=tuple(s for s in base.services if s.channel == "phone"))
    assert ending_at(phone_only, "youth", at("2024-12-28 16:30"), at("2024-12-28 18:00")) is None


def test_another_campaign_s_and_channel_s_hours_stay() -> None:
    base = campaign()
    exception = DatedException(date(2024, 12, 28), ())
    assert with_overrides(base, [Override("other", "youth", exception)]) == base
    changed = with_overrides(base, [Override("c", "youth", exception)])
    assert changed.service("phone", "youth") == base.service("phone", "youth")
    assert changed.service("chat", "general") == base.service("chat", "general")


def test_instant_in_another_zone_is_the_same() -> None:
    now, until = at("2024-12-28 16:30").astimezone(UTC), at("2024-12-28 21:00").astimezone(UTC)
    exception = ending_at(campaign(), "youth", now, until + timedelta(0))
    assert exception == DatedException(date(2024, 12, 28), (DailyWindow(time(16), time(21)),))
