"""Every page for everybody: axe finds nothing, 320 pixels are enough, JavaScript is not needed to enter."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.access import finds_nothing, fits
from tests.e2e.people import PHONE, People
from tests.e2e.words import said

pytestmark = [pytest.mark.e2e, pytest.mark.processes]

NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 640}}
LOOKS: dict[str, dict[str, Any]] = {
    "phone": PHONE,
    "phone in the dark": {**PHONE, "color_scheme": "dark"},
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "desktop in the dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone in forced colors": {**PHONE, "forced_colors": "active"},
    "desktop in forced colors": {"viewport": {"width": 1280, "height": 800}, "forced_colors": "active"},
}
looks = pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))


@looks
def test_axe_finds_nothing_before_the_talk(people: People, look: dict[str, Any]) -> None:
    vera = people.visitor(**look)
    for path in ("/", "/ja/chat/youth/", "/ja/chat/general/", "/ja/talk/"):
        vera.goto(path)
        finds_nothing(vera.page)
    vera.enter()
    vera.sees_phase("waiting")
    finds_nothing(vera.page)


@looks
def test_axe_finds_nothing_in_the_talk_at_the_desk_and_on_the_board(
    people: People, look: dict[str, Any]
) -> None:
    carla, sara = people.counselor(**look), people.supervisor(**look)
    vera, sven = people.visitor(**look), people.visitor()
    carla.come(capacity=2)
    vera.enter(nickname="ベラ", note="ねむれません")
    vera.sees_phase("paired")
    vera.say("こんばんは")
    carla.row("ベラ").click()
    carla.hears("ベラ", "こんばんは")
    carla.say("ベラ", "こんばんは。ここで聞いています。")
    vera.hears("ここで聞いています")
    finds_nothing(vera.page)
    sven.enter("general", nickname="スベン")
    sven.sees_phase("paired")
    carla.row("スベン").click()
    finds_nothing(carla.page)
    sara.open_board()
    finds_nothing(sara.page)
    vera.page.locator("#leave").click()
    finds_nothing(vera.page)
    vera.page.locator("#leave-form button").first.click()
    vera.sees_phase("closed")
    finds_nothing(vera.page)
    finds_nothing(carla.page)


@looks
def test_axe_finds_nothing_at_the_sign_in(people: People, look: dict[str, Any]) -> None:
    sven = people.anybody(**look)
    sven.goto("/staff/login/")
    finds_nothing(sven.page)


def test_nothing_scrolls_sideways_at_320_pixels(people: People) -> None:
    carla, sara, vera = people.counselor(**NARROW), people.supervisor(**NARROW), people.visitor(**NARROW)
    for path in ("/", "/ja/chat/youth/", "/ja/chat/general/", "/ja/talk/", "/staff/login/"):
        vera.goto(path)
        fits(vera.page)
    vera.enter(nickname="ながいなまえのひと" * 4)
    vera.sees_phase("waiting")
    fits(vera.page)
    carla.come()
    vera.sees_phase("paired")
    vera.say("https://example.org/" + "a" * 300)
    vera.sees_it_arrived()
    fits(vera.page)
    expect(carla.page.locator(".line .bubble")).to_have_count(1)
    fits(carla.page)
    sara.open_board()
    fits(sara.page)
    vera.page.locator("#leave").click()
    vera.page.locator("#leave-form button").first.click()
    vera.sees_phase("closed")
    fits(vera.page)


def test_without_javascript_the_start_leads_to_the_form_and_the_talk_page_says_what_to_do(
    people: People,
) -> None:
    vera = people.visitor(java_script_enabled=False)
    vera.goto("/")
    vera.page.locator('.card a[href="/ja/chat/youth/"]').click()
    vera.fill_in(nickname="ベラ")
    vera.page.locator("#begin").click()
    vera.page.wait_for_url("**/ja/talk/")
    expect(vera.page.get_by_role("heading", level=2).first).to_have_text(
        said("チャットには JavaScript が必要です")
    )
    expect(vera.page.get_by_role("link", name="#9999")).to_have_attribute("href", "tel:%239999")
    vera.page.get_by_role("button", name="チャットを おわりにする").click()
    expect(vera.page.get_by_role("heading", level=1)).to_have_text(said("来てくれて ありがとうございました"))
    assert vera.context.cookies() == []


def test_without_javascript_a_missing_consent_comes_back_with_the_words(people: People) -> None:
    vera = people.visitor(java_script_enabled=False)
    vera.watch.allow("status of 400")
    vera.goto("/ja/chat/youth/")
    vera.page.locator("#note").fill("ねむれません")
    vera.page.locator("#begin").click()
    expect(vera.page.locator("#consent-wrong")).to_contain_text(
        said("読んで、よければチェックを入れてください")
    )
    expect(vera.page.locator("#note")).to_have_value("ねむれません")
