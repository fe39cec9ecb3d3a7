"""Emergency calls: rows, each with its entry in the audit trail (a database thread's work).

Who may: the counselor who holds the talk calls and asks; a supervisor within reach comes, asks and decides.
Nobody decides alone: a decision needs a second person who has come, and referring a ground.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from chat.rules.conversation import body_fault
from chat.rules.errors import ChatError
from staff import access, trail
from staff.acts import supervisor
from staff.concerns import concerned, held, seal
from staff.models import User
from staff.models.emergencies import DECISIONS, GROUNDS, STEPS, Emergency
from staff.reach import reach_of_talk
from staff.sessions import Member


def call(
    member: Member, conversation: uuid.UUID, client_id: str, now: datetime, *, is_drill: bool
) -> Emergency:
    """Call a supervisor into a talk that one holds; called again it is the same call.

    Raises ChatError ``not_found``.
    """
    try:
        with transaction.atomic():
            talk = held(member, conversation)
            row, is_new = Emergency.objects.get_or_create(
                conversation=talk,
                decided_at=None,
                defaults={
                    "client_id": client_id,
                    "called_by_id": int(member.id),
                    "called_at": now,
                    "is_drill": is_drill,
                },
            )
            if is_new:
                _record("emergency.called", member, row)
    except IntegrityError:  # another tab was as quick
        row = Emergency.objects.get(conversation_id=conversation, decided_at=None)
    return row


def come(member: Member, emergency: uuid.UUID, now: datetime) -> Emergency:
    """Answer a call: the first supervisor is the second person. Raises ChatError ``not_found``."""
    with transaction.atomic():
        supervisor(member.id)
        row = _open_call(emergency)
        access.reach_or_refuse(member, row.conversation_id)
        if row.second_id is None:
            row.second_id, row.came_at = int(member.id), now
            row.save(update_fields=["second", "came_at"])
            _record("emergency.answered", member, row)
    return row


def check(member: Member, emergency: uuid.UUID, step: str, now: datetime) -> Emergency:
    """Note that a question of the checklist was asked. Raises ChatError ``not_found`` or ``bad_frame``."""
    if step not in STEPS:
        raise ChatError("bad_frame")
    with transaction.atomic():
        row = _open_call(emergency)
        concerned(member, row.conversation_id)
        if step not in row.checks:
            row.checks[step] = now.isoformat()
            row.save(update_fields=["checks"])
    return row


def decide(
    member: Member, emergency: uuid.UUID, *, decision: str, ground: str, words: str, now: datetime
) -> Emergency:
    """Decide, as a supervisor, and end the call.

    Raises ChatError ``not_found``, ``bad_frame`` (an unknown decision), ``reason_needed`` (no words, or a
    referral without a ground), ``not_allowed`` (nobody else is there).
    """
    if decision not in DECISIONS or (ground and ground not in GROUNDS):
        raise ChatError("bad_frame")
    with transaction.atomic():
        supervisor(member.id)
        row = _open_call(emergency)
        access.reach_or_refuse(member, row.conversation_id)
        if row.second_id is None or row.called_by_id == int(member.id):
            raise ChatError("not_allowed")
        if body_fault(words) is not None or (decision == "refer" and not ground):
            raise ChatError("reason_needed")
        row.decision, row.ground = decision, ground
        row.words_sealed = seal(row.conversation_id, words)
        row.decided_by_id, row.decided_at = int(member.id), now
        row.save(update_fields=["decision", "ground", "words_sealed", "decided_by", "decided_at"])
        _record("emergency.decided", member, row, decision=decision, ground=ground)
    return row


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it stands, and how many supervisors are signed in who could come."""

    row: Emergency
    supervisors_here: int


def read_open(member: Member, now: datetime) -> list[Call]:
    """List the open calls that concern a member, the oldest first."""
    rows = _rows().filter(decided_at=None).order_by("called_at")
    return [Call(row, _supervisors_here(row, now)) for row in rows if _isconcerned(member, row)]


def read_call(member: Member, emergency: uuid.UUID, now: datetime) -> Call | None:
    """Read a call, open or decided; None where it does not concern the member."""
    row = _rows().filter(id=emergency).first()
    return Call(row, _supervisors_here(row, now)) if row is not None and _isconcerned(member, row) else None


def _rows() -> QuerySet[Emergency]:
    return Emergency.objects.select_related("conversation__counselor__user", "called_by", "second")


def _isconcerned(member: Member, row: Emergency) -> bool:
    """Tell whether a member is told of a call: its talk's counselor, and the supervisors within reach."""
    try:
        concerned(member, row.conversation_id)
    except ChatError:
        return False
    return True


def _supervisors_here(row: Emergency, now: datetime) -> int:
    organization = access.organization_of(row.conversation)
    here = User.objects.filter(role=User.SUPERVISOR, is_active=True, sessions__expire_date__gt=now).exclude(
        pk=row.called_by_id
    )
    return sum(reach_of_talk(one, organization) != "none" for one in here.distinct())


# --- doors ---


def _open_call(emergency: uuid.UUID) -> Emergency:
    row = Emergency.objects.select_for_update().filter(id=emergency, decided_at=None).first()
    if row is None:
        raise ChatError("not_found")
    return row


def _record(act: str, member: Member, row: Emergency, **facts: trail.Fact) -> None:
    user = User.objects.get(pk=member.id)
    told: dict[str, trail.Fact] = {
        "emergency": str(row.id),
        "conversation": str(row.conversation_id),
        "is_drill": row.is_drill,
    }
    trail.record(act, user, {**told, **facts})
