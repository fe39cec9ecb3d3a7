"""What counselors do with consultations by mail: claim, draft, a second reader, answer, hand over, close."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from chat.actions.inquiries import Line, check_body, lines_of
from chat.languages import LANGUAGES
from chat.models import CounselorLane, Inquiry, InquiryDraft, InquiryMessage, OutgoingMail
from chat.rules.errors import ChatError
from chat.rules.inquiries import looks_like_advertising
from chat.sealing import Sealed, sealer
from notalone import clock

OUTCOMES = ("listened", "informed", "linked", "referred", "no_answer", "advertising")


@dataclass(frozen=True, slots=True)
class Reader:
    """The counselor who acts, and the slug of their organization."""

    counselor: uuid.UUID
    organization: str


@dataclass(frozen=True, slots=True)
class Row:
    """One inquiry in the inbox: nothing that its visitor wrote. ``is_mine``: claimed by the reader;
    ``asks_me``: a colleague's draft waits for a second reader."""

    id: uuid.UUID
    audience: str
    language: str
    urgency: int
    state: str
    opened_at: datetime
    due_at: datetime
    is_overdue: bool
    is_mine: bool
    asks_me: bool
    claimed_by: str
    may_be_advertising: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """One inquiry with its words."""

    id: uuid.UUID
    audience: str
    language: str
    urgency: int
    state: str
    due_at: datetime
    nickname: str
    topic: str
    wants_mail: bool
    lines: tuple[Line, ...]
    draft: str
    draft_by: str
    is_offered: bool
    is_agreed: bool
    is_mine: bool


def inbox(reader: Reader) -> list[Row]:
    """List what the reader may take or has to do with, what is due first (a database thread's work)."""
    now = clock.now()
    rows = _in_reach(reader).exclude(state__in=[Inquiry.ANSWERED, Inquiry.CLOSED])
    first = InquiryMessage.objects.filter(inquiry=OuterRef("pk")).order_by("seq").values("body_sealed")[:1]
    rows = rows.select_related("counselor", "draft").annotate(first_sealed=Subquery(first))
    made = [_row(inquiry, inquiry.first_sealed, reader, now) for inquiry in rows]
    return sorted(made, key=lambda row: (row.may_be_advertising, not row.asks_me, row.due_at))


def _in_reach(reader: Reader) -> QuerySet[Inquiry]:
    """Give what nobody has claimed in the reader's lanes, and what is their organization's."""
    free = Q(pk__in=[])
    for audience, language in CounselorLane.objects.filter(counselor_id=reader.counselor).values_list(
        "audience", "language"
    ):
        spoken = [one.code for one in LANGUAGES if one.lane == language]
        free |= Q(organization="", audience=audience, language__in=spoken)
    return Inquiry.objects.filter(free | Q(organization=reader.organization) & ~Q(organization=""))


def _row(inquiry: Inquiry, first: Sealed | None, reader: Reader, now: datetime) -> Row:
    draft = getattr(inquiry, "draft", None)
    is_mine = inquiry.counselor_id == reader.counselor
    body = sealer(inquiry.id, inquiry.key_sealed).open(first) if first is not None else ""
    return Row(
        id=inquiry.id,
        audience=inquiry.audience,
        language=inquiry.language,
        urgency=inquiry.urgency,
        state=inquiry.state,
        opened_at=inquiry.opened_at,
        due_at=inquiry.due_at,
        is_overdue=inquiry.due_at <= now,
        is_mine=is_mine,
        asks_me=draft is not None and draft.is_offered and draft.read_by_id is None and not is_mine,
        claimed_by=inquiry.counselor.name if inquiry.counselor else "",
        may_be_advertising=looks_like_advertising(body),
    )


def opened(reader: Reader, inquiry_id: uuid.UUID) -> Opened | None:
    """Open an inquiry: for who has claimed it, and for colleagues whom a draft asks to read it."""
    inquiry = _in_reach(reader).select_related("counselor", "draft").filter(id=inquiry_id).first()
    if inquiry is None:
        return None
    draft = getattr(inquiry, "draft", None)
    is_mine = inquiry.counselor_id == reader.counselor
    if not is_mine and not (draft is not None and draft.is_offered):
        return None
    opener = sealer(inquiry.id, inquiry.key_sealed)
    entry = msgspec.json.decode(opener.open(inquiry.entry_sealed), type=dict[str, str])
    return Opened(
        id=inquiry.id,
        audience=inquiry.audience,
        language=inquiry.language,
        urgency=inquiry.urgency,
        state=inquiry.state,
        due_at=inquiry.due_at,
        nickname=entry["nickname"],
        topic=entry["topic"],
        wants_mail=inquiry.wants_mail,
        lines=lines_of(inquiry),
        draft=opener.open(draft.body_sealed) if draft else "",
        draft_by=draft.author.name if draft else "",
        is_offered=draft is not None and draft.is_offered,
        is_agreed=draft is not None and draft.read_by_id is not None,
        is_mine=is_mine,
    )


def claim(reader: Reader, inquiry_id: uuid.UUID) -> None:
    """Take an inquiry that nobody has, for oneself and one's organization.

    Raises ChatError ``not_found``, also where somebody else was quicker.
    """
    if not _in_reach(reader).filter(id=inquiry_id).exists():
        raise ChatError("not_found")
    taken = Inquiry.objects.filter(id=inquiry_id, counselor=None, state=Inquiry.WAITING).update(
        counselor_id=reader.counselor,
        organization=reader.organization,
        state=Inquiry.CLAIMED,
        claimed_at=clock.now(),
    )
    if taken != 1 and not Inquiry.objects.filter(id=inquiry_id, counselor_id=reader.counselor).exists():
        raise ChatError("not_found")


def hand_over(reader: Reader, inquiry_id: uuid.UUID, *, to_everybody: bool) -> None:
    """Give an inquiry back: to one's organization, or to every counselor of its lane. A draft goes along,
    but not out of the organization. Raises ChatError ``not_found``."""
    with transaction.atomic():
        inquiry = _mine(reader, inquiry_id)
        inquiry.counselor = None
        inquiry.state = Inquiry.WAITING
        if to_everybody:
            inquiry.organization = ""
            InquiryDraft.objects.filter(inquiry=inquiry).delete()
        inquiry.save(update_fields=["counselor", "state", "organization"])


def save_draft(reader: Reader, inquiry_id: uuid.UUID, body: str, *, offer: bool) -> None:
    """Keep an answer that is being written; ``offer`` asks a colleague to read it. What was agreed to
    before counts for those words alone. Raises ChatError ``not_found`` or what the body is refused for."""
    check_body(body)
    with transaction.atomic():
        inquiry = _mine(reader, inquiry_id)
        seal = sealer(inquiry.id, inquiry.key_sealed)
        draft = InquiryDraft.objects.filter(inquiry=inquiry).first() or InquiryDraft(inquiry=inquiry)
        if draft.pk is None or seal.open(draft.body_sealed) != body:
            draft.read_by = None
        draft.author_id = reader.counselor
        draft.body_sealed = seal.seal(body)
        draft.saved_at = clock.now()
        draft.is_offered = offer
        draft.save()


def agree(reader: Reader, inquiry_id: uuid.UUID, body: str) -> None:
    """Agree to a colleague's draft, as ``body`` shows it. Raises ChatError ``not_found``, also when the
    words have changed meanwhile."""
    with transaction.atomic():
        inquiry = Inquiry.objects.select_for_update().filter(pk__in=_in_reach(reader), id=inquiry_id).first()
        draft = InquiryDraft.objects.filter(inquiry=inquiry, is_offered=True).first() if inquiry else None
        if inquiry is None or draft is None or draft.author_id == reader.counselor:
            raise ChatError("not_found")
        if sealer(inquiry.id, inquiry.key_sealed).open(draft.body_sealed) != body:
            raise ChatError("not_found")
        draft.read_by_id = reader.counselor
        draft.save(update_fields=["read_by"])


def answer(
    reader: Reader, inquiry_id: uuid.UUID, body: str, form_id: uuid.UUID, *, needs_second_reader: bool
) -> None:
    """Send an answer; the mail that tells of it is written in the same transaction.

    Raises ChatError ``not_allowed`` where a second reader has not agreed to these very words, ``not_found``,
    or what the body is refused for. Sent twice, it is sent once.
    """
    check_body(body)
    with transaction.atomic():
        inquiry = _mine(reader, inquiry_id)
        if inquiry.messages.filter(client_id=form_id).exists():
            return
        seal = sealer(inquiry.id, inquiry.key_sealed)
        draft = InquiryDraft.objects.filter(inquiry=inquiry).first()
        if needs_second_reader and not (
            draft is not None and draft.read_by_id is not None and seal.open(draft.body_sealed) == body
        ):
            raise ChatError("not_allowed")
        now = clock.now()
        inquiry.last_seq += 1
        inquiry.state = Inquiry.ANSWERED
        inquiry.save(update_fields=["last_seq", "state"])
        InquiryMessage.objects.create(
            inquiry=inquiry,
            seq=inquiry.last_seq,
            client_id=form_id,
            sender="counselor",
            author_id=reader.counselor,
            body_sealed=seal.seal(body),
            sent_at=now,
        )
        InquiryDraft.objects.filter(inquiry=inquiry).delete()
        if inquiry.wants_mail:
            OutgoingMail.objects.create(inquiry=inquiry, seq=inquiry.last_seq, next_at=now)


def close(reader: Reader, inquiry_id: uuid.UUID, outcome: str) -> None:
    """End an inquiry. Raises ChatError ``not_found`` or ``invalid``."""
    if outcome not in OUTCOMES:
        raise ChatError("invalid", field="outcome")
    with transaction.atomic():
        inquiry = _mine(reader, inquiry_id)
        inquiry.state = Inquiry.CLOSED
        inquiry.outcome = outcome
        inquiry.closed_at = clock.now()
        inquiry.save(update_fields=["state", "outcome", "closed_at"])
        InquiryDraft.objects.filter(inquiry=inquiry).delete()


def _mine(reader: Reader, inquiry_id: uuid.UUID) -> Inquiry:
    """Lock what the reader has claimed and is not closed. Raises ChatError ``not_found``."""
    inquiry = (
        Inquiry.objects.select_for_update()
        .filter(id=inquiry_id, counselor_id=reader.counselor)
        .exclude(state=Inquiry.CLOSED)
        .first()
    )
    if inquiry is None:
        raise ChatError("not_found")
    return inquiry
