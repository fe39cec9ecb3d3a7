"""Who enters while others enter: their rows by one statement, their places by one step of Redis."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import IntegrityError, connection

from chat import access, db, postgres_tickets, runtime
from chat.actions.rebuild import ms, with_queue
from chat.actions.wishes import places_of
from chat.events import LANES_TOPIC, LaneChanged
from chat.models import Ticket
from chat.rules.check_words import Found, precedence
from chat.rules.errors import ChatError
from chat.rules.pairing import score_ms
from chat.rules.types import Lane
from chat.sealing import Sealer, new_data_key
from chat.store.errors import StoreDown
from chat.store.queue import Arrival
from chat.store.rebuild import Waiting
from chat.together import Together
from notalone import clock


def new_ticket(
    campaign: str,
    lane: Lane,
    words: dict[str, str],
    token: str,
    *,
    urgency: int,
    found: Found,
    visit: uuid.UUID | None,
    now: datetime,
) -> Ticket:
    """Make a row that waits, its words sealed; nothing is written."""
    weight = precedence(urgency, found)
    ticket = Ticket(
        campaign_id=campaign,
        token_hash=access.token_hash(token),
        audience=lane.audience,
        language=lane.language,
        urgency=urgency,
        precedence=weight,
        visit_id=visit,
        opened_at=now,
        score_ms=score_ms(now, weight),
    )
    key, ticket.key_sealed = new_data_key(ticket.id)
    if found.words:
        words = words | {"checks": "\n".join(found.words)}
    ticket.entry_sealed = Sealer(key, ticket.id).seal(msgspec.json.encode(words).decode())
    return ticket


async def write(ticket: Ticket) -> Waiting:
    """Write the row; give the place that it has. Raises ChatError ``unavailable``."""
    place = await _rows.ask(ticket)
    if place is None:
        raise Ticket.DoesNotExist
    return place


async def arrive(place: Waiting) -> Arrival:
    """Stand in the lane, and let those who watch it hear of it. Raises StoreDown.

    Where somebody may be free, others hear of it from the caller, who pairs first.
    """
    arrival = await _arrivals.ask(place)
    if arrival is None:
        raise StoreDown("nobody could stand in a lane")
    return arrival


def say_changed(lane: Lane, *, urgent: bool) -> None:
    """Let those who watch a lane hear that it has changed."""
    event = LaneChanged(audience=lane.audience, language=lane.language, urgent=urgent)
    runtime.current().hub.publish(LANES_TOPIC, event, at_leisure=not urgent)


async def _write_together(tickets: Sequence[Ticket]) -> dict[Ticket, Waiting]:
    return await db.run(_write, tickets)


async def _arrive_together(places: Sequence[Waiting]) -> dict[Waiting, Arrival]:
    queue = runtime.current().queue
    try:
        arrivals = await with_queue(lambda: queue.arrive_all(places, now_ms=ms(clock.now())))
    except (StoreDown, ChatError):
        return {}
    found = dict(zip(places, arrivals, strict=True))
    alone: dict[Lane, bool] = {}
    for place, arrival in found.items():
        if not arrival.may_pair:
            alone[place.lane] = alone.get(place.lane, False) or arrival.is_alone
    for lane, is_alone in alone.items():
        say_changed(lane, urgent=is_alone)
    return found


_rows = Together(_write_together)
_arrivals = Together(_arrive_together)


def _write(tickets: Sequence[Ticket]) -> dict[Ticket, Waiting]:
    try:
        _insert(tickets)
    except IntegrityError:
        known = set(Ticket.objects.filter(id__in=[one.id for one in tickets]).values_list("id", flat=True))
        if not known:
            raise
        _insert([one for one in tickets if one.id not in known])  # those were committed, the answer was lost
    returned = [one.id for one in tickets if one.visit_id is not None]
    places = {place.ticket: place for place in places_of(returned)} if returned else {}
    return {one: places.get(str(one.id)) or _place(one) for one in tickets}


def _insert(tickets: Sequence[Ticket]) -> None:
    if not tickets:
        return
    if connection.vendor == "postgresql":
        postgres_tickets.insert(tickets)
    else:
        Ticket.objects.bulk_create(tickets)


def _place(ticket: Ticket) -> Waiting:
    lane = Lane("youth" if ticket.audience == "youth" else "general", ticket.language)
    return Waiting(str(ticket.id), lane, ticket.score_ms, ms(ticket.opened_at))
