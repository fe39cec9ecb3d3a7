"""The outbox: what tells visitors by mail that something is there for them.

A row is written with what it tells of, and sent afterwards by the sweeper, again and again while the mail
server is away. A row is taken by one conditional update, so two sweepers send nothing twice; where one dies
while it sends, the row is tried again under the same Message-ID, which mail programs show once.
"""

from __future__ import annotations

import asyncio
import logging
import smtplib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils import translation

from chat import db
from chat.models import InquiryMessage, OutgoingMail
from chat.rules.inquiries import retry_at
from chat.sealing import sealer

logger = logging.getLogger(__name__)

SENDING_WITHIN = timedelta(minutes=5)
AT_ONCE = 20
TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """One mail, ready to go. ``created_at``: when it was first to be sent."""

    id: uuid.UUID
    attempts: int
    first_at: datetime
    message: EmailMessage


async def send_due(now: datetime) -> None:
    """Send what is due. Raises ChatError ``unavailable``."""
    if not settings.EMAIL_HOST:
        return
    for mail in await db.run(read_due, now):
        prepared = await db.run(take, mail, now)
        if prepared is None:  # another sweeper was quicker
            continue
        fault = await asyncio.to_thread(send, prepared.message)
        await db.run(note, prepared, fault, now)


def read_due(now: datetime) -> list[OutgoingMail]:
    """Read what is due, the longest waiting first (a database thread's work)."""
    states = [OutgoingMail.WAITING, OutgoingMail.SENDING]
    due = OutgoingMail.objects.filter(state__in=states, next_at__lte=now)
    return list(due.select_related("inquiry").order_by("next_at")[:AT_ONCE])


def take(mail: OutgoingMail, now: datetime) -> Prepared | None:
    """Take a mail as it was read, so that nobody else does; None when somebody has (a database thread's
    work)."""
    taken = OutgoingMail.objects.filter(id=mail.id, state=mail.state, next_at=mail.next_at).update(
        state=OutgoingMail.SENDING, attempts=mail.attempts + 1, next_at=now + SENDING_WITHIN
    )
    return Prepared(mail.id, mail.attempts + 1, _first_at(mail), _message(mail)) if taken == 1 else None


def _first_at(mail: OutgoingMail) -> datetime:
    if mail.seq == 0:
        return mail.inquiry.opened_at
    sent_at = InquiryMessage.objects.filter(inquiry=mail.inquiry, seq=mail.seq).values_list(
        "sent_at", flat=True
    )
    return sent_at.get()


def _message(mail: OutgoingMail) -> EmailMessage:
    inquiry = mail.inquiry
    opener = sealer(inquiry.id, inquiry.key_sealed)
    entry = msgspec.json.decode(opener.open(inquiry.entry_sealed), type=dict[str, str])
    words = ""
    if mail.seq and inquiry.wants_words_in_mail:
        words = opener.open(inquiry.messages.get(seq=mail.seq).body_sealed)
    with translation.override(inquiry.language):
        context = {"seq": mail.seq, "words": words, "site": settings.SITE}
        subject = render_to_string("chat/mail/subject.txt", context).strip()
        body = render_to_string("chat/mail/letter.txt", context).strip() + "\n"
    host = settings.MAIL_FROM.rpartition("@")[2].strip(" >") or "localhost"
    return EmailMessage(
        subject,
        body,
        from_email=settings.MAIL_FROM,
        to=[entry["address"]],
        headers={
            "Message-ID": f"<{mail.id}@{host}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: an absence's answer does not answer this
        },
    )


def send(message: EmailMessage) -> str:
    """Hand one mail to the server; give the fault, or nothing. Never the server's text: it may quote us."""
    try:
        connection = get_connection(timeout=TIMEOUT_S)
        connection.send_messages([message])
    except smtplib.SMTPResponseException as error:
        return str(error.smtp_code)
    except smtplib.SMTPRecipientsRefused as error:
        return str(next(iter(error.recipients.values()))[0])
    except (smtplib.SMTPException, OSError) as error:
        return type(error).__name__[:40]
    return ""


def note(prepared: Prepared, fault: str, now: datetime) -> None:
    """Write down what became of a mail (a database thread's work)."""
    mine = OutgoingMail.objects.filter(id=prepared.id, state=OutgoingMail.SENDING, attempts=prepared.attempts)
    if not fault:
        mine.update(state=OutgoingMail.SENT, sent_at=now, fault="")
        return
    logger.warning("a mail was not taken: %s", fault)
    again = None if fault.startswith("5") else retry_at(prepared.first_at, prepared.attempts, now)
    if again is None:
        mine.update(state=OutgoingMail.FAILED, fault=fault)
    else:
        mine.update(state=OutgoingMail.WAITING, next_at=again, fault=fault)
