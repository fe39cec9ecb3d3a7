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
    DraftBox,
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
    """Take new conversations, or take none; how many at once. `back_in_s`: away, and available again after so
    long; `wrap_up_s`: so long a pause by itself after each conversation."""

    state: AvailabilityState
    capacity: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    wrap_up_s: Annotated[int, msgspec.Meta(ge=0, le=1800)] | None = None
    back_in_s: Annotated[int, msgspec.Meta(ge=1, le=3600)] | None = None


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


class DraftSave(ClientFrame, tag="draft.save"):
    """Keep what is being written, for the own other devices; an empty body forgets it. `draft` answers."""

    conversation: FrameId
    box: DraftBox
    body: Annotated[str, msgspec.Meta(max_length=4000)]


class WhisperReadSend(ClientFrame, tag="whisper.read"):
    """The counselor has read a supervisor's whisper, and those before it: `whisper.read` tells each of their
    tabs."""

    conversation: FrameId
    whisper: FrameId
    id: FrameId


class ReadyLook(ClientFrame, tag="ready.look"):
    """Ask for the ready sentences: `ready` answers."""


class ConversationRecord(ClientFrame, tag="conversation.record"):
    """Note what came of a conversation that one held and somebody else has ended, within two hours, once."""

    conversation: FrameId
    id: FrameId
    outcome: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class Me(Body):
    """Who is signed in."""

    id: str
    name: str
    role: str
    organization: str


class Availability(Body, omit_defaults=True):
    """Whether new conversations are taken, and how many at once. `back_at`: when a pause ends by itself."""

    state: AvailabilityState
    capacity: int
    wrap_up_s: int = 0
    back_at: datetime | None = None


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
    """The availability as it stands now: after `availability.set` in this or another tab, and where a pause
    begins or ends by itself."""

    state: AvailabilityState
    capacity: int
    wrap_up_s: int = 0
    back_at: datetime | None = None


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
    """A private note on a conversation, or a supervisor's whisper to its counselor. Never to a visitor.
    `is_read`: the counselor who is told has read the whisper before."""

    conversation: str
    id: str
    kind: NoteKind
    author: str
    body: str
    at: datetime
    is_read: bool = False


class WhisperRead(ServerFrame, tag="whisper.read"):
    """The counselor has read a whisper, and those before it, in this or another tab."""

    conversation: str
    whisper: str


class ReadyGroup(Body):
    """Ready sentences under one heading, in one language."""

    title: str
    language: str
    sentences: list[str]


class Ready(ServerFrame, tag="ready"):
    """The ready sentences that the counselor may choose from: after `ready.look`, and whenever they are
    changed."""

    groups: list[ReadyGroup]


class Helper(ServerFrame, tag="helper"):
    """A supervisor has come to the counselor's conversation, or has left it. An unseen one is not told."""

    conversation: str
    name: str
    mode: JoinMode
    on: bool


class Draft(ServerFrame, tag="draft"):
    """What stands in a box of the counselor's, as the server keeps it: to each of their tabs, after the
    conversation's notes and whenever it is saved."""

    conversation: str
    box: DraftBox
    body: str
