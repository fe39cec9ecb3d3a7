"""What a visitor's page and the server say to each other."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chat.protocol.base import Body, ClientFrame, Cursor, FrameId, Seq, ServerFrame, TalkState
from chat.protocol.talk import CounselorName, ReadMarks


class VisitorHello(ClientFrame, tag="hello"):
    """The first frame, within 10 s. Everything after `last_seq` is sent again."""

    v: Literal[1]
    token: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    last_seq: Cursor = 0


class VisitorMessageSend(ClientFrame, tag="message.send"):
    """Say something. `id` is a UUID that the sender chooses; sending it again is safe."""

    id: FrameId
    body: str


class VisitorTyping(ClientFrame, tag="typing"):
    """The visitor writes, or has stopped."""

    on: bool


class VisitorRead(ClientFrame, tag="read"):
    """Everything up to `seq` has been on the screen."""

    seq: Seq


class VisitorLeave(ClientFrame, tag="leave"):
    """Leave the queue, or end the conversation."""


class Estimate(Body):
    """A range in seconds; `by_close` is false when it may not be your turn before the window ends."""

    low_s: int
    high_s: int
    by_close: bool


class VisitorWelcome(ServerFrame, tag="welcome"):
    """The answer to `hello`: the whole state. Then every `message` after `last_seq`, in order."""

    v: Literal[1]
    state: TalkState
    server_time: datetime
    window_closes_at: datetime | None
    position: int | None
    estimate: Estimate | None
    conversation: str | None
    counselor: CounselorName | None
    last_seq: int
    read: ReadMarks
    reason: str | None = None


class QueuePosition(ServerFrame, tag="queue.position"):
    """The place in the lane, 1 being next; exact up to 100, further back rounded up to a mark."""

    position: int
    estimate: Estimate | None


class Paired(ServerFrame, tag="paired"):
    """A counselor is here."""

    conversation: str
    counselor: CounselorName


class Requeued(ServerFrame, tag="requeued"):
    """The counselor was lost; the visitor stands in front of the lane."""

    reason: str
    position: int | None
