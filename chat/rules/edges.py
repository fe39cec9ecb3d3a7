"""When the next thing that a page says about hours stops being so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from chat.rules.hours import ServiceState, instant_of
from chat.rules.types import Campaign


def next_edge(campaign: Campaign, states: Iterable[ServiceState], now: datetime) -> datetime:
    """Give the first instant after ``now`` at which a service opens or closes, the campaign starts or ends,
    entry may become too late, or the day turns (pages say "today" and "tomorrow")."""
    edges = [campaign.starts_at, campaign.ends_at, _midnight_after(campaign, now)]
    for state in states:
        edges += [
            edge
            for edge in (state.opens_at, state.closes_at, state.last_entry_at, state.next_opens_at)
            if edge is not None
        ]
    return min(edge for edge in edges if edge > now)


def _midnight_after(campaign: Campaign, now: datetime) -> datetime:
    day = now.astimezone(campaign.zone).date() + timedelta(days=1)
    return instant_of(campaign.zone, datetime.combine(day, time(0)))
