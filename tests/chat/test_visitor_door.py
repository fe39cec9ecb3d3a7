"""The visitor's handshake: who is let in, who is not, and with which close code."""

from __future__ import annotations

from typing import Any

import pytest

from chat import campaigns, runtime
from chat.actions.open_ticket import Opened
from tests.outages import database_down
from tests.sockets import OWN, Peer, enter, knock, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

PATH = "/ws/visitor/"
FOREIGN = [
    "https://evil.example",
    "https://127.0.0.1:8000",
    "http://127.0.0.1:9000",
    "http://127.0.0.1",
    "http://127.0.0.1:8000.evil.example",
    "http://[::1",
    "null",
]


def cookie(opened: Opened) -> str:
    return f"a=b; notalone_ticket={opened.token}"


async def hello(peer: Peer, **fields: Any) -> Peer:
    await peer.send("hello", **{"v": 1, "last_seq": 0, **fields})
    return peer


async def test_the_cookie_opens_the_door_on_the_site_s_own_page() -> None:
    vera = await hello(await knock(PATH, cookie=cookie(await enter()), origin=OWN))
    assert (await vera.take("welcome"))["state"] == "waiting"


async def test_the_token_opens_the_door_without_a_browser() -> None:
    vera = await hello(await knock(PATH), token=(await enter()).token)
    assert (await vera.take("welcome"))["state"] == "waiting"


async def test_the_token_counts_more_than_the_cookie() -> None:
    first, second = await enter(), await enter()
    vera = await hello(await knock(PATH, cookie=cookie(first), origin=OWN), token=second.token)
    assert (await vera.take("welcome"))["position"] == 2


async def test_the_cookie_without_an_origin_is_no_credential() -> None:
    sven = await hello(await knock(PATH, cookie=cookie(await enter())))
    assert await sven.closed() == 4401


@pytest.mark.parametrize("origin", FOREIGN)
async def test_another_page_is_not_allowed_even_with_the_token(origin: str) -> None:
    opened = await enter()
    sven = await knock(PATH, cookie=cookie(opened), origin=origin)
    assert await sven.closed() == 4403


async def test_a_host_that_is_not_ours_is_not_allowed() -> None:
    sven = await knock(PATH, origin="http://evil.example", host="evil.example")
    assert await sven.closed() == 4403


async def test_an_origin_in_the_settings_is_our_own(settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://chat.example"]
    vera = await hello(await knock(PATH, cookie=cookie(await enter()), origin="https://chat.example"))
    await vera.take("welcome")


@pytest.mark.parametrize("token", ["", "guess", "x" * 200, "\u0000", "é"])
async def test_a_token_of_nobody_s_is_a_bad_credential(token: str) -> None:
    sven = await hello(await knock(PATH), token=token)
    assert await sven.closed() == 4401


async def test_no_token_at_all_is_a_bad_credential() -> None:
    sven = await hello(await knock(PATH, origin=OWN))
    assert await sven.closed() == 4401


async def test_a_ticket_s_id_is_no_token() -> None:
    sven = await hello(await knock(PATH), token=(await enter()).ticket)
    assert await sven.closed() == 4401


async def test_who_does_not_say_hello_in_time_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.consumers.base.HELLO_WITHIN_S", 0)
    sven = await knock(PATH)
    assert await sven.closed() == 4408


@pytest.mark.parametrize(
    "first",
    [
        {"type": "ping"},
        {"type": "message.send", "id": "x", "body": "x"},
        {"type": "hello"},
        {"type": "hello", "v": 2},
        {"type": "hello", "v": 1, "last_seq": -1},
        {"type": "hello", "v": 1, "token": "x" * 201},
        {"type": "hello", "v": 1, "cursors": {}},
    ],
    ids=str,
)
async def test_before_a_good_hello_every_frame_is_bad(first: dict[str, Any]) -> None:
    vera = await knock(PATH)
    fields = dict(first)
    await vera.send(fields.pop("type"), **fields)
    assert (await vera.take("error"))["code"] == "bad_frame"
    await hello(vera, token=(await enter()).token)
    await vera.take("welcome")


async def test_the_third_bad_frame_before_the_hello_ends_the_socket() -> None:
    sven = await knock(PATH)
    for _ in range(3):
        await sven.send("ping")
    assert await sven.closed() == 4400
    assert [frame["code"] for frame in sven.kept] == ["bad_frame"] * 3


async def test_a_path_of_nobody_s_is_turned_away() -> None:
    from channels.testing import WebsocketCommunicator

    from notalone.asgi import application

    accepted, code = await WebsocketCommunicator(application, "/ws/").connect()
    assert (accepted, code) == (False, 4403)


async def test_a_second_hello_is_a_bad_frame() -> None:
    opened = await enter()
    vera = await visitor(opened.token)
    await vera.take("welcome")
    await hello(vera, token=opened.token)
    assert (await vera.take("error"))["code"] == "bad_frame"


async def test_the_socket_that_came_last_stays() -> None:
    opened = await enter()
    first = await visitor(opened.token)
    await first.take("welcome")
    second = await visitor(opened.token)
    assert await first.closed() == 4409
    await second.hush()


async def test_with_the_database_down_the_page_is_told_to_come_again() -> None:
    opened = await enter()
    await campaigns.loaded()
    with database_down():
        vera = await visitor(opened.token)
        assert await vera.closed() == 1001
    assert vera.kept[0]["code"] == "unavailable"
    assert vera.kept[0]["retry_after_s"] > 0


async def test_a_server_that_goes_away_says_so() -> None:
    vera = await visitor((await enter()).token)
    await vera.take("welcome")
    await runtime.stop()
    assert await vera.closed() == 1001


async def test_nothing_listens_for_a_socket_that_is_gone() -> None:
    vera = await visitor((await enter()).token)
    await vera.take("welcome")
    before = runtime.current().hub
    await vera.end()
    assert not [topic for topic in before._listeners if topic.startswith(("t:", "c:"))]
