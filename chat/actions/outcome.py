"""What a counselor notes of a talk that somebody else has ended."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from chat import db
from chat.models import Assignment, Conversation
from chat.rules.conversation import is_fit
from chat.rules.errors import ChatError
from chat.sealing import sealer
from notalone import clock

WITHIN = timedelta(hours=2)  # a shift's end, not a way to change the past


async def record_outcome(conversation: uuid.UUID, counselor: uuid.UUID, outcome: str, note: str) -> None:
    """Note, once, what came of a talk that the visitor or the clock has ended, as its last counselor.

    Raises ChatError ``bad_frame``, ``not_found`` (not theirs, not ended, too long ago, or noted already).
    """
    if not outcome or not is_fit(outcome) or not is_fit(note):
        raise ChatError("bad_frame")
    await db.run(_write, conversation, counselor, outcome, note, clock.now())


def _write(conversation: uuid.UUID, counselor: uuid.UUID, outcome: str, note: str, now: datetime) -> None:
    with transaction.atomic():
        talks = Conversation.objects.select_for_update().filter(
            id=conversation, state=Conversation.CLOSED, outcome="", closed_at__gt=now - WITHIN
        )
        talk = talks.first()
        last = Assignment.objects.filter(conversation_id=conversation).order_by("-assigned_at", "-pk").first()
        if talk is None or last is None or last.counselor_id != counselor:
            raise ChatError("not_found")
        talk.outcome = outcome
        if note:
            talk.closing_note_sealed = sealer(talk.id, talk.key_sealed).seal(note)
        talk.save(update_fields=["outcome", "closing_note_sealed"])
