"""The conversations on one tab of a counselor's desk."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from chat import access, db, runtime, ticker
from chat.actions import talk
from chat.actions.availability import desk_closed
from chat.actions.desk import Desk, Held, read_desk, read_held, read_held_ids
from chat.consumers.feed import Feed
from chat.consumers.frames import close_reason, message_frame
from chat.consumers.presence import say_counselor_gone_later, say_here
from chat.events import (
    READY_TOPIC,
    AnyEvent,
    ConversationUnassigned,
    DraftSaved,
    HelperCame,
    MessagePosted,
    NoteAdded,
    PresenceChanged,
    ReadMoved,
    ReadyChanged,
    ReferralChanged,
    TicketEnded,
    TicketPaired,
    TypingChanged,
    WhisperRead,
    conversation_topic,
    counselor_topic,
    notes_topic,
)
from chat.protocol import Closed, Unassigned
from chat.rules.errors import ChatError
from chat.rules.types import Hours
from staff.beside import beside_frame, read_beside, read_ready, read_referral
from staff.frames import assigned_frame, sign_frame
from staff.sessions import Member
from staff.writing import Tab

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
    | WhisperRead
    | ReferralChanged
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
        self.member = member
        self.tab = tab
        self._topics = counselor_topic(str(counselor)), READY_TOPIC
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

    def begin(self) -> None:
        """Listen to what comes to the counselor."""
        for topic in self._topics:
            runtime.current().hub.subscribe(topic, self.tab.hear)

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

    def leave(self) -> None:
        """The tab is gone: its counselor too, where no other tab is open and none comes soon."""
        parts = runtime.current()
        for topic in self._topics:
            parts.hub.unsubscribe(topic, self.tab.hear)
        if not runtime.is_draining():
            parts.beside(say_counselor_gone_later(self.ids(), self.counselor))
            if all(desk.counselor != self.counselor for desk in ticker.current().desks):
                parts.beside(desk_closed(self.counselor))
        for key in list(self._heard):
            self._unfollow(key)

    def _listen(self, key: uuid.UUID) -> None:
        self._heard.add(key)
        for topic in (conversation_topic(str(key)), notes_topic(str(key))):
            runtime.current().hub.subscribe(topic, self.tab.hear)

    def _follow(self, held: Held, known: int) -> Talk:
        key = held.conversation
        start = min(known, held.last_seq)
        feed = Feed(key, start, self.tab, lambda event: self.tab.put(message_frame(event)))
        writer = talk.Writer(key, held.hours, "counselor", author=self.counselor, origin=self.tab.id)
        self._talks[key] = Talk(held, feed, writer)
        self._listen(key)
        return self._talks[key]

    def _unfollow(self, key: uuid.UUID) -> None:
        self._talks.pop(key, None)
        self._heard.discard(key)
        for topic in (conversation_topic(str(key)), notes_topic(str(key))):
            runtime.current().hub.unsubscribe(topic, self.tab.hear)

    async def _show_beside(self, key: uuid.UUID) -> None:
        for frame in await db.run(read_beside, key, self.counselor, self.member.id):
            self.tab.put(frame)

    # --- looking up ---

    def get(self, key: uuid.UUID) -> Talk | None:
        """Give a conversation of this desk."""
        return self._talks.get(key)

    def find(self, conversation: str) -> Talk:
        """Give a conversation of this desk by its name in a frame. Raises ChatError ``not_found``."""
        key = access.uuid_of(conversation)
        found = self._talks.get(key) if key else None
        if found is None:
            raise ChatError("not_found")
        return found

    async def open(self, conversation: str, last_seq: int) -> None:
        """Replay a conversation. Raises ChatError ``not_found``."""
        key = access.uuid_of(conversation)
        held = await read_held(self.counselor, key) if key else None
        if key is None or held is None:
            raise ChatError("not_found")
        await self._follow(held, last_seq).feed.fill()
        await self._show_beside(key)

    # --- events ---

    def hear(self, event: AnyEvent) -> None:
        """Take what has come to the counselor, or happened in a conversation; never waits."""
        match event:
            case TicketPaired():
                if event.counselor == str(self.counselor):
                    self.tab.spawn(self.assigned(uuid.UUID(event.conversation)))
            case ReadyChanged():
                if event.organization in {"", self.member.organization_id}:
                    self.tab.spawn(self.show_ready())
            case _:
                self._hear_in_talk(cast(TalkEvent, event))

    def _hear_in_talk(self, event: TalkEvent) -> None:
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
                    self.tab.spawn(known.feed.fill())
            case TicketEnded():
                self._unfollow(key)
                self.tab.put(Closed(reason=close_reason(event.reason), conversation=event.conversation))
            case ConversationUnassigned():
                self._unfollow(key)
                self.tab.put(Unassigned(conversation=event.conversation, reason=event.reason))
            case NoteAdded() | HelperCame() | DraftSaved() | WhisperRead():
                self.tab.put(beside_frame(event))
            case ReferralChanged() if event.origin != self.tab.id:
                self.tab.spawn(self._show_referral(key, event.referral))
            case TypingChanged() | ReadMoved() | PresenceChanged() if event.who == "visitor":
                self.tab.put(sign_frame(event))

    async def show_ready(self) -> None:
        """Tell what the counselor may choose from. Raises ChatError ``unavailable``."""
        self.tab.put(await db.run(read_ready, self.member.organization_id))

    async def _show_referral(self, key: uuid.UUID, referral: str) -> None:
        frame = await db.run(read_referral, referral, key)
        if frame is not None and key in self._talks:
            self.tab.put(frame)

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
        self.tab.put(assigned_frame(held))
        feed = self._follow(held, 0).feed
        for event in early:
            self._hear_in_talk(event)
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
            self.tab.spawn(known.feed.fill())

    async def look_at_desk(self) -> None:
        """Compare with the rows: an assignment, or its loss, may have gone unheard."""
        desk = await read_desk(self.counselor)
        for key in set(self._talks) - {one.conversation for one in desk.held}:
            reason = await db.run(access.end_of, key)
            if key not in self._talks:
                continue
            self._unfollow(key)
            if reason is None:
                self.tab.put(Unassigned(conversation=str(key), reason="counselor_lost"))
            else:
                self.tab.put(Closed(reason=close_reason(reason), conversation=str(key)))
        for one in desk.held:
            await self.assigned(one.conversation)
