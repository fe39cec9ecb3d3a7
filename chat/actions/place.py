"""A visitor's state as one reading: what a welcome says, and what a client that missed hints is told."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

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
    score_ms: int
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


class Standing(NamedTuple):
    """What of a ticket's row can change without its socket hearing of it. ``state`` as the wire tells it."""

    state: str
    score_ms: int


def read_standings(tickets: Sequence[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """Read how each of these tickets stands (a database thread's work)."""
    return _standings(Ticket.objects.filter(id__in=tickets))


def read_changes(since: datetime) -> dict[uuid.UUID, Standing]:
    """Read the tickets of all processes that were paired or have ended since (a database thread's work)."""
    paired = Ticket.objects.filter(state=Ticket.PAIRED, paired_at__gte=since)
    return _standings(paired) | _standings(Ticket.objects.filter(ended_at__gte=since))


def _standings(rows: QuerySet[Ticket]) -> dict[uuid.UUID, Standing]:
    return {
        key: Standing(_told(state), score)
        for key, state, score in rows.values_list("id", "state", "score_ms")
    }


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
        score_ms=ticket.score_ms,
        conversation=conversation.id if conversation else None,
        counselor=str(counselor.id) if counselor else "",
        counselor_name=counselor.name if counselor else "",
        last_seq=conversation.last_seq if conversation else 0,
        visitor_read=conversation.visitor_read_seq if conversation else 0,
        counselor_read=conversation.counselor_read_seq if conversation else 0,
    )
