"""The staff's socket: counselors talk, supervisors watch. Decode, access, one action, encode."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from chat import campaigns, runtime, ticker
from chat.actions.availability import set_availability, tell_queue
from chat.consumers.base import BaseSocket
from chat.consumers.life import Ended, Life
from chat.consumers.origin import Origin
from chat.consumers.presence import say_counselor_gone_later
from chat.events import (
    AnyEvent,
    CounselorChanged,
    StaffRevoked,
    TicketPaired,
    counselor_topic,
    user_topic,
)
from chat.protocol import (
    Activity,
    AvailabilityChanged,
    AvailabilitySet,
    AvailabilityState,
    CloseCode,
    ConversationClose,
    Ping,
    Pong,
    QueueStats,
    StaffHello,
    StaffMessageSend,
    StaffTyping,
    WindowClosing,
    staff_decoder,
)
from chat.rules.errors import ChatError
from chat.rules.types import Hours
from notalone import clock
from staff import live
from staff.desk_talks import DeskTalks, TalkEvent
from staff.frames import welcome_frame
from staff.queue_acts import QueueAct, act
from staff.sessions import Member, member_of, touch

CHECK_EVERY_S = 60.0
TOUCH_EVERY_S = 60.0
# What only a person does; a page by itself sends pings, read marks and confirmations.
ACTS = (Activity, AvailabilitySet, ConversationClose, StaffMessageSend, StaffTyping)


class StaffSocket(BaseSocket[StaffHello]):
    """One tab of one member of staff; a counselor may have several."""

    decoder = staff_decoder
    hello_type = StaffHello
    side = "staff"

    member: Member | None = None
    counselor: uuid.UUID | None = None
    wants_people = False
    _desk: DeskTalks | None = None  # None for who does not talk with visitors
    _early: list[AnyEvent] | None = None
    _capacity = 3
    _touched_at: datetime | None = None

    # --- hello ---

    async def greet(self, hello: StaffHello) -> None:
        if self.origin is not Origin.OWN:
            raise Ended(CloseCode.NOT_ALLOWED)
        member = await member_of(self.scope)
        if member is None:
            raise Ended(CloseCode.BAD_CREDENTIALS)
        self.member, self.counselor = member, member.counselor
        self.wants_people = member.is_supervisor
        self._early = []
        runtime.current().hub.subscribe(user_topic(member.id), self.hear)
        await campaigns.loaded()
        if self.counselor is None:
            self.put(welcome_frame(member, None, clock.now()))
        else:
            await self._welcome(member, self.counselor, hello.cursors)
        self.life = Life.LIVE
        early, self._early = self._early, None
        for event in early:
            self.hear(event)
        live.current().join(self)
        ticker.current().desks.add(self)
        self.spawn(self._watch_rights())

    async def _welcome(self, member: Member, counselor: uuid.UUID, cursors: dict[str, int]) -> None:
        self._desk = DeskTalks(counselor, self)
        runtime.current().hub.subscribe(counselor_topic(str(counselor)), self.hear)
        await tell_queue(counselor)
        desk = await self._desk.read()
        self._capacity = desk.capacity
        self.put(welcome_frame(member, desk, clock.now()))
        await self._desk.open_all(desk.held, cursors)

    # --- frames ---

    def messages_per_minute(self) -> int:
        return super().messages_per_minute() * self._capacity

    async def handle(self, frame: Any) -> None:
        if isinstance(frame, ACTS):
            self._note_act()
        if isinstance(frame, Ping):
            heads = self._desk.heads() if self._desk else {}
            self.put(Pong(id=frame.id, server_time=clock.now(), heads=heads))
        elif isinstance(frame, QueueAct) and self.member is not None:
            await act(frame, self.member, self.put)
        elif isinstance(frame, Activity):
            return
        elif self._desk is None:
            raise ChatError("not_allowed")
        elif isinstance(frame, AvailabilitySet):
            await set_availability(self._desk.counselor, frame.state, frame.capacity, origin=self.id)
        else:
            await self._desk.handle(frame)

    def _note_act(self) -> None:
        """Move the session's end on, once a minute at most."""
        now = clock.now()
        if self._touched_at is None or (now - self._touched_at).total_seconds() >= TOUCH_EVERY_S:
            self._touched_at = now
            self.spawn(touch(self.scope))

    # --- events ---

    def hear(self, event: AnyEvent) -> None:
        """Take an event from the hub; never waits."""
        if self._early is not None:
            self._early.append(event)
            return
        match event:
            case StaffRevoked():
                self.spawn(self._look_at_rights())
            case CounselorChanged():
                self._capacity = event.capacity
                self.put(
                    AvailabilityChanged(state=cast(AvailabilityState, event.state), capacity=event.capacity)
                )
            case TicketPaired() if self._desk is not None:
                self.spawn(self._desk.assigned(uuid.UUID(event.conversation)))
            case _ if self._desk is not None:
                self._desk.hear(cast(TalkEvent, event))

    async def _watch_rights(self) -> None:
        """Signing out, or losing a right, ends the socket: by an event, and looked at every minute."""
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            try:
                await self._look_at_rights()
            except ChatError:  # the database is away: look again in a minute
                continue

    async def _look_at_rights(self) -> None:
        member = await member_of(self.scope)
        if member != self.member:
            code = CloseCode.BAD_CREDENTIALS if member is None else CloseCode.NOT_ALLOWED
            runtime.current().beside(self.end(code))

    # --- board and ticker ---

    def show_stats(self, stats: QueueStats) -> None:
        self.put(stats)

    def talks(self) -> Iterable[uuid.UUID]:
        return self._desk.ids() if self._desk else []

    def hours(self) -> Iterable[Hours]:
        """Give whose hours to warn of: the talks', else the youth's now."""
        held = self._desk.hours() if self._desk else set()
        campaign = campaigns.at_hand().current(clock.now())
        return held or ({Hours(campaign.slug, "youth")} if campaign else set())

    def look(self, talk: uuid.UUID, last_seq: int, state: str) -> None:
        if self._desk is not None:
            self._desk.look(talk, last_seq)

    def look_at_desk(self, held: set[uuid.UUID]) -> None:
        if self._desk is not None and held != set(self._desk.ids()):
            self.spawn(self._desk.look_at_desk())

    def warn(self, closes_at: datetime, ends_at: datetime) -> None:
        self.put(WindowClosing(closes_at=closes_at, ends_at=ends_at))

    # --- the end ---

    def gone(self) -> None:
        if self.member is None:
            return
        live.current().leave(self)
        ticker.current().desks.discard(self)
        parts = runtime.current()
        parts.hub.unsubscribe(user_topic(self.member.id), self.hear)
        if self._desk is not None:
            parts.hub.unsubscribe(counselor_topic(str(self._desk.counselor)), self.hear)
            if not runtime.is_draining():
                parts.beside(say_counselor_gone_later(self._desk.ids(), self._desk.counselor))
            self._desk.close_all()
