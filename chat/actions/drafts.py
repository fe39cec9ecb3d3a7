"""What a counselor has begun to write, kept for their next tab or device."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chat import db, runtime
from chat.events import DraftSaved, counselor_topic
from chat.models import Conversation, TalkDraft
from chat.rules.conversation import is_fit
from chat.rules.errors import ChatError
from chat.sealing import sealer
from notalone import clock


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in one box."""

    box: str
    body: str


async def save_draft(
    conversation: uuid.UUID, counselor: uuid.UUID, box: str, body: str, *, origin: str = ""
) -> None:
    """Keep what stands in a box of a talk that the counselor holds; an empty body forgets it.

    Raises ChatError ``bad_frame`` (what no store can keep), ``not_found`` (not theirs, or ended) or
    ``unavailable``.
    """
    if not is_fit(body):
        raise ChatError("bad_frame", field="body")
    await db.run(_write, conversation, counselor, box, body, clock.now())
    event = DraftSaved(conversation=str(conversation), box=box, body=body, origin=origin)
    runtime.current().hub.publish(counselor_topic(str(counselor)), event)


def read_drafts(talk: Conversation, counselor: uuid.UUID) -> list[Draft]:
    """Read a counselor's own drafts of a talk (a database thread's work)."""
    opener = sealer(talk.id, talk.key_sealed)
    rows = TalkDraft.objects.filter(conversation=talk, counselor_id=counselor)
    return [Draft(row.box, opener.open(row.body_sealed)) for row in rows]


def _write(conversation: uuid.UUID, counselor: uuid.UUID, box: str, body: str, now: datetime) -> None:
    with transaction.atomic():  # the talk's lock: one that ends meanwhile takes its drafts along
        talks = Conversation.objects.select_for_update().only("id", "key_sealed")
        talk = talks.filter(id=conversation, counselor_id=counselor, state=Conversation.OPEN).first()
        if talk is None:
            raise ChatError("not_found")
        mine = TalkDraft.objects.filter(conversation=talk, counselor_id=counselor, box=box)
        if not body:
            mine.delete()
            return
        sealed = sealer(talk.id, talk.key_sealed).seal(body)
        if not mine.update(body_sealed=sealed, saved_at=now):
            TalkDraft.objects.create(
                conversation=talk, counselor_id=counselor, box=box, body_sealed=sealed, saved_at=now
            )
