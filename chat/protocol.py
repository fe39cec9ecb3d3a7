"""The wire, version 1: every frame both ways, every close and error code.

``docs/protocol.md`` and ``docs/asyncapi.yaml`` are generated from these types
(``manage.py write_protocol_docs``); a docstring here is a sentence there.
Instants are RFC 3339 with an offset. A field that a client sends and that does
not stand here makes the frame a ``bad_frame``.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Annotated, Literal

import msgspec

VERSION = 1
MAX_FRAME_BYTES = 16 * 1024
MAX_BODY_CHARS = 2000
HELLO_WITHIN_S = 10

JoinMode = Literal["unseen", "whisper", "open"]
EmergencyStep = Literal["danger", "means", "place", "who_is_near", "next_hour"]
EmergencyDecision = Literal["watch", "guide", "refer"]
ReferralGround = Literal["consent", "danger_to_life"]
ReferralKind = Literal[
    "local_government", "self_reliance", "welfare_office", "police", "child_guidance", "other"
]
HandoffState = Literal["offered", "accepted", "declined", "cancelled", "expired"]
NoteKind = Literal["note", "whisper"]
Sender = Literal["visitor", "counselor", "system"]
Person = Literal["visitor", "counselor"]
TalkState = Literal["waiting", "paired", "closed", "expired"]
CloseReason = Literal["counselor", "visitor", "window", "campaign", "idle", "expired"]
AvailabilityState = Literal["available", "away"]
AudienceName = Literal["youth", "general"]

FrameId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Seq = Annotated[int, msgspec.Meta(ge=0)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
MaybeReason = Annotated[str, msgspec.Meta(max_length=200)]
Cursor = Annotated[int, msgspec.Meta(ge=0)]


class CloseCode(IntEnum):
    """Why the server ended a socket."""

    GOING_AWAY = 1001
    FRAME_TOO_BIG = 1009
    BAD_FRAMES = 4400
    BAD_CREDENTIALS = 4401
    NOT_ALLOWED = 4403
    NO_HELLO = 4408
    CONNECTED_ELSEWHERE = 4409
    TOO_MANY = 4429


CLOSE_CODE_MEANINGS: dict[CloseCode, str] = {
    CloseCode.GOING_AWAY: "The server is going away: connect again, with jitter.",
    CloseCode.FRAME_TOO_BIG: "A frame over 16 KiB.",
    CloseCode.BAD_FRAMES: "The third bad frame within a minute; each got an `error` first.",
    CloseCode.BAD_CREDENTIALS: "No credentials, or bad ones.",
    CloseCode.NOT_ALLOWED: "Not allowed.",
    CloseCode.NO_HELLO: "No `hello` within 10 s.",
    CloseCode.CONNECTED_ELSEWHERE: "The same ticket connected again elsewhere; this socket ends.",
    CloseCode.TOO_MANY: "Too many frames.",
}

ERROR_CODE_MEANINGS: dict[str, str] = {
    "bad_frame": "Not a frame of this contract: malformed, unknown, or with an unknown field.",
    "body_empty": "The body holds nothing but white space.",
    "body_too_long": "The body has more than 2,000 characters.",
    "not_paired": "No counselor holds this conversation (or you do not hold it any more).",
    "conversation_closed": "The conversation has ended.",
    "not_found": "Unknown, or not yours: the two look alike.",
    "not_allowed": "Your role does not do this.",
    "no_room": "The counselor holds as many conversations as they take, or does not take any now.",
    "reason_needed": "The act goes on record with a reason: say one.",
    "show_again": "Show anew who you are (at `/staff/again/`), then send it again.",
    "offered_already": "The conversation is offered to somebody already.",
    "hours_unfit": "The window can not end then: not in the past, not a day long, not outside the campaign.",
    "too_many": "Too many frames; `retry_after_s` says when to go on.",
    "unavailable": "A store is down; nothing was half done, send it again.",
}


class ClientFrame(msgspec.Struct, tag_field="type", forbid_unknown_fields=True, kw_only=True, gc=False):
    """What a client sends."""


class ServerFrame(msgspec.Struct, tag_field="type", kw_only=True, omit_defaults=True):
    """What the server sends. A client ignores fields that it does not know."""


class Body(msgspec.Struct, kw_only=True):
    """A part of a frame."""


# --- Visitor → server ---


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


class Ping(ClientFrame, tag="ping"):
    """Ask for a `pong`."""

    id: FrameId | None = None


VisitorFrame = VisitorHello | VisitorMessageSend | VisitorTyping | VisitorRead | VisitorLeave | Ping


# --- Staff → server ---


class StaffHello(ClientFrame, tag="hello"):
    """The first frame. `cursors` maps a conversation to the last `seq` that this client has."""

    v: Literal[1]
    cursors: dict[str, Cursor] = {}


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


class QueueLook(ClientFrame, tag="queue.look"):
    """Ask who waits in a lane, the first `limit` of it. Supervisors only."""

    audience: AudienceName
    language: Annotated[str, msgspec.Meta(max_length=16)] = "ja"
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


class TicketBoost(ClientFrame, tag="ticket.boost"):
    """Raise or lower a ticket that waits to where this urgency stands, on record. Supervisors only."""

    ticket: FrameId
    urgency: Annotated[int, msgspec.Meta(ge=0, le=3)]
    reason: Reason
    id: FrameId | None = None


class PairBlock(ClientFrame, tag="pair.block"):
    """Keep a visitor from a counselor; a talk that they have goes to another. Supervisors only."""

    ticket: FrameId
    counselor: FrameId
    reason: Reason
    id: FrameId | None = None


class NoteAdd(ClientFrame, tag="note.add"):
    """Write something about a conversation that no visitor sees. Sending it again is safe."""

    conversation: FrameId
    id: FrameId
    body: str


# Acts of supervisors. Each goes on record with its reason; `done` or an `error` answers it by its `id`.


class HandoffLook(ClientFrame, tag="handoff.look"):
    """Ask who could take a conversation over now: `handoff.choices` answers."""

    conversation: FrameId


class HandoffOffer(ClientFrame, tag="handoff.offer"):
    """Offer a conversation, with a summary, to a counselor; without one to whoever of its lane has room."""

    conversation: FrameId
    id: FrameId
    summary: str
    counselor: FrameId | None = None


class HandoffAccept(ClientFrame, tag="handoff.accept"):
    """Take a conversation that is offered; `assigned` follows."""

    handoff: FrameId
    id: FrameId


class HandoffDecline(ClientFrame, tag="handoff.decline"):
    """Say no to an offer that names oneself."""

    handoff: FrameId
    id: FrameId


class HandoffCancel(ClientFrame, tag="handoff.cancel"):
    """Take an own offer back."""

    handoff: FrameId
    id: FrameId


class EmergencyCall(ClientFrame, tag="emergency.call"):
    """Call a supervisor into a conversation, at once. A drill is marked as one."""

    conversation: FrameId
    id: FrameId
    drill: bool = False


class EmergencyCome(ClientFrame, tag="emergency.come"):
    """Answer a call, as a supervisor: one is the second person now."""

    emergency: FrameId
    id: FrameId


class EmergencyCheck(ClientFrame, tag="emergency.check"):
    """A question of the checklist was asked."""

    emergency: FrameId
    id: FrameId
    step: EmergencyStep


class EmergencyDecide(ClientFrame, tag="emergency.decide"):
    """Decide, as a supervisor, and end the call. To refer needs a ground."""

    emergency: FrameId
    id: FrameId
    decision: EmergencyDecision
    words: str
    ground: ReferralGround | None = None


class ReferralOpen(ClientFrame, tag="referral.open"):
    """Put on record that help outside is asked for: the least that the service must know."""

    conversation: FrameId
    id: FrameId
    kind: ReferralKind
    service: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    ground: ReferralGround
    facts: str
    drill: bool = False


class ReferralFollow(ClientFrame, tag="referral.follow"):
    """The service was called: who answered, what follows, and whether it is closed."""

    referral: FrameId
    id: FrameId
    answered_by: str = ""
    follows: str = ""
    closed: bool = False


class DirectoryLook(ClientFrame, tag="directory.look"):
    """Ask for the services outside; in a drill they come without numbers."""

    kind: ReferralKind | None = None
    drill: bool = False


class TalksList(ClientFrame, tag="talks.list"):
    """Ask which conversations are open, within one's reach: `talks` answers."""


class ConversationJoin(ClientFrame, tag="conversation.join"):
    """Come to a conversation: unseen, as a whisper to its counselor, or in the open. `joined` answers."""

    conversation: FrameId
    id: FrameId
    mode: JoinMode
    reason: MaybeReason = ""


class ConversationPart(ClientFrame, tag="conversation.part"):
    """Leave a conversation that one has joined."""

    conversation: FrameId
    id: FrameId


class ConversationTake(ClientFrame, tag="conversation.take"):
    """Take a conversation over from its counselor; `assigned` follows."""

    conversation: FrameId
    id: FrameId
    reason: MaybeReason = ""


class TicketAssign(ClientFrame, tag="ticket.assign"):
    """Give a waiting ticket to a counselor who has room."""

    ticket: FrameId
    counselor: FrameId
    id: FrameId
    reason: MaybeReason = ""


class LaneSet(ClientFrame, tag="lane.set"):
    """Open a lane for new tickets, or stop it; without a language all of the audience's."""

    audience: Annotated[str, msgspec.Meta(max_length=8)]
    id: FrameId
    accepting: bool
    language: Annotated[str, msgspec.Meta(max_length=16)] | None = None
    reason: MaybeReason = ""


class WindowSet(ClientFrame, tag="window.set"):
    """Let the chat's window that is open now, or next today, end at another instant."""

    audience: Annotated[str, msgspec.Meta(max_length=8)]
    id: FrameId
    closes_at: datetime
    reason: MaybeReason = ""


class Activity(ClientFrame, tag="activity"):
    """Somebody has touched the page: the session does not end for want of use. Once a minute at most."""


StaffFrame = (
    StaffHello
    | Activity
    | AvailabilitySet
    | StaffMessageSend
    | StaffTyping
    | StaffRead
    | ConversationClose
    | ConversationOpen
    | AssignmentConfirm
    | QueueLook
    | TicketBoost
    | PairBlock
    | NoteAdd
    | HandoffLook
    | HandoffOffer
    | HandoffAccept
    | HandoffDecline
    | HandoffCancel
    | EmergencyCall
    | EmergencyCome
    | EmergencyCheck
    | EmergencyDecide
    | ReferralOpen
    | ReferralFollow
    | DirectoryLook
    | TalksList
    | ConversationJoin
    | ConversationPart
    | ConversationTake
    | TicketAssign
    | LaneSet
    | WindowSet
    | Ping
)


# --- Server → client ---


class Estimate(Body):
    """A range in seconds; `by_close` is false when it may not be your turn before the window ends."""

    low_s: int
    high_s: int
    by_close: bool


class CounselorName(Body):
    """The counselor as the visitor sees them."""

    name: str


class ReadMarks(Body):
    """The last `seq` that each side has seen."""

    visitor: int
    counselor: int


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
    check_words: list[str] = []


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


class HandoffChoice(Body):
    """A counselor who could take the conversation now, and how many more they take."""

    counselor: str
    name: str
    organization: str
    free: int


class HandoffChoices(ServerFrame, tag="handoff.choices"):
    """Who could take the conversation: available, with room, and serving its lane."""

    conversation: str
    counselors: list[HandoffChoice]


class Handoff(ServerFrame, tag="handoff"):
    """An offer, to its giver and to who may accept it, and what becomes of it; until it is accepted the giver
    keeps the conversation. `to` is null where it is offered to the lane: then other organizations see the
    `summary` once they have accepted."""

    handoff: str
    conversation: str
    state: HandoffState
    is_own: bool
    giver: str
    to: str | None
    audience: str
    language: str
    urgency: int
    summary: str
    expires_at: datetime


class Emergency(ServerFrame, tag="emergency"):
    """A call for help from a desk: to its counselor and the supervisors within reach, at once and whenever it
    moves on. `second` is the supervisor who has come, `checks` when each question was asked."""

    emergency: str
    conversation: str
    called_by: str
    called_at: datetime
    drill: bool
    second: str | None
    came_at: datetime | None
    checks: dict[str, str]
    decision: str | None
    ground: str | None


class Referral(ServerFrame, tag="referral"):
    """A referral as it stands; to who has just opened it or followed it up."""

    referral: str
    conversation: str
    kind: ReferralKind
    service: str
    opened_at: datetime
    called_at: datetime | None
    closed_at: datetime | None
    drill: bool


class DirectoryEntry(Body):
    """A service outside, with its hours as they are written."""

    kind: str
    name: str
    area: str
    phone: str
    hours: str
    new_year_hours: str


class Directory(ServerFrame, tag="directory"):
    """The services outside."""

    services: list[DirectoryEntry]
    drill: bool


class TalkRow(Body):
    """One open conversation as the board shows it: no word of it. `counselor` is null while the visitor waits
    again, `silent_s` since the last message. `reach`: `own`, or `with_reason`."""

    conversation: str
    counselor: str | None
    name: str
    organization: str
    audience: str
    language: str
    urgency: int
    opened_at: datetime
    silent_s: int
    reach: str


class Talks(ServerFrame, tag="talks"):
    """The open conversations within one's reach, the oldest first."""

    talks: list[TalkRow]


class Joined(ServerFrame, tag="joined"):
    """The conversation that one has come to. Then its notes, and every message."""

    conversation: str
    mode: JoinMode
    counselor: str
    visitor: VisitorEntry
    last_seq: int
    read: ReadMarks
    opened_at: datetime


class Parted(ServerFrame, tag="parted"):
    """One is not in the conversation any more."""

    conversation: str
    reason: str


class Helper(ServerFrame, tag="helper"):
    """A supervisor has come to the counselor's conversation, or has left it. An unseen one is not told."""

    conversation: str
    name: str
    mode: JoinMode
    on: bool


class LaneStats(Body):
    """One lane: how many wait, and how long the first has waited."""

    audience: str
    language: str
    waiting: int
    oldest_wait_s: int
    accepting: bool = True


class CounselorCounts(Body):
    """`busy`: available, and holding as many conversations as they take."""

    available: int
    busy: int
    away: int


class CounselorLoad(Body):
    """One counselor, for the supervisor's board. `state`: available, busy or away."""

    id: str
    name: str
    organization: str
    state: str
    load: int
    capacity: int
    online: bool


class QueueStats(ServerFrame, tag="queue.stats"):
    """The queue now; at most once a second. Supervisors also get `people`."""

    lanes: list[LaneStats]
    counselors: CounselorCounts
    free_slots: int
    people: list[CounselorLoad] | None = None


class WaitingEntry(Body):
    """Somebody who waits. `urgency` is what they said, `precedence` by what they stand in the lane."""

    ticket: str
    position: int
    opened_at: datetime
    urgency: int
    precedence: int
    check_words: list[str]
    online: bool


class QueueTickets(ServerFrame, tag="queue.tickets"):
    """Who waits in a lane, next one first: the answer to `queue.look`, and after `ticket.boost`."""

    audience: str
    language: str
    tickets: list[WaitingEntry]


class Done(ServerFrame, tag="done"):
    """What a supervisor asked for is done and on record. `id` is that of the frame."""

    id: str | None


VISITOR_SERVER_FRAMES: tuple[type[ServerFrame], ...] = (
    VisitorWelcome, QueuePosition, Paired, Requeued, Message, MessageAck, Typing, Read, Presence,
    WindowClosing, WindowChanged, Closed, Error, Pong,
)  # fmt: skip
STAFF_SERVER_FRAMES: tuple[type[ServerFrame], ...] = (
    StaffWelcome, Assigned, Unassigned, AvailabilityChanged, QueueStats, Message, MessageAck, Typing,
    Read, Presence, WindowClosing, WindowChanged, Closed, Error, Pong, QueueTickets, Done, Note, Talks,
    Joined, Parted, Helper, HandoffChoices, Handoff, Emergency, Referral, Directory,
)  # fmt: skip

visitor_decoder = msgspec.json.Decoder(VisitorFrame)
staff_decoder = msgspec.json.Decoder(StaffFrame)
_encoder = msgspec.json.Encoder()


def encode(frame: ServerFrame) -> bytes:
    """Give a frame's text in UTF-8. Optional fields that do not apply are left out, required ones never."""
    return _encoder.encode(frame)


def has_forbidden_characters(text: str) -> bool:
    """Tell whether text holds what no store or screen can keep: NUL, other control characters
    (tab and line breaks are text), or a lone surrogate."""
    return any(
        (ch < " " and ch not in "\t\n\r") or "\x7f" <= ch <= "\x9f" or "\ud800" <= ch <= "\udfff"
        for ch in text
    )
