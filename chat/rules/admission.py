"""Who may enter the chat now, and where else someone who may not is heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chat.rules.errors import Alternative, Refusal
from chat.rules.estimate import Range
from chat.rules.hours import phase, state_of
from chat.rules.types import Audience, Campaign, LaneLimits


@dataclass(frozen=True, slots=True)
class LaneAhead:
    """Who would be before one who enters now. ``wait``: how long that takes, None where nobody can say."""

    waiting: int
    wait: Range | None = None

    @property
    def is_late(self) -> bool:
        """One who enters now may not be served before closing."""
        return self.wait is not None and not self.wait.by_close


NOBODY_AHEAD = LaneAhead(0)


def lane_takes(limits: LaneLimits, ahead: LaneAhead) -> bool:
    """Tell whether a lane takes one more, by its own limits."""
    if limits.max_waiting is not None and ahead.waiting >= limits.max_waiting:
        return False
    if limits.stops_late and ahead.is_late:
        return False
    return limits.max_wait_s is None or ahead.wait is None or ahead.wait.low_s <= limits.max_wait_s


def last_entry_at(closes_at: datetime, ahead: LaneAhead) -> datetime:
    """Say until when one who enters can count on a turn before closing, with those who wait now.

    Before ``now`` when it is too late already.
    """
    return closes_at if ahead.wait is None else closes_at - timedelta(seconds=ahead.wait.high_s)


def admit(
    campaign: Campaign | None, audience: Audience, now: datetime, *, accepting: bool = True
) -> Refusal | None:
    """Refuse a new ticket, or None when it may be taken.

    ``accepting`` is false where a supervisor, or the lane's own rule, has stopped the chat. Without any
    campaign the refusal is ``campaign_not_started`` and nothing can be said beyond that.
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
