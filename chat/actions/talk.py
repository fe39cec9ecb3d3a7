"""What is said in a conversation, and read back from it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from chat import campaigns, db, runtime
from chat.committer import Draft, Outcome, Posted
from chat.events import MessagePosted, ReadMoved, TypingChanged, conversation_topic
from chat.models import Conversation, Message
from chat.rules.conversation import body_fault
from chat.rules.errors import ChatError
from chat.rules.hours import talk_ends_at
from chat.rules.types import Hours
from chat.sealing import sealer
from notalone import clock, metrics


class Writer:
    """Who writes in one talk: a side of it at one socket, ``origin``, or the system.

    ``author`` is the counselor's id, None for everybody else.
    """

    def __init__(
        self, conversation: uuid.UUID, hours: Hours, sender: str, *, author: uuid.UUID | None, origin: str
    ) -> None:
        parts = runtime.current()
        self._committer, self._hub = parts.committer, parts.hub
        self._conversation, self._hours = conversation, hours
        self._sender, self._author, self._origin = sender, author, origin
        self._name = str(conversation)
        self._topic = conversation_topic(self._name)

    def post(self, client_id: str, body: str, answer: Callable[[Outcome], None]) -> str:
        """Check a message and hand it to the committer; after the commit others hear of it, then ``answer``.

        Gives the message's id as it will be told: ``client_id`` in the one way of writing a UUID.

        Raises ChatError ``bad_frame`` (the id is no UUID, or the body holds control characters),
        ``body_empty`` or ``body_too_long``. ``answer`` is given what the committer refuses, and
        ``conversation_closed`` for a new message when the hours are over.
        """
        key = canonical_id(client_id)
        if key is None:
            raise ChatError("bad_frame", field="id")
        fault = body_fault(body)
        if fault is not None:
            raise ChatError(fault)
        now = clock.now()
        is_late = not may_talk(self._hours, now)
        draft = Draft(self._conversation, key, self._sender, self._author, body, now, is_late)

        def done(outcome: Outcome) -> None:
            if isinstance(outcome, Posted) and outcome.is_new:
                self._tell(draft, outcome)
            answer(outcome)

        self._committer.post(draft, done)
        return key

    def _tell(self, draft: Draft, posted: Posted) -> None:
        metrics.MESSAGES.inc(self._sender)
        event = MessagePosted(
            conversation=self._name,
            seq=posted.seq,
            id=draft.client_id,
            sender=self._sender,
            body=draft.body,
            sent_at=posted.sent_at,
            origin=self._origin,
        )
        self._hub.publish(self._topic, event)


def canonical_id(text: str) -> str | None:
    """Give a UUID in the one way of writing it; None when it is none."""
    if _CANONICAL(text):
        return text
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None


_CANONICAL = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch


def may_talk(hours: Hours, now: datetime) -> bool:
    """Tell whether a conversation may run: its window is open, or the grace after it."""
    loaded = campaigns.at_hand()
    known = _runs.get(hours)
    if known is not None and known.loaded is loaded and known.since <= now < known.until:
        return True
    campaign = loaded.named(hours.campaign)
    until = talk_ends_at(campaign, hours.audience, now) if campaign is not None else None
    if until is None:
        return False
    _runs[hours] = _Run(loaded, now, until)
    return True


class _Run(NamedTuple):
    """From ``since`` until ``until`` a talk may run: asked at each message, worked out every two seconds,
    when the campaign is read anew."""

    loaded: campaigns.Loaded
    since: datetime
    until: datetime


_runs: dict[Hours, _Run] = {}


def read_messages(conversation_id: uuid.UUID, after: int, limit: int | None = None) -> list[MessagePosted]:
    """Read the first ``limit`` messages with ``seq > after``, in order (a database thread's work)."""
    rows = list(
        Message.objects.filter(conversation_id=conversation_id, seq__gt=after).order_by("seq")[:limit]
    )
    if not rows:  # so it is at each talk's beginning
        return []
    conversation = Conversation.objects.only("id", "key_sealed").get(id=conversation_id)
    opener = sealer(conversation.id, conversation.key_sealed)
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
