"""Writing into a talk from a socket of the staff: its holder's, or a supervisor's who has joined openly."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine
from typing import Any, Protocol

from chat.actions.talk import Writer
from chat.consumers.feed import Feed
from chat.consumers.writing import write
from chat.events import AnyEvent
from chat.protocol import ServerFrame, StaffMessageSend
from chat.rules.errors import ChatError
from staff.frames import ack_frame


class Tab(Protocol):
    """The socket that shows conversations."""

    id: str

    def put(self, frame: ServerFrame) -> None: ...
    def tell_error(self, error: ChatError, ref: str | None = None) -> None: ...
    def check_message_rate(self) -> None: ...
    def spawn(self, work: Coroutine[Any, Any, None]) -> None: ...
    def hear(self, event: AnyEvent) -> None: ...
    def room(self) -> Awaitable[None]: ...


class Written(Protocol):
    """A conversation as the socket has it."""

    feed: Feed
    writer: Writer


def write_into(conversation: Written, frame: StaffMessageSend, tab: Tab) -> None:
    """Post a message; its socket is answered when it is stored, once. Raises ChatError."""
    write(frame, conversation.feed, conversation.writer, tab, lambda seq, at: ack_frame(frame, seq, at))
