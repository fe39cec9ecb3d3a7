"""The conversations on one tab of a counselor's desk."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace

from chat import access, db, runtime
from chat.actions import talk
from chat.actions.availability import confirm
from chat.actions.desk import Desk, Held, read_desk, read_held, read_held_ids
from chat.actions.drafts import save_draft
from chat.actions.end import close_conversation
from chat.actions.outcome import record_outcome
from chat.consumers.feed import Feed
from chat.consumers.frames import close_reason, message_frame
from chat.consumers.presence import say_here
from chat.events import (
    ConversationUnassigned,
    DraftSaved,
    HelperCame,
    MessagePosted,
    NoteAdded,
    PresenceChanged,
    ReadMoved,
    TicketEnded,
    TypingChanged,
    conversation_topic,
    notes_topic,
)
from chat.protocol import (
    AssignmentConfirm,
    Closed,
    ConversationClose,
    ConversationOpen,
    ConversationRecord,
    Done,
    DraftSave,
    NoteAdd,
    StaffMessageSend,
    StaffRead,
    StaffTyping,
    Unassigned,
)
from chat.rules.conversation import is_fit
from chat.rules.errors import ChatError
from chat.rules.types import Hours
from staff.beside import beside_frame, read_beside
from staff.frames import assigned_frame, sign_frame
from staff.notes import add_note
from staff.sessions import Member
from staff.writing import Tab, write_into

TalkFrame = (
    StaffRead
    | ConversationClose
    | ConversationOpen
    | AssignmentConfirm
    | NoteAdd
    | DraftSave
    | ConversationRecord
)
TalkEvent = (
    MessagePosted
    | TicketEnded
    | ConversationUnassigned
    | TypingChanged
    | ReadMoved
    | PresenceChanged
    | NoteAdded
    | HelperCame
    | DraftSaved
)


class Talk:
    """One conversation on this tab."""

    def __init__(self, held: Held, feed: Feed, writer: talk.Writer) -> None:
        self.held = held
        self.feed = feed
        self.writer = writer
        self.is_confirmed = held.is_confirmed


class DeskTalks:
    """What one counselor holds, as this tab has been told it."""

    def __init__(self, counselor: uuid.UUID, member: Member, tab: Tab) -> None:
        self.counselor = counselor
        self._member = member
        self._tab = tab
        self._talks: dict[uuid.UUID, Talk] = {}
        self._heard: set[uuid.UUID] = set()
        self._coming: dict[uuid.UUID, list[TalkEvent]] = {}

    def ids(self) -> list[uuid.UUID]:
        return list(self._talks)

    def hours(self) -> set[Hours]:
        return {one.held.hours for one in self._talks.values()}

    def heads(self) -> dict[str, int]:
        return {str(key): one.feed.head for key, one in self._talks.items()}

    # --- following ---

    # Listening begins before reading: what happens in between must be in the one or the other.

    async def read(self) -> Desk:
        """Read the desk for a welcome. What comes to it meanwhile comes as an event."""
        ids = (await db.run(read_held_ids, [self.counselor])).get(self.counselor, set())
        for key in ids:
            self._listen(key)
        desk = await read_desk(self.counselor)
        return replace(desk, held=tuple(one for one in desk.held if one.conversation in ids))

    async def open_all(self, held: Iterable[Held], cursors: Mapping[str, int]) -> None:
        """Follow what the welcome has shown, each from the tab's own cursor."""
        talks = [self._follow(one, cursors.get(str(one.conversation), 0)) for one in held]
        for key in self._heard - set(self._talks):
            self._unfollow(key)
        for one in talks:
            await one.feed.fill()
            await self._show_beside(one.held.conversation)
            say_here(one.held.conversation, "counselor")

    def close_all(self) -> None:
        for key in list(self._heard):
            self._unfollow(key)

    def _listen(self, key: uuid.UUID) -> None:
        self._heard.add(key)
        for topic in (conversation_topic(str(key)), notes_topic(str(key))):
            runtime.current().hub.subscribe(topic, self._tab.hear)

    def _follow(self, held: Held, known: int) -> Talk:
        key = held.conversation
        start = min(known, held.last_seq)
        feed = Feed(key, start, self._tab, lambda event: self._tab.put(message_frame(event)))
        writer = talk.Writer(key, held.hours, "counselor", author=self.counselor, origin=self._tab.id)
        self._talks[key] = Talk(held, feed, writer)
        self._listen(key)
        return self._talks[key]

    def _unfollow(self, key: uuid.UUID) -> None:
        self._talks.pop(key, None)
        self._heard.discard(key)
        for topic in (conversation_topic(str(key)), notes_topic(str(key))):
            runtime.current().hub.unsubscribe(topic, self._tab.hear)

    async def _show_beside(self, key: uuid.UUID) -> None:
        for frame in await db.run(read_beside, key, self.counselor):
            self._tab.put(frame)

    # --- frames ---

    def handle_now(self, frame: StaffMessageSend | StaffTyping) -> None:
        """Do what a frame asks that needs no waiting. Raises ChatError."""
        if isinstance(frame, StaffMessageSend):
            self._send_message(frame)
        else:
            known = self._talk(frame.conversation)
            talk.say_typing(known.held.conversation, "counselor", frame.on, self._tab.id)

    async def handle(self, frame: TalkFrame) -> None:
        """Do what any other frame asks. Raises ChatError."""
        match frame:
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
            case NoteAdd():
                key = self._talk(frame.conversation).held.conversation
                await add_note(key, self._member, frame.id, frame.body, "note")
            case DraftSave():
                key = self._talk(frame.conversation).held.conversation
                await save_draft(key, self.counselor, frame.box, frame.body, origin=self._tab.id)
            case ConversationRecord():
                await self._record(frame)

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
        write_into(known, frame, self._tab)

    async def _refuse_message(self, conversation: uuid.UUID, ref: str) -> None:
        try:
            code = await db.run(access.why_not_held, self.counselor, conversation)
        except ChatError as error:
            code = error.code
        self._tab.tell_error(ChatError(code), ref)

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

    async def _record(self, frame: ConversationRecord) -> None:
        key = access.uuid_of(frame.conversation)
        if key is None:
            raise ChatError("not_found")
        await record_outcome(key, self.counselor, frame.outcome, frame.note)
        self._tab.put(Done(id=frame.id))

    async def _open(self, frame: ConversationOpen) -> None:
        key = access.uuid_of(frame.conversation)
        held = await read_held(self.counselor, key) if key else None
        if key is None or held is None:
            raise ChatError("not_found")
        await self._follow(held, frame.last_seq).feed.fill()
        await self._show_beside(key)

    # --- events ---

    def hear(self, event: TalkEvent) -> None:
        """Take what happened in a conversation; never waits."""
        key = access.uuid_of(event.conversation)
        if self._coming and key in self._coming:
            self._coming[key].append(event)
            return
        known = self._talks.get(key) if key else None
        if key is None or known is None:
            return
        match event:
            case MessagePosted():
                if not known.feed.heard(event):
                    self._tab.spawn(known.feed.fill())
            case TicketEnded():
                self._unfollow(key)
                self._tab.put(Closed(reason=close_reason(event.reason), conversation=event.conversation))
            case ConversationUnassigned():
                self._unfollow(key)
                self._tab.put(Unassigned(conversation=event.conversation, reason=event.reason))
            case NoteAdded() | HelperCame() | DraftSaved():
                self._tab.put(beside_frame(event))
            case TypingChanged() | ReadMoved() | PresenceChanged():
                if event.who == "visitor":
                    self._tab.put(sign_frame(event))

    async def assigned(self, conversation: uuid.UUID) -> None:
        """Show a conversation that has come, unless it is there or has gone already."""
        if conversation in self._talks or conversation in self._coming:
            return
        early = self._coming[conversation] = []
        self._listen(conversation)
        try:
            held = await read_held(self.counselor, conversation)
        finally:
            del self._coming[conversation]
            self._unfollow(conversation)
        if held is None:
            return
        self._tab.put(assigned_frame(held))
        feed = self._follow(held, 0).feed
        for event in early:
            self.hear(event)
        if conversation in self._talks:
            if held.last_seq:
                await feed.fill()
            if not held.is_first:
                await self._show_beside(conversation)

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
