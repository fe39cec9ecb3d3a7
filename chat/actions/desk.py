"""What a counselor's desk shows: the conversations held, with the visitor's own words."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import F

from chat import db, runtime
from chat.actions.end import hours_of, lane_of
from chat.actions.rebuild import ms
from chat.models import Assignment, Conversation, Counselor
from chat.rules.errors import ChatError
from chat.rules.types import Hours, Lane
from chat.sealing import open_entry
from chat.store.errors import StoreDown
from chat.together import Together
from notalone import clock

ONLINE_WITHIN_S = 35

_Wanted = tuple[uuid.UUID, uuid.UUID]  # counselor, conversation


@dataclass(frozen=True, slots=True)
class Held:
    """One conversation as its counselor sees it."""

    conversation: uuid.UUID
    ticket: str
    lane: Lane
    hours: Hours
    nickname: str
    topic: str
    note: str
    urgency: int
    check_words: tuple[str, ...]
    last_seq: int
    visitor_read: int
    counselor_read: int
    opened_at: datetime
    waited_s: int
    is_confirmed: bool
    is_online: bool = False
    is_first: bool = False  # nobody has held it before
    counselor_name: str = ""  # where it is read for somebody else


@dataclass(frozen=True, slots=True)
class Desk:
    """A counselor's whole desk."""

    counselor: uuid.UUID
    name: str
    state: str
    capacity: int
    held: tuple[Held, ...]
    wrap_up_s: int = 0
    back_at: datetime | None = None


async def read_desk(counselor: uuid.UUID) -> Desk:
    """Read the desk. Raises ChatError ``unavailable``."""
    desk = await db.run(_read, counselor)
    return replace(desk, held=await _with_presence(desk.held))


async def read_held(counselor: uuid.UUID, conversation: uuid.UUID) -> Held | None:
    """Read one conversation of the desk; None when the counselor does not hold it."""
    return await _helds.ask((counselor, conversation))


async def _read_many(wanted: Sequence[_Wanted]) -> dict[_Wanted, Held]:
    found = await db.run(_read_held, wanted)
    return dict(zip(found, await _with_presence(found.values()), strict=True))


def _read_held(wanted: Sequence[_Wanted]) -> dict[_Wanted, Held]:
    theirs = Assignment.objects.filter(
        conversation__in={conversation for _, conversation in wanted},
        conversation__counselor=F("counselor"),
        conversation__state=Conversation.OPEN,
        released_at=None,
    )
    rows = {
        (row.counselor_id, row.conversation_id): row for row in theirs.select_related("conversation__ticket")
    }
    return {
        key: replace(
            _held(row.conversation, row.confirmed_at), is_first=row.assigned_at == row.conversation.opened_at
        )
        for key in wanted
        if (row := rows.get(key)) is not None
    }


_helds = Together(_read_many)  # a desk that has room for five is told of five at once


async def read_talk(conversation: uuid.UUID) -> Held:
    """Read one conversation, whoever holds it; a door has let in who asks. Raises ChatError."""
    held = await db.run(_read_talk, conversation)
    return (await _with_presence([held]))[0]


def _read_talk(conversation: uuid.UUID) -> Held:
    talk = Conversation.objects.select_related("ticket", "counselor").filter(id=conversation).first()
    if talk is None:
        raise ChatError("not_found")
    assignment = Assignment.objects.filter(conversation=talk, released_at=None).first()
    held = _held(talk, assignment.confirmed_at if assignment else None)
    return replace(held, counselor_name=talk.counselor.name if talk.counselor else "")


def read_held_ids(counselors: Sequence[uuid.UUID]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Read which conversations each counselor holds (a database thread's work)."""
    held: dict[uuid.UUID, set[uuid.UUID]] = {}
    rows = Conversation.objects.filter(counselor_id__in=counselors, state=Conversation.OPEN)
    for counselor, talk in rows.values_list("counselor_id", "id"):
        if counselor is not None:
            held.setdefault(counselor, set()).add(talk)
    return held


async def _with_presence(held: Iterable[Held]) -> tuple[Held, ...]:
    talks = tuple(held)
    try:
        seen = await runtime.current().queue.last_seen([talk.ticket for talk in talks])
    except StoreDown:
        return talks
    since_ms = ms(clock.now()) - ONLINE_WITHIN_S * 1000
    return tuple(
        replace(talk, is_online=at is not None and at >= since_ms)
        for talk, at in zip(talks, seen, strict=True)
    )


def _read(counselor_id: uuid.UUID) -> Desk:
    counselor = Counselor.objects.get(id=counselor_id)
    talks = Conversation.objects.select_related("ticket").filter(counselor=counselor, state=Conversation.OPEN)
    confirmed = dict(
        Assignment.objects.filter(counselor=counselor, released_at=None).values_list(
            "conversation_id", "confirmed_at"
        )
    )
    return Desk(
        counselor=counselor.id,
        name=counselor.name,
        state=counselor.state,
        capacity=counselor.capacity,
        wrap_up_s=counselor.wrap_up_s,
        back_at=counselor.back_at,
        held=tuple(_held(talk, confirmed.get(talk.id)) for talk in talks.order_by("opened_at")),
    )


def check_words_in(entry: dict[str, str]) -> tuple[str, ...]:
    """Give the words to check that were found at entry."""
    found = entry.get("checks", "")
    return tuple(found.split("\n")) if found else ()


def _held(talk: Conversation, confirmed_at: datetime | None) -> Held:
    ticket = talk.ticket
    words = open_entry(ticket.id, ticket.key_sealed, ticket.entry_sealed)
    paired_at = ticket.paired_at or talk.opened_at
    return Held(
        conversation=talk.id,
        ticket=str(ticket.id),
        lane=lane_of(ticket),
        hours=hours_of(ticket),
        nickname=words.get("nickname", ""),
        topic=words.get("topic", ""),
        note=words.get("note", ""),
        urgency=ticket.urgency,
        check_words=check_words_in(words),
        last_seq=talk.last_seq,
        visitor_read=talk.visitor_read_seq,
        counselor_read=talk.counselor_read_seq,
        opened_at=talk.opened_at,
        waited_s=max(0, int((paired_at - ticket.opened_at).total_seconds())),
        is_confirmed=confirmed_at is not None,
    )
