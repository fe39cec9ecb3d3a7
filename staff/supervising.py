"""A supervisor's acts through their socket: on talks, on the queue, on lanes and hours."""

from __future__ import annotations

import contextlib
import uuid

from chat import access as doors
from chat import campaigns, control, db, runtime
from chat.actions.availability import tell_queue
from chat.actions.desk import read_talk
from chat.actions.move import tell_moved
from chat.actions.pair import announce, is_lane_open
from chat.actions.rebuild import ms, with_queue
from chat.models import Ticket
from chat.protocol import (
    ConversationJoin,
    ConversationPart,
    ConversationTake,
    Done,
    LaneSet,
    SupervisorFrame,
    Talks,
    TalksList,
    TicketAssign,
    WindowSet,
)
from chat.rules.errors import ChatError
from chat.rules.overrides import ending_at
from chat.rules.types import AUDIENCES, Audience, Lane
from chat.store.errors import StoreDown
from notalone import clock
from staff import acts, words
from staff.frames import talk_row
from staff.joined_talks import JoinedTalks, Seat
from staff.saying import say
from staff.sessions import Member, shown_again_at


class Supervising:
    """What one socket of a supervisor can do beyond watching."""

    def __init__(self, member: Member, seat: Seat) -> None:
        self._member = member
        self._seat = seat
        self.joined = JoinedTalks(member, seat)

    async def handle(self, frame: SupervisorFrame) -> None:
        """Do an act. Raises ChatError."""
        match frame:
            case TalksList():
                rows = await db.run(acts.open_talks, self._member.id)
                now = clock.now()
                self._seat.put(
                    Talks(
                        talks=[
                            talk_row(one.talk, reach, one.said_at, now, one.said_by) for one, reach in rows
                        ]
                    )
                )
                return
            case ConversationJoin():
                await self.joined.join(frame)
            case ConversationPart():
                await self.joined.part(frame.conversation)
            case ConversationTake():
                await self._take(frame)
            case TicketAssign():
                await self._assign(frame)
            case LaneSet():
                await self._set_lane(frame)
            case WindowSet():
                await self._set_window(frame)
        self._seat.put(Done(id=frame.id))

    async def _take(self, frame: ConversationTake) -> None:
        shown_at = await shown_again_at(self._seat.scope)
        moved = await db.run(
            acts.take_over, self._member.id, frame.conversation, frame.reason, shown_at, clock.now()
        )
        key, desk = uuid.UUID(moved.conversation), uuid.UUID(moved.to_counselor)
        self.joined.leave(key)
        await tell_queue(desk)
        await self._seat.have_desk(desk)
        await tell_moved(moved)
        held = await read_talk(key)
        say(held, frame.id, words.took_over(held.lane.language, moved.to_name))

    async def _assign(self, frame: TicketAssign) -> None:
        now = clock.now()
        lane = await db.run(_lane_of, frame.ticket)
        is_open = await is_lane_open(lane, now)
        pairing = await db.run(
            acts.assign_by_hand,
            self._member.id,
            frame.ticket,
            frame.counselor,
            frame.reason,
            now,
            is_open=is_open,
        )
        presence = runtime.current().presence
        with contextlib.suppress(StoreDown):  # the sweeper tells the queue
            await with_queue(lambda: presence.hold(pairing.counselor, pairing.ticket, now_ms=ms(now)))
            await tell_queue(uuid.UUID(pairing.counselor), renew=False)
        announce(pairing, lane)

    async def _set_lane(self, frame: LaneSet) -> None:
        campaign = (await campaigns.loaded()).current(clock.now())
        if campaign is None:
            raise ChatError("not_found")
        await db.run(
            acts.set_lane,
            self._member.id,
            campaign.slug,
            frame.audience,
            frame.language,
            accepting=frame.accepting,
            reason=frame.reason,
        )
        await control.campaigns_changed()

    async def _set_window(self, frame: WindowSet) -> None:
        now = clock.now()
        campaign = (await campaigns.loaded()).current(now)
        audience: Audience | None = next((one for one in AUDIENCES if one == frame.audience), None)
        if campaign is None or audience is None:
            raise ChatError("not_found")
        if frame.closes_at.tzinfo is None:
            raise ChatError("bad_frame")
        exception = ending_at(campaign, audience, now, frame.closes_at)
        if exception is None:
            raise ChatError("hours_unfit")
        await db.run(
            acts.set_window,
            self._member.id,
            campaign.slug,
            audience,
            exception=exception,
            closes_at=frame.closes_at,
            reason=frame.reason,
        )
        await control.campaigns_changed()


def _lane_of(ticket: str) -> Lane:
    key = doors.uuid_of(ticket)
    row = Ticket.objects.filter(id=key).first() if key else None
    if row is None:
        raise ChatError("not_found")
    return Lane("youth" if row.audience == "youth" else "general", row.language)
