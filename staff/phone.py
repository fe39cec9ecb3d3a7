"""Writing phone consultations down, and reading them again (a database thread's work).

Counselors write; they read what they wrote. Supervisors read what is within their own reach, on record.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from chat.models import Campaign
from chat.rules.errors import ChatError
from chat.sealing import new_data_key, open_entry, sealer
from staff import trail
from staff.models import PhoneConsultation, User
from staff.reach import reach_of_talk

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Call:
    """What a counselor writes down. ``service``: where the caller was passed on to."""

    form_id: uuid.UUID
    audience: str
    started_at: datetime
    minutes: int
    topic: str
    outcome: str
    referral: str
    service: str
    note: str


def write_down(author: User, campaign: str, call: Call, now: datetime) -> None:
    """Store a call; sent twice, it is stored once.

    Raises ChatError ``not_allowed`` for who belongs to no organization.
    """
    if author.organization_id is None:
        raise ChatError("not_allowed")
    row = PhoneConsultation(
        form_id=call.form_id,
        campaign=Campaign.objects.get(slug=campaign),
        organization_id=author.organization_id,
        recorded_by=author,
        recorded_at=now,
        audience=call.audience,
        started_at=call.started_at,
        minutes=call.minutes,
        outcome=call.outcome,
        referral=call.referral,
    )
    _, row.key_sealed = new_data_key(row.id)
    words = {"topic": call.topic, "service": call.service, "note": call.note}
    row.words_sealed = sealer(row.id, row.key_sealed).seal(msgspec.json.encode(words).decode())
    # the form's id alone decides: two requests at once write one row
    PhoneConsultation.objects.bulk_create([row], ignore_conflicts=True)


def within_reach(reader: User) -> QuerySet[PhoneConsultation]:
    """Give the calls whose words somebody may read: their own; a supervisor's organization's."""
    rows = PhoneConsultation.objects.select_related("recorded_by", "organization").order_by("-started_at")
    if reader.role == User.COUNSELOR:
        return rows.filter(recorded_by=reader)
    if reach_of_talk(reader, reader.organization_id) == "own":
        return rows.filter(organization_id=reader.organization_id)
    return rows.none()


def newest(reader: User) -> list[PhoneConsultation]:
    """List the newest calls within reach, without their words."""
    return list(within_reach(reader).defer("key_sealed", "words_sealed")[:SHOWN])


def read(reader: User, call: uuid.UUID) -> tuple[PhoneConsultation, dict[str, str]]:
    """Open one call with its words; a supervisor's reading is on record. Raises ChatError ``not_found``."""
    with transaction.atomic():
        row = within_reach(reader).filter(id=call).first()
        if row is None:
            raise ChatError("not_found")
        if row.recorded_by_id != reader.pk:
            trail.record("phone.read", reader, {"phone_consultation": str(row.id)})
    return row, open_entry(row.id, row.key_sealed, row.words_sealed)
