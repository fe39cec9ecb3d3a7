"""The conversations on one tab of a counselor's desk."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any, Protocol

from chat import access, db, runtime
from chat.actions import talk
from chat.actions.availability import confirm
from chat.actions.desk import Held, read_desk, read_held
from chat.actions.end import close_conversation
from chat.committer import Posted
from chat.consumers.feed import Feed
from chat.consumers.frames import close_reason, message_frame
from chat.consumers.presence import say_here
from chat.events import (
    AnyEvent,
    ConversationUnassigned,
    MessagePosted,
    PresenceChanged,
    ReadMoved,
    TicketEnded,
    TypingChanged,
    conversation_topic,
)
from chat.protocol import (
    AssignmentConfirm,
    Closed,
    ConversationClose,
    ConversationOpen,
    MessageAck,
    Presence,
    Read,
    ServerFrame,
    StaffMessageSend,
    StaffRead,
    StaffTyping,
    Typing,
    Unassigned,
)
from chat.rules.conversation import is_fit
from chat.rules.errors import ChatError
from chat.rules.types import Hours
from staff.frames import assigned_frame

TalkFrame = (
    StaffMessageSend | StaffTyping | StaffRead | ConversationClose | ConversationOpen | AssignmentConfirm
)


class Tab(Protocol):
    """The socket that shows these conversations."""

    id: str

    def put(self, frame: ServerFrame) -> None: ...
    def tell_error(self, error: ChatError, ref: str | None = None) -> None: ...
    def check_message_rate(self) -> None: ...
    def spawn(self, work: Coroutine[Any, Any, None]) -> None: ...
    def hear(self, event: AnyEvent) -> None: ...


class Talk:
    """One conversation on this tab."""

    def __init__(self, held: Held, feed: Feed) -> None:
        self.held = held
        self.feed = feed
        self.is_confirmed = held.is_confirmed


class DeskTalks:
    """What one counselor holds, as this tab has been told it."""

    def __init__(self, counselor: uuid.UUID, tab: Tab) -> None:
        self.counselor = counselor
        self._tab = tab
        self._talks: dict[uuid.UUID, Talk] = {}

    def ids(self) -> list[uuid.UUID]:
        return list(self._talks)

    def hours(self) -> set[Hours]:
        return {one.held.hours for one in self._talks.values()}

    def heads(self) -> dict[str, int]:
        return {str(key): one.feed.head for key, one in self._talks.items()}

    # --- following ---

    async def open_all(self, held: Iterable[Held], cursors: Mapping[str, int]) -> None:
        """Follow what the welcome has shown, each from the tab's own cursor."""
        for one in held:
            await self._follow(one, cursors.get(str(one.conversation), 0))
            say_here(one.conversation, "counselor")

    def close_all(self) -> None:
        for key in self.ids():
            self._unfollow(key)

    async def _follow(self, held: Held, known: int) -> None:
        key = held.conversation
        if key not in self._talks:
            # a cursor from elsewhere may lie beyond the end: what comes next must not pass for known
            start = min(known, held.last_seq)
            feed = Feed(key, start, self._tab.id, lambda event: self._tab.put(message_frame(event)))
            self._talks[key] = Talk(held, feed)
            runtime.current().hub.subscribe(conversation_topic(str(key)), self._tab.hear)
        await self._talks[key].feed.fill()

    def _unfollow(self, key: uuid.UUID) -> None:
        if self._talks.pop(key, None) is not None:
            runtime.current().hub.unsubscribe(conversation_topic(str(key)), self._tab.hear)

    # --- frames ---

    async def handle(self, frame: TalkFrame) -> None:
        """Do what a frame asks. Raises ChatError."""
        match frame:
            case StaffMessageSend():
                self._send_message(frame)
            case StaffTyping():
                known = self._talk(frame.conversation)
                talk.say_typing(known.held.conversation, "counselor", frame.on, self._tab.id)
            case StaffRead():
                known = self._talk(frame.conversation)
                await self._confirm(known)
                await talk.mark_read(known.held.conversation, "counselor", frame.seq, self._tab.id)
            case ConversationClose():
                await self._close(frame)
            case ConversationOpen():
                await self._open(frame)
            case AssignmentConfirm():
                await self._confirm(self._talk(frame.conversation))

    def _talk(self, conversation: str) -> Talk:
        key = access.uuid_of(conversation)
        found = self._talks.get(key) if key else None
        if found is None:
            raise ChatError("not_found")
        return found

    async def _confirm(self, known: Talk) -> None:
        if not known.is_confirmed:
            await confirm(known.held.conversation, self.counselor)
            known.is_confirmed = True

    def _send_message(self, frame: StaffMessageSend) -> None:
        self._tab.check_message_rate()
        key = access.uuid_of(frame.conversation)
        if key is None:
            raise ChatError("not_found")
        known = self._talks.get(key)
        if known is None:
            # Not on this desk: never this counselor's, or not any more. The rows know which.
            self._tab.spawn(self._refuse_message(key, frame.id))
            return
        if not known.is_confirmed:
            self._tab.spawn(self._confirm(known))
        future = talk.post_message(
            key,
            known.held.hours,
            sender="counselor",
            author=self.counselor,
            client_id=frame.id,
            body=frame.body,
            origin=self._tab.id,
        )
        future.add_done_callback(lambda done: self._answer(frame, known, done))

    async def _refuse_message(self, conversation: uuid.UUID, ref: str) -> None:
        try:
            code = await db.run(access.why_not_held, self.counselor, conversation)
        except ChatError as error:
            code = error.code
        self._tab.tell_error(ChatError(code), ref)

    def _answer(self, frame: StaffMessageSend, known: Talk, done: asyncio.Future[Posted]) -> None:
        error = done.exception()
        if isinstance(error, ChatError):
            self._tab.tell_error(error, frame.id)
            return
        posted = done.result()
        known.feed.acked(posted.seq)
        self._tab.put(
            MessageAck(id=frame.id, seq=posted.seq, sent_at=posted.sent_at, conversation=frame.conversation)
        )

    async def _close(self, frame: ConversationClose) -> None:
        outcome, note = frame.outcome or "", frame.note or ""
        if not is_fit(outcome) or not is_fit(note):
            raise ChatError("bad_frame")
        key = access.uuid_of(frame.conversation)
        if key is None:
            raise ChatError("not_found")
        if key not in self._talks:
            raise ChatError(await db.run(access.why_not_held, self.counselor, key))
        await close_conversation(key, "counselor", by=self.counselor, outcome=outcome, note=note)

    async def _open(self, frame: ConversationOpen) -> None:
        key = access.uuid_of(frame.conversation)
        held = await read_held(self.counselor, key) if key else None
        if key is None or held is None:
            raise ChatError("not_found")
        self._unfollow(key)
        await self._follow(held, frame.last_seq)

    # --- events ---

    def hear(self, event: AnyEvent) -> None:
        """Take what happened in a conversation; never waits."""
        match event:
            case MessagePosted():
                known = self._talks.get(uuid.UUID(event.conversation))
                if known is not None and not known.feed.heard(event):
                    self._tab.spawn(known.feed.fill())
            case TicketEnded():
                self._ended(event)
            case ConversationUnassigned():
                self._unassigned(event)
            case TypingChanged() | ReadMoved() | PresenceChanged():
                self._pass_on(event)

    def _pass_on(self, event: TypingChanged | ReadMoved | PresenceChanged) -> None:
        if event.origin == self._tab.id or event.who != "visitor":
            return
        key = event.conversation
        match event:
            case TypingChanged():
                self._tab.put(Typing(who="visitor", on=event.on, conversation=key))
            case ReadMoved():
                self._tab.put(Read(who="visitor", seq=event.seq, conversation=key))
            case PresenceChanged():
                self._tab.put(Presence(who="visitor", online=event.online, conversation=key))

    def _ended(self, event: TicketEnded) -> None:
        key = access.uuid_of(event.conversation)
        if key is not None and key in self._talks:
            self._unfollow(key)
            self._tab.put(Closed(reason=close_reason(event.reason), conversation=event.conversation))

    def _unassigned(self, event: ConversationUnassigned) -> None:
        key = uuid.UUID(event.conversation)
        if key in self._talks:
            self._unfollow(key)
            self._tab.put(Unassigned(conversation=event.conversation, reason=event.reason))

    async def assigned(self, conversation: uuid.UUID) -> None:
        """Show a conversation that has come, unless it is there or has gone already."""
        if conversation in self._talks:
            return
        held = await read_held(self.counselor, conversation)
        if held is None or conversation in self._talks:
            return
        self._tab.put(assigned_frame(held))
        await self._follow(held, 0)

    # --- the rows ---

    def look(self, conversation: uuid.UUID, last_seq: int) -> None:
        """Compare a conversation with its row: a message may have gone unheard."""
        known = self._talks.get(conversation)
        if known is not None and known.feed.is_behind(last_seq):
            self._tab.spawn(known.feed.fill())

    async def look_at_desk(self) -> None:
        """Compare with the rows: an assignment, or its loss, may have gone unheard."""
        desk = await read_desk(self.counselor)
        for key in set(self._talks) - {one.conversation for one in desk.held}:
            reason = await db.run(access.end_of, key)
            if key not in self._talks:
                continue
            self._unfollow(key)
            if reason is None:
                self._tab.put(Unassigned(conversation=str(key), reason="counselor_lost"))
            else:
                self._tab.put(Closed(reason=close_reason(reason), conversation=str(key)))
        for one in desk.held:
            await self.assigned(one.conversation)
