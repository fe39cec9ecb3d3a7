from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.rules.admission import LaneAhead, admit, alternatives, lane_takes, last_entry_at
from chat.rules.errors import Alternative
from chat.rules.estimate import Range
from chat.rules.types import AUDIENCES, Audience, LaneLimits
from tests.rules.campaign_makers import SEED, jst, one_service


@pytest.mark.parametrize(
    ("audience", "now"),
    [
        ("youth", "2024-12-25 16:00:00"),
        ("youth", "2024-12-31 21:59:59"),
        ("youth", "2025-01-03 21:59:59"),
        ("general", "2024-12-25 10:00:00"),
        ("general", "2025-01-01 03:00:00"),
        ("general", "2025-01-04 09:59:59"),
    ],
)
def test_inside_the_window_anyone_may_enter(audience: Audience, now: str) -> None:
    assert admit(SEED, audience, jst(now)) is None


@pytest.mark.parametrize(
    ("audience", "now", "code", "retry_at"),
    [
        ("youth", "2024-12-20 12:00:00", "campaign_not_started", "2024-12-25 16:00"),
        ("general", "2024-12-25 09:59:59", "campaign_not_started", "2024-12-25 10:00"),
        ("youth", "2024-12-25 10:00:00", "outside_window", "2024-12-25 16:00"),
        ("youth", "2024-12-25 15:59:59", "outside_window", "2024-12-25 16:00"),
        ("youth", "2024-12-28 22:00:00", "outside_window", "2024-12-29 16:00"),
        ("youth", "2025-01-03 22:00:00", "outside_window", None),
        ("youth", "2025-01-04 09:59:59", "outside_window", None),
        ("youth", "2025-01-04 10:00:00", "campaign_over", None),
        ("general", "2025-01-04 10:00:00", "campaign_over", None),
    ],
)
def test_outside_a_ticket_is_refused(audience: Audience, now: str, code: str, retry_at: str | None) -> None:
    refusal = admit(SEED, audience, jst(now))
    assert refusal is not None
    assert (refusal.code, refusal.retry_at) == (code, jst(retry_at) if retry_at else None)
    assert refusal.alternatives == alternatives(SEED, audience, jst(now))


def test_a_closed_queue_refuses_inside_the_window() -> None:
    now = jst("2024-12-28 16:30")
    refusal = admit(SEED, "youth", now, accepting=False)
    assert refusal is not None
    assert (refusal.code, refusal.retry_at) == ("queue_closed", None)
    assert refusal.alternatives == alternatives(SEED, "youth", now)


def test_a_closed_queue_does_not_hide_the_hours() -> None:
    refusal = admit(SEED, "youth", jst("2024-12-28 22:00"), accepting=False)
    assert refusal is not None
    assert refusal.code == "outside_window"


def test_without_a_campaign_nobody_enters() -> None:
    refusal = admit(None, "youth", jst("2024-12-28 16:30"))
    assert refusal is not None
    assert (refusal.code, refusal.retry_at, refusal.alternatives) == ("campaign_not_started", None, ())


def test_an_audience_without_a_chat_is_outside_its_window() -> None:
    campaign, _ = one_service(["00:00-00:00"], channel="phone")
    refusal = admit(campaign, "youth", jst("2024-12-28 16:30"))
    assert refusal is not None
    assert (refusal.code, refusal.retry_at) == ("outside_window", None)
    assert [other.channel for other in refusal.alternatives] == ["phone"]


@given(st.sampled_from(AUDIENCES), st.datetimes(datetime(2024, 12, 23), datetime(2025, 1, 6)))  # noqa: DTZ001 — jst() adds the zone
def test_a_retry_at_the_time_told_is_let_in(audience: Audience, wall: datetime) -> None:
    refusal = admit(SEED, audience, jst(wall.isoformat()))
    if refusal is not None and refusal.retry_at is not None:
        assert refusal.retry_at > jst(wall.isoformat())
        assert admit(SEED, audience, refusal.retry_at) is None


def test_at_night_youth_have_mail_first_and_the_phone_tomorrow() -> None:
    phone_opens = jst("2024-12-29 10:00")
    assert alternatives(SEED, "youth", jst("2024-12-28 22:30")) == (
        Alternative("mail", "youth", is_open=True, next_opens_at=None, url="/ja/mail/youth/"),
        Alternative("phone", "youth", is_open=False, next_opens_at=phone_opens, phone="#9999"),
    )


def test_before_the_chat_opens_youth_have_the_phone_and_mail() -> None:
    found = alternatives(SEED, "youth", jst("2024-12-28 15:59:59"))
    assert [(other.channel, other.is_open) for other in found] == [("phone", True), ("mail", True)]


def test_at_night_the_general_phone_is_open() -> None:
    found = alternatives(SEED, "general", jst("2024-12-28 03:00"))
    assert [(other.channel, other.is_open, other.phone) for other in found] == [
        ("phone", True, "#9999"),
        ("mail", True, ""),
    ]


def test_after_the_campaign_no_alternative_claims_to_open() -> None:
    found = alternatives(SEED, "youth", jst("2025-01-04 10:00"))
    assert [(other.is_open, other.next_opens_at) for other in found] == [(False, None), (False, None)]


def test_an_alternative_has_the_address_of_its_service() -> None:
    services = tuple(replace(service, url=f"/ja/{service.channel}/") for service in SEED.services)
    found = alternatives(replace(SEED, services=services), "general", jst("2024-12-28 03:00"))
    assert [other.url for other in found] == ["/ja/phone/", "/ja/mail/"]


# --- a lane's own limits ---

LATE = Range(1200, 9000, by_close=False)


@pytest.mark.parametrize(
    ("limits", "ahead", "takes"),
    [
        (LaneLimits(), LaneAhead(10_000, LATE), True),
        (LaneLimits(max_waiting=3), LaneAhead(2), True),
        (LaneLimits(max_waiting=3), LaneAhead(3), False),
        (LaneLimits(max_wait_s=1200), LaneAhead(5, LATE), True),
        (LaneLimits(max_wait_s=1199), LaneAhead(5, LATE), False),
        (LaneLimits(max_wait_s=1), LaneAhead(5, None), True),
        (LaneLimits(stops_late=True), LaneAhead(5, LATE), False),
        (LaneLimits(stops_late=True), LaneAhead(5, Range(0, 60, by_close=True)), True),
        (LaneLimits(stops_late=True), LaneAhead(5, None), True),
    ],
)
def test_a_lane_takes_one_more(limits: LaneLimits, ahead: LaneAhead, takes: bool) -> None:
    assert lane_takes(limits, ahead) is takes


@given(st.integers(0, 100), st.integers(1, 100), st.integers(0, 9000), st.booleans())
def test_a_longer_lane_never_takes_whom_a_shorter_refused(
    waiting: int, limit: int, low_s: int, by_close: bool
) -> None:
    limits = LaneLimits(limit, 3600, stops_late=True)
    ahead = LaneAhead(waiting, Range(low_s, low_s + 600, by_close))
    if not lane_takes(limits, ahead):
        assert not lane_takes(limits, LaneAhead(waiting + 1, Range(low_s + 60, low_s + 900, by_close=False)))


def test_the_last_entry_is_the_close_where_nothing_can_be_said() -> None:
    closes_at = jst("2024-12-28 22:00")
    assert last_entry_at(closes_at, LaneAhead(5)) == closes_at
    assert last_entry_at(closes_at, LaneAhead(5, LATE)) == jst("2024-12-28 19:30")
