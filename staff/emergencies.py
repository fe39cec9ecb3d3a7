"""Emergency calls and referrals: rows, each with its entry in the audit trail (a database thread's work).

Who may: the counselor who holds the talk calls, asks and refers; a supervisor within reach comes, asks,
decides and refers. Nobody decides alone: a decision needs a second person who has come, and passing a
person's words on needs a ground, consent or danger to life.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from chat.models import Conversation
from chat.rules.conversation import body_fault
from chat.rules.errors import ChatError
from chat.sealing import sealer
from staff import access, trail
from staff.acts import supervisor
from staff.models import User
from staff.models.emergencies import DECISIONS, GROUNDS, KINDS, STEPS, Emergency, OutsideService, Referral
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
            talk = _held(member, conversation)
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
        _concerned(member, row.conversation_id)
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
        row.words_sealed = _seal(row.conversation_id, words)
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
    return [Call(row, _supervisors_here(row, now)) for row in rows if _is_concerned(member, row)]


def read_call(member: Member, emergency: uuid.UUID, now: datetime) -> Call | None:
    """Read a call, open or decided; None where it does not concern the member."""
    row = _rows().filter(id=emergency).first()
    return Call(row, _supervisors_here(row, now)) if row is not None and _is_concerned(member, row) else None


def _rows() -> QuerySet[Emergency]:
    return Emergency.objects.select_related("conversation__counselor__user", "called_by", "second")


def _is_concerned(member: Member, row: Emergency) -> bool:
    """Tell whether a member is told of a call: its talk's counselor, and the supervisors within reach."""
    try:
        _concerned(member, row.conversation_id)
    except ChatError:
        return False
    return True


def _supervisors_here(row: Emergency, now: datetime) -> int:
    organization = access.organization_of(row.conversation)
    here = User.objects.filter(role=User.SUPERVISOR, is_active=True, sessions__expire_date__gt=now).exclude(
        pk=row.called_by_id
    )
    return sum(reach_of_talk(one, organization) != "none" for one in here.distinct())


# --- referrals ---


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a referral asks of whom, and on what ground."""

    kind: str
    service: str
    ground: str
    facts: str
    is_drill: bool


def refer(
    member: Member,
    conversation: uuid.UUID,
    client_id: str,
    wanted: Wanted,
    now: datetime,
) -> Referral:
    """Open a referral. Raises ChatError ``not_found``, ``bad_frame``, or what the facts' text lacks."""
    if wanted.kind not in dict(KINDS) or wanted.ground not in GROUNDS or not wanted.service.strip():
        raise ChatError("bad_frame")
    fault = body_fault(wanted.facts)
    if fault is not None:
        raise ChatError(fault)
    with transaction.atomic():
        _concerned(member, conversation)
        row, is_new = Referral.objects.get_or_create(
            conversation_id=conversation,
            client_id=client_id,
            defaults={
                "kind": wanted.kind,
                "service": wanted.service.strip(),
                "ground": wanted.ground,
                "is_drill": wanted.is_drill,
                "facts_sealed": _seal(conversation, wanted.facts),
                "opened_by_id": int(member.id),
                "opened_at": now,
            },
        )
        if is_new:
            _record_referral("referral.opened", member, row)
    return row


def follow(
    member: Member, referral: uuid.UUID, now: datetime, *, answered_by: str, follows: str, is_closed: bool
) -> Referral:
    """Note that the service was called, who answered and what follows; and, in the end, close it.

    Raises ChatError ``not_found`` or ``bad_frame``.
    """
    with transaction.atomic():
        row = Referral.objects.select_for_update().filter(id=referral, closed_at=None).first()
        if row is None:
            raise ChatError("not_found")
        _concerned(member, row.conversation_id)
        if answered_by:
            row.called_at = row.called_at or now
            row.answered_by_sealed = _seal(row.conversation_id, answered_by)
        if follows:
            row.follows_sealed = _seal(row.conversation_id, follows)
        row.closed_at = now if is_closed else None
        row.save(update_fields=["called_at", "answered_by_sealed", "follows_sealed", "closed_at"])
        _record_referral("referral.closed" if is_closed else "referral.followed", member, row)
    return row


@dataclass(frozen=True, slots=True)
class OpenReferral:
    """A referral that is not closed, and whose talk it came of."""

    row: Referral
    organization: str | None


def read_open_referrals() -> list[OpenReferral]:
    """List the referrals that are not closed, the oldest first."""
    rows = Referral.objects.select_related("opened_by", "conversation__counselor__user").filter(
        closed_at=None
    )
    return [OpenReferral(row, access.organization_of(row.conversation)) for row in rows.order_by("opened_at")]


def directory(kind: str | None, *, is_drill: bool) -> list[OutsideService]:
    """List services. In a drill without their numbers: nothing that one practices with can be dialed."""
    rows = OutsideService.objects.order_by("kind", "area", "name")
    found = list(rows.filter(kind=kind) if kind else rows)
    if is_drill:
        for row in found:
            row.phone = ""
    return found


# --- doors ---


def _held(member: Member, conversation: uuid.UUID) -> Conversation:
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


def _concerned(member: Member, conversation: uuid.UUID) -> None:
    if member.role == User.SUPERVISOR:
        access.reach_or_refuse(member, conversation)
    else:
        _held(member, conversation)


def _open_call(emergency: uuid.UUID) -> Emergency:
    row = Emergency.objects.select_for_update().filter(id=emergency, decided_at=None).first()
    if row is None:
        raise ChatError("not_found")
    return row


def _seal(conversation: uuid.UUID, text: str) -> bytes:
    if body_fault(text) is not None:
        raise ChatError("bad_frame")
    talk = Conversation.objects.only("id", "key_sealed").get(id=conversation)
    return sealer(talk.id, talk.key_sealed).seal(text)


def _record(act: str, member: Member, row: Emergency, **facts: trail.Fact) -> None:
    user = User.objects.get(pk=member.id)
    told: dict[str, trail.Fact] = {
        "emergency": str(row.id),
        "conversation": str(row.conversation_id),
        "is_drill": row.is_drill,
    }
    trail.record(act, user, {**told, **facts})


def _record_referral(act: str, member: Member, row: Referral) -> None:
    user = User.objects.get(pk=member.id)
    facts: dict[str, trail.Fact] = {
        "referral": str(row.id),
        "conversation": str(row.conversation_id),
        "kind": row.kind,
        "ground": row.ground,
        "is_drill": row.is_drill,
    }
    trail.record(act, user, facts)
