"""The staff's socket: counselors talk, supervisors watch. Decode, access, one action, encode."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, get_args

from django.conf import settings

from chat import campaigns, db, runtime, ticker
from chat.actions.availability import Wanted, set_availability, tell_queue
from chat.actions.hand_off import read_offer, read_offers
from chat.consumers.base import BaseSocket
from chat.consumers.life import Ended, Life
from chat.consumers.origin import Origin
from chat.events import (
    EMERGENCIES_TOPIC,
    AnyEvent,
    CounselorChanged,
    EmergencyChanged,
    HandoffChanged,
    StaffRevoked,
    user_topic,
)
from chat.protocol import (
    Activity,
    AlarmAcknowledge,
    AlarmSet,
    AvailabilitySet,
    BoardFrame,
    CloseCode,
    ConversationClose,
    ConversationRecord,
    DraftSave,
    EmergencyFrame,
    HandoffFrame,
    NoteAdd,
    Ping,
    Pong,
    QueueFrame,
    StaffHello,
    StaffMessageSend,
    StaffTyping,
    SupervisorFrame,
    WhisperReadSend,
    WindowChanged,
    WindowClosing,
    staff_decoder,
)
from chat.rules.errors import ChatError
from chat.rules.types import Hours
from notalone import clock
from staff import live
from staff.board_acts import act_on_board
from staff.desk_acts import act_in_talk, act_now
from staff.desk_talks import DeskTalks
from staff.emergency_acts import act_in_emergency, show_call, show_open_calls
from staff.frames import availability_frame, welcome_frame
from staff.handoffs import hand_off, handoff_frame
from staff.models import User
from staff.queue_acts import act
from staff.rights import Rights
from staff.sessions import Member, member_of
from staff.supervising import Supervising

# What only a person does, beside writing; a page by itself sends pings, read marks and confirmations.
SUPERVISORS = get_args(SupervisorFrame)
PEOPLES = (
    Activity,
    AvailabilitySet,
    ConversationClose,
    ConversationRecord,
    DraftSave,
    NoteAdd,
    WhisperReadSend,
    *get_args(EmergencyFrame),
    *get_args(HandoffFrame),
    *SUPERVISORS,
    *get_args(QueueFrame),
    AlarmAcknowledge,
    AlarmSet,
)


class StaffSocket(BaseSocket[StaffHello]):
    """One tab of one member of staff; a counselor may have several."""

    decoder = staff_decoder
    hello_type = StaffHello
    quick = (StaffMessageSend, StaffTyping, Ping)
    side = "staff"

    member: Member | None = None
    counselor: uuid.UUID | None = None
    wants_people = False
    is_board = False
    _desk: DeskTalks | None = None  # None for who does not talk with visitors
    _supervising: Supervising | None = None  # of supervisors alone
    _early: list[AnyEvent] | None = None
    _rights: Rights

    # --- hello ---

    async def greet(self, hello: StaffHello) -> None:
        if self.origin is not Origin.OWN:
            raise Ended(CloseCode.NOT_ALLOWED)
        member = await member_of(self.scope)
        if member is None:
            raise Ended(CloseCode.BAD_CREDENTIALS)
        self.member, self.counselor = member, member.counselor
        self._rights = Rights(self)
        self.wants_people = member.is_supervisor
        self._supervising = Supervising(member, self) if member.role == User.SUPERVISOR else None
        self._early = []
        for topic in (user_topic(member.id), EMERGENCIES_TOPIC):
            runtime.current().hub.subscribe(topic, self.hear)
        await campaigns.loaded()
        if self.counselor is None:
            self.put(welcome_frame(member, None, clock.now()))
        else:
            await self._welcome(member, self.counselor, hello.cursors)
        await show_open_calls(member, self.put)
        self.life = Life.LIVE
        early, self._early = self._early, None
        for event in early:
            self.hear(event)
        live.current().join(self)
        ticker.current().desks.add(self)
        self.spawn(self._rights.watch())

    async def _welcome(self, member: Member, counselor: uuid.UUID, cursors: dict[str, int]) -> None:
        self._desk = DeskTalks(counselor, member, self)
        self._desk.begin()
        await tell_queue(counselor)
        desk = await self._desk.read()
        self._allow_for(desk.capacity)
        self.put(welcome_frame(member, desk, clock.now()))
        await self._desk.open_all(desk.held, cursors)
        for told in await db.run(read_offers, counselor):
            self.put(handoff_frame(told, member, counselor))

    # --- frames ---

    def _allow_for(self, capacity: int) -> None:
        """Let who talks with several write as much to each."""
        self.limit = settings.MESSAGES_PER_MINUTE * capacity

    def handle_now(self, frame: Any) -> None:
        if isinstance(frame, Ping):
            heads = self._desk.heads() if self._desk else {}
            self.put(Pong(id=frame.id, server_time=clock.now(), heads=heads))
            return
        self._rights.note_act()
        joined = self._supervising.joined if self._supervising else None
        if joined is not None and isinstance(frame, StaffMessageSend) and joined.has(frame.conversation):
            joined.send_message(frame)
        elif self._desk is not None:
            act_now(frame, self._desk)
        else:
            raise ChatError("not_allowed")

    async def handle(self, frame: Any) -> None:
        if isinstance(frame, PEOPLES):
            self._rights.note_act()
        if isinstance(frame, QueueFrame) and self.member is not None:
            await act(frame, self.member, self.put)
        elif isinstance(frame, BoardFrame) and self.member is not None:
            await act_on_board(frame, self.member, self)
        elif isinstance(frame, EmergencyFrame) and self.member is not None:
            await act_in_emergency(frame, self.member, self.put, origin=self.id)
        elif not isinstance(frame, Activity) and not await self._supervise(frame):
            await self._work(frame)

    async def _work(self, frame: Any) -> None:
        """Do what a frame asks of the desk. Who supervises takes talks over, and is paired with nobody."""
        if self._desk is None or (isinstance(frame, AvailabilitySet) and self._supervising is not None):
            raise ChatError("not_allowed")
        if isinstance(frame, HandoffFrame):
            assert self.member is not None  # noqa: S101 — there is no desk without one
            await hand_off(frame, self.member, self._desk.counselor, self)
        elif isinstance(frame, AvailabilitySet):
            wanted = Wanted(frame.state, frame.capacity, frame.wrap_up_s, frame.back_in_s)
            await set_availability(self._desk.counselor, wanted, origin=self.id)
        else:
            await act_in_talk(frame, self._desk)

    async def _supervise(self, frame: Any) -> bool:
        """Do what a supervisor's frame asks; false when it is one for the desk."""
        supervising = self._supervising
        if supervising is None:
            if isinstance(frame, SUPERVISORS):
                raise ChatError("not_allowed")
            return False
        if isinstance(frame, SUPERVISORS):
            await supervising.handle(frame)
        elif isinstance(frame, NoteAdd) and supervising.joined.has(frame.conversation):
            await supervising.joined.add_note(frame)
        else:
            return False
        return True

    async def have_desk(self, counselor: uuid.UUID) -> None:
        """Give a supervisor who has taken a talk over what holding one needs."""
        if self._desk is not None or self.member is None:
            return
        self.counselor = counselor
        self.member = replace(self.member, counselor=counselor)
        self._desk = DeskTalks(counselor, self.member, self)
        self._desk.begin()

    async def _show_handoff(self, handoff: uuid.UUID) -> None:
        told = await db.run(read_offer, handoff)
        if told is not None and self._desk is not None and self.member is not None:
            self.put(handoff_frame(told, self.member, self._desk.counselor))

    # --- events ---

    def hear(self, event: AnyEvent) -> None:
        """Take an event from the hub; never waits."""
        if self._early is not None:
            self._early.append(event)
            return
        match event:
            case StaffRevoked():
                self.spawn(self._rights.look())
            case EmergencyChanged() if self.member is not None:
                self.spawn(show_call(event.emergency, self.member, self.put))
            case HandoffChanged():
                self.spawn(self._show_handoff(uuid.UUID(event.handoff)))
            case CounselorChanged():
                self._allow_for(event.capacity)
                self.put(availability_frame(event))
            case _ if self._supervising is not None and self._supervising.joined.hear(event):
                return
            case _ if self._desk is not None:
                self._desk.hear(event)

    # --- board and ticker ---

    def talks(self) -> Iterable[uuid.UUID]:
        joined = self._supervising.joined.ids() if self._supervising else []
        return [*joined, *(self._desk.ids() if self._desk else [])]

    def hours(self) -> Iterable[Hours]:
        """Give whose hours to warn of: the talks', else the youth's now."""
        held = self._desk.hours() if self._desk else set()
        campaign = campaigns.at_hand().current(clock.now())
        return held or ({Hours(campaign.slug, "youth")} if campaign else set())

    def look(self, talk: uuid.UUID, last_seq: int, state: str) -> None:
        if self._supervising is not None:
            self._supervising.joined.look(talk, last_seq)
        if self._desk is not None:
            self._desk.look(talk, last_seq)

    def look_at_desk(self, held: set[uuid.UUID]) -> None:
        if self._desk is not None and held != set(self._desk.ids()):
            self.spawn(self._desk.look_at_desk())

    def tell_window(self, hours: Hours, closes_at: datetime, ends_at: datetime) -> None:
        self.put(WindowChanged(audience=hours.audience, closes_at=closes_at, ends_at=ends_at))

    def warn(self, closes_at: datetime, ends_at: datetime) -> None:
        self.put(WindowClosing(closes_at=closes_at, ends_at=ends_at))

    # --- the end ---

    def gone(self) -> None:
        if self.member is None:
            return
        live.current().leave(self)
        ticker.current().desks.discard(self)
        parts = runtime.current()
        for topic in (user_topic(self.member.id), EMERGENCIES_TOPIC):
            parts.hub.unsubscribe(topic, self.hear)
        if self._supervising is not None:
            parts.beside(self._supervising.joined.close())
        if self._desk is not None:
            self._desk.leave()
