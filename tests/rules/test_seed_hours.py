"""The published hours of the 2024 campaign, walked minute by minute."""

from datetime import UTC, datetime, timedelta

import pytest

from chat.rules.hours import ServiceState, intervals, state_of
from chat.rules.types import Audience, Channel, Interval
from tests.rules.campaign_makers import SECOND, SEED, jst

# Written by hand from the notice, in Japan's time; nothing here is computed by the code under test.
WHOLE_CAMPAIGN = [("2024-12-25 10:00", "2025-01-04 10:00")]
EXPECTED: dict[tuple[Channel, Audience], list[tuple[str, str]]] = {
    ("phone", "general"): WHOLE_CAMPAIGN,
    ("phone", "youth"): [
        ("2024-12-25 10:00", "2024-12-25 16:00"),
        ("2024-12-26 10:00", "2024-12-26 16:00"),
        ("2024-12-27 10:00", "2024-12-27 16:00"),
        ("2024-12-28 10:00", "2024-12-28 16:00"),
        ("2024-12-29 10:00", "2024-12-29 16:00"),
        ("2024-12-30 10:00", "2024-12-30 16:00"),
        ("2024-12-31 10:00", "2024-12-31 16:00"),
        ("2025-01-01 10:00", "2025-01-01 16:00"),
        ("2025-01-02 10:00", "2025-01-02 16:00"),
        ("2025-01-03 10:00", "2025-01-03 16:00"),
    ],
    ("chat", "general"): WHOLE_CAMPAIGN,
    ("chat", "youth"): [
        ("2024-12-25 16:00", "2024-12-25 22:00"),
        ("2024-12-26 16:00", "2024-12-26 22:00"),
        ("2024-12-27 16:00", "2024-12-27 22:00"),
        ("2024-12-28 16:00", "2024-12-28 22:00"),
        ("2024-12-29 16:00", "2024-12-29 22:00"),
        ("2024-12-30 16:00", "2024-12-30 22:00"),
        ("2024-12-31 16:00", "2024-12-31 22:00"),
        ("2025-01-01 16:00", "2025-01-01 22:00"),
        ("2025-01-02 16:00", "2025-01-02 22:00"),
        ("2025-01-03 16:00", "2025-01-03 22:00"),
    ],
    ("mail", "general"): WHOLE_CAMPAIGN,
    ("mail", "youth"): WHOLE_CAMPAIGN,
}
SERVICES = list(EXPECTED)


def expected_intervals(channel: Channel, audience: Audience) -> list[Interval]:
    return [Interval(jst(opens), jst(closes)) for opens, closes in EXPECTED[channel, audience]]


def expected_state(channel: Channel, audience: Audience, now: datetime) -> ServiceState:
    ahead = [interval for interval in expected_intervals(channel, audience) if now < interval.closes_at]
    window = ahead[0] if ahead else None
    openings = [interval.opens_at for interval in ahead if interval.opens_at > now]
    return ServiceState(
        channel=channel,
        audience=audience,
        is_open=window is not None and window.opens_at <= now,
        opens_at=window.opens_at if window else None,
        closes_at=window.closes_at if window else None,
        last_entry_at=window.closes_at if window else None,
        next_opens_at=openings[0] if openings else None,
    )


def state(channel: Channel, audience: Audience, now: datetime) -> ServiceState:
    service = SEED.service(channel, audience)
    assert service is not None
    return state_of(SEED, service, now)


def test_the_seed_has_these_services_and_no_others() -> None:
    assert {(service.channel, service.audience) for service in SEED.services} == set(EXPECTED)


@pytest.mark.parametrize(("channel", "audience"), SERVICES)
def test_every_minute_of_the_campaign(channel: Channel, audience: Audience) -> None:
    table = expected_intervals(channel, audience)
    now, end = jst("2024-12-24 00:00"), jst("2025-01-06 00:00")
    wrong = []
    while now < end:
        while table and table[0].closes_at <= now:
            table.pop(0)
        found = state(channel, audience, now)
        is_open = bool(table) and table[0].opens_at <= now
        following = [interval.opens_at for interval in table[:2] if interval.opens_at > now]
        expected = (
            is_open,
            table[0].opens_at if table else None,
            table[0].closes_at if table else None,
            following[0] if following else None,
        )
        if (found.is_open, found.opens_at, found.closes_at, found.next_opens_at) != expected:
            wrong.append((now, found, expected))
        now += timedelta(minutes=1)
    assert wrong == []


@pytest.mark.parametrize(("channel", "audience"), SERVICES)
def test_every_edge_to_the_second(channel: Channel, audience: Audience) -> None:
    for interval in expected_intervals(channel, audience):
        for edge in interval:
            for now in (edge - SECOND, edge - timedelta.resolution, edge, edge + SECOND):
                assert state(channel, audience, now) == expected_state(channel, audience, now)


@pytest.mark.parametrize(("channel", "audience"), SERVICES)
def test_the_intervals_of_the_whole_campaign(channel: Channel, audience: Audience) -> None:
    service = SEED.service(channel, audience)
    assert service is not None
    found = list(intervals(SEED, service, jst("2020-01-01 00:00"), jst("2030-01-01 00:00")))
    assert found == expected_intervals(channel, audience)


@pytest.mark.parametrize(
    ("channel", "audience", "now", "is_open"),
    [
        ("phone", "youth", "2024-12-25 09:59:59", False),
        ("phone", "youth", "2024-12-25 10:00:00", True),
        ("chat", "youth", "2024-12-25 10:00:00", False),
        ("chat", "youth", "2024-12-25 15:59:59", False),
        ("chat", "youth", "2024-12-25 16:00:00", True),
        ("phone", "youth", "2024-12-25 16:00:00", False),
        ("chat", "youth", "2024-12-25 21:59:59", True),
        ("chat", "youth", "2024-12-25 22:00:00", False),
        ("chat", "general", "2024-12-25 09:59:59", False),
        ("chat", "general", "2024-12-25 10:00:00", True),
        ("chat", "general", "2024-12-31 23:59:59", True),
        ("chat", "general", "2025-01-01 00:00:00", True),
        ("chat", "general", "2025-01-04 09:59:59", True),
        ("chat", "general", "2025-01-04 10:00:00", False),
        ("mail", "youth", "2025-01-04 09:59:59", True),
        ("phone", "general", "2025-01-04 10:00:00", False),
    ],
)
def test_the_first_and_the_last_day(channel: Channel, audience: Audience, now: str, is_open: bool) -> None:
    assert state(channel, audience, jst(now)).is_open is is_open


@pytest.mark.parametrize("channel", ["phone", "chat"])
@pytest.mark.parametrize(
    "now", ["2025-01-04 00:00", "2025-01-04 09:59:59", "2025-01-04 10:00", "2025-01-04 16:00"]
)
def test_no_youth_service_opens_on_4_january(channel: Channel, now: str) -> None:
    found = state(channel, "youth", jst(now))
    assert (found.is_open, found.opens_at, found.closes_at, found.next_opens_at) == (False, None, None, None)


def test_instants_are_told_in_utc() -> None:
    found = state("chat", "youth", jst("2024-12-28 16:30").astimezone(SEED.zone))
    assert found.opens_at == datetime(2024, 12, 28, 7, tzinfo=UTC)
    assert found.opens_at.tzinfo is UTC
