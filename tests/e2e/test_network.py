"""A filter, a tunnel, a frozen tab: the talk goes on, once and in order, or says that it has ended."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e.people import People, Visitor
from tests.e2e.words import said
from tests.service import Service

pytestmark = [pytest.mark.e2e, pytest.mark.processes]

SOCKET = re.compile("/ws/visitor/")


def block_websocket(page: Page) -> None:
    """Let every socket end before it brings a word, as some filters do."""
    page.route_web_socket(SOCKET, lambda socket: socket.close())


def test_where_websocket_is_blocked_the_whole_talk_goes_over_http(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    block_websocket(vera.page)
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    vera.say("学校から書いています")
    vera.sees_it_arrived()
    carla.hears("ベラ", "学校から書いています")
    carla.say("ベラ", "ここは届いています")
    vera.hears("ここは届いています")
    vera.say("よかった")
    lines = ["学校から書いています", "ここは届いています", "よかった"]
    vera.sees(*lines)
    carla.sees("ベラ", *lines)
    vera.page.reload()
    vera.sees(*lines)
    carla.close("ベラ")
    vera.sees_phase("closed")
    expect(vera.page.locator("#end-title")).to_contain_text(said("話してくれて"))


@contextmanager
def tunnel(vera: Visitor, sockets: list[WebSocketRoute]) -> Iterator[None]:
    """No network: what is open breaks, what is tried fails."""
    vera.context.set_offline(True)
    for socket in sockets:
        socket.close()
    yield
    vera.context.set_offline(False)


def test_words_written_in_a_tunnel_arrive_once_and_in_order(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    vera.watch.allow("ERR_INTERNET_DISCONNECTED")
    sockets: list[WebSocketRoute] = []

    def pass_on(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    vera.page.route_web_socket(SOCKET, pass_on)
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    vera.say("まえ")
    vera.sees_it_arrived()
    vera.draft.press_sequentially("とちゅ")
    with tunnel(vera, sockets):
        vera.draft.press_sequentially("う")
        vera.page.locator("#send").click()
        vera.say("もうひとつ")
        vera.sees_mark("送信中")
        expect(vera.page.locator("#strip")).to_contain_text(said("電波が とぎれました"))
    vera.sees_it_arrived()
    lines = ["まえ", "とちゅう", "もうひとつ"]
    vera.sees(*lines)
    carla.sees("ベラ", *lines)


def test_what_could_not_be_stored_says_so_holds_what_follows_and_goes_by_a_tap(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    refused: list[str] = []

    def refuse_the_first(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def from_page(text: str | bytes) -> None:
            frame = json.loads(text)
            if frame["type"] == "message.send" and not refused:
                refused.append(frame["id"])
                told = {"code": "unavailable", "ref": frame["id"], "retry_after_s": 600}
                socket.send(json.dumps({"type": "error", **told}))
            else:
                server.send(text)

        socket.on_message(from_page)

    vera.page.route_web_socket(SOCKET, refuse_the_first)
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    vera.say("さきのことば")
    again = vera.page.locator(".bubble.own .again")
    expect(again).to_contain_text(said("送れませんでした・もう一度"))
    vera.say("あとのことば")
    vera.sees_mark("送信中")
    again.click()
    vera.sees_it_arrived()
    vera.sees("さきのことば", "あとのことば")
    carla.sees("ベラ", "さきのことば", "あとのことば")
    assert vera.page.evaluate("sessionStorage.getItem('na.outbox')") is None


@contextmanager
def frozen(vera: Visitor) -> Iterator[None]:
    """Freeze the tab as a phone does with what is in the background: no timer, no event."""
    devtools = vera.context.new_cdp_session(vera.page)
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    yield
    devtools.send("Page.setWebLifecycleState", {"state": "active"})


def test_a_frozen_tab_is_caught_up_when_it_is_looked_at_again(people: People, service: Service) -> None:
    carla, vera = people.counselor(), people.visitor()
    vera.watch.allow("WebSocket connection to")
    vera.watch.allow("ERR_CONNECTION_REFUSED.*/api/v1/poll")
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    vera.say("ちょっとまってください")
    vera.sees_it_arrived()
    with frozen(vera):
        service.webs[0].kill()  # its socket breaks, and it does not hear of it
        service.restart(0)
        carla.say("ベラ", "待っています")
        carla.say("ベラ", "ゆっくりで大丈夫です")
        carla.sees("ベラ", "ちょっとまってください", "待っています", "ゆっくりで大丈夫です")
    vera.sees("ちょっとまってください", "待っています", "ゆっくりで大丈夫です")
    vera.say("もどりました")
    carla.hears("ベラ", "もどりました")


def test_a_talk_that_ended_while_the_tab_was_frozen_says_so(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    vera.say("こんばんは")
    carla.hears("ベラ", "こんばんは")
    with frozen(vera):
        carla.say("ベラ", "またいつでも来てください")
        carla.close("ベラ")
    vera.sees_phase("closed")
    expect(vera.page.locator("#end-title")).to_contain_text(said("話してくれて"))
    vera.sees("こんばんは", "またいつでも来てください")
