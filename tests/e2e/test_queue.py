"""The lane as a visitor, a counselor and a supervisor see it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.people import People
from tests.e2e.words import said

pytestmark = [pytest.mark.e2e, pytest.mark.processes]


def test_the_fourth_visitor_waits_and_is_paired_when_a_talk_is_closed(people: People) -> None:
    carla = people.counselor()
    carla.come(capacity=3)
    names = ["いち", "に", "さん"]
    first = [people.visitor() for _ in names]
    for visitor, name in zip(first, names, strict=True):
        visitor.enter(nickname=name)
        visitor.sees_phase("paired")
    expect(carla.talks()).to_have_count(3)
    fourth, fifth = people.visitor(), people.visitor()
    fourth.enter(nickname="よん")
    fourth.sees_phase("waiting")
    expect(fourth.page.locator("#place")).to_have_text(said("つぎが、あなたの番です。"))
    fifth.enter(nickname="ご")
    expect(fifth.page.locator("#place")).to_contain_text(said("前に 1 人"))
    expect(carla.talks()).to_have_count(3)
    carla.close("に", outcome="listened", note="またどうぞ")
    first[1].sees_phase("closed")
    fourth.sees_phase("paired")
    expect(carla.row("よん")).to_be_visible()
    expect(fifth.page.locator("#place")).to_have_text(said("つぎが、あなたの番です。"))
    carla.say("よん", "おまたせしました")
    fourth.hears("おまたせしました")


def test_an_assignment_cannot_be_closed_without_an_outcome(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ")
    expect(carla.talk("ベラ")).to_be_visible()
    carla.row("ベラ").click()
    carla.tab("end")
    carla.page.locator(".closing button").first.click()
    expect(carla.page.locator("#outcome:invalid")).to_be_visible()
    expect(carla.talk("ベラ")).to_have_attribute("data-ended", "no")
    vera.say("まだいます")
    carla.hears("ベラ", "まだいます")


def test_unread_words_are_counted_in_the_list_and_the_title(people: People) -> None:
    carla, vera, sven = people.counselor(), people.visitor(), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ")
    sven.enter(nickname="スベン")
    expect(carla.talks()).to_have_count(2)
    carla.row("ベラ").click()
    sven.say("ひとつ")
    sven.say("ふたつ")
    expect(carla.row("スベン").locator(".count")).to_contain_text("2")
    expect(carla.page).to_have_title(re.compile(r"^\(\d+\)"))
    carla.row("スベン").click()
    expect(carla.row("スベン").locator(".count")).to_have_count(0)
    expect(carla.page).to_have_title("相談デスク")


COUNT_NOTES = """
globalThis.notes = 0;
const { start } = AudioScheduledSourceNode.prototype;
AudioScheduledSourceNode.prototype.start = function (...when) {
  globalThis.notes += 1;
  return start.apply(this, when);
};
"""


def test_a_new_talk_rings_and_stands_in_the_title(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.page.add_init_script(COUNT_NOTES)
    carla.come()
    carla.page.evaluate("document.hasFocus = () => false")  # another window is in front
    vera.enter(nickname="ベラ")
    expect(carla.row("ベラ")).to_contain_text("新しい相談")
    expect(carla.page).to_have_title("(1) 相談デスク")
    assert carla.page.evaluate("globalThis.notes") == 2


def test_a_visitor_stops_waiting_and_the_desk_never_hears_of_it(people: People) -> None:
    vera = people.visitor()
    vera.enter()
    vera.sees_phase("waiting")
    vera.page.locator("#leave-waiting").click()
    expect(vera.page.locator("#ask-words")).to_contain_text(said("待つのを やめますか"))
    vera.page.locator("#leave-form button").first.click()
    vera.sees_phase("closed")
    expect(vera.page.locator("#end-words")).to_contain_text(said("待つのを やめました"))
    carla = people.counselor()
    carla.come()
    expect(carla.page.locator('[data-number="waiting"]')).to_have_text("0 人")
    expect(carla.talks()).to_have_count(0)


def test_a_phrase_leads_back_to_the_place_from_another_device(people: People) -> None:
    vera, another_device = people.visitor(), people.visitor()
    people.visitor().enter()  # somebody is in front
    vera.enter(nickname="ベラ")
    place = vera.page.locator("#place").text_content()
    vera.page.locator("details:has(#phrase-make) summary").click()
    vera.page.locator("#phrase-make").click()
    phrase = vera.page.locator("#phrase")
    expect(phrase).not_to_be_empty()
    another_device.goto("/ja/return/")
    another_device.page.locator("input[name=phrase]").fill(phrase.text_content() or "")
    another_device.page.locator("form:has(input[name=phrase]) button").click()
    another_device.sees_phase("waiting")
    expect(another_device.page.locator("#place")).to_have_text(place or "")
    vera.sees_phase("elsewhere")


def test_the_draft_written_while_waiting_can_be_sent_in_the_talk(people: People) -> None:
    vera = people.visitor()
    vera.enter(nickname="ベラ")
    vera.sees_phase("waiting")
    vera.draft.fill("まっているあいだに書いた手紙")
    carla = people.counselor()
    carla.come()
    vera.sees_phase("paired")
    expect(vera.draft).to_have_value("まっているあいだに書いた手紙")
    vera.page.locator("#send").click()
    carla.hears("ベラ", "まっているあいだに書いた手紙")


def test_the_board_follows_the_lane_at_once(people: People) -> None:
    sara, vera = people.supervisor(), people.visitor()
    sara.open_board()
    expect(sara.waiting("youth:ja")).to_have_text("0")
    vera.enter("youth")
    expect(sara.waiting("youth:ja")).to_have_text("1")
    expect(sara.waiting("general:ja")).to_have_text("0")
    expect(sara.page.locator("#sentence")).to_contain_text("1 人が待っています。")
    vera.page.locator("#leave-waiting").click()
    vera.page.locator("#leave-form button").first.click()
    expect(sara.waiting("youth:ja")).to_have_text("0")
    expect(sara.page.locator("#sentence")).to_contain_text("待っている方はいません。")


def test_the_board_shows_who_is_here_and_their_load(people: People) -> None:
    sara, carla, vera = people.supervisor(), people.counselor(), people.visitor()
    sara.open_board()
    carla.come(capacity=2)
    here = sara.page.locator('[data-person][data-state="available"]')
    expect(here.locator(".load")).to_have_text(["0 / 2 人と相談中"])
    vera.enter()
    expect(here.locator(".load")).to_have_text(["1 / 2 人と相談中"])
    carla.page.locator(".choice-away").click()
    expect(here).to_have_count(0)
