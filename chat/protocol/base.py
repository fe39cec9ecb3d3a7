"""What every frame is made of, and the close and error codes."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Literal

import msgspec

VERSION = 1
MAX_FRAME_BYTES = 16 * 1024
MAX_BODY_CHARS = 2000
HELLO_WITHIN_S = 10

JoinMode = Literal["unseen", "whisper", "open"]
AlarmKind = Literal["queue_length", "wait", "nobody", "one_left", "vanished", "child_late", "mail_overdue"]
EmergencyStep = Literal["danger", "means", "place", "who_is_near", "next_hour"]
EmergencyDecision = Literal["watch", "guide", "refer"]
ReferralGround = Literal["consent", "danger_to_life"]
ReferralKind = Literal[
    "local_government", "self_reliance", "welfare_office", "police", "child_guidance", "other"
]
HandoffState = Literal["offered", "accepted", "declined", "cancelled", "expired"]
NoteKind = Literal["note", "whisper"]
DraftBox = Literal["message", "note"]
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
