"""The visitor's socket: decode, access, one action, encode."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings

from chat import campaigns, runtime, ticker
from chat.actions import talk
from chat.actions.end import leave
from chat.actions.place import Place, Standing, note_sign, place_for_token, place_of, position_of
from chat.actions.rebuild import ms
from chat.consumers.base import BaseSocket
from chat.consumers.cookies import cookie_value
from chat.consumers.feed import Feed
from chat.consumers.frames import close_reason, estimate_frame, message_frame, welcome_frame
from chat.consumers.life import Ended, Life
from chat.consumers.origin import Origin
from chat.consumers.presence import say_gone_later, say_here
from chat.consumers.writing import write
from chat.events import (
    AnyEvent,
    MessagePosted,
    PresenceChanged,
    ReadMoved,
    TicketEnded,
    TicketMoved,
    TicketPaired,
    TicketRequeued,
    TicketTakenOver,
    TypingChanged,
    conversation_topic,
    ticket_topic,
)
from chat.protocol import (
    CloseCode,
    Closed,
    CounselorName,
    MessageAck,
    Paired,
    Ping,
    Pong,
    Presence,
    QueuePosition,
    Read,
    Requeued,
    Typing,
    VisitorHello,
    VisitorLeave,
    VisitorMessageSend,
    VisitorRead,
    VisitorTyping,
    WindowChanged,
    WindowClosing,
    visitor_decoder,
)
from chat.rules.errors import ChatError
from chat.rules.places import Told, told
from chat.rules.types import Hours, Lane
from notalone import clock


class VisitorSocket(BaseSocket[VisitorHello]):
    """One visitor, one ticket. A second socket of the same ticket takes over."""

    decoder = visitor_decoder
    hello_type = VisitorHello
    quick = (VisitorMessageSend, VisitorTyping, Ping)
    side = "visitor"

    ticket: uuid.UUID
    lane: Lane
    place: Place | None = None
    _is_known = False
    _reloading: asyncio.Lock
    _came_ms: int
    is_waiting = False
    _feed: Feed | None = None
    _listened: uuid.UUID | None = None
    _has_missed = False  # a message came before there was a feed
    _writer: talk.Writer | None = None
    _is_replaced = False
    _window_told: datetime | None = None
    _early: list[AnyEvent] | None = None
    told: Told | None = None

    # --- hello ---

    async def greet(self, hello: VisitorHello) -> None:
        hub = runtime.current().hub
        since = hub.count
        token = hello.token or self._cookie_token()
        place = await place_for_token(token) if token else None
        if place is None:
            raise Ended(CloseCode.BAD_CREDENTIALS)
        self.ticket, self.lane, self._is_known = place.ticket, place.lane, True
        self._early, self._reloading = [], asyncio.Lock()
        topic = ticket_topic(str(self.ticket))
        hub.subscribe(topic, self.hear)
        if place.conversation is not None:
            self._listen(place.conversation)
        is_old = self._was_heard(topic, since)  # of what came between the reading and the listening
        self._came_ms = ms(clock.now())
        came = TicketTakenOver(ticket=str(self.ticket), came_ms=self._came_ms, origin=self.id)
        hub.publish(topic, came, at_leisure=True)
        if place.state != "waiting":  # else to ask for the position is a sign of life
            runtime.current().beside(note_sign(str(self.ticket)))  # nobody waits for a Redis that hangs
        await campaigns.loaded()
        await self._welcome(await place_of(self.ticket) if is_old else place, hello.last_seq)
        self.life = Life.LIVE
        early, self._early = self._early, None
        for event in early:
            self.hear(event)
        ticker.current().waiters.add(self)

    def _was_heard(self, topic: str, since: int) -> bool:
        topics = [topic] if self._listened is None else [topic, conversation_topic(str(self._listened))]
        return any(runtime.current().hub.was_heard(one, since) for one in topics)

    def _cookie_token(self) -> str:
        """Read the token from the cookie of the project's own pages: only they may use it."""
        return cookie_value(self.scope, settings.VISITOR_COOKIE) if self.origin is Origin.OWN else ""

    async def _welcome(self, place: Place, last_seq: int) -> None:
        self.place = place
        self.is_waiting = place.state == "waiting"
        position, estimate = await position_of(place) if self.is_waiting else (None, None)
        self.told = told(position, estimate)
        welcome = welcome_frame(place, position, estimate, clock.now())
        self._window_told = welcome.window_closes_at
        self.put(welcome)
        if place.conversation is not None:
            await self._follow(place, place.conversation, min(last_seq, place.last_seq))

    def _listen(self, conversation: uuid.UUID) -> None:
        """Listen before reading: what is said in between is in the one or the other."""
        self._listened = conversation
        runtime.current().hub.subscribe(conversation_topic(str(conversation)), self.hear)

    async def _follow(self, place: Place, conversation: uuid.UUID, known: int) -> None:
        is_listening = self._listened == conversation
        if self._feed is None:
            self.write_in(conversation, place.hours)
            self._feed = Feed(conversation, known, self, lambda event: self.put(message_frame(event)))
            self._listen(conversation)
            say_here(conversation, "visitor")
        if place.last_seq > self._feed.known or self._has_missed or not is_listening:
            await self._feed.fill()

    def write_in(self, conversation: uuid.UUID, hours: Hours) -> None:
        """Take messages for a conversation from now on."""
        self._writer = talk.Writer(conversation, hours, "visitor", author=None, origin=self.id)

    # --- frames ---

    def handle_now(self, frame: Any) -> None:
        match frame:
            case VisitorMessageSend():
                self._send_message(frame)
            case VisitorTyping():
                if self._is_paired():
                    talk.say_typing(self._talk(), "visitor", frame.on, self.id)
            case Ping():
                self._pong(frame)

    async def handle(self, frame: Any) -> None:
        match frame:
            case VisitorRead():
                await talk.mark_read(self._talk(), "visitor", frame.seq, self.id)
            case VisitorLeave():
                await leave(self.ticket)

    def _is_paired(self) -> bool:
        return self.place is not None and self.place.state == "paired"

    def _talk(self) -> uuid.UUID:
        if self.place is None or self.place.conversation is None:
            raise ChatError("not_paired")
        if self.place.state in {"closed", "expired"}:
            raise ChatError("conversation_closed")
        return self.place.conversation

    def _send_message(self, frame: VisitorMessageSend) -> None:
        self.check_message_rate()
        if self._writer is None:
            raise ChatError("not_paired")
        # An ended talk is the committer's to refuse: it knows whether this message was stored before.
        write(frame, self._feed, self._writer, self, partial(MessageAck, frame.id))

    def _pong(self, frame: Ping) -> None:
        self.put(Pong(id=frame.id, server_time=clock.now(), heads=self._heads()))

    def _heads(self) -> dict[str, int] | None:
        """Give the newest seq of the talk that is open: a page that shows another, or none, has missed it."""
        if self._feed is None:
            return None
        return {str(self._feed.conversation): self._feed.head} if self._is_paired() else {}

    # --- events ---

    def hear(self, event: AnyEvent) -> None:
        """Take an event from the hub; never waits."""
        if isinstance(event, TicketTakenOver):
            # one that was held up on its way, by a Redis that was away, tells of a socket before this one
            is_earlier = event.came_ms < self._came_ms
            if event.origin != self.id and not is_earlier:
                self._is_replaced = True
                runtime.current().beside(self.end(CloseCode.CONNECTED_ELSEWHERE))
            return
        if self._early is not None:
            self._early.append(event)
            return
        if isinstance(event, MessagePosted):
            if self._feed is None:
                self._has_missed = True
            elif not self._feed.heard(event):
                self.spawn(self._feed.fill())
        elif isinstance(event, TicketPaired | TicketRequeued | TicketMoved | TicketEnded):
            if isinstance(event, TicketPaired):
                self._listen(uuid.UUID(event.conversation))
            self.spawn(self._reload(event))
        elif event.origin != self.id:
            self._pass_on(event)

    def _pass_on(self, event: AnyEvent) -> None:
        match event:
            case TypingChanged(who="counselor"):
                self.put(Typing(who="counselor", on=event.on))
            case ReadMoved(who="counselor"):
                self.put(Read(who="counselor", seq=event.seq))
            case PresenceChanged(who="counselor"):
                self.put(Presence(who="counselor", online=event.online))

    async def _reload(self, event: AnyEvent | None = None) -> None:
        """Read the place again and tell what has changed: the same way for a hint and for a missed one."""
        async with self._reloading:
            before = self.place
            place = await place_of(self.ticket)
            self.place = place
            self.is_waiting = place.state == "waiting"
            if before is None or (before.state, before.counselor) == (place.state, place.counselor):
                return
            if place.state == "paired" and place.conversation is not None:
                self.put(
                    Paired(
                        conversation=str(place.conversation),
                        counselor=CounselorName(name=place.counselor_name),
                    )
                )
                await self._follow(place, place.conversation, 0)
            elif place.state == "waiting":
                position, estimate = await position_of(place)
                self.told = told(position, estimate)
                reason = event.reason if isinstance(event, TicketRequeued) else "counselor_lost"
                self.put(Requeued(reason=reason, position=position))
            elif before.state not in {"closed", "expired"}:
                if self._feed is not None:
                    await self._feed.fill()
                self.put(Closed(reason=close_reason(place.reason)))

    # --- the ticker ---

    def talks(self) -> Iterable[uuid.UUID]:
        return [self._feed.conversation] if self._feed is not None else []

    def hours(self) -> Iterable[Hours]:
        return [self.place.hours] if self.place is not None else []

    def look(self, talk: uuid.UUID, last_seq: int, state: str) -> None:
        if self._feed is not None and self._feed.is_behind(last_seq):
            self.spawn(self._feed.fill())

    @property
    def score_ms(self) -> int:
        return self.place.score_ms if self.place is not None else 0

    def look_at_ticket(self, standing: Standing) -> None:
        if self.place is not None and (self.place.state, self.place.score_ms) != standing:
            self.spawn(self._reload())

    def tell_place(self, now: Told) -> None:
        self.told = now
        self.put(QueuePosition(position=now.place, estimate=estimate_frame(now.range)))

    def tell_window(self, hours: Hours, closes_at: datetime, ends_at: datetime) -> None:
        is_news = self._window_told != closes_at
        self._window_told = closes_at
        if is_news and self.place is not None and self.place.state in {"waiting", "paired"}:
            self.put(WindowChanged(audience=hours.audience, closes_at=closes_at, ends_at=ends_at))

    def warn(self, closes_at: datetime, ends_at: datetime) -> None:
        if self.place is not None and self.place.state in {"waiting", "paired"}:
            self.put(WindowClosing(closes_at=closes_at, ends_at=ends_at))

    # --- the end ---

    def gone(self) -> None:
        if not self._is_known:
            return
        ticker.current().waiters.discard(self)
        hub = runtime.current().hub
        hub.unsubscribe(ticket_topic(str(self.ticket)), self.hear)
        if self._listened is not None:
            hub.unsubscribe(conversation_topic(str(self._listened)), self.hear)
        if self._feed is not None and not self._is_replaced and not runtime.is_draining():
            runtime.current().beside(say_gone_later(self._feed.conversation, str(self.ticket)))
