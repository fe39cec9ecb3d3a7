"""Whose affair a talk is in an emergency: who holds it, and the supervisors within reach
(a database thread's work)."""

from __future__ import annotations

import uuid

from chat.models import Conversation
from chat.rules.conversation import body_fault
from chat.rules.errors import ChatError
from chat.sealing import sealer
from staff import access
from staff.models import User
from staff.sessions import Member


def held(member: Member, conversation: uuid.UUID) -> Conversation:
    """Give a talk that a member holds. Raises ChatError ``not_found``."""
    talk = (
        Conversation.objects.filter(
            id=conversation, counselor_id=member.counselor, state=Conversation.OPEN
        ).first()
        if member.counselor is not None
        else None
    )
    if talk is None:
        raise ChatError("not_found")
    return talk


def concerned(member: Member, conversation: uuid.UUID) -> None:
    """Let through whose affair a talk is. Raises ChatError ``not_found``."""
    if member.role == User.SUPERVISOR:
        access.reach_or_refuse(member, conversation)
    else:
        held(member, conversation)


def seal(conversation: uuid.UUID, text: str) -> bytes:
    """Seal words with a talk's key. Raises ChatError ``bad_frame`` where they are none."""
    if body_fault(text) is not None:
        raise ChatError("bad_frame")
    talk = Conversation.objects.only("id", "key_sealed").get(id=conversation)
    return sealer(talk.id, talk.key_sealed).seal(text)
