"""One conversation as one socket has been told it: in order, without holes, nothing twice."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import Protocol

from chat import db
from chat.actions.talk import read_messages
from chat.events import MessagePosted

PAGE = 60  # messages: at their longest half of what a reader may owe


class Line(Protocol):
    """The socket that is told. ``room`` waits until its peer has read most of what was put."""

    id: str

    def room(self) -> Awaitable[None]: ...


class Feed:
    """Pass on messages by ``seq``. ``known`` is the last one that the client has or was sent; it is not
    given beyond the newest, else what comes next would pass for known.

    What arrives out of order makes a hole, and a hole is filled from the database. Own messages are
    acknowledged on this socket and not sent to it, not even where the rows tell of them first.
    """

    def __init__(
        self, conversation: uuid.UUID, known: int, line: Line, emit: Callable[[MessagePosted], None]
    ) -> None:
        self.conversation = conversation
        self.known = known
        self._line = line
        self._emit = emit
        self._own: set[int] = set()
        self._posted: set[str] = set()
        self.head = known
        self._is_filling = False

    def posted(self, key: str) -> None:
        """Note the id of an own message that is being stored."""
        self._posted.add(key)

    def answered(self, key: str, seq: int | None) -> None:
        """Note that it is known by its acknowledgment now; without a ``seq`` it was refused."""
        self._posted.discard(key)
        if seq is not None and seq > self.known:
            self._own.add(seq)

    def heard(self, event: MessagePosted) -> bool:
        """Take a message from the hub; false when there is a hole before it: then ``fill``."""
        if event.origin == self._line.id and event.seq > self.known:
            self._own.add(event.seq)
        self.head = max(self.head, event.seq)
        if event.seq <= self.known or self._is_filling:
            return True
        if event.seq > self.known + 1:
            return False
        self._pass(event)
        return True

    def is_behind(self, head: int) -> bool:
        """Tell whether the newest message, as the database knows it, has not been passed on."""
        self.head = max(self.head, head)
        return self.head > self.known and not self._is_filling

    async def fill(self) -> None:
        """Pass on everything after ``known`` from the database, no faster than it is read.

        Raises ChatError ``unavailable``.
        """
        if self._is_filling:
            return
        self._is_filling = True
        try:
            while True:
                messages = await db.run(read_messages, self.conversation, self.known, PAGE)
                for message in messages:
                    self._pass(message)
                self.head = max(self.head, self.known)
                if len(messages) < PAGE and (self.head <= self.known or not messages):
                    return
                await self._line.room()
        finally:
            self._is_filling = False

    def _pass(self, event: MessagePosted) -> None:
        self.known = event.seq
        if event.seq in self._own:
            self._own.discard(event.seq)
        elif event.id not in self._posted:
            self._emit(event)
