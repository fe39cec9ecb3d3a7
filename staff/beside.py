"""What a counselor's desk shows beside a talk: notes, helpers, referrals, their own drafts."""

from __future__ import annotations

import uuid
from typing import cast

from chat.actions.drafts import read_drafts
from chat.events import DraftSaved, HelperCame, NoteAdded
from chat.models import Conversation
from chat.protocol import Draft, DraftBox, Helper, JoinMode, ServerFrame
from staff.emergency_acts import referral_frame
from staff.models import Referral
from staff.notes import note_frame, read_notes


def read_beside(conversation: uuid.UUID, counselor: uuid.UUID) -> list[ServerFrame]:
    """Read what stands beside a talk for who holds it (a database thread's work)."""
    talk = Conversation.objects.only("id", "key_sealed").get(id=conversation)
    referrals = Referral.objects.filter(conversation=talk).order_by("opened_at")
    return [
        *read_notes(conversation),
        *(referral_frame(row) for row in referrals),
        *(_draft_frame(str(conversation), one.box, one.body) for one in read_drafts(talk, counselor)),
    ]


def beside_frame(event: NoteAdded | HelperCame | DraftSaved) -> ServerFrame:
    """Tell a counselor what happens beside the talk."""
    match event:
        case NoteAdded():
            return note_frame(event)
        case DraftSaved():
            return _draft_frame(event.conversation, event.box, event.body)
        case HelperCame():
            mode = cast(JoinMode, event.mode)
            return Helper(conversation=event.conversation, name=event.name, mode=mode, on=event.on)


def _draft_frame(conversation: str, box: str, body: str) -> Draft:
    return Draft(conversation=conversation, box=cast(DraftBox, box), body=body)
