"""A socket's life, and how it ends."""

from __future__ import annotations

import enum

from chat.protocol import CloseCode


class Life(enum.Enum):
    """A socket's life."""

    GREETING = enum.auto()
    LIVE = enum.auto()
    ENDED = enum.auto()


class Ended(Exception):
    """The socket is over, with this close code; None when the peer ended it."""

    def __init__(self, code: CloseCode | None = None) -> None:
        super().__init__(code)
        self.code = code
