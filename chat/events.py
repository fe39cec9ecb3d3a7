"""Internal events: what one action tells every process, and the topics they travel on.

An event is a hint. The row is the truth: whoever misses one catches up by ``seq``
or by asking again. Published after commit, never before.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class Event(msgspec.Struct, tag_field="t", array_like=True, kw_only=True):
    """``origin`` is the socket that caused it, or empty."""

    origin: str = ""


class MessagePosted(Event, tag="m"):
    conversation: str
    seq: int
    id: str
    sender: str
    body: str
    sent_at: datetime


class TypingChanged(Event, tag="ty"):
    conversation: str
    who: str
    on: bool


class ReadMoved(Event, tag="r"):
    conversation: str
    who: str
    seq: int


class PresenceChanged(Event, tag="p"):
    conversation: str
    who: str
    online: bool


class TicketPaired(Event, tag="tp"):
    """A counselor has the ticket: to the visitor's sockets and to the counselor's."""

    ticket: str
    conversation: str
    counselor: str
    counselor_name: str


class TicketRequeued(Event, tag="tq"):
    ticket: str
    conversation: str
    reason: str


class TicketMoved(Event, tag="tm"):
    """The ticket's place was changed by a supervisor: its row has another score."""

    ticket: str


class TicketEnded(Event, tag="te"):
    """The ticket left, expired or its conversation closed."""

    ticket: str
    conversation: str
    reason: str


class TicketTakenOver(Event, tag="tt"):
    """The ticket's visitor has connected with another socket, ``origin``, at ``came_ms``."""

    ticket: str
    came_ms: int = 0


class ConversationUnassigned(Event, tag="u"):
    conversation: str
    counselor: str
    reason: str


class NoteAdded(Event, tag="n"):
    """A private note, on a topic of its own that no visitor's socket listens to."""

    conversation: str
    id: str
    kind: str
    author: str
    body: str
    at: datetime


class HelperCame(Event, tag="h"):
    """A supervisor has come to a conversation, or has left it; on the notes' topic."""

    conversation: str
    name: str
    mode: str
    on: bool


class WhisperRead(Event, tag="wr"):
    """A counselor has read a whisper, and those before it: on the counselor's own topic."""

    conversation: str
    whisper: str


class ReferralChanged(Event, tag="rf"):
    """A referral was opened or followed up, on the notes' topic: those concerned read it."""

    conversation: str
    referral: str


class EmergencyChanged(Event, tag="em"):
    """A counselor has called for help, or the call has moved on: those concerned read it."""

    emergency: str


class HandoffChanged(Event, tag="ho"):
    """A talk is offered, or the offer has ended: those concerned read it."""

    handoff: str


class AlarmsChanged(Event, tag="al"):
    """An alarm rose, ended or was acknowledged, or a threshold was set: boards read them anew."""


class CounselorChanged(Event, tag="cc"):
    """Availability or capacity was set."""

    counselor: str
    state: str
    capacity: int
    wrap_up_s: int = 0
    back_at: datetime | None = None


class DraftSaved(Event, tag="d"):
    """A counselor's draft, to their other tabs and devices alone: on the counselor's own topic."""

    conversation: str
    box: str
    body: str


class ReadyChanged(Event, tag="rd"):
    """The ready sentences of an organization were changed; where it is empty, those of everybody."""

    organization: str


class StaffRevoked(Event, tag="sr"):
    """Signed out, or rights taken away: the user's sockets look again."""

    user: str


class LaneChanged(Event, tag="l"):
    """Someone entered or left a lane. ``urgent``: it went from empty to waiting."""

    audience: str
    language: str
    urgent: bool = False


AnyEvent = (
    MessagePosted
    | TypingChanged
    | ReadMoved
    | PresenceChanged
    | TicketPaired
    | TicketRequeued
    | TicketMoved
    | TicketEnded
    | TicketTakenOver
    | ConversationUnassigned
    | NoteAdded
    | HelperCame
    | WhisperRead
    | ReferralChanged
    | HandoffChanged
    | EmergencyChanged
    | AlarmsChanged
    | CounselorChanged
    | DraftSaved
    | ReadyChanged
    | StaffRevoked
    | LaneChanged
)


def conversation_topic(conversation: str) -> str:
    return f"c:{conversation}"


def notes_topic(conversation: str) -> str:
    return f"n:{conversation}"


def ticket_topic(ticket: str) -> str:
    return f"t:{ticket}"


def counselor_topic(counselor: str) -> str:
    return f"s:{counselor}"


def user_topic(user: str) -> str:
    return f"u:{user}"


ALARMS_TOPIC = "alarms"
EMERGENCIES_TOPIC = "emergencies"
LANES_TOPIC = "lanes"
READY_TOPIC = "ready"
