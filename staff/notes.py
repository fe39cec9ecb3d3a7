"""Writing and reading private notes. They travel on a topic of their own, in a frame of their own."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from chat import access as doors
from chat import db, runtime
from chat.events import NoteAdded, WhisperRead, counselor_topic, notes_topic
from chat.models import Conversation
from chat.protocol import Note as NoteFrame
from chat.protocol import NoteKind
from chat.rules.conversation import body_fault
from chat.rules.errors import ChatError
from chat.sealing import sealer
from notalone import clock
from staff.models import Note
from staff.sessions import Member


async def add_note(
    conversation: uuid.UUID, author: Member, client_id: str, body: str, kind: NoteKind
) -> None:
    """Store a note and tell the staff who see the talk; the door has been asked.

    Raises ChatError ``bad_frame``, ``body_empty``, ``body_too_long``, ``not_found`` or ``unavailable``.
    """
    try:
        key = uuid.UUID(client_id)
    except ValueError:
        raise ChatError("bad_frame", field="id") from None
    fault = body_fault(body)
    if fault is not None:
        raise ChatError(fault)
    row = Note(
        conversation_id=conversation,
        client_id=key,
        kind=kind,
        author_id=int(author.id),
        author_name=author.name,
        at=clock.now(),
    )
    at = await db.run(_write, row, body)
    event = NoteAdded(
        conversation=str(conversation), id=str(key), kind=kind, author=author.name, body=body, at=at
    )
    runtime.current().hub.publish(notes_topic(str(conversation)), event)


async def mark_read(conversation: uuid.UUID, counselor: uuid.UUID, reader: Member, whisper: str) -> None:
    """Note that who holds a talk has read a whisper and those before it, and tell their tabs.

    Raises ChatError ``not_found`` or ``unavailable``.
    """
    await db.run(_mark_read, conversation, int(reader.id), whisper)
    event = WhisperRead(conversation=str(conversation), whisper=whisper)
    runtime.current().hub.publish(counselor_topic(str(counselor)), event)


def read_notes(conversation: uuid.UUID, reader: str | None = None) -> list[NoteFrame]:
    """Read a talk's notes in order, as the user ``reader`` has read them (a database thread's work)."""
    talk = Conversation.objects.only("id", "key_sealed").get(id=conversation)
    opener = sealer(talk.id, talk.key_sealed)
    return [
        NoteFrame(
            conversation=str(conversation),
            id=str(row.client_id),
            kind="whisper" if row.kind == Note.WHISPER else "note",
            author=row.author_name,
            body=opener.open(row.body_sealed),
            at=row.at,
            is_read=reader is not None and str(row.read_by_id) == reader,
        )
        for row in Note.objects.filter(conversation_id=conversation).order_by("at", "pk")
    ]


def note_frame(event: NoteAdded) -> NoteFrame:
    return NoteFrame(
        conversation=event.conversation,
        id=event.id,
        kind="whisper" if event.kind == Note.WHISPER else "note",
        author=event.author,
        body=event.body,
        at=event.at,
    )


def _mark_read(conversation: uuid.UUID, reader: int, whisper: str) -> None:
    key = doors.uuid_of(whisper)
    whispers = Note.objects.filter(conversation_id=conversation, kind=Note.WHISPER)
    row = whispers.filter(client_id=key).first() if key else None
    if row is None:
        raise ChatError("not_found")
    whispers.filter(at__lte=row.at).update(read_by_id=reader)


def _write(row: Note, body: str) -> datetime:
    with transaction.atomic():
        talks = Conversation.objects.select_for_update().only("id", "key_sealed")
        talk = talks.filter(id=row.conversation_id).first()
        if talk is None:
            raise ChatError("not_found")
        known = Note.objects.filter(conversation=talk, client_id=row.client_id).first()
        if known is not None:
            return known.at
        row.body_sealed = sealer(talk.id, talk.key_sealed).seal(body)
        row.save()
    return row.at
