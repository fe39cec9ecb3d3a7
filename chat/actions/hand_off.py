"""Handing a talk over: offered with a summary, and the giver's until somebody has accepted it.

Locks are taken counselors first, then the talk, then the offer; an offer ends by a conditional change that
must hit its one row, so of several who accept one gets the talk.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from chat import db, runtime
from chat.actions.assign import serves
from chat.actions.move import Moved, has_room, move_rows, tell_moved
from chat.actions.wishes import visit_of
from chat.events import HandoffChanged, counselor_topic
from chat.models import Conversation, Counselor, Handoff, PairBlock, Ticket
from chat.rules.conversation import body_fault
from chat.rules.errors import ChatError
from chat.sealing import sealer
from notalone import clock

WITHIN_S = 120
OnRecord = Callable[[Handoff], None]  # is called within the transaction of the act


@dataclass(frozen=True, slots=True)
class Offer:
    """A handoff as those concerned see it. ``to_name`` is empty where it is offered to the lane."""

    handoff: str
    conversation: uuid.UUID
    state: str
    giver: str
    giver_name: str
    giver_organization: str | None
    to_name: str
    audience: str
    language: str
    urgency: int
    summary: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """A counselor who could take the talk now."""

    id: str
    name: str
    organization: str
    free: int


def read_choices(conversation: uuid.UUID, giver: uuid.UUID) -> list[Choice]:
    """List who serves the talk's lane, is available and has room (a database thread's work).

    Raises ChatError ``not_found`` where the giver does not hold the talk.
    """
    talk = _held_by(conversation, giver)
    return [
        Choice(str(row.id), row.name, _organization_name(row), row.capacity - _load(row))
        for row in _fit(talk.ticket, giver)
    ]


async def offer(
    conversation: uuid.UUID,
    giver: uuid.UUID,
    to: uuid.UUID | None,
    summary: str,
    client_id: str,
    *,
    on_record: OnRecord,
) -> None:
    """Offer a talk to a counselor, or, without one, to everybody of its lane who has room.

    Raises ChatError ``body_empty``, ``body_too_long``, ``bad_frame``, ``not_found`` (not the giver's, or no
    such counselor), ``no_room`` (who is asked has none, or there is nobody), ``offered_already``.
    """
    fault = body_fault(summary)
    if fault is not None:
        raise ChatError(fault)
    row = await db.run(_offer, conversation, giver, to, summary, client_id, on_record=on_record)
    await _tell(row)


async def accept(handoff: uuid.UUID, taker: uuid.UUID, *, on_record: OnRecord) -> Moved:
    """Take the talk that was offered. Raises ChatError ``not_found`` when the offer has ended or is not
    for the taker, ``no_room``, ``conversation_closed``."""
    row, moved = await db.run(_accept, handoff, taker, clock.now(), on_record=on_record)
    await tell_moved(moved)
    await _tell(row)
    return moved


async def end_offer(handoff: uuid.UUID, by: uuid.UUID, state: str, *, on_record: OnRecord) -> None:
    """Decline an offer (who was asked by name), or cancel it (its giver). Raises ChatError ``not_found``."""
    await _tell(await db.run(_end, handoff, by, state, clock.now(), on_record=on_record))


async def end_handoffs(now: datetime) -> None:
    """End the offers that nobody accepted in time, and those whose giver has lost the talk."""
    for row in await db.run(_end_stale, now):
        await _tell(row)


def read_offers(counselor: uuid.UUID) -> list[Offer]:
    """Read the open offers that a counselor has made or may accept (a database thread's work)."""
    rows = _rows().filter(state=Handoff.OFFERED, expires_at__gt=clock.now())
    return [_offer_of(row) for row in rows if _concerns(row, counselor)]


def read_offer(handoff: uuid.UUID) -> Offer | None:
    """Read one offer, whatever became of it (a database thread's work)."""
    row = _rows().filter(id=handoff).first()
    return _offer_of(row) if row is not None else None


# --- rows ---


def _rows() -> QuerySet[Handoff]:
    return Handoff.objects.select_related("conversation__ticket", "giver__user", "to", "taker")


def _held_by(conversation: uuid.UUID, counselor: uuid.UUID, *, lock: bool = False) -> Conversation:
    talks = Conversation.objects.select_related("ticket")
    if lock:
        talks = talks.select_for_update(of=("self",))
    talk = talks.filter(id=conversation, counselor_id=counselor, state=Conversation.OPEN).first()
    if talk is None:
        raise ChatError("not_found")
    return talk


def _load(counselor: Counselor) -> int:
    return Conversation.objects.filter(counselor=counselor, state=Conversation.OPEN).count()


def _organization_name(counselor: Counselor) -> str:
    organization = counselor.user.organization
    return organization.name if organization else ""


def _fit(ticket: Ticket, giver: uuid.UUID) -> list[Counselor]:
    kept_apart = PairBlock.objects.filter(visit_id=visit_of(ticket)).values("counselor_id")
    rows = (
        Counselor.objects.select_related("user__organization")
        .filter(
            state=Counselor.AVAILABLE,
            user__is_active=True,
            lanes__audience=ticket.audience,
            lanes__language=ticket.language,
        )
        .exclude(id__in=kept_apart)
        .exclude(id=giver)
    )
    return [row for row in rows.order_by("name") if has_room(row)]


def _offer(
    conversation: uuid.UUID,
    giver: uuid.UUID,
    to: uuid.UUID | None,
    summary: str,
    client_id: str,
    *,
    on_record: OnRecord,
) -> Handoff:
    now = clock.now()
    try:
        with transaction.atomic():
            talk = _held_by(conversation, giver, lock=True)
            known = _rows().filter(conversation=talk, client_id=client_id).first()
            if known is not None:
                return known
            fit = {row.id for row in _fit(talk.ticket, giver)}
            if to is not None and not Counselor.objects.filter(id=to, user__is_active=True).exists():
                raise ChatError("not_found")
            if not fit or (to is not None and to not in fit):
                raise ChatError("no_room")
            row = Handoff.objects.create(
                conversation=talk,
                client_id=client_id,
                giver_id=giver,
                to_id=to,
                audience=talk.ticket.audience,
                language=talk.ticket.language,
                summary_sealed=sealer(talk.id, talk.key_sealed).seal(summary),
                offered_at=now,
                expires_at=now + timedelta(seconds=WITHIN_S),
            )
            on_record(row)
    except IntegrityError:
        raise ChatError("offered_already") from None
    return row


def _accept(
    handoff: uuid.UUID, taker: uuid.UUID, now: datetime, *, on_record: OnRecord
) -> tuple[Handoff, Moved]:
    with transaction.atomic():
        row = _rows().filter(id=handoff).first()
        if row is None or row.to_id not in {None, taker}:
            raise ChatError("not_found")
        counselor = Counselor.objects.filter(id=taker).first()
        if counselor is None or not serves(counselor, row.conversation.ticket):
            raise ChatError("not_found")
        moved = move_rows(row.conversation_id, taker, "handed_off", now, from_id=row.giver_id)
        open_offer = Handoff.objects.filter(id=handoff, state=Handoff.OFFERED, expires_at__gt=now)
        if not moved.from_counselor or not open_offer.update(
            state=Handoff.ACCEPTED, taker_id=taker, ended_at=now
        ):
            raise ChatError("not_found")
        row.state, row.taker = Handoff.ACCEPTED, counselor
        on_record(row)
    return row, moved


def _end(handoff: uuid.UUID, by: uuid.UUID, state: str, now: datetime, *, on_record: OnRecord) -> Handoff:
    whose = {"giver_id": by} if state == Handoff.CANCELLED else {"to_id": by}
    with transaction.atomic():
        if not Handoff.objects.filter(id=handoff, state=Handoff.OFFERED, **whose).update(
            state=state, ended_at=now
        ):
            raise ChatError("not_found")
        row = _rows().get(id=handoff)
        on_record(row)
    return row


def _end_stale(now: datetime) -> list[Handoff]:
    ended = []
    for row in _rows().filter(state=Handoff.OFFERED):
        talk = row.conversation
        is_lost = talk.state != Conversation.OPEN or talk.counselor_id != row.giver_id
        if not is_lost and row.expires_at > now:
            continue
        state = Handoff.CANCELLED if is_lost else Handoff.EXPIRED
        if Handoff.objects.filter(id=row.id, state=Handoff.OFFERED).update(state=state, ended_at=now):
            row.state = state
            ended.append(row)
    return ended


def _concerns(row: Handoff, counselor: uuid.UUID) -> bool:
    if counselor in {row.giver_id, row.to_id}:
        return True
    if row.to_id is not None:
        return False
    return counselor in {one.id for one in _fit(row.conversation.ticket, row.giver_id)}


def _offer_of(row: Handoff) -> Offer:
    talk = row.conversation
    return Offer(
        handoff=str(row.id),
        conversation=talk.id,
        state=row.state,
        giver=str(row.giver_id),
        giver_name=row.giver.name,
        giver_organization=row.giver.user.organization_id,
        to_name=row.to.name if row.to else "",
        audience=row.audience,
        language=row.language,
        urgency=talk.ticket.urgency,
        summary=sealer(talk.id, talk.key_sealed).open(row.summary_sealed),
        expires_at=row.expires_at,
    )


# --- telling ---


async def _tell(row: Handoff) -> None:
    """Tell the giver and everybody who may accept, or might have."""
    event = HandoffChanged(handoff=str(row.id))
    for counselor in await db.run(_concerned, row.id):
        runtime.current().hub.publish(counselor_topic(str(counselor)), event)


def _concerned(handoff: uuid.UUID) -> set[uuid.UUID]:
    row = _rows().get(id=handoff)
    people = {row.giver_id} | {one for one in (row.to_id, row.taker_id) if one is not None}
    if row.to_id is None:
        lanes = Counselor.objects.filter(lanes__audience=row.audience, lanes__language=row.language)
        people |= set(lanes.filter(state=Counselor.AVAILABLE).values_list("id", flat=True))
    return people
