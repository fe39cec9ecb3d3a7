"""The way back from another device: by a phrase, for who knows it, and for nobody who guesses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import AsyncClient

from chat import runtime
from chat.actions import returning
from chat.actions.sweep import sweep
from chat.db import run
from chat.models import ReturnPhrase, ReturnToken, Ticket
from chat.sealing import phrase_hashes
from tests.chat.api import Caller, error_of, post
from tests.chat.html import Page
from tests.outages import NOWHERE
from tests.sockets import available, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

SetClock = Callable[[str], None]
WRONG = "いぬ・いぬ・いぬ・いぬ・いぬ・いぬ"  # six words: never a phrase of ours


async def phrase_for(opened: dict[str, Any]) -> str:
    response = await AsyncClient().post(
        f"/api/v1/tickets/{opened['ticket']}/phrase", headers={"Authorization": f"Bearer {opened['token']}"}
    )
    assert response.status_code == 201, response.content
    return str(response.json()["phrase"])


async def come_back(phrase: str, address: str = "203.0.113.7") -> Any:
    return await Caller(address).post("/api/v1/return", {"phrase": phrase}, content_type="application/json")


async def opened() -> tuple[dict[str, Any], str]:
    ticket = (await post()).json()
    return ticket, await phrase_for(ticket)


# --- the way back ---


async def test_a_phrase_opens_the_same_ticket_for_another_device() -> None:
    ticket, phrase = await opened()
    back = (await come_back(phrase)).json()
    assert set(back) == {"state", "ticket", "audience", "token", "websocket"}
    assert (back["state"], back["ticket"], back["audience"]) == ("live", ticket["ticket"], "youth")
    assert back["token"] != ticket["token"]
    assert (await (await visitor(back["token"])).take("welcome"))["position"] == 1


async def test_one_talk_goes_on_on_the_other_device_and_the_first_is_told_so() -> None:
    await available(await member("carla"))
    ticket, phrase = await opened()
    phone = await visitor(ticket["token"])
    conversation = (await phone.take("welcome", state="paired"))["conversation"]
    ref = message_id()
    await phone.send("message.send", id=ref, body="もしもし")
    await phone.take("message.ack", id=ref)
    laptop = await visitor((await come_back(phrase)).json()["token"])
    assert (await laptop.take("welcome"))["conversation"] == conversation
    assert (await laptop.take("message"))["body"] == "もしもし"
    assert await phone.closed() == 4409
    assert (await (await visitor(ticket["token"])).take("welcome"))["conversation"] == conversation


async def test_the_phrase_counts_in_katakana_and_without_signs() -> None:
    _, phrase = await opened()
    katakana = "".join(chr(ord(ch) + 0x60) if "ぁ" <= ch <= "ん" else " " for ch in phrase)
    assert (await come_back(katakana)).status_code == 200


async def test_a_new_phrase_ends_the_one_before() -> None:
    ticket, first = await opened()
    second = await phrase_for(ticket)
    assert (await come_back(first)).status_code == 404
    assert (await come_back(second)).status_code == 200


async def test_a_token_of_the_second_device_makes_a_phrase_and_leaves_too() -> None:
    _, phrase = await opened()
    back = (await come_back(phrase)).json()
    await phrase_for(back)
    response = await AsyncClient().delete(
        f"/api/v1/tickets/{back['ticket']}", headers={"Authorization": f"Bearer {back['token']}"}
    )
    assert response.status_code == 204
    assert (await Ticket.objects.aget()).state == Ticket.LEFT


# --- after the end ---


async def leave(ticket: dict[str, Any]) -> None:
    await AsyncClient().delete(
        f"/api/v1/tickets/{ticket['ticket']}", headers={"Authorization": f"Bearer {ticket['token']}"}
    )


async def test_after_the_end_it_opens_nothing_but_a_new_entry_that_goes_on() -> None:
    ticket, phrase = await opened()
    await leave(ticket)
    assert (await come_back(phrase)).json() == {
        "state": "ended",
        "ticket": ticket["ticket"],
        "audience": "youth",
    }
    again = (await post(returning=phrase)).json()
    assert str((await Ticket.objects.aget(id=again["ticket"])).visit_id) == ticket["ticket"]


async def test_half_an_hour_after_the_end_it_leads_nowhere_and_is_erased(set_clock: SetClock) -> None:
    ticket, phrase = await opened()
    await leave(ticket)
    set_clock("2024-12-28 17:01:00")
    assert (await come_back(phrase)).status_code == 404
    again = (await post(returning=phrase)).json()
    assert (await Ticket.objects.aget(id=again["ticket"])).visit_id is None
    await sweep()
    assert not await ReturnPhrase.objects.aexists()


async def test_an_entry_never_fails_by_what_it_returns_by(settings: Any) -> None:
    for returned_by in (WRONG, "x" * 43, ""):
        assert (await post(returning=returned_by)).status_code == 201
    settings.REDIS_URL = NOWHERE
    await runtime.stop()
    assert (await post(returning=WRONG)).status_code == 201


# --- guessing ---


async def test_a_wrong_phrase_looks_like_one_that_was_never_made() -> None:
    _, phrase = await opened()
    answers = [await come_back(WRONG), await come_back(phrase + "いぬ"), await come_back("abc")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


async def test_one_address_may_try_ten_times_in_ten_minutes(set_clock: SetClock) -> None:
    _, phrase = await opened()
    for _ in range(returning.TRIES):
        assert (await come_back(WRONG)).status_code == 404
    held = await come_back(phrase)  # the right one, too: or guessing would only need to go on
    assert (held.status_code, error_of(held)["code"]) == (429, "too_many")
    assert 0 < int(held["Retry-After"]) <= 600
    assert (await come_back(phrase, "203.0.113.8")).status_code == 200
    set_clock("2024-12-28 16:40:30")
    assert (await come_back(phrase)).status_code == 200


async def test_many_who_guess_from_many_addresses_are_held_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(returning, "WRONG_AN_HOUR", 30)
    _, phrase = await opened()
    statuses = [(await come_back(WRONG, f"2001:db8:{n:x}::1")).status_code for n in range(40)]
    assert statuses == [404] * 30 + [429] * 10
    assert (await come_back(phrase, "203.0.113.9")).status_code == 429


async def test_right_phrases_do_not_count_as_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returning, "WRONG_AN_HOUR", 3)
    _, phrase = await opened()
    assert {(await come_back(phrase, f"2001:db8:{n:x}::1")).status_code for n in range(8)} == {200}


async def test_guessing_by_entering_is_held_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    _, phrase = await opened()
    for _ in range(returning.TRIES):
        await post(returning=WRONG)
    again = (await post(returning=phrase)).json()
    assert (await Ticket.objects.aget(id=again["ticket"])).visit_id is None


async def test_a_ticket_makes_six_phrases_an_hour() -> None:
    ticket, _ = await opened()
    for _ in range(returning.MADE_AN_HOUR - 1):
        await phrase_for(ticket)
    response = await AsyncClient().post(
        f"/api/v1/tickets/{ticket['ticket']}/phrase", headers={"Authorization": f"Bearer {ticket['token']}"}
    )
    assert response.status_code == 429


async def test_without_redis_no_phrase_opens_anything(settings: Any) -> None:
    _, phrase = await opened()
    await runtime.stop()
    settings.REDIS_URL = NOWHERE
    assert (await come_back(phrase)).status_code == 503


async def test_tokens_can_not_be_guessed_by_their_beginning() -> None:
    ticket = (await post()).json()
    token = ticket["token"]
    for guess in (token[:-1], token + "A", token[:-1] + ("A" if token[-1] != "A" else "B"), token.upper()):
        response = await AsyncClient().post(
            f"/api/v1/tickets/{ticket['ticket']}/phrase", headers={"Authorization": f"Bearer {guess}"}
        )
        assert response.status_code == 404


# --- what is kept ---


async def test_only_slow_keyed_hashes_are_kept(settings: Any) -> None:
    _, phrase = await opened()
    plain = phrase.replace("・", "")
    row = await ReturnPhrase.objects.aget()
    assert bytes(row.phrase_hash) == (await run(phrase_hashes, plain))[0]
    settings.CONTENT_KEYS = "other:" + "33" * 32
    assert bytes(row.phrase_hash) not in await run(phrase_hashes, plain)


async def test_a_phrase_outlives_a_change_of_keys(settings: Any) -> None:
    _, phrase = await opened()
    settings.CONTENT_KEYS = "new:" + "22" * 32 + "," + settings.CONTENT_KEYS
    assert (await come_back(phrase)).status_code == 200


async def test_no_log_line_has_the_phrase_or_the_address(caplog: Any) -> None:
    caplog.set_level("DEBUG")
    _, phrase = await opened()
    await come_back(phrase)
    await come_back(WRONG)
    for secret in (phrase, phrase.replace("・", ""), "いぬ・いぬ", "203.0.113.7"):
        assert secret not in caplog.text


async def test_the_answers_are_kept_by_no_cache() -> None:
    _, phrase = await opened()
    assert (await come_back(phrase))["Cache-Control"] == "no-store"


@pytest.mark.parametrize("body", [{}, {"phrase": 1}, {"phrase": "あ" * 301}, {"phrase": "あ", "x": 1}])
async def test_a_bad_body_is_invalid(body: dict[str, Any]) -> None:
    response = await AsyncClient().post("/api/v1/return", body, content_type="application/json")
    assert (response.status_code, error_of(response)["code"]) == (400, "invalid")


# --- pages ---


async def enter_by_page(client: AsyncClient) -> None:
    response = await client.post("/ja/chat/youth/", {"consent": "on"})
    assert response.status_code == 303


async def phrase_by_page(client: AsyncClient) -> str:
    response = await client.post("/ja/talk/phrase/")
    assert response.status_code == 201
    return str(json.loads(response.content)["phrase"])


async def say_on_page(client: AsyncClient, phrase: str) -> HttpResponse:
    response: HttpResponse = await client.post("/ja/return/", {"phrase": phrase})
    return response


async def test_by_page_the_other_browser_has_the_talk() -> None:
    phone, laptop = AsyncClient(), AsyncClient()
    await enter_by_page(phone)
    response = await say_on_page(laptop, await phrase_by_page(phone))
    assert (response.status_code, response["Location"]) == (303, "/ja/talk/")
    cookie = laptop.cookies["notalone_ticket"]
    assert cookie.value != phone.cookies["notalone_ticket"].value
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


async def test_by_page_a_wrong_phrase_is_answered_kindly_and_stays_in_the_box() -> None:
    response = await say_on_page(AsyncClient(), WRONG)
    page = Page(response.content.decode())
    assert response.status_code == 404
    assert page.element("phrase")["value"] == WRONG
    assert "見つかりませんでした" in page.words


async def test_by_page_an_ended_talk_leads_to_an_entry_that_goes_on() -> None:
    phone, laptop = AsyncClient(), AsyncClient()
    await enter_by_page(phone)
    phrase = await phrase_by_page(phone)
    await phone.post("/ja/talk/leave/")
    shown = await say_on_page(laptop, phrase)
    page = Page(shown.content.decode())
    assert shown.status_code == 200
    assert page.element("entry")["action"] == "/ja/chat/youth/"
    await laptop.post("/ja/chat/youth/", {"consent": "on", "returning": phrase})
    first, second = [ticket async for ticket in Ticket.objects.order_by("opened_at")]
    assert second.visit_id == first.id


async def test_the_same_browser_goes_on_with_its_visit_by_its_cookie() -> None:
    client = AsyncClient()
    await enter_by_page(client)
    first = await Ticket.objects.aget()
    await Ticket.objects.aupdate(state=Ticket.EXPIRED, ended_at=first.opened_at)
    await enter_by_page(client)
    assert (await Ticket.objects.aget(visit=first)).state == Ticket.WAITING


async def test_without_a_ticket_there_is_no_phrase() -> None:
    assert (await AsyncClient().post("/ja/talk/phrase/")).status_code == 404
    assert not await ReturnToken.objects.aexists()


async def test_another_site_s_page_makes_no_phrase() -> None:
    client = AsyncClient()
    await enter_by_page(client)
    for path in ("/ja/talk/phrase/", "/ja/return/"):
        response = await client.post(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert response.status_code == 403
