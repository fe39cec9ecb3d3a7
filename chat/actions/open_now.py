"""Whether the chat is open now: asked at each entry and welcome, worked out once a reading of the hours."""

from __future__ import annotations

from datetime import datetime

from chat.rules.hours import phase, state_of
from chat.rules.types import Audience, Campaign

# the window found open, and from when until when it is known to be
_known: dict[Audience, tuple[Campaign, datetime, datetime]] = {}


def open_until(campaign: Campaign, audience: Audience, now: datetime) -> datetime | None:
    """Say when the chat's window that is open now closes; None while it is closed."""
    known = _known.get(audience)
    if known is not None and known[0] is campaign and known[1] <= now < known[2]:
        return known[2]
    service = campaign.service("chat", audience)
    if service is None or phase(campaign, now) != "open":
        return None
    state = state_of(campaign, service, now)
    if not state.is_open or state.closes_at is None:
        return None
    _known[audience] = (campaign, now, state.closes_at)
    return state.closes_at
