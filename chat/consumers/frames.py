"""From what the actions know to what the wire says."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, cast

from chat import campaigns
from chat.actions.open_now import open_until
from chat.actions.place import Place
from chat.events import MessagePosted
from chat.protocol import (
    MAX_FRAME_BYTES,
    CloseReason,
    CounselorName,
    Estimate,
    Message,
    ReadMarks,
    Sender,
    TalkState,
    VisitorWelcome,
)
from chat.rules.estimate import Range
from chat.rules.hours import window_closes_at
from chat.rules.types import Audience, Campaign

_MOST_BYTES_A_CHARACTER = 4


def _closes_at(campaign: Campaign, audience: Audience, now: datetime) -> datetime | None:
    return open_until(campaign, audience, now) or window_closes_at(campaign, audience, now)


def message_frame(event: MessagePosted) -> Message:
    return Message(
        conversation=event.conversation,
        seq=event.seq,
        id=event.id,
        sender=cast(Sender, event.sender),
        body=event.body,
        sent_at=event.sent_at,
    )


def welcome_frame(
    place: Place, position: int | None, estimate: Range | None, now: datetime
) -> VisitorWelcome:
    campaign = campaigns.at_hand().named(place.hours.campaign)
    return VisitorWelcome(
        v=1,
        state=cast(TalkState, place.state),
        server_time=now,
        window_closes_at=_closes_at(campaign, place.hours.audience, now) if campaign else None,
        position=position,
        estimate=estimate_frame(estimate),
        conversation=str(place.conversation) if place.conversation else None,
        counselor=CounselorName(name=place.counselor_name) if place.counselor_name else None,
        last_seq=place.last_seq,
        read=ReadMarks(visitor=place.visitor_read, counselor=place.counselor_read),
        reason=close_reason(place.reason) if place.state in {"closed", "expired"} else None,
    )


def estimate_frame(estimate: Range | None) -> Estimate | None:
    if estimate is None:
        return None
    return Estimate(low_s=estimate.low_s, high_s=estimate.high_s, by_close=estimate.by_close)


def close_reason(reason: str | None) -> CloseReason:
    """Give the reason as the wire tells it."""
    known = ("counselor", "visitor", "window", "campaign", "idle", "expired")
    return cast(CloseReason, reason) if reason in known else "counselor"


def is_too_big(data: str | bytes) -> bool:
    """Tell whether a frame has more bytes than one may have."""
    if len(data) * _MOST_BYTES_A_CHARACTER <= MAX_FRAME_BYTES:
        return False
    if isinstance(data, str) and len(data) <= MAX_FRAME_BYTES:
        data = data.encode("utf-8", "surrogatepass")
    return len(data) > MAX_FRAME_BYTES


def ref_of(text: str) -> str | None:
    """Find the id in a frame that could not be used, so that its sender knows which one it was.

    Python's own reader takes what the strict one refuses, lone surrogates for one.
    """
    try:
        frame: Any = json.loads(text)
        ref = frame.get("id") if isinstance(frame, dict) else None
        if isinstance(ref, str) and 1 <= len(ref.encode()) <= 64:
            return ref
    except (ValueError, RecursionError):  # what can not be encoded is a ValueError too
        pass
    return None
