"""The staff's doors to a talk: who may open, write, close, hand off or read it. All of it is a database
thread's work, and there is no other way from an id to somebody else's talk.

The counselor who holds it: everything (``chat.access``). Supervisors: what ``staff.reach`` says. Nobody else.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from django.conf import settings

from chat.access import uuid_of
from chat.models import Assignment, Conversation, Counselor
from chat.rules.errors import ChatError
from staff.models import User
from staff.reach import Reach, Rights, reach_of_talk


@dataclass(frozen=True, slots=True)
class Door:
    """A talk that somebody may come to, and how."""

    talk: Conversation
    reach: Reach
    organization: str | None


def talk_for(viewer: Rights, conversation: str) -> Door:
    """Open the supervisor's door. One that is out of reach looks like one that is not there.

    Raises ChatError ``not_found``, or ``conversation_closed``.
    """
    key = uuid_of(conversation)
    talks = Conversation.objects.select_related("ticket", "counselor__user")
    talk = talks.filter(id=key).first() if key else None
    if talk is None:
        raise ChatError("not_found")
    organization = organization_of(talk)
    reach = reach_of_talk(viewer, organization)
    if reach == "none":
        raise ChatError("not_found")
    if talk.state != Conversation.OPEN:
        raise ChatError("conversation_closed")
    return Door(talk, reach, organization)


def reach_or_refuse(viewer: Rights, conversation: uuid.UUID) -> None:
    """Ask whether a talk, open or ended, is within a supervisor's reach. Raises ChatError ``not_found``."""
    talk = Conversation.objects.select_related("counselor__user").filter(id=conversation).first()
    if talk is None or reach_of_talk(viewer, organization_of(talk)) == "none":
        raise ChatError("not_found")


def organization_of(talk: Conversation) -> str | None:
    """Give whose talk it is: its counselor's organization's; the last one's while the visitor waits again."""
    if talk.counselor is not None:
        return _user_of(talk.counselor).organization_id
    last = (
        Assignment.objects.select_related("counselor__user")
        .filter(conversation=talk)
        .order_by("-assigned_at", "-pk")
        .first()
    )
    return _user_of(last.counselor).organization_id if last is not None else None


def counselor_for(viewer: Rights, counselor: str) -> Counselor:
    """Open the door to a counselor whom a supervisor may give work. Raises ChatError ``not_found``."""
    key = uuid_of(counselor)
    rows = Counselor.objects.select_related("user").filter(user__is_active=True, user__role=User.COUNSELOR)
    row = rows.filter(id=key).first() if key else None
    if row is None or reach_of_talk(viewer, _user_of(row).organization_id) == "none":
        raise ChatError("not_found")
    return row


def check_reason(reason: str, *, is_needed: bool) -> None:
    """Raise ChatError ``reason_needed`` where an act must say why and does not."""
    if is_needed and not reason.strip():
        raise ChatError("reason_needed")


def check_shown_again(at: float | None) -> None:
    """Raise ChatError ``show_again`` unless somebody has shown who they are within five minutes."""
    if at is None or time.time() - at > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        raise ChatError("show_again")


def _user_of(counselor: Counselor) -> User:
    user: User = counselor.user
    return user
