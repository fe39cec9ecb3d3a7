"""Hints may be lost: whatever an event would have told, the look at the rows tells too."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chat import runtime, ticker
from chat.actions.place import Place, place_for_token
from notalone import clock
from tests.sockets import Peer, available, desk, enter, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]


async def talking() -> tuple[Peer, Peer, str]:
    carla = await available(await member("carla"))
    vera = await visitor((await enter()).token)
    conversation = (await carla.take("assigned"))["conversation"]
    await vera.take("welcome", state="paired")
    return vera, carla, conversation


@contextmanager
def no_hints(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lose every event, within this process too."""
    with monkeypatch.context() as patch:
        patch.setattr(runtime.current().hub, "publish", lambda *_, **__: None)
        yield


async def say(peer: Peer, body: str, **fields: str) -> None:
    ref = message_id()
    await peer.send("message.send", id=ref, body=body, **fields)
    await peer.take("message.ack", id=ref)


async def test_messages_are_found_in_order_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    vera, carla, conversation = await talking()
    with no_hints(monkeypatch):
        for number in range(3):
            await say(vera, f"v{number}")
            await say(carla, f"c{number}", conversation=conversation)
    await ticker.current().look(clock.now())
    assert [(await carla.take("message"))["body"] for _ in range(3)] == ["v0", "v1", "v2"]
    assert [(await vera.take("message"))["body"] for _ in range(3)] == ["c0", "c1", "c2"]
    await carla.hush()
    await vera.hush()
    assert not [frame for peer in (vera, carla) for frame in peer.kept if frame["type"] == "message"]


async def test_a_message_that_comes_after_a_lost_one_is_not_told_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vera, carla, _ = await talking()
    with no_hints(monkeypatch):
        await say(vera, "一")
    await say(vera, "二")
    assert [(await carla.take("message"))["body"] for _ in range(2)] == ["一", "二"]


async def test_a_pairing_is_found_by_both(monkeypatch: pytest.MonkeyPatch) -> None:
    carla = await desk(await member("carla"))
    vera = await visitor((await enter()).token)
    await carla.take("welcome")
    await vera.take("welcome", state="waiting")
    with no_hints(monkeypatch):
        await carla.send("availability.set", state="available")
        await carla.hush()
    await ticker.current().look(clock.now())
    paired = await vera.take("paired")
    assert (await carla.take("assigned"))["conversation"] == paired["conversation"]


async def test_an_end_is_found_by_both(monkeypatch: pytest.MonkeyPatch) -> None:
    vera, carla, conversation = await talking()
    await say(vera, "さようなら")
    with no_hints(monkeypatch):
        await carla.send("conversation.close", conversation=conversation)
        await carla.hush()
    await ticker.current().look(clock.now())
    assert (await vera.take("closed"))["reason"] == "counselor"
    assert (await carla.take("closed", conversation=conversation))["reason"] == "counselor"


async def test_an_end_is_told_after_the_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    vera, carla, conversation = await talking()
    with no_hints(monkeypatch):
        await say(carla, "またいつでも", conversation=conversation)
        await carla.send("conversation.close", conversation=conversation)
        await carla.hush()
    await ticker.current().look(clock.now())
    await vera.take("closed")
    assert [frame["body"] for frame in vera.kept if frame["type"] == "message"] == ["またいつでも"]


async def test_after_an_end_the_pong_tells_of_no_open_talk() -> None:
    vera, carla, conversation = await talking()
    await carla.send("conversation.close", conversation=conversation)
    for peer in (vera, carla):
        await peer.take("closed")
        await peer.send("ping", id="1")
        assert (await peer.take("pong", id="1"))["heads"] == {}


async def test_a_redis_that_answers_nothing_does_not_keep_the_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticker, "TICK_S", 0.01)
    monkeypatch.setattr(ticker, "LOOK_EVERY_S", 0.05)
    is_stuck = asyncio.Event()

    async def never(*_: Any) -> None:
        is_stuck.set()
        await asyncio.Event().wait()

    vera, carla, _ = await talking()
    monkeypatch.setattr(runtime.current().queue, "touch", never)
    await is_stuck.wait()
    with no_hints(monkeypatch):
        await say(vera, "聞こえますか")
        assert (await carla.take("message"))["body"] == "聞こえますか"


async def test_what_comes_between_the_reading_and_the_listening_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = await enter()
    carla = await member("carla")

    async def read_before_the_pairing(token: str) -> Place | None:
        place = await place_for_token(token)
        await (await available(carla)).take("assigned")
        return place

    monkeypatch.setattr("chat.consumers.visitor.place_for_token", read_before_the_pairing)
    vera = await visitor(opened.token)
    assert (await vera.take("welcome"))["counselor"] == {"name": "Carla"}
