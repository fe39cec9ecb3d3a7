"""「すぐに閉じる」: the view is gone at once, and nothing of it is left in the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import People, Visitor
from tests.e2e.words import said

pytestmark = [pytest.mark.e2e, pytest.mark.processes]
SECRET = "ひみつのことば"


def sees_an_empty_page(vera: Visitor) -> None:
    vera.page.wait_for_url("**/close/")
    expect(vera.page).to_have_title("新しいタブ")
    expect(vera.page.locator("body")).to_have_text("")
    assert vera.context.cookies() == []


def keeps_nothing(page: Page) -> None:
    assert page.evaluate("[sessionStorage.length, localStorage.length]") == [0, 0]


def test_from_the_start_page(people: People) -> None:
    vera = people.visitor()
    vera.goto("/")
    vera.page.locator("#exit").click()
    sees_an_empty_page(vera)
    keeps_nothing(vera.page)


def test_from_the_entry_form_with_words_in_it(people: People) -> None:
    vera = people.visitor()
    vera.goto("/ja/chat/youth/")
    vera.fill_in(nickname="ベラ", note=SECRET)
    vera.page.locator("#exit").click()
    sees_an_empty_page(vera)
    keeps_nothing(vera.page)
    vera.goto("/ja/chat/youth/")
    expect(vera.page.locator("#note")).to_have_value("")


def test_from_waiting_it_gives_the_place_up(people: People) -> None:
    vera, sara = people.visitor(), people.supervisor()
    sara.open_board()
    vera.enter()
    expect(sara.waiting()).to_have_text("1")
    vera.draft.fill(SECRET)
    vera.page.locator("#exit").click()
    sees_an_empty_page(vera)
    keeps_nothing(vera.page)
    expect(sara.waiting()).to_have_text("0")


def test_from_the_talk_it_ends_the_talk_and_the_back_button_does_not_bring_it_back(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    vera.goto("/")
    vera.page.locator(".card-open .button").first.click()
    vera.fill_in(nickname="ベラ")
    vera.begin()
    vera.sees_phase("paired")
    vera.say(SECRET)
    carla.hears("ベラ", SECRET)
    vera.page.locator("#exit").click()
    sees_an_empty_page(vera)
    keeps_nothing(vera.page)
    expect(carla.talk("ベラ").locator(".ended")).to_contain_text("相談者が相談を終えました。")
    vera.page.go_back()
    expect(vera.page.locator("body")).not_to_contain_text(SECRET)
    expect(vera.page).not_to_have_title("チャット")


def test_without_javascript_it_is_a_link(people: People) -> None:
    vera = people.visitor(java_script_enabled=False)
    vera.goto("/ja/chat/youth/")
    vera.fill_in(nickname="ベラ", note=SECRET)
    vera.page.locator("#begin").click()
    vera.page.wait_for_url("**/ja/talk/")
    vera.page.locator("#exit").click()
    sees_an_empty_page(vera)
    vera.page.go_back(wait_until="commit")
    expect(vera.page.get_by_role("heading", level=1)).to_have_text(said("つづきの チャットは ありません"))
    expect(vera.page.locator("body")).not_to_contain_text(SECRET)


def test_it_takes_one_key_from_the_top_of_every_page(people: People) -> None:
    vera = people.visitor()
    vera.enter()
    vera.page.locator("#exit").focus()
    vera.page.keyboard.press("Enter")
    sees_an_empty_page(vera)
