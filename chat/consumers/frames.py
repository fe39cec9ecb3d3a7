"""From what the actions know to what the wire says."""

from __future__ import annotations

from typing import cast

from chat.events import MessagePosted
from chat.protocol import Estimate, Message, Sender
from chat.rules.estimate import Range


def message_frame(event: MessagePosted) -> Message:
    return Message(
        conversation=event.conversation,
        seq=event.seq,
        id=event.id,
        sender=cast(Sender, event.sender),
        body=event.body,
        sent_at=event.sent_at,
    )


def estimate_frame(estimate: Range | None) -> Estimate | None:
    if estimate is None:
        return None
    return Estimate(low_s=estimate.low_s, high_s=estimate.high_s, by_close=estimate.by_close)
