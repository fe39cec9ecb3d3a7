"""The hours as they are seen: the close of the evening, and entry before, inside and after each window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.access import finds_nothing, fits
from tests.e2e.people import People, Visitor
from tests.e2e.words import said
from tests.service import Service

pytestmark = [pytest.mark.e2e, pytest.mark.processes]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose clock the tests set."""
    service = Service(tmp_path_factory.mktemp("hours"), clock="2024-12-28T21:55:00+09:00")
    try:
        yield service.start()
    finally:
        service.stop()


@pytest.fixture
def cookies() -> dict[str, str]:
    """Sign-ins of each test's own: a session does not outlast the hours between two of them."""
    return {}


def heading(vera: Visitor) -> Locator:
    return vera.page.get_by_role("heading", level=1)


def card(vera: Visitor, name: str) -> Locator:
    return vera.page.locator(f'.card[data-service="{name}"]:visible')


def test_at_22_00_a_wait_ends_kindly_and_a_talk_goes_on_in_its_grace(
    people: People, service: Service
) -> None:
    service.set_clock("2024-12-28T21:59:00+09:00")
    carla, talking, waiting = people.counselor(), people.visitor(), people.visitor()
    for person in (carla, talking, waiting):
        person.watch.allow("WebSocket connection to")
        person.watch.allow("ERR_CONNECTION_REFUSED")  # the way over HTTP is tried, too
    carla.come(capacity=1)
    talking.enter(nickname="ベラ")
    talking.sees_phase("paired")
    waiting.enter(nickname="スベン")
    waiting.sees_phase("waiting")
    waiting.draft.fill("いつか話したいこと")
    expect(talking.page.locator("#strip")).to_have_text(
        said("受付は 22:00 までです。このチャットは 22:30 まで話せます。")
    )
    expect(waiting.page.locator("#strip")).to_contain_text(said("それまでに順番が来ないかもしれません"))
    service.set_clock("2024-12-28T21:59:50+09:00")
    waiting.sees_phase("closed")
    expect(waiting.page.locator("#end-title")).to_contain_text(said("来てくれて ありがとうございました。"))
    expect(waiting.page.locator("#end-words")).to_contain_text(said("きょうの受付時間が終わりました"))
    expect(waiting.page.locator("#unsent-words")).to_have_value("いつか話したいこと")
    expect(card(waiting, "chat:youth")).to_contain_text(said("16:00 に開きます"))
    expect(card(waiting, "phone:youth")).to_contain_text(said("10:00 に開きます"))
    expect(carla.page.locator(".closing-clock")).to_contain_text("終わりました")
    talking.sees_phase("paired")
    talking.say("まだ話せますか")
    carla.hears("ベラ", "まだ話せますか")
    carla.say("ベラ", "はい、10 時半まで")
    talking.hears("はい、10 時半まで")
    carla.close("ベラ")
    talking.sees_phase("closed")
    expect(talking.page.locator("#end-words")).to_contain_text(said("相談員が チャットを終わりにしました"))


def test_before_the_campaign_everybody_is_told_when_it_begins(people: People, service: Service) -> None:
    service.set_clock("2024-12-24T12:00:00+09:00")
    vera = people.visitor()
    vera.goto("/")
    expect(vera.page.locator("main .note")).to_contain_text(said("あした 10:00"))
    expect(vera.page.locator(".card-open")).to_have_count(0)
    for audience, opens in (("youth", "16:00"), ("general", "10:00")):
        vera.goto(f"/ja/chat/{audience}/")
        expect(heading(vera)).to_have_text(said("まだ、はじまっていません"))
        expect(vera.page.locator(".lead")).to_contain_text(said(f"あした {opens} から話せます"))


def test_before_the_youth_window_the_phone_is_offered(people: People, service: Service) -> None:
    service.set_clock("2024-12-28T15:30:00+09:00")
    vera = people.visitor()
    vera.goto("/ja/chat/youth/")
    expect(heading(vera)).to_have_text(said("チャットは、いま閉まっています"))
    expect(vera.page.locator(".lead")).to_contain_text(said("きょう 16:00 に開きます"))
    expect(card(vera, "phone:youth").get_by_role("link").first).to_have_attribute("href", "tel:%239999")
    finds_nothing(vera.page)
    vera.page.set_viewport_size({"width": 320, "height": 640})
    fits(vera.page)


def test_a_closed_door_opens_before_who_waits_at_it(people: People, service: Service) -> None:
    service.set_clock("2024-12-28T15:59:00+09:00")
    vera = people.visitor()
    vera.page.clock.install()
    vera.goto("/ja/chat/youth/")
    expect(heading(vera)).to_have_text(said("チャットは、いま閉まっています"))
    service.set_clock("2024-12-28T16:00:00+09:00")
    vera.page.clock.fast_forward("01:10")
    expect(vera.page.locator("#begin")).to_be_visible()
    expect(vera.page).to_have_url(f"{vera.url}/ja/chat/youth/")


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "plain"])
def test_who_reloads_a_closed_door_is_turned_away_once(
    people: People, service: Service, scripted: bool
) -> None:
    service.set_clock("2024-12-28T15:30:00+09:00")
    vera = people.visitor(java_script_enabled=scripted)
    vera.goto("/ja/chat/youth/")
    for _ in range(3):
        vera.page.reload()
    figures = vera.context.request.get(f"{vera.url}/metrics").text()
    assert 'notalone_turned_away_total{reason="outside_window"} 1.0' in figures


def test_the_youth_window_opens_at_16_00(people: People, service: Service) -> None:
    service.set_clock("2024-12-28T16:00:00+09:00")
    vera = people.visitor()
    vera.enter("youth")
    vera.sees_phase("waiting")


def test_after_the_youth_window_only_general_entry_is_open(people: People, service: Service) -> None:
    service.set_clock("2024-12-28T22:00:00+09:00")
    vera = people.visitor()
    vera.goto("/ja/chat/youth/")
    expect(heading(vera)).to_have_text(said("チャットは、いま閉まっています"))
    expect(vera.page.locator(".lead")).to_contain_text(said("あした 16:00 に開きます"))
    expect(card(vera, "phone:youth")).to_contain_text(said("あした 10:00 に開きます"))
    vera.goto("/")
    expect(card(vera, "phone:general")).to_have_class("card card-open")
    vera.enter("general")
    vera.sees_phase("waiting")


def test_a_form_that_was_begun_in_time_is_refused_after_the_window_and_keeps_the_words(
    people: People, service: Service
) -> None:
    service.set_clock("2024-12-28T21:59:00+09:00")
    vera = people.visitor()
    vera.watch.allow("status of 403")
    vera.goto("/ja/chat/youth/")
    vera.fill_in(note="やっと書けたこと")
    service.set_clock("2024-12-28T22:00:00+09:00")
    vera.page.locator("#begin").click()
    expect(heading(vera)).to_have_text(said("チャットは、いま閉まっています"))
    expect(vera.page.locator("#kept")).to_have_value("やっと書けたこと")


def test_after_the_campaign_nobody_is_taken(people: People, service: Service) -> None:
    service.set_clock("2025-01-04T10:00:00+09:00")
    vera = people.visitor()
    for audience in ("youth", "general"):
        vera.goto(f"/ja/chat/{audience}/")
        expect(heading(vera)).to_have_text(said("チャットの期間は おわりました"))
    vera.goto("/")
    expect(vera.page.locator("main .note")).to_contain_text(said("たくさんの声を、ありがとうございました"))
    expect(vera.page.locator(".card-open")).to_have_count(0)
