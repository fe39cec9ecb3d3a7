"""The counselor's desk with everybody who comes to it: a colleague, a supervisor, the own other device."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.access import finds_nothing, fits
from tests.e2e.people import Counselor, People, Supervisor, Visitor
from tests.processes import until

pytestmark = [pytest.mark.e2e, pytest.mark.processes]

WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
TABLET: dict[str, Any] = {"viewport": {"width": 768, "height": 1024}}
SUMMARY = "冬休み明けがこわい。先生には話していない。"
SECRET = "くすりの話が気になる"


def talking(people: People, nickname: str = "ベラ", **look: Any) -> tuple[Counselor, Visitor]:
    carla, vera = people.counselor(**(look or WIDE)), people.visitor()
    carla.come()
    vera.enter(nickname=nickname)
    vera.sees_phase("paired")
    vera.say("こんばんは")
    carla.hears(nickname, "こんばんは")
    return carla, vera


def line_of(page: Page) -> None:
    """Open a socket of the page's own beside the one that the page has, and keep what it hears."""
    page.evaluate(
        """() => new Promise((resolve) => {
            window.heard = [];
            window.line = new WebSocket(`ws://${location.host}/ws/staff/`);
            window.line.onmessage = (event) => { window.heard.push(JSON.parse(event.data)); resolve(); };
            window.line.onopen = () => window.line.send('{"type":"hello","v":1,"cursors":{}}');
        })"""
    )


def says(page: Page, frame: dict[str, Any]) -> None:
    page.evaluate("(frame) => window.line.send(JSON.stringify(frame))", frame)


def heard(page: Page, kind: str) -> dict[str, Any]:
    page.wait_for_function("(kind) => window.heard.some((one) => one.type === kind)", arg=kind)
    found: dict[str, Any] = page.evaluate("(kind) => window.heard.findLast((one) => one.type === kind)", kind)
    return found


def comes_to_help(people: People) -> Supervisor:
    sara = people.supervisor()
    sara.open_board()
    line_of(sara.page)
    return sara


# --- handing over ---


def test_a_talk_is_its_giver_s_until_it_is_accepted_and_goes_with_its_words(people: People) -> None:
    carla, vera = talking(people)
    chris = people.counselor("chris", **TABLET)
    chris.come()
    carla.row("ベラ").click()
    carla.tab("handoff")
    carla.offer_to("あき")
    carla.page.locator("#summary").fill(SUMMARY)
    carla.page.get_by_role("button", name="引き継ぎを頼む").click()
    expect(carla.page.locator(".panel .waits")).to_contain_text("あきさんの返事を待っています")
    expect(carla.row("ベラ")).to_contain_text("引き継ぎ待ち")
    finds_nothing(carla.page)
    expect(chris.page.locator(".offer-summary")).to_have_text(SUMMARY)
    expect(chris.page).to_have_title("(1) 相談デスク")
    finds_nothing(chris.page)
    carla.say("ベラ", "もう少しで、べつの相談員につなぎますね。")
    vera.hears("べつの相談員につなぎますね")
    chris.page.get_by_role("button", name="引き受ける").click()
    chris.hears("ベラ", "こんばんは")
    expect(carla.talk("ベラ")).to_have_attribute("data-ended", "yes")
    expect(carla.talk("ベラ").locator(".ended")).to_contain_text("引き継ぎました")
    chris.tab("note")
    expect(chris.page.locator(".note-card")).to_contain_text(SUMMARY)
    fits(chris.page)
    chris.page.locator(".about-close").click()
    chris.say("ベラ", "ここからは、わたしがうかがいます。")
    vera.hears("わたしがうかがいます")
    expect(vera.transcript().filter(has_text=SUMMARY)).to_have_count(0)


def test_a_declined_offer_leaves_the_talk_where_it_is(people: People) -> None:
    carla, vera = talking(people)
    chris = people.counselor("chris")
    chris.come()
    carla.row("ベラ").click()
    carla.tab("handoff")
    carla.offer_to("あき")
    carla.page.locator("#summary").fill(SUMMARY)
    carla.page.get_by_role("button", name="引き継ぎを頼む").click()
    chris.page.get_by_role("button", name="今回は断る").click()
    expect(chris.page.locator(".offer")).to_have_count(0)
    expect(carla.page.locator(".panel .waits")).to_contain_text("いまもあなたの担当です")
    carla.say("ベラ", "このまま、いっしょにいますね。")
    vera.hears("いっしょにいますね")


# --- an emergency ---


def test_a_call_brings_a_second_person_and_ends_with_help_on_record(people: People) -> None:
    carla, _ = talking(people)
    sara = comes_to_help(people)
    carla.row("ベラ").click()
    carla.page.get_by_role("button", name="緊急：スーパーバイザーを呼ぶ").click()
    expect(carla.page.locator('.help[data-call="open"] .help-clock')).to_be_visible()
    call = heard(sara.page, "emergency")
    says(sara.page, {"type": "emergency.come", "emergency": call["emergency"], "id": "1"})
    expect(carla.page.locator('.help-second[data-second="here"]')).to_contain_text("sara")
    place = carla.page.locator('[data-check="place"]')
    place.get_by_role("button", name="箱に入れる").click()
    expect(carla.talk("ベラ").locator("textarea")).to_have_value(
        "いまどこにいますか。おうちですか、外ですか。話せるところまでで大丈夫です。"
    )
    place.get_by_role("button", name="たずねました").click()
    expect(place).to_have_attribute("data-asked", "true")
    finds_nothing(carla.page)
    decision = {"decision": "refer", "ground": "danger_to_life", "words": "今夜の安全のため"}
    says(sara.page, {"type": "emergency.decide", "emergency": call["emergency"], "id": "2", **decision})
    expect(carla.page.locator('.help[data-call="decided"]')).to_contain_text("外の機関につなぐ")
    carla.page.get_by_role("button", name="新しく記録する").click()
    carla.page.locator("#kind").select_option("police")
    carla.page.locator("#service").fill("港警察署")
    carla.page.locator("#facts").fill("居場所と年れい")
    finds_nothing(carla.page)
    carla.page.get_by_role("button", name="記録する", exact=True).click()
    referral = carla.page.locator(".referral").filter(has_text="港警察署")
    referral.get_by_label("電話に出た人").fill("当直の方")
    referral.get_by_label("この件は終わり").check()
    referral.get_by_role("button", name="書き足す").click()
    expect(referral).to_have_attribute("data-closed", "true")


def test_a_drill_is_marked_wherever_it_shows(people: People) -> None:
    carla, _ = talking(people)
    carla.row("ベラ").click()
    carla.tab("help")
    carla.page.get_by_role("button", name="練習として呼ぶ").click()
    expect(carla.page.locator(".help .drill")).to_contain_text("これは練習です")
    expect(carla.row("ベラ")).to_contain_text("緊急（練習）")


# --- what the visitor never sees ---


def test_notes_and_whispers_stand_apart_and_never_reach_the_visitor(people: People) -> None:
    carla, vera = talking(people)
    sara = comes_to_help(people)
    talk = str(carla.talk("ベラ").get_attribute("data-talk"))
    carla.row("ベラ").click()
    carla.tab("note")
    carla.page.locator("#memo").fill(SECRET)
    carla.page.locator("#memo").press("Enter")  # a line break in a note: nothing is sent by a key
    carla.page.get_by_role("button", name="メモを残す").click()
    expect(carla.page.locator(".note-card")).to_contain_text(SECRET)
    expect(carla.page.locator("#memo")).to_have_value("")
    joining = {"mode": "whisper", "reason": "頼まれたため"}
    says(sara.page, {"type": "conversation.join", "conversation": talk, "id": "1", **joining})
    heard(sara.page, "joined")
    note = {"conversation": talk, "id": "0193f100-0000-4000-8000-000000000001", "body": "ゆっくりで大丈夫"}
    says(sara.page, {"type": "note.add", **note})
    whisper = carla.talk("ベラ").locator(".beside .whisper")
    expect(whisper).to_contain_text("ゆっくりで大丈夫")
    expect(carla.talk("ベラ").locator(".helper")).to_contain_text("sara")
    finds_nothing(carla.page)
    whisper.get_by_role("button", name="読みました").click()
    expect(whisper).to_have_count(0)
    carla.page.reload()
    carla.hears("ベラ", "こんばんは")
    carla.tab("note")
    expect(carla.page.locator(".panel .whisper")).to_contain_text("ゆっくりで大丈夫")
    expect(whisper).to_have_count(0)
    carla.sees("ベラ", "こんばんは")
    vera.sees("こんばんは")
    vera.page.reload()
    vera.sees("こんばんは")
    for words in (SECRET, "ゆっくりで大丈夫"):
        assert words not in vera.page.content()


# --- drafts, ready sentences, keys ---


def test_a_draft_comes_to_another_device_and_outlives_the_tab(people: People) -> None:
    carla, _ = talking(people)
    carla.talk("ベラ").locator("textarea").fill("書きかけの言葉")
    other = people.counselor("carla", **TABLET)
    other.open_desk()
    expect(other.talk("ベラ").locator("textarea")).to_have_value("書きかけの言葉")
    other.talk("ベラ").locator("textarea").fill("書きかけの言葉と、つづき")
    expect(carla.talk("ベラ").locator("textarea")).to_have_value("書きかけの言葉と、つづき")
    carla.page.evaluate("sessionStorage.clear()")
    carla.page.reload()
    expect(carla.talk("ベラ").locator("textarea")).to_have_value("書きかけの言葉と、つづき")


def test_a_slash_finds_a_sentence_and_sends_nothing_by_itself(people: People) -> None:
    carla, vera = talking(people)
    box = carla.talk("ベラ").locator("textarea")
    box.focus()
    box.press_sequentially("/お待たせ")
    expect(carla.page.locator('.slash [role="option"]')).to_have_count(1)
    finds_nothing(carla.page)
    box.press("Enter")
    expect(box).to_have_value("お待たせしました。待っていてくださって、ありがとうございます。")
    vera.sees("こんばんは")
    box.press("Enter")
    vera.hears("お待たせしました")
    box.press_sequentially("/どこにもない")
    box.press("Enter")
    expect(box).to_have_value("/どこにもない")
    carla.talk("ベラ").get_by_role("button", name="少し待って").click()
    vera.hears("少しだけ待っていてください")


def test_a_changed_list_of_sentences_comes_to_the_open_desk(people: People) -> None:
    carla, _ = talking(people)
    sara = people.supervisor()
    sara.goto("/staff/sentences/")
    text = sara.page.locator("textarea[name=text]")
    text.fill(text.input_value() + "\n[きょう]\n雪がふっていますね。\n")
    sara.page.locator("form:has([name=text]) [type=submit]").click()
    carla.talk("ベラ").locator("textarea").press_sequentially("/雪が")
    expect(carla.page.locator('.slash [role="option"]')).to_contain_text(["雪がふっていますね。"])


def test_keys_alone_move_between_talks_and_end_one_for_the_next(people: People) -> None:
    carla, _ = talking(people)
    sven = people.visitor()
    sven.enter("general", nickname="スベン")
    sven.sees_phase("paired")
    sven.say("はじめまして")
    carla.hears("スベン", "はじめまして")
    page = carla.page
    carla.talk("ベラ").locator("textarea").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(carla.talk("スベン").locator("textarea")).to_be_focused()
    page.keyboard.type("きこえています")
    page.keyboard.press("Enter")
    sven.hears("きこえています")
    page.keyboard.press("Alt+e")
    expect(page.locator("#outcome")).to_be_focused()
    page.locator("#outcome").select_option("listened")
    page.keyboard.press("Alt+Enter")
    sven.sees_phase("closed")
    expect(carla.talk("ベラ").locator("textarea")).to_be_focused()
    expect(carla.talks()).to_have_count(1)
    page.get_by_role("button", name="設定").click()
    page.get_by_role("checkbox", name="キーで操作する").uncheck()
    carla.talk("ベラ").locator("textarea").click()
    expect(page.locator(".settings-sheet")).to_have_count(0)
    page.keyboard.press("Alt+e")
    expect(carla.talk("ベラ").locator("textarea")).to_be_focused()


# --- a long night ---


def test_of_a_long_talk_only_what_is_needed_is_drawn(people: People) -> None:
    carla, _ = talking(people)
    talk = str(carla.talk("ベラ").get_attribute("data-talk"))
    line_of(carla.page)
    for index in range(120):
        frame = {"conversation": talk, "id": f"0193f100-0000-4000-8000-{index:012d}", "body": f"言葉 {index}"}
        says(carla.page, {"type": "message.send", **frame})
    lines = carla.talk("ベラ").locator(".line")
    expect(lines.last).to_contain_text("言葉 119")
    assert lines.count() <= 80
    expect(carla.talk("ベラ").get_by_role("button", name="前の言葉を見る")).to_be_attached()
    log = carla.talk("ベラ").locator(".log")

    # a click would scroll there first, and the button be gone by then
    def is_drawn_on_reading_upward() -> bool:
        log.evaluate("log => { log.scrollTop = 0 }")
        return "こんばんは" in lines.first.inner_text()

    until(is_drawn_on_reading_upward, "the first words are drawn")
    expect(lines.first).to_contain_text("こんばんは")
    expect(lines).to_have_count(121)


def test_a_drawing_between_a_scroll_and_its_event_leaves_the_reader_where_they_are(people: People) -> None:
    carla, _ = talking(people)
    talk = str(carla.talk("ベラ").get_attribute("data-talk"))
    line_of(carla.page)
    for index in range(60):
        frame = {"conversation": talk, "id": f"0193f200-0000-4000-8000-{index:012d}", "body": f"言葉 {index}"}
        says(carla.page, {"type": "message.send", **frame})
    log = carla.talk("ベラ").locator(".log")
    expect(log.locator(".line")).to_have_count(61)
    stood = log.evaluate(
        """log => new Promise((resolve) => requestAnimationFrame(() => {
            log.scrollTop = log.scrollHeight / 2;
            const stood = log.scrollTop;
            dispatchEvent(new Event("focus"));  // the desk is drawn before the browser tells of the scroll
            setTimeout(() => requestAnimationFrame(() => resolve([stood, log.scrollTop])), 0);
        }))"""
    )
    assert stood[0] == stood[1]
    expect(carla.talk("ベラ").locator(".to-newest")).to_be_visible()


def test_a_pause_after_a_talk_keeps_the_next_one_waiting(people: People) -> None:
    carla, vera = talking(people)
    page = carla.page
    page.get_by_role("button", name="設定").click()
    page.get_by_label("相談を終えたあとの時間").select_option("180")
    page.keyboard.press("Escape")
    vera.page.locator("#leave").click()
    vera.page.locator("#leave-form button").first.click()
    expect(page.locator(".choice-pause")).to_have_attribute("aria-pressed", "true")
    sven = people.visitor()
    sven.enter(nickname="スベン")
    sven.sees_phase("waiting")
    carla.row("ベラ").click()
    page.get_by_role("button", name="記録を書く").click()
    page.locator("#outcome").select_option("listened")
    page.get_by_role("button", name="記録する", exact=True).click()
    expect(page.locator(".panel")).to_contain_text("記録しました")
    page.get_by_role("button", name="もう対応できます").click()
    sven.sees_phase("paired")
    page.get_by_role("button", name="設定").click()
    page.get_by_label("相談を終えたあとの時間").select_option("0")
    finds_nothing(page)
