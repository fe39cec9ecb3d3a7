"""What visitors and staff are both told of a talk: messages, marks, signs, the window, refusals."""

from __future__ import annotations

from datetime import datetime

from chat.protocol.base import Body, ClientFrame, CloseReason, FrameId, Person, Sender, ServerFrame


class Ping(ClientFrame, tag="ping"):
    """Ask for a `pong`."""

    id: FrameId | None = None


class CounselorName(Body):
    """The counselor as the visitor sees them."""

    name: str


class ReadMarks(Body):
    """The last `seq` that each side has seen."""

    visitor: int
    counselor: int


class Message(ServerFrame, tag="message"):
    """One message. `seq` runs 1, 2, 3 … in each conversation, without holes."""

    conversation: str
    seq: int
    id: str
    sender: Sender
    body: str
    sent_at: datetime


class MessageAck(ServerFrame, tag="message.ack"):
    """The message is committed. Never sent before."""

    id: str
    seq: int
    sent_at: datetime
    conversation: str | None = None


class Typing(ServerFrame, tag="typing"):
    """The other side writes, or has stopped."""

    who: Person
    on: bool
    conversation: str | None = None


class Read(ServerFrame, tag="read"):
    """The other side has seen everything up to `seq`."""

    who: Person
    seq: int
    conversation: str | None = None


class Presence(ServerFrame, tag="presence"):
    """The other side is here, or is not."""

    who: Person
    online: bool
    conversation: str | None = None


class WindowClosing(ServerFrame, tag="window.closing"):
    """The window ends at `closes_at`, running conversations at `ends_at`."""

    closes_at: datetime
    ends_at: datetime


class WindowChanged(ServerFrame, tag="window.changed"):
    """A supervisor has moved the window's end to `closes_at`; running conversations end at `ends_at`."""

    audience: str
    closes_at: datetime
    ends_at: datetime


class Closed(ServerFrame, tag="closed"):
    """The conversation, or the wait, has ended."""

    reason: CloseReason
    conversation: str | None = None


class Error(ServerFrame, tag="error"):
    """Something was refused; the socket stays. `ref` is the id of the frame at fault."""

    code: str
    ref: str | None = None
    retry_after_s: int | None = None


class Pong(ServerFrame, tag="pong"):
    """The answer to `ping`. `heads` maps each open conversation to its newest `seq`."""

    id: str | None
    server_time: datetime
    heads: dict[str, int] | None = None
