"""What supervisors do to the queue through their socket: each act is one action, and answered."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

from chat.access import uuid_of
from chat.actions.order import WaitingVisitor, boost, keep_apart, look_at_lane
from chat.protocol import (
    Done,
    PairBlock,
    QueueFrame,
    QueueLook,
    QueueTickets,
    ServerFrame,
    TicketBoost,
    WaitingEntry,
)
from chat.rules.conversation import body_fault
from chat.rules.errors import ChatError
from chat.rules.types import Lane
from staff import trail
from staff.models import User
from staff.sessions import Member

DEFAULT_LIMIT = 50


async def act(frame: QueueFrame, member: Member, put: Callable[[ServerFrame], None]) -> None:
    """Do what a supervisor's frame asks, and answer it. Raises ChatError."""
    if member.role != User.SUPERVISOR:
        raise ChatError("not_allowed")
    match frame:
        case QueueLook():
            lane = Lane(frame.audience, frame.language)
            put(_tickets(lane, await look_at_lane(lane, frame.limit)))
        case TicketBoost():
            facts: dict[str, trail.Fact] = {"ticket": frame.ticket, "precedence": frame.urgency}
            lane = await boost(
                _id(frame.ticket),
                frame.urgency,
                _reason(frame.reason),
                by=int(member.id),
                on_record=partial(_record, "ticket.moved", member, facts),
            )
            put(Done(id=frame.id))
            put(_tickets(lane, await look_at_lane(lane, DEFAULT_LIMIT)))
        case PairBlock():
            facts = {"ticket": frame.ticket, "counselor": frame.counselor}
            await keep_apart(
                _id(frame.ticket),
                _id(frame.counselor),
                _reason(frame.reason),
                by=int(member.id),
                on_record=partial(_record, "pair.blocked", member, facts),
            )
            put(Done(id=frame.id))


def _record(act_name: str, member: Member, facts: dict[str, trail.Fact], sealed: bytes) -> None:
    """Put the act on record; the reason is sealed with the key of the ticket that it concerns."""
    trail.record(act_name, User.objects.get(pk=member.id), facts, why_sealed=sealed)


def _id(text: str) -> uuid.UUID:
    key = uuid_of(text)
    if key is None:
        raise ChatError("not_found")
    return key


def _reason(text: str) -> str:
    """Give a reason that says something: what is on record is read later."""
    fault = body_fault(text)
    if fault is not None:
        raise ChatError(fault)
    return text.strip()


def _tickets(lane: Lane, waiting: list[WaitingVisitor]) -> QueueTickets:
    return QueueTickets(
        audience=lane.audience,
        language=lane.language,
        tickets=[
            WaitingEntry(
                ticket=one.ticket,
                position=one.position,
                opened_at=one.opened_at,
                urgency=one.urgency,
                precedence=one.precedence,
                check_words=list(one.check_words),
                online=one.is_online,
            )
            for one in waiting
        ],
    )
