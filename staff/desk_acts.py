"""What a frame of the desk asks in one of its conversations."""

from __future__ import annotations

import uuid

from chat import access, db
from chat.actions import talk
from chat.actions.availability import confirm
from chat.actions.drafts import save_draft
from chat.actions.end import close_conversation
from chat.actions.outcome import record_outcome
from chat.protocol import (
    AssignmentConfirm,
    ConversationClose,
    ConversationOpen,
    ConversationRecord,
    Done,
    DraftSave,
    NoteAdd,
    ReadyLook,
    StaffMessageSend,
    StaffRead,
    StaffTyping,
    WhisperReadSend,
)
from chat.rules.conversation import is_fit
from chat.rules.errors import ChatError
from staff.desk_talks import DeskTalks, Talk
from staff.notes import add_note, mark_read
from staff.writing import write_into

TalkFrame = (
    StaffRead
    | ConversationClose
    | ConversationOpen
    | AssignmentConfirm
    | NoteAdd
    | DraftSave
    | ConversationRecord
    | WhisperReadSend
    | ReadyLook
)


def act_now(frame: StaffMessageSend | StaffTyping, desk: DeskTalks) -> None:
    """Do what a frame asks that needs no waiting. Raises ChatError."""
    if isinstance(frame, StaffMessageSend):
        _send_message(frame, desk)
    else:
        known = desk.find(frame.conversation)
        talk.say_typing(known.held.conversation, "counselor", frame.on, desk.tab.id)


async def act_in_talk(frame: TalkFrame, desk: DeskTalks) -> None:
    """Do what any other frame asks. Raises ChatError."""
    match frame:
        case StaffRead():
            known = desk.find(frame.conversation)
            await _confirm(known, desk)
            await talk.mark_read(known.held.conversation, "counselor", frame.seq, desk.tab.id)
        case ConversationClose():
            await _close(frame, desk)
        case ConversationOpen():
            await desk.open(frame.conversation, frame.last_seq)
        case AssignmentConfirm():
            await _confirm(desk.find(frame.conversation), desk)
        case NoteAdd():
            key = desk.find(frame.conversation).held.conversation
            await add_note(key, desk.member, frame.id, frame.body, "note")
        case DraftSave():
            key = desk.find(frame.conversation).held.conversation
            await save_draft(key, desk.counselor, frame.box, frame.body, origin=desk.tab.id)
        case ConversationRecord():
            await _record(frame, desk)
        case WhisperReadSend():
            key = desk.find(frame.conversation).held.conversation
            await mark_read(key, desk.counselor, desk.member, frame.whisper)
            desk.tab.put(Done(id=frame.id))
        case ReadyLook():
            await desk.show_ready()


async def _confirm(known: Talk, desk: DeskTalks) -> None:
    if not known.is_confirmed:
        await confirm(known.held.conversation, desk.counselor)
        known.is_confirmed = True


def _send_message(frame: StaffMessageSend, desk: DeskTalks) -> None:
    desk.tab.check_message_rate()
    key = access.uuid_of(frame.conversation)
    if key is None:
        raise ChatError("not_found")
    known = desk.get(key)
    if known is None:
        # Not on this desk: never this counselor's, or not any more. The rows know which.
        desk.tab.spawn(_refuse_message(key, frame.id, desk))
        return
    if not known.is_confirmed:
        desk.tab.spawn(_confirm(known, desk))
    write_into(known, frame, desk.tab)


async def _refuse_message(conversation: uuid.UUID, ref: str, desk: DeskTalks) -> None:
    try:
        code = await db.run(access.why_not_held, desk.counselor, conversation)
    except ChatError as error:
        code = error.code
    desk.tab.tell_error(ChatError(code), ref)


async def _close(frame: ConversationClose, desk: DeskTalks) -> None:
    outcome, note = frame.outcome or "", frame.note or ""
    if not is_fit(outcome) or not is_fit(note):
        raise ChatError("bad_frame")
    key = access.uuid_of(frame.conversation)
    if key is None:
        raise ChatError("not_found")
    if desk.get(key) is None:
        raise ChatError(await db.run(access.why_not_held, desk.counselor, key))
    await close_conversation(key, "counselor", by=desk.counselor, outcome=outcome, note=note)


async def _record(frame: ConversationRecord, desk: DeskTalks) -> None:
    key = access.uuid_of(frame.conversation)
    if key is None:
        raise ChatError("not_found")
    await record_outcome(key, desk.counselor, frame.outcome, frame.note)
    desk.tab.put(Done(id=frame.id))
