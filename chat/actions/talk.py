"""What is said in a conversation, and read back from it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from datetime import datetime

from chat import campaigns, db, runtime
from chat.committer import Draft, Posted
from chat.events import MessagePosted, ReadMoved, TypingChanged, conversation_topic
from chat.models import Conversation, Message
from chat.rules.conversation import body_fault
from chat.rules.errors import ChatError
from chat.rules.hours import talk_ends_at
from chat.rules.types import Hours
from chat.sealing import sealer
from notalone import clock, metrics


def post_message(
    conversation: uuid.UUID,
    hours: Hours,
    *,
    sender: str,
    author: uuid.UUID | None,
    client_id: str,
    body: str,
    origin: str,
) -> asyncio.Future[Posted]:
    """Check a message and hand it to the committer; others hear of it after the commit.

    Raises ChatError ``bad_frame`` (the id is no UUID, or the body holds control characters),
    ``body_empty`` or ``body_too_long``; the future raises what the committer refuses, and
    ``conversation_closed`` for a new message when the hours are over.
    """
    try:
        key = uuid.UUID(client_id)
    except ValueError:
        raise ChatError("bad_frame", field="id") from None
    fault = body_fault(body)
    if fault is not None:
        raise ChatError(fault)
    now = clock.now()
    draft = Draft(conversation, key, sender, author, body, now, is_late=not may_talk(hours, now))
    future = runtime.current().committer.post(draft)

    def tell(done: asyncio.Future[Posted]) -> None:
        if done.cancelled() or done.exception() is not None or not done.result().is_new:
            return
        metrics.MESSAGES.labels(sender).inc()
        runtime.current().hub.publish(
            conversation_topic(str(conversation)),
            MessagePosted(
                conversation=str(conversation),
                seq=done.result().seq,
                id=str(key),
                sender=sender,
                body=body,
                sent_at=done.result().sent_at,
                origin=origin,
            ),
        )

    future.add_done_callback(tell)
    return future


def may_talk(hours: Hours, now: datetime) -> bool:
    """Tell whether a conversation may run: its window is open, or the grace after it."""
    campaign = campaigns.at_hand().named(hours.campaign)
    return campaign is not None and talk_ends_at(campaign, hours.audience, now) is not None


def read_messages(conversation_id: uuid.UUID, after: int, limit: int | None = None) -> list[MessagePosted]:
    """Read the first ``limit`` messages with ``seq > after``, in order (a database thread's work)."""
    conversation = Conversation.objects.only("id", "key_sealed").get(id=conversation_id)
    opener = sealer(conversation.id, conversation.key_sealed)
    rows = Message.objects.filter(conversation_id=conversation_id, seq__gt=after).order_by("seq")[:limit]
    return [
        MessagePosted(
            conversation=str(conversation_id),
            seq=row.seq,
            id=str(row.client_id),
            sender=row.sender,
            body=opener.open(row.body_sealed),
            sent_at=row.sent_at,
        )
        for row in rows
    ]


def read_heads(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[int, str]]:
    """Read (newest seq, state) of each conversation (a database thread's work)."""
    rows = Conversation.objects.filter(id__in=ids).values_list("id", "last_seq", "state")
    return {key: (last_seq, state) for key, last_seq, state in rows}


def say_typing(conversation: uuid.UUID, who: str, on: bool, origin: str) -> None:
    """Tell the other side that somebody writes."""
    event = TypingChanged(conversation=str(conversation), who=who, on=on, origin=origin)
    runtime.current().hub.publish(conversation_topic(str(conversation)), event)


async def mark_read(conversation: uuid.UUID, who: str, seq: int, origin: str) -> None:
    """Move a read mark forward; it never goes back, and never past the newest message.

    Raises ChatError ``unavailable``.
    """
    moved = await db.run(_mark_read, conversation, who, seq)
    if moved:
        event = ReadMoved(conversation=str(conversation), who=who, seq=moved, origin=origin)
        runtime.current().hub.publish(conversation_topic(str(conversation)), event)


def _mark_read(conversation: uuid.UUID, who: str, seq: int) -> int:
    field = "visitor_read_seq" if who == "visitor" else "counselor_read_seq"
    head = Conversation.objects.filter(id=conversation).values_list("last_seq", flat=True).first() or 0
    mark = min(seq, head)
    moved = Conversation.objects.filter(id=conversation, **{f"{field}__lt": mark}).update(**{field: mark})
    return mark if moved else 0
