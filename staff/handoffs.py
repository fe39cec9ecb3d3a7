"""Handing talks over, through a counselor's socket."""

from __future__ import annotations

import uuid
from functools import partial

from chat import access as doors
from chat import db
from chat.actions.desk import read_talk
from chat.actions.hand_off import Offer, accept, end_offer, offer, read_choices, read_offer
from chat.models import Handoff as HandoffRow
from chat.protocol import (
    Done,
    Handoff,
    HandoffAccept,
    HandoffCancel,
    HandoffChoice,
    HandoffChoices,
    HandoffDecline,
    HandoffFrame,
    HandoffLook,
    HandoffOffer,
    HandoffState,
)
from chat.rules.errors import ChatError
from staff import trail, words
from staff.models import User
from staff.notes import add_note
from staff.saying import WORDS_OF, say
from staff.sessions import Member
from staff.writing import Tab


async def hand_off(frame: HandoffFrame, member: Member, counselor: uuid.UUID, tab: Tab) -> None:
    """Do what a frame about a handoff asks, on record. Raises ChatError."""
    match frame:
        case HandoffLook():
            choices = await db.run(read_choices, _id(frame.conversation), counselor)
            told = [
                HandoffChoice(counselor=c.id, name=c.name, organization=c.organization, free=c.free)
                for c in choices
            ]
            tab.put(HandoffChoices(conversation=frame.conversation, counselors=told))
            return
        case HandoffOffer():
            to = _id(frame.counselor) if frame.counselor else None
            record = partial(_record, "handoff.offered", member)
            await offer(_id(frame.conversation), counselor, to, frame.summary, frame.id, on_record=record)
        case HandoffAccept():
            await _accept(frame, member, counselor)
        case HandoffDecline():
            record = partial(_record, "handoff.declined", member)
            await end_offer(_id(frame.handoff), counselor, HandoffRow.DECLINED, on_record=record)
        case HandoffCancel():
            record = partial(_record, "handoff.cancelled", member)
            await end_offer(_id(frame.handoff), counselor, HandoffRow.CANCELLED, on_record=record)
    tab.put(Done(id=frame.id))


async def _accept(frame: HandoffAccept, member: Member, counselor: uuid.UUID) -> None:
    key = _id(frame.handoff)
    told = await db.run(read_offer, key)
    moved = await accept(key, counselor, on_record=partial(_record, "handoff.accepted", member))
    held = await read_talk(uuid.UUID(moved.conversation))
    say(held, frame.handoff, words.took_over(held.lane.language, moved.to_name))
    if told is not None:  # what the giver wrote stays with the talk
        note = str(uuid.uuid5(WORDS_OF, f"summary {frame.handoff}"))
        await add_note(held.conversation, member, note, f"{told.giver_name}：{told.summary}", "note")


def handoff_frame(told: Offer, member: Member, counselor: uuid.UUID) -> Handoff:
    """Give an offer as one of those concerned sees it."""
    is_own = told.giver == str(counselor)
    is_for_others_too = not told.to_name and member.organization_id != told.giver_organization
    is_told = is_own or (told.state == HandoffRow.OFFERED and not is_for_others_too)
    states: dict[str, HandoffState] = {
        "offered": "offered", "accepted": "accepted", "declined": "declined", "cancelled": "cancelled",
    }  # fmt: skip
    return Handoff(
        handoff=told.handoff,
        conversation=str(told.conversation),
        state=states.get(told.state, "expired"),
        is_own=is_own,
        giver=told.giver_name,
        to=told.to_name or None,
        audience=told.audience,
        language=told.language,
        urgency=told.urgency,
        summary=told.summary if is_told else "",
        expires_at=told.expires_at,
    )


def _record(act: str, member: Member, row: HandoffRow) -> None:
    facts: dict[str, trail.Fact] = {
        "handoff": str(row.id),
        "conversation": str(row.conversation_id),
        "from": str(row.giver_id),
        "to": str(row.taker_id or row.to_id or ""),
        "lane": f"{row.audience}:{row.language}",
    }
    trail.record(act, User.objects.get(pk=member.id), facts)


def _id(text: str) -> uuid.UUID:
    key = doors.uuid_of(text)
    if key is None:
        raise ChatError("not_found")
    return key
