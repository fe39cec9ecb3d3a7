"""Write assignments into the rows, which decide whether they may stand.

Locks are taken counselors first, then tickets, then conversations, everywhere, and of one kind in id order.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db import IntegrityError, transaction

from chat.actions.wishes import visit_of
from chat.models import Assignment, Conversation, Counselor, CounselorLane, PairBlock, Ticket
from chat.sealing import new_data_key

# "overtakes": one before it in its lane could not be paired as was proposed, and is to be tried first
Verdict = Literal["ticket_gone", "counselor_unfit", "kept_apart", "lane_closed", "overtakes"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A ticket and the counselor who is to have it. ``is_open``: its lane's window is."""

    ticket: str
    counselor: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Pairing:
    """An assignment that stands in the rows."""

    ticket: str
    conversation: str
    counselor: str
    counselor_name: str
    waited_s: float


def assign(ticket_id: str, counselor_id: str, now: datetime, *, is_open: bool) -> Pairing | Verdict:
    """Write one assignment, as ``assign_all`` does."""
    return assign_all([Pair(ticket_id, counselor_id, is_open)], now)[0]


def assign_all(pairs: Sequence[Pair], now: datetime) -> list[Pairing | Verdict]:
    """Write assignments in one transaction (a database thread's work); give an outcome for each.

    The pairs of a lane are given in its order, and where one can not be, none after it is made. Repeated, it
    gives the same pairings; outside a lane's window it gives only those that stood before. The number of
    statements is the same for one and for many.
    """
    try:
        with transaction.atomic():
            rows = _lock(pairs)
            outcomes = [_decide(pair, rows, now) for pair in pairs]
            _write(rows, now)
        return outcomes
    except IntegrityError:  # one that can not be must not take the others along
        if len(pairs) == 1:
            raise
    return [outcome for pair in pairs for outcome in assign_all([pair], now)]


@dataclass(slots=True)
class _Rows:
    """What the transaction has locked and read, and what it is going to write."""

    counselors: dict[str, Counselor]
    tickets: dict[str, Ticket]
    talks: dict[uuid.UUID, Conversation]  # by their tickets: those who were paired before
    load: Counter[uuid.UUID]
    served: set[tuple[uuid.UUID, str, str]]
    apart: set[tuple[uuid.UUID, uuid.UUID]]
    new_talks: list[Conversation] = field(default_factory=list)
    moved_talks: list[Conversation] = field(default_factory=list)
    assigned: list[Assignment] = field(default_factory=list)
    stalled: set[tuple[str, str]] = field(default_factory=set)  # lanes


def _lock(pairs: Sequence[Pair]) -> _Rows:
    counselor_ids = {pair.counselor for pair in pairs}
    counselors = list(Counselor.objects.select_for_update().filter(id__in=counselor_ids).order_by("id"))
    waiting = Ticket.objects.select_for_update().filter(id__in={pair.ticket for pair in pairs})
    tickets = list(waiting.defer("entry_sealed", "key_sealed").order_by("id"))
    talks = Conversation.objects.select_for_update().filter(ticket__in=tickets).order_by("id")
    held = Conversation.objects.filter(counselor_id__in=counselor_ids, state=Conversation.OPEN)
    lanes = CounselorLane.objects.filter(counselor_id__in=counselor_ids)
    blocks = PairBlock.objects.filter(visit__in={visit_of(ticket) for ticket in tickets})
    return _Rows(
        counselors={str(row.id): row for row in counselors},
        tickets={str(row.id): row for row in tickets},
        talks={row.ticket_id: row for row in talks},
        load=Counter(key for key in held.values_list("counselor_id", flat=True) if key),
        served=set(lanes.values_list("counselor_id", "audience", "language")),
        apart=set(blocks.values_list("visit_id", "counselor_id")),
    )


def _decide(pair: Pair, rows: _Rows, now: datetime) -> Pairing | Verdict:
    """Decide on one pair, and count it for those after it."""
    counselor, ticket = rows.counselors.get(pair.counselor), rows.tickets.get(pair.ticket)
    if ticket is None:
        return "ticket_gone"
    talk = rows.talks.get(ticket.id)
    if ticket.state != Ticket.WAITING:
        return _already(ticket, talk, counselor)
    verdict = _fault(pair, ticket, counselor, rows)
    if verdict is not None or counselor is None:
        return verdict or "counselor_unfit"
    rows.load[counselor.id] += 1
    ticket.state, ticket.paired_at = Ticket.PAIRED, now
    if talk is None:
        talk = Conversation(ticket=ticket, counselor=counselor, opened_at=now)
        _, talk.key_sealed = new_data_key(talk.id)
        rows.talks[ticket.id] = talk
        rows.new_talks.append(talk)
    else:  # the visitor was paired before and lost the counselor
        talk.counselor = counselor
        rows.moved_talks.append(talk)
    rows.assigned.append(Assignment(conversation=talk, counselor=counselor, assigned_at=now))
    return _pairing(ticket, talk, counselor, now)


def _fault(pair: Pair, ticket: Ticket, counselor: Counselor | None, rows: _Rows) -> Verdict | None:
    lane = (ticket.audience, ticket.language)
    if not pair.is_open:
        return "lane_closed"
    if lane in rows.stalled:
        return "overtakes"
    if counselor is None or not _is_fit(counselor, lane, rows):
        rows.stalled.add(lane)
        return "counselor_unfit"
    if (visit_of(ticket), counselor.id) in rows.apart:
        rows.stalled.add(lane)
        return "kept_apart"
    return None


def _is_fit(counselor: Counselor, lane: tuple[str, str], rows: _Rows) -> bool:
    has_room = counselor.state == Counselor.AVAILABLE and rows.load[counselor.id] < counselor.capacity
    return has_room and (counselor.id, *lane) in rows.served


def _write(rows: _Rows, now: datetime) -> None:
    if not rows.assigned:
        return
    taken = [row.conversation.ticket_id for row in rows.assigned]
    Ticket.objects.filter(id__in=taken).update(state=Ticket.PAIRED, paired_at=now)
    Conversation.objects.bulk_create(rows.new_talks)
    for talk in rows.moved_talks:
        talk.save(update_fields=["counselor"])
    Assignment.objects.bulk_create(rows.assigned)


def _already(ticket: Ticket, talk: Conversation | None, counselor: Counselor | None) -> Pairing | Verdict:
    """Give the pairing that stands, if it is this one."""
    if talk is None or counselor is None:
        return "ticket_gone"
    if talk.counselor_id != counselor.id or talk.state != Conversation.OPEN:
        return "ticket_gone"
    return _pairing(ticket, talk, counselor, ticket.paired_at or ticket.opened_at)


def _pairing(ticket: Ticket, talk: Conversation, counselor: Counselor, at: datetime) -> Pairing:
    return Pairing(
        ticket=str(ticket.id),
        conversation=str(talk.id),
        counselor=str(counselor.id),
        counselor_name=counselor.name,
        waited_s=max(0.0, (at - ticket.opened_at).total_seconds()),
    )


def serves(counselor: Counselor, ticket: Ticket) -> bool:
    """Whoever serves the general lane alone never gets a child, whatever the queue proposes."""
    return counselor.lanes.filter(audience=ticket.audience, language=ticket.language).exists()
