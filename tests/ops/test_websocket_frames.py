"""Texts on our own servers' short ways: the same bytes as the library's, however they come in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode, apply_mask

from notalone.uvicorn_server import MAX_FRAME_BYTES
from notalone.uvicorn_sockets import QuickSocket
from notalone.websocket_frames import (
    EXTENSION,
    end_of_frame,
    ping_frame,
    text_frame,
    whole_pong,
    whole_text,
)

SIZES = st.sampled_from([0, 1, 125, 126, 127, 65535, 65536, 70000])
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
WAIT_S = 20


def sent(opcode: Opcode, data: bytes, *, fin: bool = True) -> bytes:
    """Give a client's frame, as the library writes it."""
    return Frame(opcode, data, fin).serialize(mask=True)


@given(SIZES)
def test_a_text_is_framed_as_the_library_frames_it(size: int) -> None:
    data = b"x" * size
    assert text_frame(data) == Frame(Opcode.TEXT, data).serialize(mask=False)


@given(SIZES, st.binary(max_size=20))
def test_a_frame_ends_where_the_library_ends_it(size: int, more: bytes) -> None:
    frame = sent(Opcode.TEXT, b"x" * size)
    assert end_of_frame(frame + more, 100_000) == len(frame)


@given(SIZES, st.integers(1, 200))
def test_of_a_part_it_says_that_more_is_needed(size: int, length: int) -> None:
    frame = sent(Opcode.TEXT, b"x" * size)
    part = frame[: min(length, len(frame) - 1)]
    assert end_of_frame(part, 100_000) > len(part)


def test_a_frame_that_is_too_long_need_not_come_whole() -> None:
    part = sent(Opcode.TEXT, b"x" * 70_000)[:50]
    assert end_of_frame(part, 65_536) == len(part)


@given(st.binary(max_size=200))
def test_a_whole_text_is_unmasked(data: bytes) -> None:
    assert whole_text(sent(Opcode.TEXT, data), apply_mask) == data


@given(st.binary(max_size=125))
def test_a_ping_goes_out_and_a_pong_is_read_as_by_the_library(data: bytes) -> None:
    assert ping_frame(data) == Frame(Opcode.PING, data).serialize(mask=False)
    assert whole_pong(sent(Opcode.PONG, data), apply_mask) == data


@pytest.mark.parametrize(
    "frame",
    [
        sent(Opcode.TEXT, b"x"),
        sent(Opcode.PING, b"x"),
        b"\x0a\x81\0\0\0\0x",
        sent(Opcode.PONG, b"x") + b"x",
        b"\x8a\xfe\0\x7e\0\0\0\0" + b"x" * 126,
        Frame(Opcode.PONG, b"x").serialize(mask=False),
    ],
    ids=["text", "ping", "part", "more", "long", "unmasked"],
)
def test_every_other_pong_is_left_to_the_library(frame: bytes) -> None:
    assert whole_pong(frame, apply_mask) is None


@pytest.mark.parametrize(
    "frame",
    [
        sent(Opcode.BINARY, b"x"),
        sent(Opcode.PING, b"x"),
        sent(Opcode.CLOSE, b""),
        sent(Opcode.TEXT, b"x", fin=False),
        Frame(Opcode.TEXT, b"x").serialize(mask=False),
    ],
    ids=["binary", "ping", "close", "part", "unmasked"],  # the masks are random
)
def test_every_other_frame_is_left_to_the_library(frame: bytes) -> None:
    assert whole_text(frame, apply_mask) is None


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Send each text back, by the short way."""
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        assert scope["extensions"][EXTENSION]([event["text"].encode()])


@pytest.fixture
async def line() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the echo, its handshake done."""
    config = uvicorn.Config(
        echo, ws=QuickSocket, ws_max_size=MAX_FRAME_BYTES, lifespan="off", log_config=None
    )
    config.load()
    state = uvicorn.server.ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: config.http_protocol_class(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(HANDSHAKE)
    async with asyncio.timeout(WAIT_S):
        await reader.readuntil(b"\r\n\r\n")
    yield reader, writer
    writer.close()
    server.close()


async def heard(reader: asyncio.StreamReader, data: bytes) -> None:
    async with asyncio.timeout(WAIT_S):
        assert await reader.readexactly(len(data)) == data


async def test_frames_that_come_byte_by_byte_are_whole(line: Any) -> None:
    reader, writer = line
    for byte in sent(Opcode.TEXT, "あ".encode()) + sent(Opcode.TEXT, b"y" * 300):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0)
    await heard(reader, text_frame("あ".encode()) + text_frame(b"y" * 300))


async def test_many_frames_in_one_piece_come_in_order(line: Any) -> None:
    reader, writer = line
    texts = [str(number).encode() for number in range(100)]
    writer.write(b"".join(sent(Opcode.TEXT, text) for text in texts))
    await heard(reader, b"".join(text_frame(text) for text in texts))


async def test_a_text_in_fragments_with_a_ping_between_is_one_text(line: Any) -> None:
    reader, writer = line
    writer.write(sent(Opcode.TEXT, b"on", fin=False) + sent(Opcode.PING, b"?") + sent(Opcode.CONT, b"e"))
    await heard(reader, Frame(Opcode.PONG, b"?").serialize(mask=False) + text_frame(b"one"))


async def test_a_new_text_within_a_broken_one_ends_the_socket(line: Any) -> None:
    reader, writer = line
    writer.write(sent(Opcode.TEXT, b"on", fin=False) + sent(Opcode.TEXT, b"x"))
    await heard(reader, b"\x88")


async def test_a_frame_that_is_too_long_ends_the_socket_by_its_head(line: Any) -> None:
    reader, writer = line
    writer.write(sent(Opcode.TEXT, b"x" * (MAX_FRAME_BYTES + 1))[:40])
    await heard(reader, b"\x88")
    async with asyncio.timeout(WAIT_S):
        assert (await reader.readexactly(3))[1:] == (1009).to_bytes(2, "big")
