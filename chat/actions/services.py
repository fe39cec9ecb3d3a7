"""What is open now: one answer for the pages and the API."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from chat import campaigns
from chat.actions.last_entry import lane_ahead
from chat.campaigns import Loaded
from chat.rules.admission import lane_takes, last_entry_at
from chat.rules.hours import ServiceState, phase, state_of
from chat.rules.types import Campaign, Lane, Phase, Service
from notalone import clock


@dataclass(frozen=True, slots=True)
class Offered:
    """A service's state; ``accepting`` is false where the queue takes nobody though the window is open.

    ``is_late``: who enters now may not be served before closing.
    """

    state: ServiceState
    accepting: bool
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class ServicesSnapshot:
    """Everything a page says about hours. ``campaign`` is None when none was ever loaded."""

    now: datetime
    campaign: Campaign | None
    phase: Phase
    services: tuple[Offered, ...]


async def snapshot(now: datetime | None = None, language: str = "") -> ServicesSnapshot:
    """Tell what is open; of the chat the lane of who speaks ``language``, where the campaign has one. Raises
    ChatError ``unavailable``."""
    at = now or clock.now()
    loaded = await campaigns.loaded()
    campaign = loaded.current(at)
    if campaign is None:
        return ServicesSnapshot(at, None, "closed", ())
    offered = tuple(
        [await _offered(loaded, campaign, service, at, language) for service in campaign.services]
    )
    return ServicesSnapshot(at, campaign, phase(campaign, at), offered)


async def _offered(
    loaded: Loaded, campaign: Campaign, service: Service, now: datetime, language: str
) -> Offered:
    state = state_of(campaign, service, now)
    if not state.is_open or service.channel != "chat" or state.closes_at is None:
        is_taking = state.is_open and loaded.is_accepting(campaign, service.channel, service.audience)
        return Offered(state, is_taking)
    if language in campaign.languages:
        is_taking = loaded.is_lane_accepting(campaign, service.audience, language)
    else:
        language = campaign.languages[0]
        is_taking = loaded.is_accepting(campaign, "chat", service.audience)
    ahead = await lane_ahead(Lane(service.audience, language))
    is_taking = is_taking and lane_takes(service.limits, ahead)
    state = replace(state, last_entry_at=last_entry_at(state.closes_at, ahead))
    return Offered(state, is_taking, ahead.is_late)
