"""From one counselor to another: rows first, then the queue, then everybody who sees the talk."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chat import runtime
from chat.actions.availability import tell_queue
from chat.actions.end import lane_of, locked_talk
from chat.actions.rebuild import ms, with_queue
from chat.events import (
    LANES_TOPIC,
    ConversationUnassigned,
    LaneChanged,
    TicketPaired,
    counselor_topic,
    ticket_topic,
)
from chat.models import Assignment, Conversation, Counselor, Ticket
from chat.rules.errors import ChatError
from chat.rules.types import Lane
from chat.store.errors import StoreDown
from notalone import clock

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moved:
    """A conversation that has a new holder. ``from_counselor`` is empty where the visitor waited."""

    ticket: str
    conversation: str
    lane: Lane
    from_counselor: str
    to_counselor: str
    to_name: str
    reason: str


def move_rows(
    conversation_id: uuid.UUID,
    to_id: uuid.UUID,
    reason: str,
    now: datetime,
    *,
    from_id: uuid.UUID | None = None,
    needs_room: bool = True,
) -> Moved:
    """Give a conversation to another counselor (a database thread's work).

    ``from_id``: who must hold it, None for whoever does. Repeated, it moves nothing. Raises ChatError
    ``not_found``, ``conversation_closed``, ``not_paired``, or ``no_room`` when the other one is full.
    """
    with transaction.atomic():
        holder = (
            Conversation.objects.filter(id=conversation_id).values_list("counselor_id", flat=True).first()
        )
        ids = sorted({one for one in (holder, from_id, to_id) if one is not None})
        rows = {
            row.id: row for row in Counselor.objects.select_for_update().filter(id__in=ids).order_by("id")
        }
        ticket, talk = locked_talk(conversation_id)
        to = rows.get(to_id)
        if ticket is None or talk is None or to is None:
            raise ChatError("not_found")
        if talk.state != Conversation.OPEN:
            raise ChatError("conversation_closed")
        before = talk.counselor_id
        if before != to_id:
            if (from_id is not None and before != from_id) or (before is not None and before not in rows):
                raise ChatError("not_paired")
            if needs_room and not has_room(to):
                raise ChatError("no_room")
            _write(talk, ticket, to, reason, now)
        return Moved(
            str(ticket.id),
            str(talk.id),
            lane_of(ticket),
            str(before) if before and before != to_id else "",
            str(to_id),
            to.name,
            reason,
        )


def _write(talk: Conversation, ticket: Ticket, to: Counselor, reason: str, now: datetime) -> None:
    held = Assignment.objects.filter(conversation=talk, released_at=None)
    held.update(released_at=now, release_reason=reason)
    Assignment.objects.create(conversation=talk, counselor=to, assigned_at=now)
    Conversation.objects.filter(id=talk.id).update(counselor=to)
    paired_at = ticket.paired_at or now
    Ticket.objects.filter(id=ticket.id).update(state=Ticket.PAIRED, paired_at=paired_at)


def has_room(counselor: Counselor) -> bool:
    """Tell whether a locked counselor takes one more."""
    held = Conversation.objects.filter(counselor=counselor, state=Conversation.OPEN).count()
    return held < counselor.capacity


async def tell_moved(moved: Moved) -> None:
    """Tell the queue and everybody concerned. With Redis away the sweeper puts the queue right."""
    parts = runtime.current()
    now_ms = ms(clock.now())
    try:
        await with_queue(lambda: parts.presence.hold(moved.to_counselor, moved.ticket, now_ms=now_ms))
    except StoreDown:
        logger.warning("the queue hears later of a talk that has moved")
    if moved.from_counselor:
        gone = ConversationUnassigned(
            conversation=moved.conversation, counselor=moved.from_counselor, reason=moved.reason
        )
        parts.hub.publish(counselor_topic(moved.from_counselor), gone)
    paired = TicketPaired(
        ticket=moved.ticket,
        conversation=moved.conversation,
        counselor=moved.to_counselor,
        counselor_name=moved.to_name,
    )
    parts.hub.publish(ticket_topic(moved.ticket), paired)
    parts.hub.publish(counselor_topic(moved.to_counselor), paired)
    parts.hub.publish(LANES_TOPIC, LaneChanged(audience=moved.lane.audience, language=moved.lane.language))
    if moved.from_counselor:
        await tell_queue(uuid.UUID(moved.from_counselor), renew=False)  # pairs where there is room now
