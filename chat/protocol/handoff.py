"""A talk is offered to another counselor, and becomes theirs or stays."""

from __future__ import annotations

from datetime import datetime

from chat.protocol.base import Body, ClientFrame, FrameId, HandoffState, ServerFrame


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


HandoffFrame = HandoffLook | HandoffOffer | HandoffAccept | HandoffDecline | HandoffCancel


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
