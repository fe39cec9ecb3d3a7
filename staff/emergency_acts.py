"""Emergency calls, referrals and the directory, through a socket of the staff."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import cast

from chat import access as doors
from chat import db, runtime
from chat.events import EMERGENCIES_TOPIC, EmergencyChanged, ReferralChanged, notes_topic
from chat.protocol import (
    Directory,
    DirectoryEntry,
    DirectoryLook,
    Done,
    Emergency,
    EmergencyCall,
    EmergencyCheck,
    EmergencyCome,
    EmergencyDecide,
    EmergencyFrame,
    Referral,
    ReferralFollow,
    ReferralKind,
    ReferralOpen,
    ServerFrame,
)
from chat.rules.errors import ChatError
from notalone import clock
from staff import emergencies, referrals
from staff.models import Emergency as EmergencyRow
from staff.models import Referral as ReferralRow
from staff.models import User
from staff.sessions import Member

Put = Callable[[ServerFrame], None]


async def act_in_emergency(frame: EmergencyFrame, member: Member, put: Put, *, origin: str) -> None:
    """Do what a frame asks, on record, and tell those concerned; ``origin``: the socket that asks. Raises
    ChatError."""
    if member.role not in {User.COUNSELOR, User.SUPERVISOR}:
        raise ChatError("not_allowed")
    match frame:
        case DirectoryLook():
            rows = await db.run(referrals.directory, frame.kind, is_drill=frame.drill)
            told = [
                DirectoryEntry(
                    kind=row.kind, name=row.name, area=row.area, phone=row.phone,
                    hours=row.hours, new_year_hours=row.new_year_hours,
                )
                for row in rows
            ]  # fmt: skip
            put(Directory(services=told, drill=frame.drill))
            return
        case ReferralOpen() | ReferralFollow():
            referral = await _refer(frame, member)
            put(referral_frame(referral))
            _tell_desk(referral, origin)
        case _:
            row = await _call(frame, member)
            event = EmergencyChanged(emergency=str(row.id))
            runtime.current().hub.publish(EMERGENCIES_TOPIC, event)
    put(Done(id=frame.id))


async def _call(
    frame: EmergencyCall | EmergencyCome | EmergencyCheck | EmergencyDecide, member: Member
) -> EmergencyRow:
    now = clock.now()
    match frame:
        case EmergencyCall():
            key = _id(frame.conversation)
            return await db.run(emergencies.call, member, key, frame.id, now, is_drill=frame.drill)
        case EmergencyCome():
            return await db.run(emergencies.come, member, _id(frame.emergency), now)
        case EmergencyCheck():
            return await db.run(emergencies.check, member, _id(frame.emergency), frame.step, now)
        case EmergencyDecide():
            return await db.run(
                emergencies.decide,
                member,
                _id(frame.emergency),
                decision=frame.decision,
                ground=frame.ground or "",
                words=frame.words,
                now=now,
            )


async def _refer(frame: ReferralOpen | ReferralFollow, member: Member) -> ReferralRow:
    now = clock.now()
    if isinstance(frame, ReferralOpen):
        return await db.run(
            referrals.refer,
            member,
            _id(frame.conversation),
            frame.id,
            referrals.Wanted(frame.kind, frame.service, frame.ground, frame.facts, frame.drill),
            now,
        )
    return await db.run(
        referrals.follow,
        member,
        _id(frame.referral),
        now,
        answered_by=frame.answered_by,
        follows=frame.follows,
        is_closed=frame.closed,
    )


def _tell_desk(row: ReferralRow, origin: str) -> None:
    """Tell the other sockets that hold the talk. No visitor's listens to the notes' topic."""
    key = str(row.conversation_id)
    event = ReferralChanged(conversation=key, referral=str(row.id), origin=origin)
    runtime.current().hub.publish(notes_topic(key), event)


async def show_call(emergency: str, member: Member, put: Put) -> None:
    """Tell a member of a call that concerns them."""
    call = await db.run(emergencies.read_call, member, _id(emergency), clock.now())
    if call is not None:
        put(_emergency_frame(call))


async def show_open_calls(member: Member, put: Put) -> None:
    """Tell a member who has come of the open calls that concern them, and the desks of a supervisor who could
    come."""
    for call in await db.run(emergencies.read_open, member, clock.now()):
        put(_emergency_frame(call))
        if member.role == User.SUPERVISOR:
            event = EmergencyChanged(emergency=str(call.row.id))
            runtime.current().hub.publish(EMERGENCIES_TOPIC, event)


def _emergency_frame(call: emergencies.Call) -> Emergency:
    row, second = call.row, call.row.second
    return Emergency(
        emergency=str(row.id),
        conversation=str(row.conversation_id),
        called_by=row.called_by.get_short_name() or row.called_by.username,
        called_at=row.called_at,
        drill=row.is_drill,
        second=(second.get_short_name() or second.username) if second is not None else None,
        came_at=row.came_at,
        checks=row.checks,
        decision=row.decision or None,
        ground=row.ground or None,
        supervisors_here=call.supervisors_here,
    )


def referral_frame(row: ReferralRow) -> Referral:
    return Referral(
        referral=str(row.id),
        conversation=str(row.conversation_id),
        kind=cast(ReferralKind, row.kind),
        service=row.service,
        opened_at=row.opened_at,
        called_at=row.called_at,
        closed_at=row.closed_at,
        drill=row.is_drill,
    )


def _id(text: str) -> uuid.UUID:
    key = doors.uuid_of(text)
    if key is None:
        raise ChatError("not_found")
    return key
