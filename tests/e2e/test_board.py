"""Supervisor, counselor and visitor at once: trouble is seen, and what is done about it is felt."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.access import finds_nothing, finds_nothing_in_any_look
from tests.e2e.people import People, Supervisor
from tests.e2e.words import said
from tests.faults.peers import Peer
from tests.service import sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.processes]

REASON = "受付を見直すため"
WHISPER = "ゆっくりで大丈夫"
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
    finds_nothing_in_any_look(sara.page)
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
    finds_nothing_in_any_look(sara.page)
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


def _ear(people: People, name: str = "carla") -> Peer:
    """Connect one of the staff once more: each of their sockets hears everything that is theirs."""
    web = people.service.webs[-1]
    cookie = people.cookies.get(name) or sign_in(web, people.service.member(name))
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


def test_an_emergency_goes_from_the_desk_over_the_board_to_a_referral(
    people: People, sara: Supervisor
) -> None:
    carla, vera = people.counselor(viewport={"width": 1280, "height": 800}), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    vera.say("きえたい")
    carla.hears("ベラ", "きえたい")
    sara.open_board()
    carla.row("ベラ").click()
    carla.page.get_by_role("button", name="緊急：スーパーバイザーを呼ぶ").click()
    call = sara.page.locator(".call")
    expect(sara.page).to_have_title(re.compile("緊急"))
    call.get_by_role("button", name="いま入る").click()
    expect(call).to_contain_text("saraさんが入っています")
    expect(carla.page.locator('.help-second[data-second="here"]')).to_contain_text("sara")
    joined = sara.page.locator(".joined")
    expect(joined.locator("textarea")).to_be_focused()
    expect(joined.locator(".bubble")).to_have_text(["きえたい"])
    joined.locator("textarea").fill(WHISPER)
    joined.locator("textarea").press("Enter")
    expect(carla.talk("ベラ").locator(".beside .whisper-body")).to_have_text(WHISPER)
    call.locator('[data-step="danger"] button').click()
    expect(carla.page.locator('[data-check="danger"]')).to_have_attribute("data-asked", "true")
    finds_nothing(sara.page)
    call.get_by_label("外の機関につなぐ").check()
    call.get_by_label("命に危険がある").check()
    call.locator("[name=words]").fill("今夜の安全のため")
    call.get_by_role("button", name="決める").click()
    expect(call).to_have_count(0)
    expect(carla.page.locator('.help[data-call="decided"]')).to_contain_text("外の機関につなぐ")
    form = sara.page.locator(".referral-new")
    form.locator("[name=kind]").select_option("police")
    form.locator("[name=service]").fill("港警察署")
    form.locator("[name=facts]").fill("居場所と年れい")
    form.get_by_role("button", name="記録する").click()
    expect(sara.page.locator(".referral")).to_contain_text("港警察署")
    expect(carla.page.locator(".referral")).to_contain_text("港警察署")
    vera.page.reload()
    vera.sees("きえたい")
    for words in (WHISPER, "港警察署"):
        assert words not in vera.page.content()


# --- the keyboard alone ---


def walk(page: Page, place: Locator) -> None:
    """Press Tab until the place has the keyboard."""
    place.wait_for()
    for _ in range(80):
        if place.evaluate("place => place === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(place).to_be_focused()


def _tell_of_queues(people: People) -> None:
    """Let an alarm rise where one person waits: whether another alarm is news depends on who came before."""
    peer = _ear(people, "sara")
    peer.send("alarm.set", id=str(uuid.uuid4()), kind="queue_length", threshold=1)
    peer.take("done")
    peer.end()


def test_the_board_is_walked_by_keys_alone_and_the_place_is_kept(people: People, sara: Supervisor) -> None:
    _tell_of_queues(people)
    sara.open_board()
    page = sara.page
    lane = page.locator('[data-lane="youth:ja"]')
    look = lane.get_by_role("button", name="並んでいる方を見る")
    walk(page, look)
    page.keyboard.press("Enter")
    expect(page.locator(".look")).to_contain_text("並んでいる方はいません")
    walk(page, page.locator(".look button"))
    page.keyboard.press("Escape")
    expect(page.locator(".look")).to_have_count(0)
    expect(look).to_be_focused()
    stop = lane.get_by_role("button", name="受付を止める")
    walk(page, stop)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    finds_nothing_in_any_look(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(stop).to_be_focused()
    for act, after in (("受付を止める", "受付を開く"), ("受付を開く", "受付を止める")):
        page.keyboard.press("Enter")
        walk(page, page.get_by_role("dialog").locator("[name=reason]"))
        page.keyboard.type(REASON)
        walk(page, page.get_by_role("dialog").get_by_role("button", name=act, exact=True))
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(lane.get_by_role("button", name=after)).to_be_focused()
    people.visitor().enter()
    unseen = page.locator('.alarm[data-seen="no"]').filter(has_text="1 人が並んでいます")
    walk(page, unseen.get_by_role("button"))
    page.keyboard.press("Enter")
    expect(unseen).to_have_count(0)
    expect(page.locator("#alarms-head")).to_be_focused()
