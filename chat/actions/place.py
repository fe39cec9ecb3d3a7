"""A visitor's state as one reading: what a welcome says, and what a client that missed hints is told."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from chat import access, db, runtime
from chat.actions.estimates import estimate_for
from chat.actions.rebuild import ms, with_queue
from chat.models import Ticket
from chat.rules.estimate import Range
from chat.rules.types import Hours, Lane
from chat.store.errors import StoreDown
from chat.together import Together
from notalone import clock


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
    return await _behind.ask(token)


async def place_of(ticket: uuid.UUID) -> Place:
    """Read a place again. Raises ChatError ``unavailable``."""
    place = await _places.ask(ticket)
    if place is None:
        raise Ticket.DoesNotExist
    return place


async def position_of(place: Place) -> tuple[int | None, Range | None]:
    """Give a visitor who is here position and range; both None while the queue can not be asked."""
    position = await _positions.ask((str(place.ticket), place.lane))
    if position is None:
        return None, None
    return position, await estimate_for(place.lane, position)


async def note_sign(ticket: str) -> None:
    """Note that a ticket's visitor is here; nothing happens while the queue can not be asked."""
    await _signs.ask(ticket)


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


async def _read_behind(tokens: Sequence[str]) -> dict[str, Place]:
    return await db.run(_for_tokens, tokens)


def _for_tokens(tokens: Sequence[str]) -> dict[str, Place]:
    by_hash = access.hashes_of(tokens)
    rows = _rows(access.tickets_with(by_hash))
    found = {by_hash.pop(bytes(row["token_hash"])): _place(row) for row in rows}
    if by_hash:
        owners = access.owners_of(by_hash)
        places = _of(list(owners.values()))
        found |= {by_hash[hashed]: places[owner] for hashed, owner in owners.items() if owner in places}
    return found


async def _read_positions(tickets: Sequence[tuple[str, Lane]]) -> dict[tuple[str, Lane], int]:
    queue = runtime.current().queue
    try:
        positions = await with_queue(lambda: queue.positions(tickets, seen_ms=ms(clock.now())))
    except StoreDown:
        return {}
    return {one: place for one, place in zip(tickets, positions, strict=True) if place is not None}


async def _read_many(tickets: Sequence[uuid.UUID]) -> dict[uuid.UUID, Place]:
    return await db.run(_of, tickets)


def _of(tickets: Sequence[uuid.UUID]) -> dict[uuid.UUID, Place]:
    return {row["id"]: _place(row) for row in _rows(Ticket.objects.filter(id__in=tickets))}


async def _note_signs(tickets: Sequence[str]) -> dict[str, None]:
    with contextlib.suppress(StoreDown):
        await runtime.current().queue.touch(tickets, ms(clock.now()))
    return {}


_behind = Together(_read_behind)
_positions = Together(_read_positions)
_places = Together(_read_many)
_signs = Together(_note_signs)


def _told(state: str) -> str:
    return Ticket.CLOSED if state == Ticket.LEFT else state


def _rows(tickets: QuerySet[Ticket]) -> Iterable[Mapping[str, Any]]:
    """Read it all at once: in a rush, this is what most of the database's work goes to."""
    return tickets.values(
        "id", "token_hash", "audience", "language", "state", "end_reason", "campaign_id", "opened_at",
        "score_ms",
        conversation_id=F("conversation__id"),
        counselor=F("conversation__counselor"),
        counselor_name=F("conversation__counselor__name"),
        last_seq=F("conversation__last_seq"),
        visitor_read=F("conversation__visitor_read_seq"),
        counselor_read=F("conversation__counselor_read_seq"),
    )  # fmt: skip


def _place(row: Mapping[str, Any]) -> Place:
    lane = Lane("youth" if row["audience"] == "youth" else "general", row["language"])
    return Place(
        ticket=row["id"],
        lane=lane,
        state=_told(row["state"]),
        reason=row["end_reason"] or None,
        hours=Hours(str(row["campaign_id"]), lane.audience),
        opened_at=row["opened_at"],
        score_ms=row["score_ms"],
        conversation=row["conversation_id"],
        counselor=str(row["counselor"] or ""),
        counselor_name=row["counselor_name"] or "",
        last_seq=row["last_seq"] or 0,
        visitor_read=row["visitor_read"] or 0,
        counselor_read=row["counselor_read"] or 0,
    )
