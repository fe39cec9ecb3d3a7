"""What a counselor's desk shows beside a talk: notes, helpers, referrals, own drafts; and ready sentences."""

from __future__ import annotations

import uuid
from typing import cast

from chat.actions.drafts import read_drafts
from chat.events import DraftSaved, HelperCame, NoteAdded, WhisperRead
from chat.models import Conversation
from chat.protocol import Draft, DraftBox, Helper, JoinMode, Ready, ReadyGroup, ServerFrame
from chat.protocol import WhisperRead as WhisperReadFrame
from staff.emergency_acts import referral_frame
from staff.models import Referral
from staff.notes import note_frame, read_notes
from staff.ready import sentences_for


def read_beside(conversation: uuid.UUID, counselor: uuid.UUID, reader: str) -> list[ServerFrame]:
    """Read what stands beside a talk for who holds it, the user ``reader`` (a database thread's work)."""
    talk = Conversation.objects.only("id", "key_sealed").get(id=conversation)
    referrals = Referral.objects.filter(conversation=talk).order_by("opened_at")
    return [
        *read_notes(conversation, reader),
        *(referral_frame(row) for row in referrals),
        *(_draft_frame(str(conversation), one.box, one.body) for one in read_drafts(talk, counselor)),
    ]


def read_referral(referral: str, conversation: uuid.UUID) -> ServerFrame | None:
    """Read a referral of a talk; None where there is none (a database thread's work)."""
    row = Referral.objects.filter(id=uuid.UUID(referral), conversation_id=conversation).first()
    return referral_frame(row) if row is not None else None


def read_ready(organization: str | None) -> Ready:
    """Read the ready sentences for an organization's counselors (a database thread's work)."""
    groups = sentences_for(organization)
    return Ready(
        groups=[ReadyGroup(title=g.title, language=g.language, sentences=list(g.sentences)) for g in groups]
    )


def beside_frame(event: NoteAdded | HelperCame | DraftSaved | WhisperRead) -> ServerFrame:
    """Tell a counselor what happens beside the talk."""
    match event:
        case NoteAdded():
            return note_frame(event)
        case DraftSaved():
            return _draft_frame(event.conversation, event.box, event.body)
        case WhisperRead():
            return WhisperReadFrame(conversation=event.conversation, whisper=event.whisper)
        case HelperCame():
            mode = cast(JoinMode, event.mode)
            return Helper(conversation=event.conversation, name=event.name, mode=mode, on=event.on)


def _draft_frame(conversation: str, box: str, body: str) -> Draft:
    return Draft(conversation=conversation, box=cast(DraftBox, box), body=body)
