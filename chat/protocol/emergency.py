"""A supervisor is called into a talk; help outside is asked for and followed up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from chat.protocol.base import (
    Body,
    ClientFrame,
    EmergencyDecision,
    EmergencyStep,
    FrameId,
    ReferralGround,
    ReferralKind,
    ServerFrame,
)


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


EmergencyFrame = (
    EmergencyCall
    | EmergencyCome
    | EmergencyCheck
    | EmergencyDecide
    | ReferralOpen
    | ReferralFollow
    | DirectoryLook
)


class Emergency(ServerFrame, tag="emergency"):
    """A call for help from a desk: to its counselor and the supervisors within reach, at once and whenever it
    moves on. `second` is the supervisor who has come, `checks` when each question was asked,
    `supervisors_here` how many are signed in who could come: with none, nobody has heard the call."""

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
    supervisors_here: int


class Referral(ServerFrame, tag="referral"):
    """A referral as it stands; to who has just opened it or followed it up, and to the desk that holds the
    talk."""

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
