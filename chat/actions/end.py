"""Ends of every kind: leaving, closing, expiring, and being put back into the lane."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from chat import db, runtime
from chat.actions.availability import begin_wrap_up
from chat.actions.pair import pair_lanes
from chat.actions.rebuild import ms, with_queue
from chat.actions.turned_away import write_end_of_wait
from chat.actions.wishes import place_of
from chat.events import (
    LANES_TOPIC,
    ConversationUnassigned,
    LaneChanged,
    TicketEnded,
    TicketRequeued,
    conversation_topic,
    counselor_topic,
    ticket_topic,
)
from chat.models import Assignment, Conversation, Counselor, TalkDraft, Ticket
from chat.rules.errors import ChatError
from chat.rules.pairing import requeued_score_ms
from chat.rules.types import Hours, Lane
from chat.sealing import sealer
from chat.store.errors import StoreDown
from notalone import clock, metrics

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """What an end touched. Ids are empty where there was none."""

    ticket: str
    lane: Lane
    reason: str
    conversation: str = ""
    counselor: str = ""


def lane_of(ticket: Ticket) -> Lane:
    return Lane("youth" if ticket.audience == "youth" else "general", ticket.language)


def hours_of(ticket: Ticket) -> Hours:
    return Hours(str(ticket.campaign_id), lane_of(ticket).audience)


async def leave(ticket_id: uuid.UUID) -> None:
    """End the visitor's wait or conversation, as the visitor asked. Done twice is done once."""
    await _finish(await db.run(_end_ticket, ticket_id, Ticket.LEFT, "visitor", clock.now()))


async def expire(tickets: Sequence[uuid.UUID], reason: str) -> None:
    """End waits that can not be served: ``expired`` (nobody came back), ``window`` or ``campaign``."""
    now = clock.now()
    for ticket_id in tickets:
        await _finish(await db.run(_end_ticket, ticket_id, Ticket.EXPIRED, reason, now, only_waiting=True))


async def close_conversation(
    conversation_id: uuid.UUID, reason: str, *, by: uuid.UUID | None = None, outcome: str = "", note: str = ""
) -> None:
    """End a conversation. ``by``: the counselor who must hold it, None for the clock.

    Raises ChatError ``not_found``, ``not_paired``, ``conversation_closed`` or ``unavailable``.
    """
    ended = await db.run(_close, conversation_id, reason, clock.now(), by=by, outcome=outcome, note=note)
    await _finish(ended)


async def put_back_in_lane(conversation_id: uuid.UUID, reason: str, *, from_counselor: uuid.UUID) -> None:
    """Take a conversation from a counselor who is lost, and put the visitor in front of the lane."""
    ended = await db.run(_requeue, conversation_id, from_counselor, reason, clock.now())
    if ended is None:
        return
    parts = runtime.current()
    try:
        place = await db.run(place_of, uuid.UUID(ended.ticket))
        await with_queue(
            lambda: parts.queue.requeue(place, counselor=ended.counselor, now_ms=ms(clock.now()))
        )
    except (StoreDown, ChatError):
        logger.warning("the lane hears later of a conversation that was put back")
    parts.hub.publish(
        ticket_topic(ended.ticket),
        TicketRequeued(ticket=ended.ticket, conversation=ended.conversation, reason=reason),
    )
    parts.hub.publish(
        counselor_topic(ended.counselor),
        ConversationUnassigned(conversation=ended.conversation, counselor=ended.counselor, reason=reason),
    )
    _lane_changed(ended.lane, urgent=True)
    await pair_lanes([ended.lane])


async def _finish(ended: Ended | None) -> None:
    """Tell the queue and the people. With Redis away the sweeper puts the queue right later."""
    if ended is None:
        return
    parts = runtime.current()
    room: list[Lane] = []
    try:
        if ended.counselor:
            await begin_wrap_up(uuid.UUID(ended.counselor))
            room = await with_queue(lambda: parts.presence.release(ended.counselor, ended.ticket))
        await with_queue(lambda: parts.queue.leave(ended.ticket, ended.lane))
        await parts.queue.forget(ended.ticket)
    except StoreDown:
        logger.warning("the queue hears later of a ticket that has ended")
    metrics.ENDINGS.labels(ended.reason).inc()
    event = TicketEnded(ticket=ended.ticket, conversation=ended.conversation, reason=ended.reason)
    parts.hub.publish(ticket_topic(ended.ticket), event)
    if ended.conversation:
        parts.hub.publish(conversation_topic(ended.conversation), event)
    _lane_changed(ended.lane)
    await pair_lanes(room)


def _lane_changed(lane: Lane, *, urgent: bool = False) -> None:
    event = LaneChanged(audience=lane.audience, language=lane.language, urgent=urgent)
    runtime.current().hub.publish(LANES_TOPIC, event)


def _end_ticket(
    ticket_id: uuid.UUID, state: str, reason: str, now: datetime, *, only_waiting: bool = False
) -> Ended | None:
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update().filter(id=ticket_id).first()
        if ticket is None or ticket.state not in {Ticket.WAITING, Ticket.PAIRED}:
            return None
        conversation = Conversation.objects.select_for_update().filter(ticket=ticket).first()
        if ticket.state == Ticket.PAIRED:
            return (
                None if only_waiting or conversation is None else _end_talk(conversation, ticket, reason, now)
            )
        counted_as = "left" if state == Ticket.LEFT else reason
        if conversation is not None:  # waits again after its counselor was lost
            lost = conversation.assignments.aggregate(at=Max("released_at"))["at"]
            write_end_of_wait(ticket, counted_as, lost or ticket.opened_at, now)
            return _end_talk(conversation, ticket, reason, now)
        Ticket.objects.filter(id=ticket.id).update(state=state, ended_at=now, end_reason=reason)
        write_end_of_wait(ticket, counted_as, ticket.opened_at, now)
    return Ended(str(ticket.id), lane_of(ticket), reason)


def _close(
    conversation_id: uuid.UUID, reason: str, now: datetime, *, by: uuid.UUID | None, outcome: str, note: str
) -> Ended:
    with transaction.atomic():
        ticket, conversation = locked_talk(conversation_id)
        if ticket is None or conversation is None:
            raise ChatError("not_found")
        if conversation.state != Conversation.OPEN:
            raise ChatError("conversation_closed")
        if by is not None and conversation.counselor_id != by:
            raise ChatError("not_paired")
        return _end_talk(conversation, ticket, reason, now, outcome=outcome, note=note)


def locked_talk(conversation_id: uuid.UUID) -> tuple[Ticket | None, Conversation | None]:
    """Lock the ticket, then its conversation: the order of locks everywhere, so nobody deadlocks."""
    ticket = Ticket.objects.select_for_update(of=("self",)).filter(conversation__id=conversation_id).first()
    conversation = Conversation.objects.select_for_update().filter(id=conversation_id).first()
    return ticket, conversation


def _end_talk(
    conversation: Conversation,
    ticket: Ticket,
    reason: str,
    now: datetime,
    *,
    outcome: str = "",
    note: str = "",
) -> Ended:
    counselor = str(conversation.counselor_id) if conversation.counselor_id else ""
    conversation.state = Conversation.CLOSED
    conversation.closed_at = now
    conversation.close_reason = reason
    conversation.outcome = outcome
    if note:
        seal = sealer(conversation.id, conversation.key_sealed).seal
        conversation.closing_note_sealed = seal(note)
    conversation.save(update_fields=["state", "closed_at", "close_reason", "outcome", "closing_note_sealed"])
    TalkDraft.objects.filter(conversation=conversation).delete()
    Assignment.objects.filter(conversation=conversation, released_at=None).update(
        released_at=now, release_reason=reason
    )
    Ticket.objects.filter(id=ticket.id).update(state=Ticket.CLOSED, ended_at=now, end_reason=reason)
    return Ended(str(ticket.id), lane_of(ticket), reason, str(conversation.id), counselor)


def _requeue(conversation_id: uuid.UUID, counselor_id: uuid.UUID, reason: str, now: datetime) -> Ended | None:
    with transaction.atomic():
        Counselor.objects.select_for_update().filter(id=counselor_id).first()  # the order of locks in assign
        ticket, conversation = locked_talk(conversation_id)
        if ticket is None or conversation is None:
            return None
        if conversation.counselor_id != counselor_id or conversation.state != Conversation.OPEN:
            return None
        score = min(requeued_score_ms(ms(ticket.opened_at)), ticket.score_ms)
        Conversation.objects.filter(id=conversation.id).update(counselor=None)
        Assignment.objects.filter(conversation=conversation, released_at=None).update(
            released_at=now, release_reason=reason
        )
        Ticket.objects.filter(id=ticket.id).update(state=Ticket.WAITING, paired_at=None, score_ms=score)
    return Ended(str(ticket.id), lane_of(ticket), reason, str(conversation.id), str(counselor_id))
