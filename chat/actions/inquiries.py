"""Consultations by mail: taking one in, going on with it, and what its page shows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import transaction

from chat import access, campaigns, db
from chat.models import Inquiry, InquiryMessage, OutgoingMail
from chat.rules.conversation import is_fit
from chat.rules.errors import ChatError, Refusal
from chat.rules.hours import phase, state_of
from chat.rules.inquiries import BODY_MAX, due_at
from chat.rules.types import Audience, Campaign
from chat.sealing import new_data_key, sealer
from notalone import clock


@dataclass(frozen=True, slots=True)
class InquiryRequest:
    """What the visitor wrote. ``form_id`` is the form's own; ``address`` is empty unless mail is wanted."""

    form_id: uuid.UUID
    audience: Audience
    language: str
    body: str
    topic: str = ""
    nickname: str = ""
    urgency: int = 0
    address: str = ""
    wants_words_in_mail: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One message as the page shows it. ``sender``: visitor or counselor."""

    seq: int
    sender: str
    body: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Thread:
    """An inquiry as its visitor sees it."""

    id: uuid.UUID
    audience: Audience
    state: str
    wants_mail: bool
    lines: tuple[Line, ...]


async def open_inquiry(request: InquiryRequest) -> str:
    """Take an inquiry in; give the token that opens it. Sent again, the same form opens nothing new.

    Raises ChatError ``campaign_not_started``, ``campaign_over``, ``outside_window`` (with the refusal),
    ``body_empty``, ``body_too_long``, ``invalid`` or ``unavailable``.
    """
    now = clock.now()
    campaign = (await campaigns.loaded()).current(now)
    refusal = refusal_for(campaign, request.audience, now)
    if refusal is not None or campaign is None:
        code = refusal.code if refusal else "campaign_over"
        raise ChatError(code, refusal=refusal)
    check_body(request.body)
    token = access.token_for_form(request.form_id)
    await db.run(_open, campaign.slug, request, token, now)
    return token


def refusal_for(campaign: Campaign | None, audience: Audience, now: datetime) -> Refusal | None:
    """Say why nothing can be written now, or None when it can."""
    if campaign is None:
        return Refusal("campaign_not_started", None)
    service = campaign.service("mail", audience)
    state = state_of(campaign, service, now) if service else None
    retry_at = state.next_opens_at if state else None
    match phase(campaign, now):
        case "announced":
            return Refusal("campaign_not_started", retry_at)
        case "closed":
            return Refusal("campaign_over", None)
    return None if state is not None and state.is_open else Refusal("outside_window", retry_at)


def check_body(body: str) -> None:
    """Raise ChatError for a body that can not be taken."""
    if not body.strip():
        raise ChatError("body_empty", field="body")
    if len(body) > BODY_MAX:
        raise ChatError("body_too_long", field="body")
    if not is_fit(body):
        raise ChatError("invalid", field="body")


def _open(campaign: str, request: InquiryRequest, token: str, now: datetime) -> None:
    with transaction.atomic():
        known = Inquiry.objects.filter(form_id=request.form_id).first()
        if known is not None:
            _add_if_changed(known, request.body, now)
            return
        inquiry = Inquiry(
            campaign_id=campaign,
            token_hash=access.token_hash(token),
            form_id=request.form_id,
            audience=request.audience,
            language=request.language,
            urgency=request.urgency,
            wants_mail=bool(request.address),
            wants_words_in_mail=bool(request.address) and request.wants_words_in_mail,
            last_seq=1,
            opened_at=now,
            due_at=due_at(now, request.urgency),
        )
        _, inquiry.key_sealed = new_data_key(inquiry.id)
        seal = sealer(inquiry.id, inquiry.key_sealed).seal
        entry = {"nickname": request.nickname, "topic": request.topic, "address": request.address}
        inquiry.entry_sealed = seal(msgspec.json.encode(entry).decode())
        inquiry.save(force_insert=True)
        InquiryMessage.objects.create(
            inquiry=inquiry,
            seq=1,
            client_id=request.form_id,
            sender="visitor",
            body_sealed=seal(request.body),
            sent_at=now,
        )
        if inquiry.wants_mail:
            OutgoingMail.objects.create(inquiry=inquiry, next_at=now)


def _add_if_changed(inquiry: Inquiry, body: str, now: datetime) -> None:
    """Keep the other words of somebody who went back to the form and sent it once more."""
    if body not in {line.body for line in lines_of(inquiry)} and inquiry.state != Inquiry.CLOSED:
        _add(Inquiry.objects.select_for_update().get(id=inquiry.id), uuid.uuid4(), body, now)


async def write_more(token: str, form_id: uuid.UUID, body: str) -> None:
    """Add to an inquiry; an answered one waits again.

    Raises ChatError ``not_found``, ``conversation_closed``, ``body_empty``, ``body_too_long``, ``invalid`` or
    ``unavailable``.
    """
    check_body(body)
    await db.run(_write_more, token, form_id, body, clock.now())


def _write_more(token: str, form_id: uuid.UUID, body: str, now: datetime) -> None:
    with transaction.atomic():
        found = access.inquiry_for_token(token)
        if found is None:
            raise ChatError("not_found")
        inquiry = Inquiry.objects.select_for_update().get(id=found.id)
        if inquiry.messages.filter(client_id=form_id).exists():
            return
        if inquiry.state == Inquiry.CLOSED:
            raise ChatError("conversation_closed")
        _add(inquiry, form_id, body, now)


def _add(inquiry: Inquiry, client_id: uuid.UUID, body: str, now: datetime) -> None:
    inquiry.last_seq += 1
    InquiryMessage.objects.create(
        inquiry=inquiry,
        seq=inquiry.last_seq,
        client_id=client_id,
        sender="visitor",
        body_sealed=sealer(inquiry.id, inquiry.key_sealed).seal(body),
        sent_at=now,
    )
    if inquiry.state == Inquiry.ANSWERED:
        inquiry.due_at = due_at(now, inquiry.urgency)
        inquiry.state = Inquiry.CLAIMED if inquiry.counselor_id else Inquiry.WAITING
    inquiry.save(update_fields=["last_seq", "due_at", "state"])


async def thread_for(token: str) -> Thread | None:
    """Give what a token opens, or None. Raises ChatError ``unavailable``."""
    return await db.run(_thread_for, token)


def _thread_for(token: str) -> Thread | None:
    inquiry = access.inquiry_for_token(token)
    if inquiry is None:
        return None
    return Thread(
        id=inquiry.id,
        audience="youth" if inquiry.audience == "youth" else "general",
        state=inquiry.state,
        wants_mail=inquiry.wants_mail,
        lines=lines_of(inquiry),
    )


def lines_of(inquiry: Inquiry) -> tuple[Line, ...]:
    """Read the messages in order (a database thread's work)."""
    opener = sealer(inquiry.id, inquiry.key_sealed)
    return tuple(
        Line(row.seq, row.sender, opener.open(row.body_sealed), row.sent_at)
        for row in inquiry.messages.order_by("seq")
    )
