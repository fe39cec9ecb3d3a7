"""Writing phone consultations down, reading, correcting and deleting them (a database thread's work).

Counselors write; they see to what they wrote. Supervisors see to what is within their reach, on record:
another organization's, those of the whole service alone, with a reason.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from chat.models import Campaign
from chat.rules.errors import ChatError
from chat.sealing import new_data_key, open_entry, sealer
from staff import trail
from staff.access import check_reason
from staff.models import PhoneConsultation, User
from staff.reach import Reach, reach_of_talk

SHOWN = 100
GROUNDS = ("twice", "mistake", "asked", "other")  # why a call is deleted
_FACTS = ("audience", "started_at", "minutes", "outcome", "referral")
_WORDS = ("topic", "service", "note")


@dataclass(frozen=True, slots=True)
class Call:
    """What a counselor writes down. ``service``: where the caller was passed on to."""

    audience: str
    started_at: datetime
    minutes: int
    topic: str
    outcome: str
    referral: str
    service: str
    note: str


@dataclass(frozen=True, slots=True)
class Door:
    """A call that somebody may come to, and how."""

    row: PhoneConsultation
    reach: Reach


def write_down(author: User, campaign: str, form_id: uuid.UUID, call: Call, now: datetime) -> None:
    """Store a call; sent twice, it is stored once.

    Raises ChatError ``not_allowed`` for who belongs to no organization.
    """
    if author.organization_id is None:
        raise ChatError("not_allowed")
    row = PhoneConsultation(
        form_id=form_id,
        campaign=Campaign.objects.get(slug=campaign),
        organization_id=author.organization_id,
        recorded_by=author,
        recorded_at=now,
        **{name: getattr(call, name) for name in _FACTS},
    )
    _, row.key_sealed = new_data_key(row.id)
    row.words_sealed = _seal(row, call)
    # the form's id alone decides: two requests at once write one row
    PhoneConsultation.objects.bulk_create([row], ignore_conflicts=True)


def newest(reader: User) -> list[PhoneConsultation]:
    """List the newest calls within reach, without their words."""
    return list(_within_reach(reader).defer("key_sealed", "words_sealed")[:SHOWN])


def door(viewer: User, call: uuid.UUID, *, lock: bool = False) -> Door:
    """Open the door to a call. One that is out of reach looks like one that is not there: ChatError
    ``not_found``. ``lock``: within a transaction that changes it."""
    rows = _within_reach(viewer)
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(id=call).first()
    if row is None:
        raise ChatError("not_found")
    is_own = row.recorded_by_id == viewer.pk
    return Door(row, "own" if is_own else reach_of_talk(viewer, row.organization_id))


def read(reader: User, call: uuid.UUID, reason: str = "") -> tuple[PhoneConsultation, dict[str, str]]:
    """Open one call with its words; whoever has not written it reads on record.

    Raises ChatError ``not_found``, or ``reason_needed`` where the reach needs one.
    """
    with transaction.atomic():
        found = door(reader, call)
        row = found.row
        check_reason(reason, is_needed=found.reach == "with_reason")
        if row.recorded_by_id != reader.pk:
            trail.record("phone.read", reader, _facts(row), why_sealed=_why(row, reason))
    return row, open_entry(row.id, row.key_sealed, row.words_sealed)


def correct(
    editor: User, call: uuid.UUID, new: Call, *, seen: str, reason: str = "", now: datetime
) -> PhoneConsultation | None:
    """Write a call down as it should have been, on record; None where somebody else has corrected it since
    ``seen``, its ``version`` at the time. What is so already is left as it is.

    Raises ChatError ``not_found``, or ``reason_needed`` where the reach needs one.
    """
    with transaction.atomic():
        found = door(editor, call, lock=True)
        row = found.row
        check_reason(reason, is_needed=found.reach == "with_reason")
        changed = _changed(row, new)
        if not changed:
            return row
        if version(row) != seen:
            return None
        for name in _FACTS:
            setattr(row, name, getattr(new, name))
        row.words_sealed = _seal(row, new)
        row.corrected_at = now
        row.save(update_fields=[*_FACTS, "words_sealed", "corrected_at"])
        facts = {**_facts(row), "changed": ",".join(changed)}
        trail.record("phone.correct", editor, facts, why_sealed=_why(row, reason))
    return row


def delete(editor: User, call: uuid.UUID, ground: str) -> None:
    """Delete a call with its words and their key, on record with its ground, one of ``GROUNDS``: a reason in
    words would be sealed with that key, and gone with it.

    Raises ChatError ``not_found``, or ``reason_needed`` for any other ground.
    """
    with transaction.atomic():
        row = door(editor, call, lock=True).row
        if ground not in GROUNDS:
            raise ChatError("reason_needed")
        facts = {**_facts(row), "ground": ground}
        row.delete()
        trail.record("phone.delete", editor, facts)


def version(row: PhoneConsultation) -> str:
    """Name the state that a call is in: who corrects it says which they have seen."""
    return row.corrected_at.isoformat() if row.corrected_at else ""


def _within_reach(viewer: User) -> QuerySet[PhoneConsultation]:
    """Give a counselor's own calls, a supervisor's organization's, or everybody's."""
    rows = PhoneConsultation.objects.select_related("recorded_by", "organization", "campaign")
    rows = rows.order_by("-started_at")
    if viewer.role == User.COUNSELOR:
        return rows.filter(recorded_by=viewer)
    if viewer.role == User.SUPERVISOR and viewer.is_service_wide:
        return rows
    if reach_of_talk(viewer, viewer.organization_id) == "own":
        return rows.filter(organization_id=viewer.organization_id)
    return rows.none()


def _changed(row: PhoneConsultation, new: Call) -> list[str]:
    """Name what is not as it stands; that words have changed is said, never which."""
    changed = [name for name in _FACTS if getattr(row, name) != getattr(new, name)]
    old = open_entry(row.id, row.key_sealed, row.words_sealed)
    return changed + ["words"] * (old != _words(new))


def _words(call: Call) -> Mapping[str, str]:
    return {name: getattr(call, name) for name in _WORDS}


def _seal(row: PhoneConsultation, call: Call) -> bytes:
    return sealer(row.id, row.key_sealed).seal(msgspec.json.encode(_words(call)).decode())


def _facts(row: PhoneConsultation) -> dict[str, trail.Fact]:
    return {"phone_consultation": str(row.id), "organization": str(row.organization_id)}


def _why(row: PhoneConsultation, reason: str) -> bytes | None:
    return sealer(row.id, row.key_sealed).seal(reason) if reason.strip() else None
