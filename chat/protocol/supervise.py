"""What a supervisor does: with who waits, with talks, lanes and windows. Each act goes on record with its
reason; ``done`` or an ``error`` answers it by its ``id``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from chat.protocol.base import AudienceName, ClientFrame, FrameId, JoinMode, MaybeReason, Reason


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


QueueFrame = QueueLook | TicketBoost | PairBlock


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


SupervisorFrame = (
    TalksList | ConversationJoin | ConversationPart | ConversationTake | TicketAssign | LaneSet | WindowSet
)
