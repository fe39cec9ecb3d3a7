"""What is open now: one answer for the pages and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chat import campaigns
from chat.rules.hours import ServiceState, phase, state_of
from chat.rules.types import Campaign, Phase
from notalone import clock


@dataclass(frozen=True, slots=True)
class Offered:
    """A service's state; ``accepting`` is false where the queue takes nobody though the window is open."""

    state: ServiceState
    accepting: bool


@dataclass(frozen=True, slots=True)
class ServicesSnapshot:
    """Everything a page says about hours. ``campaign`` is None when none was ever loaded."""

    now: datetime
    campaign: Campaign | None
    phase: Phase
    services: tuple[Offered, ...]


async def snapshot(now: datetime | None = None) -> ServicesSnapshot:
    """Tell what is open. Raises ChatError ``unavailable``."""
    at = now or clock.now()
    loaded = await campaigns.loaded()
    campaign = loaded.current(at)
    if campaign is None:
        return ServicesSnapshot(at, None, "closed", ())
    offered = tuple(
        Offered(state, state.is_open and loaded.is_accepting(campaign, service.channel, service.audience))
        for service in campaign.services
        for state in [state_of(campaign, service, at)]
    )
    return ServicesSnapshot(at, campaign, phase(campaign, at), offered)
