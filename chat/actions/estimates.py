"""How long it may take: what the estimate's rule needs to know, gathered and kept for some seconds.

However many wait, it is a few hundred rows and a dozen numbers of Redis.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from chat import campaigns, db, runtime
from chat.actions.rebuild import ms, with_queue
from chat.models import Conversation, Ticket
from chat.rules.errors import ChatError
from chat.rules.estimate import PATIENT_S, LaneNow, Outlook, Range, look_ahead
from chat.rules.hours import state_of
from chat.rules.types import Lane
from chat.store.errors import StoreDown
from chat.store.presence import CounselorSeen
from notalone import clock

_FRESH_S = 5.0
_TALKS = 60
_LOOK_BACK = timedelta(minutes=30)
_GONE = 300  # at most so many rows of those who were taken or gave up lately
_SLICES = 12


@dataclass(frozen=True, slots=True)
class LaneFacts:
    """``outlook``: None where nothing honest can be said. ``closes_at``: the window's end."""

    outlook: Outlook | None
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Gone:
    """Who left the lane since an instant: when, and how long each had waited (s)."""

    since: datetime
    gave_up: list[tuple[datetime, float]]
    were_taken: list[tuple[datetime, float]]


_facts: dict[Lane, tuple[float, LaneFacts]] = {}


async def estimate_for(lane: Lane, position: int) -> Range | None:
    """Give the range for a place, or None where nothing honest can be said."""
    try:
        facts = await lane_facts(lane)
    except (StoreDown, ChatError):
        return None
    return range_from(facts, position, clock.now())


def range_from(facts: LaneFacts, position: int, now: datetime) -> Range | None:
    """Apply the rule to facts at hand."""
    if facts.outlook is None:
        return None
    closes_in_s = max(0, int((facts.closes_at - now).total_seconds())) if facts.closes_at else None
    return facts.outlook.wait(position, closes_in_s)


async def lane_facts(lane: Lane) -> LaneFacts:
    """Gather the facts, at most five seconds old. Raises StoreDown, or ChatError ``unavailable``."""
    known = _facts.get(lane)
    if known is not None and time.monotonic() - known[0] < _FRESH_S:
        return known[1]
    if known is not None:
        _facts[lane] = (time.monotonic(), known[1])  # for who asks meanwhile: one gathering, not a crowd's
    now = clock.now()
    campaign = (await campaigns.loaded()).current(now)
    service = campaign.service("chat", lane.audience) if campaign else None
    window = state_of(campaign, service, now) if campaign and service else None
    facts = LaneFacts(
        outlook=look_ahead(await _lane_now(lane, now, window.opens_at if window else None)),
        closes_at=window.closes_at if window else None,
    )
    _facts[lane] = (time.monotonic(), facts)
    return facts


def forget() -> None:
    """Gather anew at the next call: between tests."""
    _facts.clear()


async def _lane_now(lane: Lane, now: datetime, opened_at: datetime | None) -> LaneNow:
    presence = runtime.current().presence
    seen = await with_queue(lambda: presence.counselors(ms(now)))
    here = [one for one in seen if lane in one.lanes and one.lease_until_ms]
    serving = [one for one in here if one.state == "available"]
    gone = await db.run(_read_gone, lane, now)
    return LaneNow(
        slots=_capacity(serving),
        away_slots=_capacity(here) - _capacity(serving),
        running_s=await db.run(_read_running, [one.id for one in serving], now),
        ended_s=await db.run(_read_ended, lane),
        left=sum(waited_s > PATIENT_S for _, waited_s in gone.gave_up),
        waited_s=await _waited(lane, gone, now),
        open_s=max(0.0, (now - opened_at).total_seconds()) if opened_at else math.inf,
    )


def _capacity(counselors: Iterable[CounselorSeen]) -> int:
    return sum(one.capacity for one in counselors)


async def _waited(lane: Lane, gone: Gone, now: datetime) -> float:
    """Sum up the seconds beyond PATIENT_S that all people waited since ``gone.since``.

    Of those who still wait only counts are asked for: how many have waited for longer than each of a dozen
    times.
    """
    back_s = (now - gone.since).total_seconds()
    slice_s = back_s / _SLICES
    instants = [ms(now) - int((PATIENT_S + (n + 0.5) * slice_s) * 1000) for n in range(_SLICES)]
    queue = runtime.current().queue
    still = sum(await with_queue(lambda: queue.opened_before(lane, instants))) * slice_s
    ended = sum(
        min(max(waited_s - PATIENT_S, 0.0), (at - gone.since).total_seconds())
        for at, waited_s in gone.gave_up + gone.were_taken
    )
    return still + ended


def _read_gone(lane: Lane, now: datetime) -> Gone:
    since = now - _LOOK_BACK
    rows = Ticket.objects.filter(audience=lane.audience, language=lane.language)
    ended = rows.filter(ended_at__gte=since, state__in=[Ticket.LEFT, Ticket.EXPIRED]).order_by("-ended_at")
    taken = rows.filter(paired_at__gte=since, state=Ticket.PAIRED).order_by("-paired_at")
    lists = (
        _waits(ended.values_list("opened_at", "ended_at")),
        _waits(taken.values_list("opened_at", "paired_at")),
    )
    since = max([since, *(found[-1][0] for found in lists if len(found) == _GONE)])
    gave_up, were_taken = ([one for one in found if one[0] >= since] for found in lists)
    return Gone(since, gave_up, were_taken)


def _waits(rows: QuerySet[Ticket, tuple[datetime, datetime | None]]) -> list[tuple[datetime, float]]:
    return [(at, (at - opened_at).total_seconds()) for opened_at, at in rows[:_GONE] if at is not None]


def _read_running(counselors: list[str], now: datetime) -> list[float]:
    rows = Conversation.objects.filter(counselor__id__in=counselors, state=Conversation.OPEN)
    return [
        max(0.0, (now - opened_at).total_seconds()) for opened_at in rows.values_list("opened_at", flat=True)
    ]


def _read_ended(lane: Lane) -> list[float]:
    rows = Conversation.objects.filter(
        state=Conversation.CLOSED, ticket__audience=lane.audience, ticket__language=lane.language
    )
    ended = rows.order_by("-closed_at").values_list("opened_at", "closed_at")[:_TALKS]
    return [(closed_at - opened_at).total_seconds() for opened_at, closed_at in ended if closed_at]
