"""Mails to visitors: what they say, and that a dead mail server loses none and doubles none."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from django.db import connection

from chat import db
from chat.actions.inquiries import InquiryRequest, open_inquiry
from chat.actions.outgoing_mail import read_due, send_due, take
from chat.models import Inquiry, OutgoingMail
from notalone import clock
from tests.service import free_port

pytestmark = pytest.mark.usefixtures("seed", "process")
SECRET = "ひみつのことば"


class Postman:
    """A mail server that can be told what to answer, and keeps what it took."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.taken: list[Envelope] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            self.taken.append(envelope)
        return self.answer

    def letters(self) -> list[Message]:
        return [message_from_bytes(envelope.content) for envelope in self.taken]  # type: ignore[arg-type]


@pytest.fixture
async def postman(settings: Any) -> AsyncIterator[Postman]:
    handler = Postman()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    settings.MAIL_FROM = "noreply@hitori.example.jp"
    settings.SITE = "https://hitori.example.jp"
    yield handler
    controller.stop()


async def ask(**fields: Any) -> None:
    request = {"audience": "youth", "language": "ja", "body": SECRET, "address": "vera@example.org"} | fields
    await open_inquiry(InquiryRequest(form_id=uuid.uuid4(), **request))


def text_of(letter: Message) -> str:
    payload = letter.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


async def test_a_receipt_goes_out_without_a_word_of_the_content(postman: Postman) -> None:
    await ask()
    await send_due(clock.now())
    (letter,) = postman.letters()
    assert letter["To"] == "vera@example.org"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert SECRET not in text_of(letter)
    assert "https://hitori.example.jp/ja/mail/" in text_of(letter)


async def test_who_wants_no_mail_gets_none(postman: Postman) -> None:
    await ask(address="")
    await send_due(clock.now())
    assert postman.taken == []


async def test_a_mail_is_sent_once(postman: Postman) -> None:
    await ask()
    await send_due(clock.now())
    await send_due(clock.now() + timedelta(hours=1))
    assert len(postman.taken) == 1


@pytest.mark.parametrize("answer", ["451 Later", "421 Busy"])
async def test_a_mail_server_that_can_not_take_it_is_asked_again(postman: Postman, answer: str) -> None:
    await ask()
    postman.answer = answer
    now = clock.now()
    await send_due(now)
    postman.answer = "250 OK"
    await send_due(now)
    assert postman.taken == []  # not yet
    await send_due(now + timedelta(minutes=1))
    assert len(postman.taken) == 1
    mail = await OutgoingMail.objects.aget()
    assert (mail.state, mail.attempts) == ("sent", 2)


async def test_a_dead_mail_server_is_asked_again(postman: Postman, settings: Any) -> None:
    await ask()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    now = clock.now()
    await send_due(now)
    assert (await OutgoingMail.objects.aget()).fault == "ConnectionRefusedError"
    settings.EMAIL_PORT = port
    await send_due(now + timedelta(minutes=1))
    assert len(postman.taken) == 1


async def test_an_address_that_is_refused_for_good_is_given_up(postman: Postman) -> None:
    await ask()
    postman.answer = "550 No such user"
    await send_due(clock.now())
    mail = await OutgoingMail.objects.aget()
    assert (mail.state, mail.fault) == ("failed", "550")


async def test_of_two_senders_one_takes_a_mail(postman: Postman) -> None:
    await ask()
    now = clock.now()
    first, second = await db.run(read_due, now), await db.run(read_due, now)
    assert await db.run(take, first[0], now) is not None
    assert await db.run(take, second[0], now) is None


async def test_a_round_looks_for_what_is_due_once(postman: Postman) -> None:
    for _ in range(3):
        await ask()
    asked: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    def watched(now: Any) -> list[OutgoingMail]:
        with connection.execute_wrapper(note):
            return read_due(now)

    assert len(await db.run(watched, clock.now())) == 3
    assert len(asked) == 1
    await send_due(clock.now())
    assert len(postman.taken) == 3


async def test_a_sender_that_died_is_taken_over_under_the_same_id(postman: Postman) -> None:
    await ask()
    now = clock.now()
    (mail,) = await db.run(read_due, now)
    assert await db.run(take, mail, now) is not None  # and then it dies
    await send_due(now)
    assert postman.taken == []
    await send_due(now + timedelta(minutes=5))
    (letter,) = postman.letters()
    assert str((await OutgoingMail.objects.aget()).id) in letter["Message-ID"]


async def test_an_answer_has_its_words_only_where_the_visitor_wants_them(
    postman: Postman, set_clock: Callable[[str], None]
) -> None:
    from chat.sealing import sealer

    for wanted in (False, True):
        await ask(wants_words_in_mail=wanted)
    async for inquiry in Inquiry.objects.all():
        seal = sealer(inquiry.id, inquiry.key_sealed).seal
        await inquiry.messages.acreate(
            seq=2,
            client_id=uuid.uuid4(),
            sender="counselor",
            body_sealed=seal("おへんじ"),
            sent_at=clock.now(),
        )
        await OutgoingMail.objects.acreate(inquiry=inquiry, seq=2, next_at=clock.now())
    await send_due(clock.now())
    answers = [text_of(letter) for letter in postman.letters() if "お返事が届いています" in text_of(letter)]
    assert sorted("おへんじ" in answer for answer in answers) == [False, True]
