"""A visitor's state as one reading: what a welcome says, and what a client that missed hints is told."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chat import access, db, runtime
from chat.actions.end import hours_of, lane_of
from chat.actions.estimates import estimate_for
from chat.actions.rebuild import with_queue
from chat.models import Ticket
from chat.rules.estimate import Range
from chat.rules.types import Hours, Lane
from chat.store.errors import StoreDown


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visitor stands. ``state``: waiting, paired, closed or expired; ``reason`` why it ended."""

    ticket: uuid.UUID
    lane: Lane
    state: str
    reason: str | None
    hours: Hours
    opened_at: datetime
    conversation: uuid.UUID | None = None
    counselor: str = ""
    counselor_name: str = ""
    last_seq: int = 0
    visitor_read: int = 0
    counselor_read: int = 0


async def place_for_token(token: str) -> Place | None:
    """Give the place that a token opens, or None. Raises ChatError ``unavailable``."""
    return await db.run(_for_token, token)


async def place_of(ticket: uuid.UUID) -> Place:
    """Read a place again. Raises ChatError ``unavailable``."""
    return await db.run(_of, ticket)


async def position_of(place: Place) -> tuple[int | None, Range | None]:
    """Give position and range; both None while the queue can not be asked."""
    queue = runtime.current().queue
    try:
        position = await with_queue(lambda: queue.position(str(place.ticket), place.lane))
    except StoreDown:
        return None, None
    if position is None:
        return None, None
    return position, await estimate_for(place.lane, position)


def read_states(tickets: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Read each ticket's state as the wire tells it (a database thread's work)."""
    rows = Ticket.objects.filter(id__in=tickets).values_list("id", "state")
    return {key: _told(state) for key, state in rows}


def _for_token(token: str) -> Place | None:
    ticket = access.ticket_for_token(token)
    return _place(ticket) if ticket is not None else None


def _of(ticket_id: uuid.UUID) -> Place:
    return _place(Ticket.objects.get(id=ticket_id))


def _told(state: str) -> str:
    return Ticket.CLOSED if state == Ticket.LEFT else state


def _place(ticket: Ticket) -> Place:
    conversation = access.conversation_of(ticket)
    counselor = conversation.counselor if conversation else None
    return Place(
        ticket=ticket.id,
        lane=lane_of(ticket),
        state=_told(ticket.state),
        reason=ticket.end_reason or None,
        hours=hours_of(ticket),
        opened_at=ticket.opened_at,
        conversation=conversation.id if conversation else None,
        counselor=str(counselor.id) if counselor else "",
        counselor_name=counselor.name if counselor else "",
        last_seq=conversation.last_seq if conversation else 0,
        visitor_read=conversation.visitor_read_seq if conversation else 0,
        counselor_read=conversation.counselor_read_seq if conversation else 0,
    )
