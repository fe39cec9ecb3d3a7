"""Supervisor, counselor and visitor at once: trouble is seen, and what is done about it is felt."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.e2e.people import People, Supervisor
from tests.e2e.words import said
from tests.faults.peers import Peer
from tests.service import sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.processes]

REASON = "受付を見直すため"
MARKUP = "<b onclick=alert(1)>こんばんは</b>"


@pytest.fixture
def sara(people: People) -> Supervisor:
    return people.supervisor("sara", viewport={"width": 1280, "height": 900})


def confirm(sara: Supervisor, words: str, reason: str = "") -> None:
    """Fill the dialog in and do what it says."""
    dialog = sara.page.get_by_role("dialog")
    if reason:
        dialog.locator("[name=reason]").fill(reason)
    dialog.get_by_role("button", name=words, exact=True).click()
    expect(dialog).to_have_count(0)


def test_an_alarm_rises_and_is_acknowledged_on_every_board(people: People, sara: Supervisor) -> None:
    other = people.supervisor("sara")
    sara.open_board()
    other.open_board()
    alarm = sara.page.locator('.alarm[data-alarm="nobody"]').first
    expect(alarm).to_contain_text("対応できる相談員がいません")
    expect(sara.page).to_have_title(re.compile("アラーム"))
    sara.page.get_by_role("button", name="すべて確認しました").click()
    expect(sara.page.locator('.alarm[data-seen="no"]')).to_have_count(0)
    expect(other.page.locator('.alarm[data-seen="no"]')).to_have_count(0)
    expect(other.page.locator('.alarm[data-alarm="nobody"]').first).to_contain_text("saraさんが")


def test_a_whisper_reaches_the_counselor_alone_and_a_talk_is_taken_over(
    people: People, sara: Supervisor
) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    vera.say(MARKUP)  # FAULTS 27: it is text, wherever it is shown
    sara.open_board()
    row = sara.page.locator(".talk-row")
    expect(row).to_contain_text("相談者が返事を待って")
    row.get_by_role("button").click()
    confirm(sara, "加わる")
    joined = sara.page.locator(".joined")
    expect(joined.locator(".bubble")).to_have_text([MARKUP])
    ear = _ear(people)
    joined.locator("textarea").fill("ゆっくりで大丈夫")
    joined.get_by_role("button", name="送る").click()
    assert ear.take("note")["body"] == "ゆっくりで大丈夫"
    ear.end()
    expect(joined.locator('.line[data-sender="note"]')).to_contain_text("ゆっくりで大丈夫")
    expect(vera.page.locator("body")).not_to_contain_text("ゆっくりで大丈夫")
    joined.get_by_role("button", name="担当を代わる").click()
    _show_again(people, sara, "代わる")
    confirm(sara, "代わる")
    expect(vera.page.get_by_role("log")).to_contain_text("saraさんがお話をうかがいます")
    expect(carla.talk("ベラ")).to_have_attribute("data-ended", "yes")
    sara.page.get_by_role("link", name="デスクで続ける").click()
    expect(sara.page.locator(".talk[data-talk]")).to_contain_text(MARKUP)


def _show_again(people: People, sara: Supervisor, words: str) -> None:
    """Be asked who one is, show it in a tab of its own, and find the dialog as it was."""
    dialog = sara.page.get_by_role("dialog")
    dialog.get_by_role("button", name=words, exact=True).click()
    with sara.context.expect_page() as opened:
        dialog.get_by_role("link", name="ご本人の確認へ").click()
    tab = opened.value
    tab.locator("#password").fill(people.service.member("sara")["password"])
    tab.get_by_role("button", name="確かめる").click()
    tab.wait_for_url("**/staff/board/")
    tab.close()


def _ear(people: People) -> Peer:
    """Connect Carla once more: each of her sockets hears everything that is hers."""
    web = people.service.webs[-1]
    cookie = people.cookies.get("carla") or sign_in(web, people.service.member("carla"))
    peer = Peer(f"{web.ws}/ws/staff/", Cookie=cookie, Origin=web.url)
    peer.send("hello", v=1, cursors={})
    peer.take("welcome")
    return peer


def test_a_lane_is_stopped_and_the_visitor_sees_it(people: People, sara: Supervisor) -> None:
    vera = people.visitor()
    sara.open_board()
    lane = sara.page.locator('[data-lane="youth:ja"]')
    lane.get_by_role("button", name="受付を止める").click()
    dialog = sara.page.get_by_role("dialog")
    dialog.get_by_role("button", name="受付を止める").click()
    expect(dialog).to_contain_text("理由を書いてください")
    confirm(sara, "受付を止める", REASON)
    expect(lane).to_contain_text("受付を止めています")
    try:
        vera.goto("/ja/chat/youth/")
        expect(vera.page.locator("main")).to_contain_text(said("いま、とても こみあっています"))
    finally:
        lane.get_by_role("button", name="受付を開く").click()
        confirm(sara, "受付を開く", REASON)
    expect(lane).not_to_contain_text("受付を止めています")


def test_an_emergency_is_answered_with_one_tap_and_decided(people: People, sara: Supervisor) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    sara.open_board()
    ear = _ear(people)
    talk = carla.talk("ベラ").get_attribute("data-talk")
    ear.send("emergency.call", conversation=talk, id=str(uuid.uuid4()))
    call = sara.page.locator(".call")
    expect(sara.page).to_have_title(re.compile("緊急"))
    call.get_by_role("button", name="いま入る").click()
    expect(call).to_contain_text("saraさんが入っています")
    assert ear.take("helper")["mode"] == "whisper"
    call.locator('[data-step="danger"] button').click()
    expect(call.locator('[data-step="danger"]')).to_have_attribute("data-asked", "yes")
    call.get_by_label("窓口を案内する").check()
    call.locator("[name=words]").fill("家族がそばにいる")
    call.get_by_role("button", name="決める").click()
    expect(call).to_have_count(0)
    ear.end()
