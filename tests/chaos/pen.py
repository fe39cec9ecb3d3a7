"""One person's part in one talk: the outbox of their page, and a record of all that it was told."""

from __future__ import annotations

import uuid
from typing import Any

from tests.chaos.checker import Ack, History, Message, Session


class Pen:
    """As ``outbox.js`` and ``state.js`` have it: what is not acked is kept, and sent again, with its id,
    in the order of writing, one after the other; ``known`` is up to where nothing is missing."""

    def __init__(self, client: str, side: str, conversation: str) -> None:
        self.history = History(client, side, conversation)
        self.known = 0
        self._ahead: set[int] = set()
        self._unacked: dict[str, str] = {}
        self._in_flight: str | None = None

    @property
    def session(self) -> Session:
        return self.history.sessions[-1]

    @property
    def is_settled(self) -> bool:
        return not self._unacked

    def begin(self) -> int:
        """Come back: on a new line, nothing is on its way. Give what the hello says is known."""
        self.history.sessions.append(Session(self.known))
        self._in_flight = None
        return self.known

    def write(self, body: str) -> None:
        key = str(uuid.uuid4())
        self.history.written[key] = self._unacked[key] = body

    def next(self) -> tuple[str, str] | None:
        """Take the next message to send, if none is on its way."""
        if self._in_flight is not None or not self._unacked:
            return None
        self._in_flight = next(iter(self._unacked))
        return self._in_flight, self._unacked[self._in_flight]

    def refused(self, key: str) -> None:
        """Keep what was on its way: it will be sent again."""
        if self._in_flight == key:
            self._in_flight = None

    def start_over(self) -> None:
        """Be shown the talk from its first message on this line."""
        self.history.sessions.append(Session())

    def take(self, frame: dict[str, Any]) -> None:
        """Take a ``message`` or a ``message.ack``."""
        if frame["type"] == "message":
            line: Message | Ack = Message(frame["seq"], frame["id"], frame["sender"], frame["body"])
        else:
            line = Ack(frame["seq"], frame["id"])
        self.session.lines.append(line)
        self._unacked.pop(line.id, None)
        if self._in_flight == line.id:
            self._in_flight = None
        self._ahead.add(line.seq)
        while self.known + 1 in self._ahead:
            self.known += 1
            self._ahead.discard(self.known)

    def finish(self) -> History:
        """Give the history, with what has no ack in the end."""
        self.history.unsent = set(self._unacked)
        return self.history
