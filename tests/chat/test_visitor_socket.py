"""The visitor's frames: what is taken, what is refused, and that words are kept to the letter."""

from __future__ import annotations

import json
import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from chat import campaigns
from tests.outages import database_down
from tests.sockets import Peer, available, enter, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

REF = str(uuid.UUID(int=7))
KIB_16 = 16 * 1024


async def waiting() -> Peer:
    peer = await visitor((await enter()).token)
    await peer.take("welcome", state="waiting")
    return peer


async def talking() -> tuple[Peer, Peer, str]:
    """Give a visitor and a counselor in one conversation, and its id."""
    carla = await available(await member("carla"))
    vera = await visitor((await enter()).token)
    assigned = await carla.take("assigned")
    await vera.take("welcome", state="paired")
    return vera, carla, assigned["conversation"]


# --- bad frames ---

WITH_REF = [
    {"type": "message.send"},
    {"type": "message.send", "body": None},
    {"type": "message.send", "body": "x", "sender": "counselor"},
    {"type": "message.send", "body": "x", "conversation": REF},
    {"type": "message.send", "body": "\x00"},
    {"type": "message.send", "body": "a\ud800b"},
    {"type": "message.send", "body": "\x1b[31m"},
    {"type": "conversation.close", "conversation": REF},
    {"type": "websocket.disconnect"},
    {"type": "hear"},
    {"type": "ticket.ended"},
    {"type": "welcome"},
    {"type": ["ping"]},
    {},
]
WITHOUT_REF = [
    "{",
    "null",
    "[]",
    "1",
    '"ping"',
    "{}",
    '{"type":"ping","id":7}',
    '{"type":"ping","id":""}',
    json.dumps({"type": "ping", "id": "x" * 65}),
    '{"type":"typing","on":1}',
    '{"type":"typing"}',
    '{"type":"read","seq":-1}',
    '{"type":"read","seq":"1"}',
    '{"type":"read","seq":1.5}',
    '{"type":"leave","now":true}',
    "[" * 8000,
    '{"type":' * 2000,
    "\ud800",
]


@pytest.mark.parametrize("frame", WITH_REF, ids=ascii)
async def test_a_bad_frame_is_answered_with_its_id(frame: dict[str, Any]) -> None:
    vera, _, _ = await talking()
    await vera.send_text(json.dumps({"id": REF, **frame}))
    error = await vera.take("error")
    assert error == {"type": "error", "code": "bad_frame", "ref": REF}
    await vera.hush()


@pytest.mark.parametrize("text", WITHOUT_REF, ids=lambda text: ascii(text[:30]))
async def test_a_bad_frame_without_a_usable_id_is_answered_too(text: str) -> None:
    vera = await waiting()
    await vera.send_text(text)
    assert await vera.take("error") == {"type": "error", "code": "bad_frame"}
    await vera.hush()


async def test_an_id_that_is_no_uuid_is_a_bad_frame() -> None:
    vera, _, _ = await talking()
    await vera.send("message.send", id="not-a-uuid", body="x")
    assert await vera.take("error") == {"type": "error", "code": "bad_frame", "ref": "not-a-uuid"}


async def test_a_binary_frame_is_a_bad_frame() -> None:
    vera = await waiting()
    await vera.send_bytes(b'{"type":"ping"}')
    assert (await vera.take("error"))["code"] == "bad_frame"
    await vera.hush()


async def test_the_third_bad_frame_within_a_minute_ends_the_socket_and_each_had_its_error() -> None:
    vera = await waiting()
    for _ in range(3):
        await vera.send_text("{")
    assert await vera.closed() == 4400
    assert [frame["code"] for frame in vera.kept if frame["type"] == "error"] == ["bad_frame"] * 3


async def test_bad_frames_more_than_a_minute_apart_end_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    time = SimpleNamespace(now=0.0)
    monkeypatch.setattr("chat.consumers.rates.time", SimpleNamespace(monotonic=lambda: time.now))
    vera = await waiting()
    for _ in range(6):
        await vera.send_text("{")
        await vera.take("error")
        time.now += 31
    await vera.hush()


async def test_one_s_bad_frames_never_end_another_s_socket() -> None:
    vera, carla, _ = await talking()
    sven = await visitor((await enter()).token)
    await sven.take("welcome")
    for _ in range(3):
        await sven.send_text("[" * 9000)
    assert await sven.closed() == 4400
    await vera.hush()
    await carla.hush()
    assert not [frame for peer in (vera, carla) for frame in peer.kept if frame["type"] == "error"]


@pytest.mark.parametrize("extra", [0, 1])
async def test_a_frame_may_have_sixteen_kib(extra: int) -> None:
    vera = await waiting()
    ping = '{"type":"ping","id":"1"}'
    await vera.send_text(ping + " " * (KIB_16 - len(ping) + extra))
    if extra:
        assert await vera.closed() == 1009
    else:
        await vera.take("pong", id="1")


async def test_a_frame_s_size_is_in_bytes() -> None:
    vera = await waiting()
    await vera.send_text(json.dumps({"type": "ping", "id": "あ" * 6000}, ensure_ascii=False))
    assert await vera.closed() == 1009


async def test_a_big_binary_frame_is_too_big_first() -> None:
    vera = await waiting()
    await vera.send_bytes(b"x" * (KIB_16 + 1))
    assert await vera.closed() == 1009


# --- bodies ---


@pytest.mark.parametrize("body", ["あ" * 2000, "😢" * 2000], ids=["Japanese", "emoji"])
async def test_two_thousand_characters_are_taken(body: str) -> None:
    vera, carla, _ = await talking()
    await vera.send_text(json.dumps({"type": "message.send", "id": REF, "body": body}, ensure_ascii=False))
    await vera.take("message.ack", id=REF)
    assert (await carla.take("message"))["body"] == body


async def test_one_more_is_too_long_and_the_socket_stays() -> None:
    vera, _, _ = await talking()
    await vera.send("message.send", id=REF, body="x" * 2001)
    assert await vera.take("error") == {"type": "error", "code": "body_too_long", "ref": REF}
    await vera.hush()


@pytest.mark.parametrize("body", ["", " ", "\n\t", "\u3000", "\u200b", "\u202e\u2069"], ids=ascii)
async def test_a_body_with_nothing_to_see_is_empty(body: str) -> None:
    vera, _, _ = await talking()
    await vera.send("message.send", id=REF, body=body)
    assert await vera.take("error") == {"type": "error", "code": "body_empty", "ref": REF}


@pytest.mark.parametrize(
    "body",
    [
        "\u202eabc\u202c \u2067עברית\u2069",
        "👩🏽‍👩‍👧‍👦🇯🇵❤️‍🔥",
        "Z̴̢͑a̸̛ͅl̷̫̃g̵͎̈o̶̤͗" * 20,
        " 前後の空白 \r\n\t改行 \u3000",
        "<script>alert(1)</script>&amp;\"'`${x}{{ y }}=cmd|'/c calc'!A1",
        "ﷺ\u2028\u2029\ufeff\ufffd\uffff\U0010ffff",
    ],
    ids=["bidi", "emoji", "combining", "spaces", "markup", "rare"],
)
async def test_words_are_kept_to_the_letter(body: str) -> None:
    vera, carla, _ = await talking()
    await vera.send("message.send", id=REF, body=body)
    assert (await carla.take("message", id=REF))["body"] == body


# --- errors that a person can mend ---


async def test_who_waits_has_nobody_to_write_to() -> None:
    vera = await waiting()
    await vera.send("message.send", id=REF, body="だれか")
    assert await vera.take("error") == {"type": "error", "code": "not_paired", "ref": REF}


async def test_too_many_messages_a_minute_are_told_when_to_go_on(settings: Any) -> None:
    settings.MESSAGES_PER_MINUTE = 2
    vera, _, _ = await talking()
    refs = [message_id() for _ in range(3)]
    for ref in refs:
        await vera.send("message.send", id=ref, body="x")
    error = await vera.take("error")
    assert (error["code"], error["ref"]) == ("too_many", refs[2])
    assert 0 < error["retry_after_s"] <= 60
    for ref in refs[:2]:
        await vera.take("message.ack", id=ref)


async def test_a_limit_of_zero_is_none(settings: Any) -> None:
    settings.MESSAGES_PER_MINUTE = 0
    vera, _, _ = await talking()
    refs = [message_id() for _ in range(150)]
    for ref in refs:
        await vera.send("message.send", id=ref, body="x")
    for seq, ref in enumerate(refs, 1):
        assert (await vera.take("message.ack", id=ref))["seq"] == seq


async def test_too_many_frames_of_any_kind_end_the_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.consumers.base.FRAMES_PER_MINUTE", -295)
    vera = await waiting()
    for _ in range(5):
        await vera.send("typing", on=True)
    assert await vera.closed() == 4429


async def test_with_the_database_down_a_message_is_not_acked_and_can_be_sent_again() -> None:
    vera, carla, _ = await talking()
    await campaigns.loaded()
    with database_down():
        await vera.send("message.send", id=REF, body="まだいますか")
        error = await vera.take("error", ref=REF)
        assert error["code"] == "unavailable"
        assert not [frame for frame in vera.kept if frame["type"] == "message.ack"]
    await vera.send("message.send", id=REF, body="まだいますか")
    assert (await vera.take("message.ack", id=REF))["seq"] == 1
    assert (await carla.take("message"))["body"] == "まだいますか"
