"""Referrals, each with its entries in the audit trail, and the directory of help outside (a database thread's
work).

Who may: the counselor who holds the talk, and a supervisor within reach. Passing a person's words on needs a
ground, consent or danger to life.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chat.rules.conversation import body_fault
from chat.rules.errors import ChatError
from staff import access, trail
from staff.concerns import concerned, seal
from staff.models import User
from staff.models.emergencies import GROUNDS, KINDS, OutsideService, Referral
from staff.sessions import Member


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
        concerned(member, conversation)
        row, is_new = Referral.objects.get_or_create(
            conversation_id=conversation,
            client_id=client_id,
            defaults={
                "kind": wanted.kind,
                "service": wanted.service.strip(),
                "ground": wanted.ground,
                "is_drill": wanted.is_drill,
                "facts_sealed": seal(conversation, wanted.facts),
                "opened_by_id": int(member.id),
                "opened_at": now,
            },
        )
        if is_new:
            _record("referral.opened", member, row)
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
        concerned(member, row.conversation_id)
        if answered_by:
            row.called_at = row.called_at or now
            row.answered_by_sealed = seal(row.conversation_id, answered_by)
        if follows:
            row.follows_sealed = seal(row.conversation_id, follows)
        row.closed_at = now if is_closed else None
        row.save(update_fields=["called_at", "answered_by_sealed", "follows_sealed", "closed_at"])
        _record("referral.closed" if is_closed else "referral.followed", member, row)
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


def _record(act: str, member: Member, row: Referral) -> None:
    user = User.objects.get(pk=member.id)
    facts: dict[str, trail.Fact] = {
        "referral": str(row.id),
        "conversation": str(row.conversation_id),
        "kind": row.kind,
        "ground": row.ground,
        "is_drill": row.is_drill,
    }
    trail.record(act, user, facts)
