"""Who may enter the chat now, and where else someone who may not is heard."""

from __future__ import annotations

from datetime import datetime

from chat.rules.errors import Alternative, Refusal
from chat.rules.hours import phase, state_of
from chat.rules.types import Audience, Campaign


def admit(
    campaign: Campaign | None, audience: Audience, now: datetime, *, accepting: bool = True
) -> Refusal | None:
    """Refuse a new ticket, or None when it may be taken.

    ``accepting`` is the supervisor's switch for this audience's chat. Without any campaign the
    refusal is ``campaign_not_started`` and nothing can be said beyond that.
    """
    if campaign is None:
        return Refusal("campaign_not_started", None)
    others = alternatives(campaign, audience, now)
    service = campaign.service("chat", audience)
    state = state_of(campaign, service, now) if service else None
    retry_at = state.next_opens_at if state else None
    match phase(campaign, now):
        case "announced":
            return Refusal("campaign_not_started", retry_at, others)
        case "closed":
            return Refusal("campaign_over", None, others)
    if state is None or not state.is_open:
        return Refusal("outside_window", retry_at, others)
    return None if accepting else Refusal("queue_closed", None, others)


def alternatives(campaign: Campaign, audience: Audience, now: datetime) -> tuple[Alternative, ...]:
    """List the audience's services beside the chat: open ones first, else in the campaign's order."""
    others = []
    for service in campaign.services:
        if service.audience != audience or service.channel == "chat":
            continue
        state = state_of(campaign, service, now)
        others.append(
            Alternative(
                channel=service.channel,
                audience=audience,
                is_open=state.is_open,
                next_opens_at=state.next_opens_at,
                phone=service.phones[0] if service.phones else "",
                url=service.url,
            )
        )
    return tuple(sorted(others, key=lambda other: not other.is_open))
