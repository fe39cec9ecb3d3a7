"""One conversation as one socket has been told it: in order, without holes, nothing twice."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from chat import db
from chat.actions.talk import read_messages
from chat.events import MessagePosted

Acknowledge = Callable[[int, datetime], None]

PAGE = 60  # messages: at their longest half of what a reader may owe


class Line(Protocol):
    """The socket that is told. ``room`` waits until its peer has read most of what was put."""

    id: str

    def room(self) -> Awaitable[None]: ...


class Feed:
    """Pass on messages by ``seq``. ``known`` is the last one that the client has or was sent; it is not
    given beyond the newest, else what comes next would pass for known.

    What arrives out of order makes a hole, and a hole is filled from the database. Own messages are
    acknowledged on this socket and not sent to it; where the rows tell of them first, that is the
    acknowledgment, so that nothing later is told before it.
    """

    def __init__(
        self, conversation: uuid.UUID, known: int, line: Line, emit: Callable[[MessagePosted], None]
    ) -> None:
        self.conversation = conversation
        self.known = known
        self._line = line
        self._emit = emit
        self._own: set[int] = set()
        self._posted: dict[str, list[Acknowledge]] = {}
        self.head = known
        self._filling = asyncio.Lock()

    def posted(self, key: str, acknowledge: Acknowledge) -> None:
        """Note the id of an own message that is being stored, and how its socket is told that it is."""
        self._posted.setdefault(key, []).append(acknowledge)

    def answered(self, key: str, seq: int | None) -> bool:
        """Note what became of it; without a ``seq`` it was refused. False: it has been told already."""
        waiting = self._posted.get(key)
        if not waiting:
            return False
        waiting.pop()
        if not waiting:
            del self._posted[key]
        if seq is not None and seq > self.known:
            self._own.add(seq)
        return True

    def heard(self, event: MessagePosted) -> bool:
        """Take a message from the hub; false when there is a hole before it: then ``fill``."""
        if event.origin == self._line.id and event.seq > self.known:
            self._own.add(event.seq)
        self.head = max(self.head, event.seq)
        if event.seq <= self.known or self._filling.locked():
            return True
        if event.seq > self.known + 1:
            return False
        self._pass(event)
        return True

    def is_behind(self, head: int) -> bool:
        """Tell whether the newest message, as the database knows it, has not been passed on."""
        self.head = max(self.head, head)
        return self.head > self.known and not self._filling.locked()

    async def fill(self) -> None:
        """Pass on everything after ``known`` from the database, no faster than it is read.

        Who asks while it is being done waits for it, and looks once more: what they tell next, that the talk
        has ended, comes after its last words. Raises ChatError ``unavailable``.
        """
        async with self._filling:
            while True:
                messages = await db.run(read_messages, self.conversation, self.known, PAGE)
                for message in messages:
                    self._pass(message)
                self.head = max(self.head, self.known)
                if len(messages) < PAGE and (self.head <= self.known or not messages):
                    return
                await self._line.room()

    def _pass(self, event: MessagePosted) -> None:
        self.known = event.seq
        if event.seq in self._own:
            self._own.discard(event.seq)
            return
        waiting = self._posted.pop(event.id, None)
        if waiting is None:
            self._emit(event)
            return
        for acknowledge in waiting:
            acknowledge(event.seq, event.sent_at)
