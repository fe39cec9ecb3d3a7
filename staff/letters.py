"""What supervisors see of consultations by mail (a database thread's work).

All letters that wait, without a word of them; the words of those within reach, on record. Another
organization's, or nobody's yet: a supervisor of the whole service alone, with a reason.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from chat.actions.inquiries import Line, lines_of
from chat.models import Inquiry
from chat.rules.errors import ChatError
from chat.sealing import open_entry, sealer
from staff import trail
from staff.access import check_reason
from staff.models import Organization, User
from staff.reach import Reach, reach_of_talk

SHOWN = 200


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter in the list. ``organization`` is the name of whose it is, empty while nobody's."""

    id: uuid.UUID
    audience: str
    language: str
    urgency: int
    state: str
    opened_at: datetime
    due_at: datetime
    is_overdue: bool
    organization: str
    claimed_by: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter with its words, and the answer that is being written."""

    row: LetterRow
    nickname: str
    topic: str
    lines: tuple[Line, ...]
    draft: str


def letters(viewer: User, now: datetime) -> list[LetterRow]:
    """List what waits, what is due first: the own organization's and nobody's, or everybody's."""
    rows = Inquiry.objects.select_related("counselor").exclude(state=Inquiry.CLOSED)
    if not viewer.is_service_wide:
        rows = rows.filter(Q(organization="") | Q(organization=viewer.organization_id or ""))
    names = dict(Organization.objects.values_list("slug", "name"))
    open_first = sorted(rows.order_by("due_at")[:SHOWN], key=lambda row: row.state == Inquiry.ANSWERED)
    return [_row(row, viewer, names, now) for row in open_first]


def read(viewer: User, letter: uuid.UUID, reason: str, now: datetime) -> Letter:
    """Open a letter that is within reach; it goes on record.

    Raises ChatError ``not_found``, or ``reason_needed`` where the reach needs one.
    """
    with transaction.atomic():
        inquiry = Inquiry.objects.select_related("counselor", "draft").filter(id=letter).first()
        reach = reach_of_talk(viewer, inquiry.organization or None) if inquiry else "none"
        if inquiry is None or reach == "none":
            raise ChatError("not_found")
        check_reason(reason, is_needed=reach == "with_reason")
        seal = sealer(inquiry.id, inquiry.key_sealed)
        facts: dict[str, trail.Fact] = {"inquiry": str(inquiry.id), "organization": inquiry.organization}
        trail.record("letter.read", viewer, facts, why_sealed=seal.seal(reason) if reason.strip() else None)
    draft = getattr(inquiry, "draft", None)
    entry = open_entry(inquiry.id, inquiry.key_sealed, inquiry.entry_sealed)
    names = dict(Organization.objects.values_list("slug", "name"))
    return Letter(
        row=_row(inquiry, viewer, names, now),
        nickname=entry.get("nickname", ""),
        topic=entry.get("topic", ""),
        lines=lines_of(inquiry),
        draft=seal.open(draft.body_sealed) if draft is not None else "",
    )


def _row(inquiry: Inquiry, viewer: User, names: dict[str, str], now: datetime) -> LetterRow:
    is_waiting = inquiry.state in {Inquiry.WAITING, Inquiry.CLAIMED}
    return LetterRow(
        id=inquiry.id,
        audience=inquiry.audience,
        language=inquiry.language,
        urgency=inquiry.urgency,
        state=inquiry.state,
        opened_at=inquiry.opened_at,
        due_at=inquiry.due_at,
        is_overdue=is_waiting and inquiry.due_at < now,
        organization=names.get(inquiry.organization, inquiry.organization),
        claimed_by=inquiry.counselor.name if inquiry.counselor else "",
        reach=reach_of_talk(viewer, inquiry.organization or None),
    )
