"""What a board asks for through its socket: to be shown everything, and to see to alarms."""

from __future__ import annotations

from typing import Protocol

from chat import db, runtime
from chat.events import ALARMS_TOPIC, AlarmsChanged
from chat.protocol import AlarmAcknowledge, AlarmSet, BoardFrame, BoardWatch, Done
from chat.rules.errors import ChatError
from notalone import clock
from staff import alarms, live
from staff.sessions import Member
from staff.writing import Tab


class BoardSeat(Tab, live.Watcher, Protocol):
    """A socket that a board is before."""


async def act_on_board(frame: BoardFrame, member: Member, seat: BoardSeat) -> None:
    """Do what a board's frame asks, and answer it. Raises ChatError."""
    if not member.is_supervisor:
        raise ChatError("not_allowed")
    match frame:
        case BoardWatch():
            seat.is_board = True
            live.current().join(seat)
            return
        case AlarmAcknowledge():
            await db.run(alarms.acknowledge, member, frame.alarm, clock.now())
        case AlarmSet():
            await db.run(alarms.set_threshold, member, frame.kind, frame.threshold)
    runtime.current().hub.publish(ALARMS_TOPIC, AlarmsChanged())
    seat.put(Done(id=frame.id))
