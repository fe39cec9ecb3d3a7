"""The socket's frames over plain HTTP, where WebSocket is blocked."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from django.test import AsyncClient

from chat import runtime, ticker
from chat.consumers.polling import poll, scope_of
from tests.sockets import available, enter, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

POLL, LETTERS = "/api/v1/poll", "/api/v1/letters"


async def post(path: str, **body: Any) -> dict[str, Any]:
    answer = await AsyncClient().post(path, body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def hello(token: str, last_seq: int = 0) -> dict[str, Any]:
    return {"type": "hello", "v": 1, "token": token, "last_seq": last_seq}


async def test_a_poll_greets_with_the_state_and_the_messages() -> None:
    carla = await available(await member("carla"))
    opened = await enter()
    talk = (await carla.take("assigned"))["conversation"]
    ref = message_id()
    await carla.send("message.send", conversation=talk, id=ref, body="こんばんは")
    await carla.take("message.ack", id=ref)
    polled = await post(POLL, hello=hello(opened.token))
    assert [frame["type"] for frame in polled["frames"]] == ["welcome", "message"]
    assert polled["frames"][1]["body"] == "こんばんは"


async def test_a_poll_that_knows_the_state_waits_for_news() -> None:
    carla = await available(await member("carla"))
    opened = await enter()
    talk = (await carla.take("assigned"))["conversation"]
    mark = (await post(POLL, hello=hello(opened.token)))["mark"]
    waiting = asyncio.create_task(post(POLL, hello=hello(opened.token), mark=mark))
    ref = message_id()
    await carla.take("presence", online=True)
    await carla.take("presence", online=True)  # the second poll is here, and waits
    await carla.send("message.send", conversation=talk, id=ref, body="ここにいます")
    frames = (await waiting)["frames"]
    assert [frame["type"] for frame in frames] == ["welcome", "message"]


async def test_a_poll_whose_page_has_gone_away_leaves_nobody_behind() -> None:
    opened = await enter()
    polling = asyncio.create_task(poll(scope_of({}, "http"), json.dumps(hello(opened.token)), ""))
    mark = (await polling).mark
    waiting = asyncio.create_task(poll(scope_of({}, "http"), json.dumps(hello(opened.token)), mark))
    while not ticker.current().waiters:  # noqa: ASYNC110 — it comes within a few turns
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not ticker.current().waiters
    assert not runtime.current().sockets


async def test_a_letter_is_acked_and_arrives() -> None:
    carla = await available(await member("carla"))
    opened = await enter()
    await carla.take("assigned")
    ref = message_id()
    frames = [{"type": "message.send", "id": ref, "body": "聞こえますか"}]
    answer = await post(LETTERS, hello=hello(opened.token), frames=frames)
    assert [(frame["type"], frame["seq"]) for frame in answer["frames"]] == [("message.ack", 1)]
    assert (await carla.take("message", id=ref))["body"] == "聞こえますか"


async def test_a_letter_does_not_take_the_sockets_place() -> None:
    opened = await enter()
    vera = await visitor(opened.token)
    await vera.take("welcome")
    await post(LETTERS, hello=hello(opened.token), frames=[{"type": "ping", "id": "p"}])
    await vera.hush()


async def test_a_refused_frame_is_answered_as_on_a_socket() -> None:
    opened = await enter()
    frames = [{"type": "message.send", "id": message_id(), "body": "まだ"}]
    answer = await post(LETTERS, hello=hello(opened.token), frames=frames)
    assert answer["frames"][0]["code"] == "not_paired"


@pytest.mark.parametrize("path", [POLL, LETTERS])
async def test_a_wrong_token_is_told_4401(path: str) -> None:
    more = {"frames": [{"type": "ping", "id": "p"}]} if path == LETTERS else {}
    assert (await post(path, hello=hello("nobody's"), **more))["closed"] == 4401


async def test_leaving_by_letter_ends_the_wait() -> None:
    opened = await enter()
    await post(LETTERS, hello=hello(opened.token), frames=[{"type": "leave"}, {"type": "ping", "id": "p"}])
    assert (await post(POLL, hello=hello(opened.token)))["frames"][0]["state"] == "closed"


async def test_a_body_of_another_shape_is_refused() -> None:
    answer = await AsyncClient().post(POLL, {"hallo": 1}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")


@pytest.mark.parametrize("path", [POLL, LETTERS])
@pytest.mark.parametrize(
    "body",
    [
        b'{"hello": "\xff", "frames": ["\xff"]}',
        b'{"hello": {}, "mark": "' + b"x" * 70_000 + b'"}',
        b"[",
        b"{}",
    ],
    ids=["no UTF-8", "too big", "no JSON", "no hello"],
)
async def test_a_body_that_is_none_is_refused(path: str, body: bytes) -> None:
    answer = await AsyncClient().post(path, body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid"
