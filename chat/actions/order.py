"""What supervisors see and change of a lane's order: look, raise or lower a ticket, keep two people apart."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from chat import db, runtime
from chat.actions.desk import ONLINE_WITHIN_S, check_words_in
from chat.actions.end import lane_of, put_back_in_lane
from chat.actions.pair import pair_lanes
from chat.actions.rebuild import ms, with_queue
from chat.actions.wishes import place_of
from chat.events import LANES_TOPIC, LaneChanged, TicketMoved, ticket_topic
from chat.models import Conversation, Counselor, PairBlock, Ticket, TicketBoost
from chat.rules.errors import ChatError
from chat.rules.pairing import moved_score_ms
from chat.rules.types import Lane
from chat.sealing import open_entry, sealer
from chat.store.errors import StoreDown
from notalone import clock


@dataclass(frozen=True, slots=True)
class WaitingVisitor:
    """Somebody who waits, as a supervisor sees them: no name and no word but those to check."""

    ticket: str
    position: int
    opened_at: datetime
    urgency: int
    precedence: int
    check_words: tuple[str, ...]
    is_online: bool = False


async def look_at_lane(lane: Lane, limit: int) -> list[WaitingVisitor]:
    """Give the first of a lane, next one first. Raises ChatError ``unavailable``."""
    parts = runtime.current()
    try:
        front = await with_queue(lambda: parts.queue.front(lane, limit))
        seen = await parts.queue.last_seen(front)
    except StoreDown:
        raise ChatError("unavailable") from None
    since_ms = ms(clock.now()) - ONLINE_WITHIN_S * 1000
    online = {ticket for ticket, at in zip(front, seen, strict=True) if at is not None and at >= since_ms}
    return [
        replace(visitor, is_online=visitor.ticket in online) for visitor in await db.run(_read_front, front)
    ]


def _read_front(front: list[str]) -> list[WaitingVisitor]:
    rows = {str(row.id): row for row in Ticket.objects.filter(id__in=front, state=Ticket.WAITING)}
    return [_visitor(rows[key], position) for position, key in enumerate(front, 1) if key in rows]


def _visitor(row: Ticket, position: int) -> WaitingVisitor:
    words = open_entry(row.id, row.key_sealed, row.entry_sealed)
    return WaitingVisitor(
        ticket=str(row.id),
        position=position,
        opened_at=row.opened_at,
        urgency=row.urgency,
        precedence=row.precedence,
        check_words=check_words_in(words),
    )


OnRecord = Callable[[bytes], None]  # is given the sealed reason, within the transaction of the act


async def boost(
    ticket: uuid.UUID, precedence: int, reason: str, *, by: int, on_record: OnRecord | None = None
) -> Lane:
    """Raise or lower a ticket that waits, on record; give its lane. The bound of the boost holds.

    Raises ChatError ``not_found`` when nobody waits with it, or ``unavailable``.
    """
    lane = await db.run(_boost, ticket, precedence, reason, by=by, now=clock.now(), on_record=on_record)
    await _tell_queue(ticket)
    hub = runtime.current().hub
    hub.publish(ticket_topic(str(ticket)), TicketMoved(ticket=str(ticket)))
    hub.publish(LANES_TOPIC, LaneChanged(audience=lane.audience, language=lane.language))
    return lane


def _boost(
    ticket_id: uuid.UUID,
    precedence: int,
    reason: str,
    *,
    by: int,
    now: datetime,
    on_record: OnRecord | None,
) -> Lane:
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update().filter(id=ticket_id, state=Ticket.WAITING).first()
        if ticket is None:
            raise ChatError("not_found")
        if ticket.precedence != precedence:  # done twice is done once
            sealed = sealer(ticket.id, ticket.key_sealed).seal(reason)
            TicketBoost.objects.create(
                ticket=ticket,
                by_id=by,
                at=now,
                before=ticket.precedence,
                after=precedence,
                reason_sealed=sealed,
            )
            score = moved_score_ms(ticket.opened_at, precedence, ticket.score_ms)
            Ticket.objects.filter(id=ticket.id).update(precedence=precedence, score_ms=score)
            if on_record is not None:
                on_record(sealed)
    return lane_of(ticket)


async def keep_apart(
    ticket: uuid.UUID, counselor: uuid.UUID, reason: str, *, by: int, on_record: OnRecord | None = None
) -> None:
    """Keep a visitor from a counselor, in this visit and in those that go on with it, on record.

    A talk that the two have now goes to the front of its lane. Raises ChatError ``not_found`` or
    ``unavailable``.
    """
    talk = await db.run(_keep_apart, ticket, counselor, reason, by=by, now=clock.now(), on_record=on_record)
    if talk is not None:
        await put_back_in_lane(talk, "new_counselor", from_counselor=counselor)
    else:
        await _tell_queue(ticket)


def _keep_apart(
    ticket_id: uuid.UUID,
    counselor_id: uuid.UUID,
    reason: str,
    *,
    by: int,
    now: datetime,
    on_record: OnRecord | None,
) -> uuid.UUID | None:
    """Write the block; give the talk that the two have now."""
    with transaction.atomic():
        counselor = Counselor.objects.select_for_update().filter(id=counselor_id).first()
        ticket = Ticket.objects.select_related("visit").filter(id=ticket_id).first()
        if ticket is None or counselor is None:
            raise ChatError("not_found")
        visit = ticket.visit or ticket
        sealed = sealer(visit.id, visit.key_sealed).seal(reason)
        _, is_new = PairBlock.objects.get_or_create(
            visit=visit, counselor=counselor, defaults={"by_id": by, "at": now, "reason_sealed": sealed}
        )
        if is_new and on_record is not None:
            on_record(sealed)
        return (
            Conversation.objects.filter(ticket=ticket, counselor=counselor, state=Conversation.OPEN)
            .values_list("id", flat=True)
            .first()
        )


async def _tell_queue(ticket: uuid.UUID) -> None:
    """Write the row's place into the queue. With Redis away the sweeper does so later."""
    queue = runtime.current().queue
    try:
        place = await db.run(place_of, ticket)
        if await with_queue(lambda: queue.move(place)):
            await pair_lanes([place.lane])
    except StoreDown:
        return
