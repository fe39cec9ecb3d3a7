"""The wire, version 1: every frame both ways, every close and error code.

``docs/protocol.md`` and ``docs/asyncapi.yaml`` are generated from these types
(``manage.py write_protocol_docs``); a docstring here is a sentence there.
Instants are RFC 3339 with an offset. A field that a client sends and that does
not stand here makes the frame a ``bad_frame``.
"""

from __future__ import annotations

import msgspec

# ruff: noqa: F403, F405 — one name to whoever speaks the contract, a room for each part to whoever changes it
from chat.protocol.base import *
from chat.protocol.board import *
from chat.protocol.desk import *
from chat.protocol.emergency import *
from chat.protocol.handoff import *
from chat.protocol.supervise import *
from chat.protocol.talk import *
from chat.protocol.visitor import *

VisitorFrame = VisitorHello | VisitorMessageSend | VisitorTyping | VisitorRead | VisitorLeave | Ping

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
    | QueueFrame
    | NoteAdd
    | DraftSave
    | WhisperReadSend
    | ReadyLook
    | ConversationRecord
    | HandoffFrame
    | EmergencyFrame
    | SupervisorFrame
    | BoardFrame
    | Ping
)

VISITOR_SERVER_FRAMES: tuple[type[ServerFrame], ...] = (
    VisitorWelcome, QueuePosition, Paired, Requeued, Message, MessageAck, Typing, Read, Presence,
    WindowClosing, WindowChanged, Closed, Error, Pong,
)  # fmt: skip
STAFF_SERVER_FRAMES: tuple[type[ServerFrame], ...] = (
    StaffWelcome, Assigned, Unassigned, AvailabilityChanged, QueueStats, Message, MessageAck, Typing,
    Read, Presence, WindowClosing, WindowChanged, Closed, Error, Pong, QueueTickets, Done, Note, Talks,
    Joined, Parted, Helper, HandoffChoices, Handoff, Emergency, Referral, Directory,
    Alarms, Curves, Referrals, Draft, WhisperRead, Ready,
)  # fmt: skip

visitor_decoder = msgspec.json.Decoder(VisitorFrame)
staff_decoder = msgspec.json.Decoder(StaffFrame)
