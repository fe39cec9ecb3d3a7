"""The visitor's pages: what each says in each state, and what none of them ever does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.test import AsyncClient
from django.test.client import AsyncRequestFactory

from chat import pages
from chat.models import ServiceRow, Ticket
from chat.rules.errors import ChatError
from tests.chat.html import Page

ENTRY = "/ja/chat/youth/"
GENERAL = "/ja/chat/general/"
TALK = "/ja/talk/"
CONSENT = {"consent": "on"}
SetClock = Callable[[str], None]

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("seed")]


@pytest.fixture
async def visitor(seed: None, process: None) -> AsyncClient:
    """Vera's browser."""
    return AsyncClient()


def static_file(name: str) -> bytes:
    return Path(str(finders.find(name))).read_bytes()


async def look(client: AsyncClient, path: str, status: int = 200) -> Page:
    response = await client.get(path)
    assert response.status_code == status
    return Page(response.content.decode())


async def enter(client: AsyncClient, **words: Any) -> Any:
    return await client.post(words.pop("path", ENTRY), {**CONSENT, **words}, **words.pop("extra", {}))


async def set_accepting(channel: str, accepting: bool) -> None:
    from chat import campaigns

    await ServiceRow.objects.filter(channel=channel).aupdate(accepting=accepting)
    campaigns.forget()


# --- The start page ---


@pytest.mark.parametrize("path", ["/", "/ja/"])
async def test_start_shows_what_is_open_now(visitor: AsyncClient, path: str) -> None:
    page = await look(visitor, path)
    assert page.words.count("チャットをはじめる") == 2
    assert "きょう 22:00 まで受けつけています" in page.words
    assert "#9999 に電話する" in page.words
    closed = page.words.split("いまは閉まっているところ")[1].split("一般")[0]
    assert "毎日 10:00〜16:00" in closed
    assert "つぎは あした 10:00 に開きます" in closed


async def test_start_leads_to_the_numbers_as_a_tap(visitor: AsyncClient) -> None:
    links = (await look(visitor, "/")).links()
    assert {"tel:%239999", "tel:0120-494949", "tel:119", "tel:110"} <= set(links)


async def test_start_shows_no_mail_where_it_has_no_page(visitor: AsyncClient) -> None:
    from chat import campaigns

    await ServiceRow.objects.filter(channel="mail").aupdate(url="")
    campaigns.forget()
    assert "メール" not in (await look(visitor, "/")).words


async def test_start_shows_mail_where_it_has_a_page(visitor: AsyncClient) -> None:
    assert {"/ja/mail/youth/", "/ja/mail/general/"} <= set((await look(visitor, "/")).links())


async def test_start_before_the_campaign_says_when(visitor: AsyncClient, set_clock: SetClock) -> None:
    set_clock("2024-12-20 21:00")
    page = await look(visitor, "/")
    assert "受付は、12月25日（水）10:00 から はじまります" in page.words
    assert "チャットをはじめる" not in page.words


async def test_start_after_the_campaign_says_so(visitor: AsyncClient, set_clock: SetClock) -> None:
    set_clock("2025-01-04 10:00")
    page = await look(visitor, "/")
    assert "今回の受付は、きょう 10:00 に おわりました" in page.words
    assert "チャットをはじめる" not in page.words


@pytest.mark.parametrize(
    ("instant", "opened"),
    [
        ("2024-12-28 15:59:59", {GENERAL}),
        ("2024-12-28 16:00:00", {ENTRY, GENERAL}),
        ("2024-12-28 21:59:59", {ENTRY, GENERAL}),
        ("2024-12-28 22:00:00", {GENERAL}),
        ("2025-01-04 09:59:59", {GENERAL}),
    ],
)
async def test_start_turns_over_to_the_second(
    visitor: AsyncClient, set_clock: SetClock, instant: str, opened: set[str]
) -> None:
    set_clock(instant)
    assert {link for link in (await look(visitor, "/")).links() if "/chat/" in link} & {
        ENTRY,
        GENERAL,
    } == opened


async def test_start_shows_a_queue_that_takes_nobody(visitor: AsyncClient) -> None:
    await set_accepting("chat", False)
    page = await look(visitor, "/")
    assert "新しい受付を すこし止めています" in page.words
    assert ENTRY not in page.links()


async def test_start_leads_back_to_a_running_talk(visitor: AsyncClient) -> None:
    assert TALK not in (await look(visitor, "/")).links()
    await enter(visitor)
    assert TALK in (await look(visitor, "/")).links()


async def test_start_without_any_campaign_gives_the_numbers(visitor: AsyncClient) -> None:
    from chat import campaigns
    from chat.models import Campaign

    await Campaign.objects.all().adelete()
    campaigns.forget()
    page = await look(visitor, "/")
    assert "いまは、受付をしていません" in page.words
    assert "tel:%239999" in page.links()


# --- Entry ---


async def test_entry_asks_for_consent_alone(visitor: AsyncClient) -> None:
    response = await visitor.post(ENTRY, CONSENT)
    assert (response.status_code, response["Location"]) == (303, TALK)
    ticket = await Ticket.objects.aget()
    assert (ticket.audience, ticket.language, ticket.urgency) == ("youth", "ja", 0)


async def test_entry_names_where_a_grave_case_may_be_taken(visitor: AsyncClient) -> None:
    words = (await look(visitor, ENTRY)).words
    for place in ("自治体", "自立相談支援機関", "福祉事務所", "警察"):
        assert place in words


async def test_entry_hands_over_every_word(visitor: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    async def open_ticket(request: Any, address: str = "") -> Any:
        asked.append((request, address))
        raise ChatError("unavailable")

    monkeypatch.setattr(pages, "open_ticket", open_ticket)
    await enter(visitor, topic=["学校", "友だち"], note=" 一行\r\n二行 ", nickname="そら", urgency="2")
    ((request, address),) = asked
    assert (request.topic, request.note, request.nickname) == ("学校、友だち", "一行\n二行", "そら")
    assert (request.urgency, request.consent, request.audience) == (2, True, "youth")
    assert address == "127.0.0.1"


@pytest.mark.parametrize("audience", ["youth", "general"])
async def test_entry_takes_every_topic_at_once(visitor: AsyncClient, audience: str) -> None:
    path = f"/ja/chat/{audience}/"
    chips = [a["value"] for a in (await look(visitor, path)).named("input") if a.get("name") == "topic"]
    assert len(chips) > 8
    assert (await enter(visitor, path=path, topic=chips)).status_code == 303


async def test_entry_sets_a_cookie_that_no_script_and_no_other_site_reads(visitor: AsyncClient) -> None:
    cookie = (await enter(visitor)).cookies[settings.VISITOR_COOKIE]
    assert cookie["httponly"] is True
    assert (cookie["samesite"], cookie["path"]) == ("Strict", "/")
    assert (cookie["max-age"], cookie["expires"]) == ("", "")
    assert not cookie["secure"]


async def test_entry_over_https_sets_a_secure_cookie(visitor: AsyncClient) -> None:
    response = await visitor.post(ENTRY, CONSENT, secure=True)
    assert response.cookies[settings.VISITOR_COOKIE]["secure"] is True


async def test_entry_without_consent_says_so_beside_it_and_keeps_the_words(visitor: AsyncClient) -> None:
    response = await visitor.post(
        ENTRY, {"note": "ねむれません", "nickname": "そら", "topic": ["学校"], "urgency": "3"}
    )
    page = Page(response.content.decode())
    assert response.status_code == 400
    assert page.element("consent")["aria-describedby"] == "consent-about consent-wrong"
    assert "読んで、よければチェックを入れてください" in page.words
    assert "ねむれません" in page.words
    assert page.element("nickname")["value"] == "そら"
    ticked = {a["value"] for a in page.named("input") if "checked" in a}
    assert ticked == {"学校", "3"}
    assert not await Ticket.objects.aexists()


@pytest.mark.parametrize(("field", "limit"), [("note", 1000), ("nickname", 40)])
async def test_entry_counts_characters_to_the_letter(visitor: AsyncClient, field: str, limit: int) -> None:
    response = await enter(visitor, **{field: "😢" * (limit + 1)})
    page = Page(response.content.decode())
    assert response.status_code == 400
    assert page.element(field)["aria-invalid"] == "true"
    assert f"{field}-wrong" in str(page.element(field)["aria-describedby"])
    assert (await enter(visitor, **{field: "😢" * limit})).status_code == 303


async def test_entry_counts_a_line_break_once(visitor: AsyncClient) -> None:
    assert (await enter(visitor, note="あ\r\n" * 499 + "い")).status_code == 303


async def test_entry_drops_characters_that_nobody_can_see(visitor: AsyncClient) -> None:
    assert (await enter(visitor, note="a\x00b\x1b")).status_code == 303


@pytest.mark.parametrize("change", [{"topic": ["なにか"]}, {"urgency": "9"}, {"urgency": "x"}])
async def test_entry_refuses_what_the_form_never_offered(
    visitor: AsyncClient, change: dict[str, Any]
) -> None:
    assert (await enter(visitor, **change)).status_code == 400


async def test_entry_shows_markup_as_words(visitor: AsyncClient) -> None:
    response = await visitor.post(
        ENTRY, {"note": "</textarea><script>x</script>{悪|あく}", "nickname": '"><b>'}
    )
    html = response.content.decode()
    assert "<script>x" not in html
    assert "<b>" not in html.split('id="nickname"')[1][:80]
    assert "{悪|あく}" in html  # a visitor's braces are no reading of ours


async def test_entry_twice_is_one_place(visitor: AsyncClient) -> None:
    await enter(visitor)
    response = await enter(visitor)
    assert (response.status_code, response["Location"]) == (303, TALK)
    assert await Ticket.objects.acount() == 1


async def test_entry_is_refused_kindly_outside_the_hours(visitor: AsyncClient, set_clock: SetClock) -> None:
    set_clock("2024-12-28 12:00")
    page = await look(visitor, ENTRY)
    assert "つぎは きょう 16:00 に開きます" in page.words
    assert "#9999 に電話する" in page.words
    assert not page.named("form")


async def test_entry_is_refused_kindly_before_the_campaign(visitor: AsyncClient, set_clock: SetClock) -> None:
    set_clock("2024-12-25 09:59")
    page = await look(visitor, ENTRY)
    assert "まだ、はじまっていません" in page.words
    assert "チャットは きょう 16:00 から話せます" in page.words


async def test_entry_is_refused_kindly_after_the_campaign(visitor: AsyncClient, set_clock: SetClock) -> None:
    set_clock("2025-01-04 10:00")
    assert "チャットの期間は おわりました" in (await look(visitor, GENERAL)).words


async def test_entry_is_refused_kindly_on_the_last_evening(visitor: AsyncClient, set_clock: SetClock) -> None:
    set_clock("2025-01-03 22:00")
    page = await look(visitor, ENTRY)
    assert "今回のチャットは おわりました" in page.words


async def test_entry_is_refused_kindly_while_the_queue_is_closed(visitor: AsyncClient) -> None:
    await set_accepting("chat", False)
    assert "いま、とても こみあっています" in (await look(visitor, ENTRY)).words


async def test_words_are_kept_when_the_window_closes_while_writing(
    visitor: AsyncClient, set_clock: SetClock
) -> None:
    set_clock("2024-12-28 22:00")
    response = await enter(visitor, note="ねむれません")
    page = Page(response.content.decode())
    assert response.status_code == 403
    assert "ねむれません" in page.words
    assert "つぎは あした 16:00 に開きます" in page.words
    assert settings.VISITOR_COOKIE not in response.cookies


@pytest.mark.parametrize(("code", "status"), [("too_many", 429), ("unavailable", 503)])
async def test_words_are_kept_when_it_does_not_work_now(
    visitor: AsyncClient, monkeypatch: pytest.MonkeyPatch, code: Any, status: int
) -> None:
    async def open_ticket(request: Any, address: str = "") -> Any:
        raise ChatError(code, retry_after_s=7)

    monkeypatch.setattr(pages, "open_ticket", open_ticket)
    response = await enter(visitor, note="ねむれません")
    assert (response.status_code, response["Retry-After"]) == (status, "7")
    assert "ねむれません" in Page(response.content.decode()).words


async def test_an_audience_that_is_none_is_not_found(visitor: AsyncClient) -> None:
    page = await look(visitor, "/ja/chat/robots/", 404)
    assert "このページは ありません" in page.words


# --- Who may send a form ---


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, False),
        ({"origin": "http://testserver"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://testserver.evil.example"}, False),
        ({"origin": "http://testserver:8000"}, False),
        ({"origin": "null"}, False),
    ],
)
@pytest.mark.parametrize("path", [ENTRY, "/ja/talk/leave/"])
async def test_a_form_from_another_site_is_refused(
    visitor: AsyncClient, path: str, headers: dict[str, str], allowed: bool
) -> None:
    response = await visitor.post(path, CONSENT, headers=headers)
    assert (response.status_code != 403) is allowed
    assert await Ticket.objects.aexists() is (allowed and path == ENTRY)


# --- Talk, leaving, the way out ---


async def test_talk_without_a_ticket_points_to_the_start(visitor: AsyncClient) -> None:
    page = await look(visitor, TALK)
    assert "つづきの チャットは ありません" in page.words
    assert "/ja/" in page.links()


async def test_talk_with_a_strange_cookie_points_to_the_start(visitor: AsyncClient) -> None:
    visitor.cookies[settings.VISITOR_COOKIE] = "x" * 43
    assert "つづきの チャットは ありません" in (await look(visitor, TALK)).words


async def test_talk_is_a_log_with_one_status(visitor: AsyncClient) -> None:
    await enter(visitor)
    page = await look(visitor, TALK)
    roles = [attrs.get("role") for _, attrs in page.tags if attrs.get("role")]
    assert sorted(map(str, roles)) == ["log", "status"]
    assert page.element("log")["aria-live"] == "polite"


async def test_talk_says_what_to_do_without_javascript(visitor: AsyncClient) -> None:
    await enter(visitor)
    html = (await visitor.get(TALK)).content.decode()
    page = Page(html.split("<noscript><div", 1)[1])
    assert {"tel:%239999", "tel:0120-494949", "/ja/talk/leave/"} <= set(page.links())


async def test_talk_has_words_for_every_end(visitor: AsyncClient) -> None:
    from typing import get_args

    from chat.protocol import CloseReason

    await enter(visitor)
    words = {attrs.get("data-word") for attrs in (await look(visitor, TALK)).named("template")}
    assert {f"end.{reason}" for reason in get_args(CloseReason)} <= words


async def test_talk_has_every_word_that_the_modules_say(visitor: AsyncClient) -> None:
    await enter(visitor)
    words = {str(attrs.get("data-word")) for attrs in (await look(visitor, TALK)).named("template")}
    said = set()
    for name in ("main", "view", "composer"):
        source = static_file(f"chat/{name}.js").decode()
        said |= set(re.findall(r'(?:say|announce)\("([a-z.-]+)"', source))
        said |= set(re.findall(r'"((?:place|range|strip|line|end|failed)\.[a-z-]+)"', source))
    assert len(said) > 12
    assert said <= words


async def test_leaving_ends_the_wait_and_says_thanks(visitor: AsyncClient) -> None:
    await enter(visitor)
    response = await visitor.post("/ja/talk/leave/")
    assert "来てくれて ありがとうございました" in Page(response.content.decode()).words
    assert response.cookies[settings.VISITOR_COOKIE].value == ""
    assert (await Ticket.objects.aget()).state == Ticket.LEFT


@pytest.mark.parametrize(("audience", "has_readings"), [("youth", True), ("general", False)])
async def test_the_thanks_have_readings_for_whom_the_talk_had(
    visitor: AsyncClient, audience: str, has_readings: bool
) -> None:
    await visitor.post(f"/ja/chat/{audience}/", {"consent": "on"})
    html = (await visitor.post("/ja/talk/leave/")).content.decode()
    assert ('class="furigana"' in html) is has_readings


async def test_leaving_twice_is_leaving_once(visitor: AsyncClient) -> None:
    await enter(visitor)
    await visitor.post("/ja/talk/leave/")
    assert (await visitor.post("/ja/talk/leave/")).status_code == 200


async def test_leaving_by_a_link_is_not_possible(visitor: AsyncClient) -> None:
    assert (await visitor.get("/ja/talk/leave/")).status_code == 405


async def test_quick_exit_leaves_and_clears(visitor: AsyncClient) -> None:
    await enter(visitor)
    response = await visitor.get("/close/")
    page = Page(response.content.decode())
    assert (await Ticket.objects.aget()).state == Ticket.LEFT
    assert response.cookies[settings.VISITOR_COOKIE].value == ""
    assert response["Clear-Site-Data"] == '"storage", "cache"'
    assert response["Cache-Control"] == "no-store"
    assert page.words.strip() == ""
    assert page.links() == ["data:,", "/close/rest.css"]
    rest = await visitor.get("/close/rest.css")
    assert (rest.content, rest["Clear-Site-Data"]) == (b"", '"storage", "cache"')
    assert "<title>新しいタブ</title>" in response.content.decode()


async def test_quick_exit_works_with_every_store_down(
    visitor: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(*args: Any) -> Any:
        raise ChatError("unavailable")

    await enter(visitor)
    monkeypatch.setattr("chat.db.run", run)
    response = await visitor.get("/close/")
    assert response.status_code == 200
    assert response.cookies[settings.VISITOR_COOKIE].value == ""


async def test_quick_exit_is_not_taken_by_a_browser_that_looks_ahead(visitor: AsyncClient) -> None:
    await enter(visitor)
    assert (await visitor.get("/close/", headers={"sec-purpose": "prefetch"})).status_code == 503
    assert (await Ticket.objects.aget()).state == Ticket.WAITING


async def test_with_the_database_down_the_page_says_one_moment(
    visitor: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chat import campaigns

    async def run(*args: Any) -> Any:
        raise ChatError("unavailable", retry_after_s=3)

    campaigns.forget()
    monkeypatch.setattr("chat.db.run", run)
    response = await visitor.get("/")
    assert (response.status_code, response["Retry-After"]) == (503, "3")
    assert "tel:%239999" in Page(response.content.decode()).links()


def test_a_fault_of_ours_is_not_the_visitors() -> None:
    request: HttpRequest = AsyncRequestFactory().get("/")
    response = pages.server_error(request)
    assert response.status_code == 500
    assert "あなたのせいでは ありません" in Page(response.content.decode()).words


# --- What no page ever does ---

STATES = [
    ("start", "/", "2024-12-28 16:30", False),
    ("start closed", "/", "2025-01-05 12:00", False),
    ("entry", ENTRY, "2024-12-28 16:30", False),
    ("entry general", GENERAL, "2024-12-28 16:30", False),
    ("refused", ENTRY, "2024-12-28 12:00", False),
    ("not started", ENTRY, "2024-12-20 12:00", False),
    ("over", ENTRY, "2025-01-05 12:00", False),
    ("talk", TALK, "2024-12-28 16:30", True),
    ("no talk", TALK, "2024-12-28 16:30", False),
    ("way back", "/ja/return/", "2024-12-28 16:30", False),
    ("nothing", "/nothing/", "2024-12-28 16:30", False),
]
each_state = pytest.mark.parametrize(
    ("path", "at", "entered"), [s[1:] for s in STATES], ids=[s[0] for s in STATES]
)


async def state(visitor: AsyncClient, set_clock: SetClock, path: str, at: str, entered: bool) -> Any:
    set_clock(at)
    if entered:
        assert (await enter(visitor)).status_code == 303
    return await visitor.get(path)


@each_state
async def test_no_page_reaches_another_host(
    visitor: AsyncClient, set_clock: SetClock, path: str, at: str, entered: bool
) -> None:
    page = Page((await state(visitor, set_clock, path, at, entered)).content.decode())
    assert all(re.match(r"/(?!/)|tel:|data:", link) for link in page.links())


@each_state
async def test_no_page_has_inline_script_or_style(
    visitor: AsyncClient, set_clock: SetClock, path: str, at: str, entered: bool
) -> None:
    page = Page((await state(visitor, set_clock, path, at, entered)).content.decode())
    assert all(script.get("src") for script in page.named("script"))
    assert not page.named("style")
    assert not [
        attrs for _, attrs in page.tags if "style" in attrs or any(key.startswith("on") for key in attrs)
    ]


@each_state
async def test_every_page_has_the_two_ways_out(
    visitor: AsyncClient, set_clock: SetClock, path: str, at: str, entered: bool
) -> None:
    page = Page((await state(visitor, set_clock, path, at, entered)).content.decode())
    assert page.element("exit")["href"] == "/close/"
    assert page.words.strip().startswith("いますぐ危険なとき")
    assert {"tel:119", "tel:110"} <= set(page.links())


@each_state
async def test_no_page_but_the_start_is_kept_by_any_cache(
    visitor: AsyncClient, set_clock: SetClock, path: str, at: str, entered: bool
) -> None:
    kept = (await state(visitor, set_clock, path, at, entered))["Cache-Control"]
    assert kept == ("public, max-age=5" if path == "/" else "no-store")


@each_state
async def test_every_kanji_has_its_reading(
    visitor: AsyncClient, set_clock: SetClock, path: str, at: str, entered: bool
) -> None:
    html = (await state(visitor, set_clock, path, at, entered)).content.decode()
    page = Page(re.sub(r'<details class="languages".*?</details>', "", html, flags=re.DOTALL))  # own names
    in_slots = {"人", "分"}  # the reading depends on the number: the page's module fills it in
    assert [kanji for kanji in page.bare_kanji if kanji not in in_slots] == []


@each_state
async def test_no_page_sets_a_session(
    visitor: AsyncClient, set_clock: SetClock, path: str, at: str, entered: bool
) -> None:
    response = await state(visitor, set_clock, path, at, entered)
    assert set(response.cookies) == set()


@pytest.mark.parametrize(
    ("audience", "is_on"), [("youth", True), ("general", False)], ids=["youth", "general"]
)
async def test_furigana_begins_as_the_audience_needs_it(
    visitor: AsyncClient, audience: str, is_on: bool
) -> None:
    page = await look(visitor, f"/ja/chat/{audience}/")
    assert (page.named("html")[0].get("class") == "furigana") is is_on
    assert page.element("furigana")["aria-pressed"] == ("true" if is_on else "false")


async def test_a_reading_is_hidden_from_screen_readers(visitor: AsyncClient) -> None:
    readings = (await look(visitor, ENTRY)).named("rt")
    assert readings
    assert all(reading.get("aria-hidden") == "true" for reading in readings)
