"""What one side sees of the other beside the words: typing, read marks, presence, heartbeats, places."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from chat import runtime, ticker
from notalone import clock
from tests.sockets import Peer, available, desk, enter, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]


async def talking() -> tuple[Peer, Peer, str]:
    carla = await available(await member("carla"))
    vera = await visitor((await enter()).token)
    assigned = await carla.take("assigned")
    await vera.take("welcome", state="paired")
    await carla.hush()
    carla.kept.clear()
    return vera, carla, assigned["conversation"]


async def say(vera: Peer) -> int:
    ref = message_id()
    await vera.send("message.send", id=ref, body="x")
    return int((await vera.take("message.ack", id=ref))["seq"])


def of_kind(peer: Peer, kind: str) -> list[dict[str, object]]:
    return [frame for frame in peer.kept if frame["type"] == kind]


# --- typing ---


@pytest.mark.parametrize("on", [True, False])
async def test_the_counselor_sees_the_visitor_write(on: bool) -> None:
    vera, carla, conversation = await talking()
    await vera.send("typing", on=on)
    expected = {"type": "typing", "who": "visitor", "on": on, "conversation": conversation}
    assert await carla.take("typing") == expected


async def test_the_visitor_sees_the_counselor_write() -> None:
    vera, carla, conversation = await talking()
    await carla.send("typing", conversation=conversation, on=True)
    assert await vera.take("typing") == {"type": "typing", "who": "counselor", "on": True}


async def test_nobody_sees_their_own_writing() -> None:
    vera, carla, conversation = await talking()
    await vera.send("typing", on=True)
    await carla.send("typing", conversation=conversation, on=True)
    await carla.take("typing", who="visitor")
    await vera.take("typing", who="counselor")
    await vera.hush()
    await carla.hush()
    assert of_kind(vera, "typing") == of_kind(carla, "typing") == []


async def test_who_waits_writes_to_nobody() -> None:
    vera = await visitor((await enter()).token)
    await vera.take("welcome")
    await vera.send("typing", on=True)
    await vera.hush()
    assert of_kind(vera, "error") == []


# --- read ---


async def test_the_counselor_sees_what_the_visitor_has_read() -> None:
    vera, carla, conversation = await talking()
    seq = await say(vera)
    await vera.send("read", seq=seq)
    expected = {"type": "read", "who": "visitor", "seq": seq, "conversation": conversation}
    assert await carla.take("read") == expected


async def test_the_visitor_sees_what_the_counselor_has_read() -> None:
    vera, carla, conversation = await talking()
    seq = await say(vera)
    await carla.send("read", conversation=conversation, seq=seq)
    assert await vera.take("read") == {"type": "read", "who": "counselor", "seq": seq}


async def test_a_read_mark_stops_at_the_newest_message() -> None:
    vera, carla, _ = await talking()
    await say(vera)
    await vera.send("read", seq=10**30)
    assert (await carla.take("read"))["seq"] == 1


async def test_a_read_mark_never_goes_back() -> None:
    vera, carla, _ = await talking()
    await say(vera)
    await say(vera)
    for seq in (2, 1, 2):
        await vera.send("read", seq=seq)
    await vera.hush()
    await carla.hush()
    assert [frame["seq"] for frame in of_kind(carla, "read")] == [2]


async def test_a_welcome_tells_both_read_marks() -> None:
    carla = await available(await member("carla"))
    opened = await enter()
    vera = await visitor(opened.token)
    conversation = (await carla.take("assigned"))["conversation"]
    await say(vera)
    await vera.send("read", seq=1)
    await carla.take("read")
    await carla.send("read", conversation=conversation, seq=1)
    await vera.take("read")
    again = await visitor(opened.token)
    assert (await again.take("welcome", state="paired"))["read"] == {"visitor": 1, "counselor": 1}


async def test_there_is_nothing_to_read_while_waiting() -> None:
    vera = await visitor((await enter()).token)
    await vera.take("welcome")
    await vera.send("read", seq=1)
    assert (await vera.take("error"))["code"] == "not_paired"


# --- presence ---


async def test_the_counselor_is_told_when_the_visitor_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.consumers.presence.GONE_AFTER_S", 0)
    vera, carla, conversation = await talking()
    await vera.end()
    expected = {"type": "presence", "who": "visitor", "online": False, "conversation": conversation}
    assert await carla.take("presence") == expected


async def test_the_counselor_is_told_when_the_visitor_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.consumers.presence.GONE_AFTER_S", 0)
    carla = await available(await member("carla"))
    opened = await enter()
    vera = await visitor(opened.token)
    await carla.take("assigned")
    await vera.take("welcome")
    await carla.hush()
    carla.kept.clear()
    await vera.end()
    await carla.take("presence", online=False)
    again = await visitor(opened.token)
    await carla.take("presence", who="visitor", online=True)
    await again.hush()


async def test_the_visitor_is_told_when_the_counselor_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.consumers.presence.COUNSELOR_GONE_AFTER_S", 0)
    vera, carla, _ = await talking()
    await carla.end()
    assert await vera.take("presence") == {"type": "presence", "who": "counselor", "online": False}


async def test_the_visitor_is_told_when_the_counselor_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.consumers.presence.COUNSELOR_GONE_AFTER_S", 0)
    user = await member("carla")
    carla = await available(user)
    vera = await visitor((await enter()).token)
    await vera.take("welcome", state="paired")
    await carla.take("assigned")
    await carla.end()
    await vera.take("presence", online=False)
    again = await desk(user)
    await vera.take("presence", who="counselor", online=True)
    await again.hush()


async def test_a_counselor_with_another_tab_is_not_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.consumers.presence.COUNSELOR_GONE_AFTER_S", 0)
    user = await member("carla")
    first, second = await available(user), await desk(user)
    await second.take("welcome")
    vera = await visitor((await enter()).token)
    await vera.take("welcome", state="paired")
    await first.take("assigned")
    await first.end()
    await _until_idle()
    await vera.hush()
    assert of_kind(vera, "presence") == []


async def _until_idle() -> None:
    """Wait for what runs beside the sockets."""
    while tasks := list(runtime.current().tasks):
        await asyncio.gather(*tasks)  # and lets the loop strike them off: to await what is done would not


# --- heartbeat ---


async def test_a_ping_is_answered_with_its_id_and_the_server_s_time() -> None:
    vera = await visitor((await enter()).token)
    await vera.take("welcome")
    await vera.send("ping", id="7")
    pong = await vera.take("pong")
    assert (pong["id"], set(pong)) == ("7", {"type", "id", "server_time"})
    assert datetime.fromisoformat(pong["server_time"]).tzinfo is not None


async def test_a_ping_needs_no_id() -> None:
    vera = await visitor((await enter()).token)
    await vera.take("welcome")
    await vera.send("ping")
    assert (await vera.take("pong"))["id"] is None


async def test_a_pong_tells_the_newest_message_of_each_talk() -> None:
    vera, carla, conversation = await talking()
    await say(vera)
    await carla.take("message")
    for peer in (vera, carla):
        await peer.send("ping", id="1")
        assert (await peer.take("pong", id="1"))["heads"] == {conversation: 1}


# --- places ---


async def test_places_move_up_when_someone_before_leaves() -> None:
    first = await visitor((await enter()).token)
    second = await visitor((await enter()).token)
    await first.take("welcome")
    assert (await second.take("welcome"))["position"] == 2
    await first.send("leave")
    assert (await first.take("closed"))["reason"] == "visitor"
    await ticker.current().tick(clock.now())
    assert await second.take("queue.position") == {"type": "queue.position", "position": 1, "estimate": None}


async def test_an_urgent_ticket_comes_before_those_who_just_came() -> None:
    await enter()
    assert (await enter(urgency=3)).position == 1


async def test_the_same_place_is_told_once() -> None:
    vera = await visitor((await enter()).token)
    await vera.take("welcome")
    await ticker.current().tick(clock.now())
    vera.kept.clear()
    ticker.current()._tick = 0
    await ticker.current().tick(clock.now())
    await vera.hush()
    assert len(of_kind(vera, "queue.position")) <= 1
