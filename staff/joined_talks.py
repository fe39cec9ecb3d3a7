"""The talks that a supervisor's socket has joined: unseen, as a whisper to the counselor, or in the open."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Protocol

from chat import access as doors
from chat import db, runtime
from chat.actions import talk
from chat.actions.desk import Held, read_talk
from chat.consumers.feed import Feed
from chat.consumers.frames import close_reason, message_frame
from chat.events import (
    AnyEvent,
    ConversationUnassigned,
    HelperCame,
    MessagePosted,
    NoteAdded,
    TicketEnded,
    TicketPaired,
    conversation_topic,
    notes_topic,
    ticket_topic,
)
from chat.protocol import Closed, ConversationJoin, JoinMode, NoteAdd, Parted, StaffMessageSend
from chat.rules.errors import ChatError
from staff import access, acts, words
from staff.frames import joined_frame
from staff.notes import add_note, note_frame, read_notes
from staff.saying import say
from staff.sessions import Member, shown_again_at
from staff.writing import Tab, write_into


class Seat(Tab, Protocol):
    """The supervisor's socket."""

    scope: Any

    async def have_desk(self, counselor: uuid.UUID) -> None: ...


@dataclass(eq=False)
class JoinedTalk:
    """A talk that this socket has come to."""

    held: Held
    mode: JoinMode
    feed: Feed
    writer: talk.Writer


class JoinedTalks:
    """What one socket of a supervisor has open. It ends with the socket."""

    def __init__(self, member: Member, seat: Seat) -> None:
        self._member = member
        self._seat = seat
        self._talks: dict[uuid.UUID, JoinedTalk] = {}

    def ids(self) -> list[uuid.UUID]:
        return list(self._talks)

    def has(self, conversation: str) -> bool:
        return doors.uuid_of(conversation) in self._talks

    def leave(self, key: uuid.UUID) -> None:
        """Stop following a talk, if it is followed."""
        if key in self._talks:
            self._leave(key)

    # --- coming and going ---

    async def join(self, frame: ConversationJoin) -> None:
        """Come to a talk. Raises ChatError."""
        shown_at = await shown_again_at(self._seat.scope)
        door = await db.run(
            acts.join, self._member.id, frame.conversation, frame.mode, frame.reason, shown_at
        )
        key = door.talk.id
        if key in self._talks:
            self._leave(key)
        held = await read_talk(key)
        feed = Feed(key, 0, self._seat, lambda event: self._seat.put(message_frame(event)))
        writer = talk.Writer(key, held.hours, "counselor", author=None, origin=self._seat.id)
        joined = self._talks[key] = JoinedTalk(held, frame.mode, feed, writer)
        hub = runtime.current().hub
        for topic in self._topics(joined):
            hub.subscribe(topic, self._seat.hear)
        self._seat.put(joined_frame(held, frame.mode))
        for note in await db.run(read_notes, key):
            self._seat.put(note)
        await feed.fill()
        self._say_helper(joined, on=True)
        if frame.mode == "open":
            say(held, frame.id, words.came(held.lane.language, self._member.name))

    async def part(self, conversation: str) -> None:
        """Leave a talk, on record. Raises ChatError."""
        key = doors.uuid_of(conversation)
        if key is None or key not in self._talks:
            raise ChatError("not_found")
        joined = self._talks[key]
        self._leave(key)
        await db.run(acts.part, self._member.id, key, joined.mode)

    def _leave(self, key: uuid.UUID) -> None:
        joined = self._talks.pop(key)
        for topic in self._topics(joined):
            runtime.current().hub.unsubscribe(topic, self._seat.hear)
        self._say_helper(joined, on=False)

    async def close(self) -> None:
        """Leave everything: the socket is over. What was open is on record as left."""
        for key, joined in list(self._talks.items()):
            self._leave(key)
            try:
                await db.run(acts.part, self._member.id, key, joined.mode)
            except ChatError:  # the database is away; that the talk was joined is on record
                continue

    def _topics(self, joined: JoinedTalk) -> list[str]:
        key = str(joined.held.conversation)
        return [conversation_topic(key), notes_topic(key), ticket_topic(joined.held.ticket)]

    def _say_helper(self, joined: JoinedTalk, *, on: bool) -> None:
        if joined.mode == "unseen":
            return
        key = str(joined.held.conversation)
        event = HelperCame(
            conversation=key, name=self._member.name, mode=joined.mode, on=on, origin=self._seat.id
        )
        runtime.current().hub.publish(notes_topic(key), event)

    # --- in a talk ---

    def send_message(self, frame: StaffMessageSend) -> None:
        """Write to the visitor, as who has joined in the open. Raises ChatError."""
        key = uuid.UUID(frame.conversation)
        joined = self._talks[key]
        if joined.mode != "open":
            raise ChatError("not_allowed")
        self._seat.check_message_rate()
        write_into(joined, frame, self._seat)

    async def add_note(self, frame: NoteAdd) -> None:
        """Whisper to the counselor. An unseen supervisor says nothing. Raises ChatError."""
        key = uuid.UUID(frame.conversation)
        if self._talks[key].mode == "unseen":
            raise ChatError("not_allowed")
        await add_note(key, self._member, frame.id, frame.body, "whisper")

    def hear(self, event: AnyEvent) -> bool:
        """Take what happened in a joined talk; false when it is in none of them."""
        key = doors.uuid_of(getattr(event, "conversation", ""))
        joined = self._talks.get(key) if key else None
        if key is None or joined is None:
            return False
        match event:
            case MessagePosted():
                if not joined.feed.heard(event):
                    self._seat.spawn(joined.feed.fill())
            case NoteAdded():
                self._seat.put(note_frame(event))
            case TicketEnded():
                self._leave(key)
                self._seat.put(Closed(reason=close_reason(event.reason), conversation=event.conversation))
            case TicketPaired() | ConversationUnassigned():
                self._seat.spawn(self._look_again(key))
        return True

    async def _look_again(self, key: uuid.UUID) -> None:
        """A new holder may be of another organization: then one has to ask again, with a reason."""
        joined = self._talks.get(key)
        if joined is None:
            return
        try:
            door = await db.run(access.talk_for, self._member, str(key))
        except ChatError as error:
            if error.code == "unavailable":
                raise
            door = None
        if (door is None or door.reach != "own") and key in self._talks and self._talks[key] is joined:
            self._leave(key)
            self._seat.put(Parted(conversation=str(key), reason="reassigned"))
            await db.run(acts.part, self._member.id, key, joined.mode)

    def look(self, conversation: uuid.UUID, last_seq: int) -> None:
        """Compare a joined talk with its row."""
        joined = self._talks.get(conversation)
        if joined is not None and joined.feed.is_behind(last_seq):
            self._seat.spawn(joined.feed.fill())
