"""Which counselor a waiting visitor goes to first, and which never. All of it is a database thread's work."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from chat.models import Assignment, PairBlock, Ticket
from chat.rules.pairing import KNOWN_FOR_S
from chat.rules.types import Lane
from chat.store.rebuild import NO_WISHES, Waiting, Wishes
from notalone import clock


def visit_of(ticket: Ticket) -> uuid.UUID:
    """Give the first ticket of the visit that this ticket belongs to."""
    return ticket.visit_id or ticket.id


def place_of(ticket: uuid.UUID) -> Waiting:
    """Read a ticket's place as its row has it."""
    return places_of([ticket])[0]


def places_of(tickets: Sequence[uuid.UUID]) -> list[Waiting]:
    """Read the places of these tickets, in any order."""
    return _read(Ticket.objects.filter(id__in=tickets))


def read_waiting() -> list[Waiting]:
    """Read the place of every ticket that waits, next ones first."""
    return _read(Ticket.objects.filter(state=Ticket.WAITING).order_by("score_ms", "id"))


def _read(tickets: QuerySet[Ticket]) -> list[Waiting]:
    """Read places in the queryset's order; their wishes take two questions more, however many they are."""
    avoids = _read_avoids(tickets)
    knows = _read_knows(tickets)
    return [
        Waiting(
            str(pk),
            Lane("youth" if audience == "youth" else "general", language),
            score_ms,
            clock.epoch_ms(opened_at),
            _wishes(knows.get(pk, ""), avoids.get(visit or pk, ())),
        )
        for pk, audience, language, score_ms, opened_at, visit in tickets.values_list(
            "id", "audience", "language", "score_ms", "opened_at", "visit_id"
        )
    ]


def _wishes(knows: str, avoids: tuple[str, ...]) -> Wishes:
    if knows in avoids:
        knows = ""
    return Wishes(knows, avoids) if knows or avoids else NO_WISHES


def _read_avoids(tickets: QuerySet[Ticket]) -> dict[uuid.UUID, tuple[str, ...]]:
    visits = tickets.order_by().annotate(first=Coalesce("visit_id", "id")).values("first")
    avoids: dict[uuid.UUID, tuple[str, ...]] = {}
    blocks = PairBlock.objects.filter(visit_id__in=visits).order_by("pk")
    for visit, counselor in blocks.values_list("visit_id", "counselor_id"):
        avoids[visit] = (*avoids.get(visit, ()), str(counselor))
    return avoids


def _read_knows(tickets: QuerySet[Ticket]) -> Mapping[uuid.UUID, str]:
    """Find who spoke last with those who come back: in this ticket, or in one that ended just before."""
    returned = {
        pk: (visit or pk, opened_at - timedelta(seconds=KNOWN_FOR_S))
        for pk, visit, opened_at in tickets.filter(
            Q(visit__isnull=False) | Q(conversation__isnull=False)
        ).values_list("id", "visit_id", "opened_at")
    }
    if not returned:
        return {}
    last = _read_last_talks(min(since for _, since in returned.values()))
    known = {}
    for ticket, (visit, since) in returned.items():
        released_at, counselor = last.get(visit, (None, ""))
        if released_at is not None and released_at >= since:
            known[ticket] = counselor
    return known


def _read_last_talks(since: datetime) -> dict[uuid.UUID, tuple[datetime, str]]:
    ended = Assignment.objects.filter(released_at__gte=since, confirmed_at__isnull=False)
    return {
        visit or ticket: (released_at, str(counselor))
        for visit, ticket, released_at, counselor in ended.order_by("released_at", "pk").values_list(
            "conversation__ticket__visit_id", "conversation__ticket_id", "released_at", "counselor_id"
        )
        if released_at is not None
    }
