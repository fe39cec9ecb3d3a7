"""Writing to counselors by mail: the form, what comes back, and whose eyes it is for."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import AsyncClient

from chat.models import Inquiry, InquiryMessage, OutgoingMail
from tests.chat.html import Page

WRITE = "/ja/mail/youth/"
THREAD = "/ja/mail/"
SetClock = Callable[[str], None]

pytestmark = pytest.mark.usefixtures("seed", "process")


@pytest.fixture
def vera() -> AsyncClient:
    return AsyncClient()


def words(**fields: str) -> dict[str, str]:
    return {"form_id": str(uuid.uuid4()), "body": "ねむれません", "consent": "on", **fields}


async def send(client: AsyncClient, path: str = WRITE, status: int = 303, **fields: str) -> Any:
    response = await client.post(path, words(**fields))
    assert response.status_code == status, response.content.decode()
    return response


async def look(client: AsyncClient, path: str, status: int = 200) -> Page:
    response = await client.get(path)
    assert response.status_code == status
    return Page(response.content.decode())


async def test_what_was_written_is_there_to_read_again(vera: AsyncClient) -> None:
    response = await send(vera)
    assert response["Location"] == THREAD
    page = await look(vera, THREAD)
    assert "受け取りました" in page.words
    assert "ねむれません" in page.words
    assert "きょう 16:30" in page.words


async def test_nobody_else_reads_it(vera: AsyncClient) -> None:
    await send(vera)
    page = await look(AsyncClient(), THREAD)
    assert "見つかりませんでした" in page.words
    assert "ねむれません" not in page.words


async def test_every_kanji_of_the_form_has_a_reading(vera: AsyncClient) -> None:
    page = await look(vera, WRITE)
    assert page.bare_kanji == []


async def test_the_words_are_sealed(vera: AsyncClient) -> None:
    await send(vera, nickname="ベラ")
    inquiry = await Inquiry.objects.aget()
    message = await InquiryMessage.objects.aget()
    assert "ねむれません".encode() not in bytes(message.body_sealed)
    assert "ベラ".encode() not in bytes(inquiry.entry_sealed)


async def test_the_same_form_twice_opens_one(vera: AsyncClient) -> None:
    form_id = str(uuid.uuid4())
    for _ in range(2):
        await send(vera, form_id=form_id)
    assert await InquiryMessage.objects.acount() == 1


async def test_other_words_in_the_same_form_are_kept_too(vera: AsyncClient) -> None:
    form_id = str(uuid.uuid4())
    await send(vera, form_id=form_id)
    await send(vera, form_id=form_id, body="やっぱり、もうひとつ")
    assert await Inquiry.objects.acount() == 1
    page = await look(vera, THREAD)
    assert "ねむれません" in page.words
    assert "やっぱり、もうひとつ" in page.words


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"body": " "}, "ひとことでも書いてください"),
        ({"body": "あ" * 4001}, "4000字までです"),
        ({"consent": ""}, "よければチェックを入れてください"),
        ({"reply": "mail"}, "メールアドレスを書いてください"),
        ({"reply": "mail", "address": "vera"}, "メールアドレスを、もういちど見てください"),
    ],
)
async def test_what_is_missing_is_said_and_the_words_stay(
    vera: AsyncClient, settings: Any, fields: dict[str, str], said: str
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    response = await send(vera, status=400, nickname="ベラ", **fields)
    page = Page(response.content.decode())
    assert said in page.words
    assert page.element("nickname")["value"] == "ベラ"
    assert await Inquiry.objects.acount() == 0


async def test_an_address_is_kept_only_where_mail_is_wanted(vera: AsyncClient, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    await send(vera, reply="site", address="vera@example.org")
    assert await OutgoingMail.objects.acount() == 0
    await send(AsyncClient(), reply="mail", address="vera@example.org")
    assert await OutgoingMail.objects.acount() == 1


async def test_no_address_is_asked_where_no_mail_can_go_out(vera: AsyncClient) -> None:
    assert "メールアドレス" not in (await look(vera, WRITE)).words


async def test_a_program_that_fills_in_every_field_opens_nothing(vera: AsyncClient) -> None:
    await send(vera, website="https://spam.example")
    assert await Inquiry.objects.acount() == 0


async def test_a_flood_from_one_address_is_held_and_keeps_its_words(vera: AsyncClient, settings: Any) -> None:
    settings.ENTRIES_PER_HOUR = 2
    for _ in range(2):
        await send(AsyncClient())
    response = await send(vera, status=429)
    assert "Retry-After" in response
    assert "ねむれません" in response.content.decode()


async def test_a_form_of_another_site_is_refused(vera: AsyncClient) -> None:
    response = await vera.post(WRITE, words(), headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert await Inquiry.objects.acount() == 0


@pytest.mark.parametrize(
    ("at", "said"),
    [("2024-12-20 12:00", "まだ書けません"), ("2025-01-04 10:00", "メールの期間は おわりました")],
)
async def test_outside_the_campaign_nothing_is_taken_and_the_words_stay(
    vera: AsyncClient, set_clock: SetClock, at: str, said: str
) -> None:
    set_clock(at)
    assert said in (await look(vera, WRITE)).words
    response = await send(vera, status=403)
    assert "ねむれません" in response.content.decode()


async def test_mail_is_open_around_the_clock(vera: AsyncClient, set_clock: SetClock) -> None:
    set_clock("2025-01-01 03:00")
    await send(vera)


async def test_one_can_go_on_writing_and_an_answered_one_waits_again(vera: AsyncClient) -> None:
    await send(vera)
    await Inquiry.objects.aupdate(state=Inquiry.ANSWERED)
    response = await vera.post(THREAD, {"form_id": str(uuid.uuid4()), "body": "ありがとう"})
    assert response.status_code == 303
    assert (await Inquiry.objects.aget()).state == Inquiry.WAITING
    assert "ありがとう" in (await look(vera, THREAD)).words


async def test_a_closed_one_takes_no_more_and_says_where_to_go(vera: AsyncClient) -> None:
    await send(vera)
    await Inquiry.objects.aupdate(state=Inquiry.CLOSED)
    response = await vera.post(THREAD, {"form_id": str(uuid.uuid4()), "body": "まだあります"})
    assert response.status_code == 400
    assert WRITE in Page(response.content.decode()).links()


async def test_quick_exit_forgets_the_mail_too(vera: AsyncClient) -> None:
    await send(vera)
    await vera.get("/close/")
    assert "ねむれません" not in (await look(vera, THREAD)).words


async def test_a_phrase_leads_to_the_answer_from_another_device(vera: AsyncClient) -> None:
    await send(vera)
    shown = await vera.post("/ja/mail/phrase/")
    phrase = re.search(r'role="status">([^<]+)<', shown.content.decode())
    assert phrase is not None
    other = AsyncClient()
    response = await other.post("/ja/return/", {"phrase": phrase[1]})
    assert response["Location"] == THREAD
    assert "ねむれません" in (await look(other, THREAD)).words
    assert "ねむれません" in (await look(vera, THREAD)).words


async def test_a_phrase_of_nobodys_leads_nowhere(vera: AsyncClient) -> None:
    response = await vera.post("/ja/mail/phrase/")
    assert response["Location"] == THREAD
