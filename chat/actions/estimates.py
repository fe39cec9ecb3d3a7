"""How long it may take: what the estimate's rule needs to know, gathered and kept for some seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from chat import campaigns, db, runtime
from chat.actions.rebuild import with_queue
from chat.models import Conversation
from chat.rules.errors import ChatError
from chat.rules.estimate import Range, estimate
from chat.rules.hours import state_of
from chat.rules.types import Lane
from chat.store.errors import StoreDown
from notalone import clock

_FRESH_S = 5.0
_RECENT = 20


@dataclass(frozen=True, slots=True)
class LaneFacts:
    """``recent_talks_s``: lengths of the lane's newest ended talks. ``closes_at``: the window's end."""

    free_slots: int
    slots: int
    recent_talks_s: tuple[int, ...]
    closes_at: datetime | None


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
    closes_in_s = max(0, int((facts.closes_at - now).total_seconds())) if facts.closes_at else None
    # whoever waits has just found no free place, whatever an answer of some seconds ago says
    return estimate(position, 0, facts.slots, facts.recent_talks_s, closes_in_s)


async def lane_facts(lane: Lane) -> LaneFacts:
    """Gather the facts, at most five seconds old. Raises StoreDown, or ChatError ``unavailable``."""
    known = _facts.get(lane)
    if known is not None and time.monotonic() - known[0] < _FRESH_S:
        return known[1]
    now = clock.now()
    presence = runtime.current().presence
    seen = await with_queue(lambda: presence.counselors(clock.epoch_ms(now)))
    serving = [
        c for c in seen
        if lane in c.lanes and c.state == "available" and c.lease_until_ms > clock.epoch_ms(now)
    ]  # fmt: skip
    campaign = (await campaigns.loaded()).current(now)
    service = campaign.service("chat", lane.audience) if campaign else None
    facts = LaneFacts(
        free_slots=sum(max(0, c.capacity - c.load) for c in serving),
        slots=sum(c.capacity for c in serving),
        recent_talks_s=await db.run(_recent_talks, lane),
        closes_at=state_of(campaign, service, now).closes_at if campaign and service else None,
    )
    _facts[lane] = (time.monotonic(), facts)
    return facts


def forget() -> None:
    """Gather anew at the next call: between tests."""
    _facts.clear()


def _recent_talks(lane: Lane) -> tuple[int, ...]:
    ended = (
        Conversation.objects.filter(
            state=Conversation.CLOSED, ticket__audience=lane.audience, ticket__language=lane.language
        )
        .order_by("-closed_at")
        .values_list("opened_at", "closed_at")[:_RECENT]
    )
    return tuple(int((closed - opened).total_seconds()) for opened, closed in ended if closed)
