"""One message from a socket into a talk, and its one answer: visitor's, counselor's and helper's alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from chat.actions.talk import Writer
from chat.committer import Outcome, Posted
from chat.consumers.feed import Feed
from chat.protocol import ServerFrame
from chat.rules.errors import ChatError


class Line(Protocol):
    """The socket that is answered."""

    def put(self, frame: ServerFrame) -> None: ...
    def tell_error(self, error: ChatError, ref: str | None = None) -> None: ...


class Said(Protocol):
    """The frame: a message under the id that its sender chose."""

    @property
    def id(self) -> str: ...
    @property
    def body(self) -> str: ...


def write(
    frame: Said, feed: Feed | None, writer: Writer, line: Line, ack: Callable[[int, datetime], ServerFrame]
) -> None:
    """Post a message; ``line`` gets ``ack``'s frame when it is stored, or the refusal. Raises ChatError.

    The rows may tell of it before the committer answers: then that is the acknowledgment. A letter, which
    writes and hears nothing, has no ``feed``.
    """

    def answer(outcome: Outcome) -> None:
        seq = outcome.seq if isinstance(outcome, Posted) else None
        if feed is not None and not feed.answered(key, seq):
            return
        if isinstance(outcome, Posted):
            line.put(ack(outcome.seq, outcome.sent_at))
        else:
            line.tell_error(ChatError(outcome), frame.id)

    key = writer.post(frame.id, frame.body, answer)
    if feed is not None:
        feed.posted(key, lambda seq, at: line.put(ack(seq, at)))
