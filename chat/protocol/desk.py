"""What a counselor's desk and the server say to each other about the own talks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chat.protocol.base import (
    AvailabilityState,
    Body,
    ClientFrame,
    Cursor,
    FrameId,
    JoinMode,
    NoteKind,
    Seq,
    ServerFrame,
    TalkState,
)
from chat.protocol.talk import ReadMarks


class StaffHello(ClientFrame, tag="hello"):
    """The first frame. `cursors` maps a conversation to the last `seq` that this client has."""

    v: Literal[1]
    cursors: dict[str, Cursor] = msgspec.field(default_factory=dict)


class Activity(ClientFrame, tag="activity"):
    """Somebody has touched the page: the session does not end for want of use. Once a minute at most."""


class AvailabilitySet(ClientFrame, tag="availability.set"):
    """Take new conversations, or take none; how many at once."""

    state: AvailabilityState
    capacity: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None


class StaffMessageSend(ClientFrame, tag="message.send"):
    """Say something in one conversation."""

    conversation: FrameId
    id: FrameId
    body: str


class StaffTyping(ClientFrame, tag="typing"):
    """The counselor writes, or has stopped."""

    conversation: FrameId
    on: bool


class StaffRead(ClientFrame, tag="read"):
    """Everything up to `seq` has been on the screen."""

    conversation: FrameId
    seq: Seq


class ConversationClose(ClientFrame, tag="conversation.close"):
    """End a conversation."""

    conversation: FrameId
    outcome: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    note: Annotated[str, msgspec.Meta(max_length=2000)] | None = None


class ConversationOpen(ClientFrame, tag="conversation.open"):
    """Replay a conversation after `last_seq`."""

    conversation: FrameId
    last_seq: Cursor = 0


class AssignmentConfirm(ClientFrame, tag="assignment.confirm"):
    """The desk has the conversation on its screen. Without it for 20 s the next counselor gets it."""

    conversation: FrameId


class NoteAdd(ClientFrame, tag="note.add"):
    """Write something about a conversation that no visitor sees. Sending it again is safe."""

    conversation: FrameId
    id: FrameId
    body: str


class Me(Body):
    """Who is signed in."""

    id: str
    name: str
    role: str
    organization: str


class Availability(Body):
    """Whether new conversations are taken, and how many at once."""

    state: AvailabilityState
    capacity: int


class VisitorEntry(Body):
    """What the visitor said at entry, and whether they are here. `check_words`: those of the words to check
    that stand in it; a reason to look, not a verdict."""

    nickname: str
    audience: str
    language: str
    topic: str
    note: str
    urgency: int
    online: bool
    check_words: list[str] = msgspec.field(default_factory=list)


class ConversationEntry(Body):
    """One conversation of the desk."""

    conversation: str
    state: TalkState
    visitor: VisitorEntry
    last_seq: int
    read: ReadMarks
    opened_at: datetime
    confirmed: bool
    waited_s: int | None = None


class StaffWelcome(ServerFrame, tag="welcome"):
    """The answer to `hello`: the whole desk. Then the messages after each cursor."""

    v: Literal[1]
    server_time: datetime
    me: Me
    availability: Availability
    conversations: list[ConversationEntry]
    window_closes_at: datetime | None = None


class AvailabilityChanged(ServerFrame, tag="availability"):
    """The availability as it stands now, after `availability.set` in this or another tab."""

    state: AvailabilityState
    capacity: int


class Assigned(ServerFrame, tag="assigned"):
    """A new conversation for this counselor."""

    conversation: str
    state: TalkState
    visitor: VisitorEntry
    last_seq: int
    read: ReadMarks
    opened_at: datetime
    confirmed: bool
    waited_s: int | None = None


class Unassigned(ServerFrame, tag="unassigned"):
    """The conversation is not this counselor's any more."""

    conversation: str
    reason: str


class Note(ServerFrame, tag="note"):
    """A private note on a conversation, or a supervisor's whisper to its counselor. Never to a visitor."""

    conversation: str
    id: str
    kind: NoteKind
    author: str
    body: str
    at: datetime


class Helper(ServerFrame, tag="helper"):
    """A supervisor has come to the counselor's conversation, or has left it. An unseen one is not told."""

    conversation: str
    name: str
    mode: JoinMode
    on: bool
