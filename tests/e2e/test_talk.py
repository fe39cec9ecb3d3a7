"""A visitor and a counselor talk, through two web processes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.people import People, Visitor
from tests.e2e.words import said
from tests.service import Service

pytestmark = [pytest.mark.e2e, pytest.mark.processes]


def expect_lost_line(vera: Visitor) -> None:
    """The console tells of each try to connect; after two failed handshakes the page polls."""
    vera.watch.allow("WebSocket connection to")
    vera.watch.allow("ERR_CONNECTION_REFUSED.*/api/v1/poll")


def test_visitor_and_counselor_talk_both_ways(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ", note="ねむれません")
    vera.sees_phase("paired")
    expect(carla.page.locator(".about blockquote")).to_have_text("ねむれません")
    vera.say("こんばんは")
    vera.sees_it_arrived()
    carla.hears("ベラ", "こんばんは")
    carla.say("ベラ", "こんばんは。来てくれてありがとう。")
    vera.hears("来てくれてありがとう")
    vera.say("きょうは\nさむいです")
    both = ["こんばんは", "こんばんは。来てくれてありがとう。", "きょうは\nさむいです"]
    vera.sees(*both)
    carla.sees("ベラ", *both)
    carla.close("ベラ")
    vera.sees_phase("closed")
    expect(vera.page.locator("#end-title")).to_contain_text(said("話してくれて"))


def test_one_sees_what_has_arrived_and_what_was_read(people: People) -> None:
    carla, vera, sven = people.counselor(), people.visitor(), people.visitor()
    carla.come()
    sven.enter(nickname="スベン")
    sven.sees_phase("paired")
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    carla.row("スベン").click()
    vera.say("はじめまして")
    vera.sees_mark("届きました")
    carla.row("ベラ").click()
    vera.sees_mark("読まれました")
    carla.say("ベラ", "こちらこそ")
    vera.hears("こちらこそ")
    expect(carla.talk("ベラ").locator('[data-sender="counselor"] .mark')).to_have_text("既読")


def test_each_sees_that_the_other_writes(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    carla.talk("ベラ").locator("textarea").press_sequentially("こ")
    expect(vera.page.locator("#typing")).to_be_visible()
    vera.draft.press_sequentially("あ")
    expect(carla.talk("ベラ").locator(".typing")).to_have_text("ベラさんが書いています…")
    vera.draft.fill("")
    expect(carla.talk("ベラ").locator(".typing")).to_have_text("")


def test_a_reload_keeps_the_transcript_and_the_draft(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    lines = ["一", "二", "三", "四"]
    for index, line in enumerate(lines):
        if index % 2:
            carla.say("ベラ", line)
            vera.hears(line)
        else:
            vera.say(line)
            carla.hears("ベラ", line)
    vera.draft.fill("まだ送っていない")
    vera.page.reload()
    vera.sees(*lines)
    expect(vera.draft).to_have_value("まだ送っていない")
    carla.talk("ベラ").locator("textarea").fill("書きかけ")
    carla.page.reload()
    carla.sees("ベラ", *lines)
    expect(carla.talk("ベラ").locator("textarea")).to_have_value("書きかけ")


def test_words_written_while_the_line_is_away_arrive_once_and_in_order(
    people: People, service: Service
) -> None:
    carla, vera = people.counselor(), people.visitor()
    vera.watch.allow("WebSocket connection to")
    vera.watch.allow(
        "ERR_CONNECTION_REFUSED.*/api/v1/poll"
    )  # after two failed handshakes it tries the other way
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    vera.say("まえ")
    vera.sees_it_arrived()
    service.webs[0].kill()
    expect(vera.page.locator("#strip")).to_contain_text(said("電波が とぎれました"))
    vera.say("あいだ 1")
    vera.say("あいだ 2")
    vera.sees_mark("送信中")
    carla.say("ベラ", "そちらは見えていますか")
    service.restart(0)
    vera.sees_it_arrived()
    vera.say("あと")
    lines = ["まえ", "そちらは見えていますか", "あいだ 1", "あいだ 2", "あと"]
    vera.sees(*lines)
    carla.sees("ベラ", *lines)


def test_a_message_written_off_line_outlives_a_reload(people: People, service: Service) -> None:
    carla, vera = people.counselor(), people.visitor()
    vera.watch.allow("WebSocket connection to")
    vera.watch.allow(
        "ERR_CONNECTION_REFUSED.*/api/v1/poll"
    )  # after two failed handshakes it tries the other way
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    service.webs[0].kill()
    vera.say("きこえますか")
    vera.sees_mark("送信中")
    service.restart(0)
    vera.page.reload()
    vera.sees("きこえますか")
    carla.sees("ベラ", "きこえますか")


def test_a_second_tab_takes_the_talk_over_and_gives_it_back(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    vera.say("ひとつめのタブから")
    vera.sees_it_arrived()
    other = vera.second_tab()
    other.goto(f"{vera.url}/ja/talk/")
    expect(other.locator("#log .words")).to_have_text(["ひとつめのタブから"])
    vera.sees_phase("elsewhere")
    expect(vera.page.locator(".view-elsewhere")).to_contain_text(said("べつのタブか画面で続いています"))
    expect(vera.draft).not_to_be_visible()
    vera.page.locator("#here").click()
    vera.sees_phase("paired")
    expect(other.locator("#talk")).to_have_attribute("data-phase", "elsewhere")
    vera.say("もどりました")
    carla.sees("ベラ", "ひとつめのタブから", "もどりました")


MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script>\u202e逆<b>'


def test_markup_is_shown_as_text_on_both_sides(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    nickname = "<b onclick=1>ベラ</b>\u202e"
    carla.come()
    vera.enter(nickname=nickname, note=MARKUP)
    vera.sees_phase("paired")
    vera.say(MARKUP)
    expect(carla.page.locator(".line .bubble")).to_have_text([MARKUP])
    expect(carla.page.locator(".about blockquote")).to_have_text(MARKUP)
    expect(carla.page.locator(".talk h2")).to_have_text(nickname)
    carla.page.locator(".talk textarea").fill(MARKUP)
    carla.page.locator(".talk textarea").press("Enter")
    vera.sees(MARKUP, MARKUP)
    for page in (vera.page, carla.page):
        assert page.locator("#log img, .log img, .log script, #log script, .about img, h2 b").count() == 0
    carla.close(nickname, note=MARKUP)
    vera.sees_phase("closed")
    expect(vera.page.locator("#end-words")).not_to_contain_text("<img")
