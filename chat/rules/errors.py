"""Refusals as data, and the one exception that actions raise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chat.rules.types import Audience, Channel

RefusalCode = Literal["campaign_not_started", "campaign_over", "outside_window", "queue_closed"]
ErrorCode = Literal[
    "invalid",
    "not_found",
    "not_allowed",
    "not_paired",
    "conversation_closed",
    "body_empty",
    "body_too_long",
    "too_many",
    "unavailable",
    "bad_frame",
    "campaign_not_started",
    "campaign_over",
    "outside_window",
    "queue_closed",
    "no_room",
    "reason_needed",
    "show_again",
    "hours_unfit",
    "offered_already",
]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to be heard. ``phone`` is the first number, ``url`` a path of this site."""

    channel: Channel
    audience: Audience
    is_open: bool
    next_opens_at: datetime | None
    phone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no ticket can be taken now. ``retry_at``: the next opening, None when there is none."""

    code: RefusalCode
    retry_at: datetime | None
    alternatives: tuple[Alternative, ...] = ()


class ChatError(Exception):
    """What an action could not do. The edge maps ``code`` to a status, a frame or a close code.

    ``field`` names the input at fault; ``retry_after_s`` says when trying again makes sense.
    """

    def __init__(
        self,
        code: ErrorCode,
        *,
        field: str = "",
        retry_after_s: int | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        super().__init__(code)
        self.code: ErrorCode = code
        self.field = field
        self.retry_after_s = retry_after_s
        self.refusal = refusal
