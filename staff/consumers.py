"""The staff's socket: counselors talk, supervisors watch. Decode, access, one action, encode."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from chat import access, campaigns, db, runtime, ticker
from chat.actions import talk
from chat.actions.availability import confirm, set_availability, tell_queue
from chat.actions.desk import Desk, Held, read_desk, read_held
from chat.actions.end import close_conversation
from chat.committer import Posted
from chat.consumers.base import BaseSocket, Ended, Life
from chat.consumers.feed import Feed
from chat.consumers.frames import message_frame
from chat.consumers.origin import Origin
from chat.events import (
    AnyEvent,
    ConversationUnassigned,
    CounselorChanged,
    MessagePosted,
    PresenceChanged,
    ReadMoved,
    StaffRevoked,
    TicketEnded,
    TicketPaired,
    TypingChanged,
    conversation_topic,
    counselor_topic,
    user_topic,
)
from chat.protocol import (
    Assigned,
    AssignmentConfirm,
    Availability,
    AvailabilityChanged,
    AvailabilitySet,
    AvailabilityState,
    CloseCode,
    Closed,
    CloseReason,
    ConversationClose,
    ConversationEntry,
    ConversationOpen,
    Me,
    MessageAck,
    Ping,
    Pong,
    Presence,
    QueueStats,
    Read,
    ReadMarks,
    StaffHello,
    StaffMessageSend,
    StaffRead,
    StaffTyping,
    StaffWelcome,
    Typing,
    Unassigned,
    VisitorEntry,
    WindowClosing,
    staff_decoder,
)
from chat.rules.errors import ChatError
from chat.rules.hours import window_closes_at
from chat.rules.types import Audience
from notalone import clock
from staff import live
from staff.sessions import Member, member_of

CHECK_EVERY_S = 60.0


class Talk:
    """One conversation on this socket's desk."""

    def __init__(self, held: Held, feed: Feed) -> None:
        self.held = held
        self.feed = feed


class StaffSocket(BaseSocket[StaffHello]):
    """One tab of one member of staff; a counselor may have several."""

    decoder = staff_decoder
    hello_type = StaffHello
    side = "staff"

    member: Member | None = None
    counselor: uuid.UUID | None = None
    wants_people = False
    _early: list[AnyEvent] | None = None
    _capacity = 3

    # --- hello ---

    async def greet(self, hello: StaffHello) -> None:
        if self.origin is not Origin.OWN:
            raise Ended(CloseCode.NOT_ALLOWED)
        member = await member_of(self.scope)
        if member is None:
            raise Ended(CloseCode.BAD_CREDENTIALS)
        self.member, self.counselor = member, member.counselor
        self.wants_people = member.is_supervisor
        self._talks: dict[uuid.UUID, Talk] = {}
        self._early = []
        hub = runtime.current().hub
        hub.subscribe(user_topic(member.id), self.hear)
        await campaigns.loaded()
        if self.counselor is None:
            self.put(self._welcome_frame(None))
        else:
            hub.subscribe(counselor_topic(str(self.counselor)), self.hear)
            await tell_queue(self.counselor)
            await self._welcome(await read_desk(self.counselor), hello.cursors)
        self.life = Life.LIVE
        early, self._early = self._early, None
        for event in early:
            self.hear(event)
        live.current().join(self)
        ticker.current().desks.add(self)
        self.spawn(self._look_at_rights())

    async def _welcome(self, desk: Desk, cursors: dict[str, int]) -> None:
        self._capacity = desk.capacity
        self.put(self._welcome_frame(desk))
        for held in desk.held:
            await self._follow(held, cursors.get(str(held.conversation), 0))

    def _welcome_frame(self, desk: Desk | None) -> StaffWelcome:
        assert self.member is not None  # noqa: S101 — greet has set it
        now = clock.now()
        campaign = campaigns.at_hand().current(now)
        return StaffWelcome(
            v=1,
            server_time=now,
            me=Me(
                id=self.member.id,
                name=self.member.name,
                role=self.member.role,
                organization=self.member.organization,
            ),
            availability=Availability(
                state=cast(AvailabilityState, desk.state) if desk else "away",
                capacity=desk.capacity if desk else 3,
            ),
            conversations=[ConversationEntry(**_entry(held)) for held in desk.held] if desk else [],
            window_closes_at=window_closes_at(campaign, "youth", now) if campaign else None,
        )

    async def _follow(self, held: Held, known: int) -> None:
        key = held.conversation
        if key not in self._talks:
            feed = Feed(key, known, self.id, lambda event: self.put(message_frame(event)))
            self._talks[key] = Talk(held, feed)
            runtime.current().hub.subscribe(conversation_topic(str(key)), self.hear)
        await self._talks[key].feed.fill()

    def _unfollow(self, key: uuid.UUID) -> None:
        if self._talks.pop(key, None) is not None:
            runtime.current().hub.unsubscribe(conversation_topic(str(key)), self.hear)

    # --- frames ---

    def messages_per_minute(self) -> int:
        return super().messages_per_minute() * self._capacity

    async def handle(self, frame: Any) -> None:
        if isinstance(frame, Ping):
            heads = {str(key): one.feed.head for key, one in self._talks.items()}
            self.put(Pong(id=frame.id, server_time=clock.now(), heads=heads))
            return
        if self.counselor is None:
            raise ChatError("not_allowed")
        match frame:
            case AvailabilitySet():
                await set_availability(self.counselor, frame.state, frame.capacity, origin=self.id)
            case StaffMessageSend():
                self._send_message(frame, self.counselor)
            case StaffTyping():
                talk.say_typing(
                    self._talk(frame.conversation).held.conversation, "counselor", frame.on, self.id
                )
            case StaffRead():
                await self._read(frame, self.counselor)
            case ConversationClose():
                await self._close_talk(frame, self.counselor)
            case ConversationOpen():
                await self._open_talk(frame, self.counselor)
            case AssignmentConfirm():
                await confirm(self._talk(frame.conversation).held.conversation, self.counselor)

    def _talk(self, conversation: str) -> Talk:
        key = access.uuid_of(conversation)
        found = self._talks.get(key) if key else None
        if found is None:
            raise ChatError("not_found")
        return found

    def _send_message(self, frame: StaffMessageSend, counselor: uuid.UUID) -> None:
        self.check_message_rate()
        key = access.uuid_of(frame.conversation)
        if key is None:
            raise ChatError("not_found")
        known = self._talks.get(key)
        if known is None:
            # Not on this desk: never this counselor's, or not any more. The rows know which.
            self.spawn(self._refuse_message(key, frame.id, counselor))
            return
        if not known.held.is_confirmed:
            self.spawn(confirm(key, counselor))
        future = talk.post_message(
            key,
            known.held.lane.audience,
            sender="counselor",
            author=counselor,
            client_id=frame.id,
            body=frame.body,
            origin=self.id,
        )
        future.add_done_callback(lambda done: self._answer(frame, known, done))

    async def _refuse_message(self, conversation: uuid.UUID, ref: str, counselor: uuid.UUID) -> None:
        code = await db.run(access.why_not_held, counselor, conversation)
        self.tell_error(ChatError(code), ref)

    def _answer(self, frame: StaffMessageSend, known: Talk, done: asyncio.Future[Posted]) -> None:
        error = done.exception()
        if isinstance(error, ChatError):
            self.tell_error(error, frame.id)
            return
        posted = done.result()
        known.feed.acked(posted.seq)
        self.put(
            MessageAck(id=frame.id, seq=posted.seq, sent_at=posted.sent_at, conversation=frame.conversation)
        )

    async def _read(self, frame: StaffRead, counselor: uuid.UUID) -> None:
        known = self._talk(frame.conversation)
        if not known.held.is_confirmed:
            await confirm(known.held.conversation, counselor)
        await talk.mark_read(known.held.conversation, "counselor", frame.seq, self.id)

    async def _close_talk(self, frame: ConversationClose, counselor: uuid.UUID) -> None:
        key = access.uuid_of(frame.conversation)
        if key is None:
            raise ChatError("not_found")
        if key not in self._talks:
            raise ChatError(await db.run(access.why_not_held, counselor, key))
        await close_conversation(
            key, "counselor", by=counselor, outcome=frame.outcome or "", note=frame.note or ""
        )

    async def _open_talk(self, frame: ConversationOpen, counselor: uuid.UUID) -> None:
        key = access.uuid_of(frame.conversation)
        held = await read_held(counselor, key) if key else None
        if key is None or held is None:
            raise ChatError("not_found")
        self._unfollow(key)
        await self._follow(held, frame.last_seq)

    # --- events ---

    def hear(self, event: AnyEvent) -> None:
        """Take an event from the hub; never waits."""
        if self._early is not None:
            self._early.append(event)
            return
        match event:
            case MessagePosted():
                self._hear_message(event)
            case TicketPaired():
                self.spawn(self._assigned(uuid.UUID(event.conversation)))
            case TicketEnded():
                self._ended(event)
            case ConversationUnassigned():
                self._unassigned(event)
            case StaffRevoked():
                self.spawn(self._look_at_rights(once=True))
            case CounselorChanged():
                self._capacity = event.capacity
                self.put(
                    AvailabilityChanged(state=cast(AvailabilityState, event.state), capacity=event.capacity)
                )
            case TypingChanged() | ReadMoved() | PresenceChanged():
                self._pass_on(event)

    def _hear_message(self, event: MessagePosted) -> None:
        known = self._talks.get(uuid.UUID(event.conversation))
        if known is not None and not known.feed.heard(event):
            self.spawn(known.feed.fill())

    def _pass_on(self, event: TypingChanged | ReadMoved | PresenceChanged) -> None:
        if event.origin == self.id or event.who != "visitor":
            return
        key = event.conversation
        match event:
            case TypingChanged():
                self.put(Typing(who="visitor", on=event.on, conversation=key))
            case ReadMoved():
                self.put(Read(who="visitor", seq=event.seq, conversation=key))
            case PresenceChanged():
                self.put(Presence(who="visitor", online=event.online, conversation=key))

    async def _assigned(self, conversation: uuid.UUID) -> None:
        if self.counselor is None or conversation in self._talks:
            return
        held = await read_held(self.counselor, conversation)
        if held is None or conversation in self._talks:
            return
        self.put(Assigned(**_entry(held)))
        await self._follow(held, 0)

    def _ended(self, event: TicketEnded) -> None:
        key = access.uuid_of(event.conversation)
        if key is not None and key in self._talks:
            self._unfollow(key)
            self.put(Closed(reason=cast(CloseReason, event.reason), conversation=event.conversation))

    def _unassigned(self, event: ConversationUnassigned) -> None:
        key = uuid.UUID(event.conversation)
        if key in self._talks:
            self._unfollow(key)
            self.put(Unassigned(conversation=event.conversation, reason=event.reason))

    async def _look_at_rights(self, *, once: bool = False) -> None:
        """Signing out, or losing a right, ends the socket: by an event, and looked at every minute."""
        while True:
            if not once:
                await asyncio.sleep(CHECK_EVERY_S)
            member = await member_of(self.scope)
            if member != self.member:
                code = CloseCode.BAD_CREDENTIALS if member is None else CloseCode.NOT_ALLOWED
                runtime.current().beside(self.end(code))
                return
            if once:
                return

    # --- board and ticker ---

    def show_stats(self, stats: QueueStats) -> None:
        self.put(stats)

    def talks(self) -> Iterable[uuid.UUID]:
        return list(self._talks)

    def audiences(self) -> Iterable[Audience]:
        return {one.held.lane.audience for one in self._talks.values()} or {"youth"}

    def look(self, talk: uuid.UUID, last_seq: int, state: str) -> None:
        known = self._talks.get(talk)
        if known is None:
            return
        if known.feed.is_behind(last_seq):
            self.spawn(known.feed.fill())

    def look_at_desk(self, held: set[uuid.UUID]) -> None:
        """Compare with the rows: an assignment, or its loss, may have gone unheard."""
        if held != set(self._talks):
            self.spawn(self._look_at_desk())

    async def _look_at_desk(self) -> None:
        if self.counselor is None:
            return
        desk = await read_desk(self.counselor)
        held = {one.conversation for one in desk.held}
        for key in set(self._talks) - held:
            await self._tell_gone(key)
        for one in desk.held:
            await self._assigned(one.conversation)

    async def _tell_gone(self, key: uuid.UUID) -> None:
        reason = await db.run(access.end_of, key)
        if key not in self._talks:
            return
        self._unfollow(key)
        if reason is None:
            self.put(Unassigned(conversation=str(key), reason="counselor_lost"))
        else:
            self.put(Closed(reason=cast(CloseReason, reason), conversation=str(key)))

    def warn(self, closes_at: datetime, ends_at: datetime) -> None:
        self.put(WindowClosing(closes_at=closes_at, ends_at=ends_at))

    # --- the end ---

    async def gone(self) -> None:
        if self.member is None:
            return
        live.current().leave(self)
        ticker.current().desks.discard(self)
        hub = runtime.current().hub
        hub.unsubscribe(user_topic(self.member.id), self.hear)
        if self.counselor is not None:
            hub.unsubscribe(counselor_topic(str(self.counselor)), self.hear)
        for key in list(self._talks):
            self._unfollow(key)


def _entry(held: Held) -> dict[str, Any]:
    return {
        "conversation": str(held.conversation),
        "state": "paired",
        "visitor": VisitorEntry(
            nickname=held.nickname,
            audience=held.lane.audience,
            language=held.lane.language,
            topic=held.topic,
            note=held.note,
            urgency=held.urgency,
            online=held.is_online,
        ),
        "last_seq": held.last_seq,
        "read": ReadMarks(visitor=held.visitor_read, counselor=held.counselor_read),
        "opened_at": held.opened_at,
        "waited_s": held.waited_s,
        "confirmed": held.is_confirmed,
    }
