"""A handshake that comes whole goes to the socket directly, and is the same there as by uvicorn's own way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from notalone.uvicorn_server import BoundedConnection, BoundedSocket, is_handshake

GOOD = (
    b"GET /ws/visitor/?a=%E3%81%82 HTTP/1.1\r\nHost: example.org\r\nUpgrade: WebSocket\r\n"
    b"Connection: keep-alive, Upgrade\r\nOrigin: https://example.org\r\nCookie: a=b\r\n"
    b"X-Twice: 1\r\nX-Twice: 2\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Line(asyncio.Transport):
    """A connection that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.said = b""
        self.has_said = asyncio.Event()
        self.protocol: Any = None

    def write(self, data: Any) -> None:
        self.said += bytes(data)
        self.has_said.set()

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def get_protocol(self) -> Any:
        return self.protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("203.0.113.7", 40000), "sockname": ("127.0.0.1", 80)}.get(name, default)

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def close(self) -> None: ...


async def scope_of(*pieces: bytes) -> tuple[dict[str, Any], bytes]:
    """Let a request come in pieces; give the scope that the application sees, and what is answered."""
    seen: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await receive()
        await send({"type": "websocket.accept"})
        await receive()

    config = uvicorn.Config(
        app, http=BoundedConnection, ws=BoundedSocket, lifespan="off", log_config=None, access_log=False
    )
    config.load()
    state = ServerState()
    line = Line()
    line.protocol = BoundedConnection(config, state, {})
    line.protocol.connection_made(line)
    for piece in pieces:
        line.protocol.data_received(piece)
    await line.has_said.wait()
    line.protocol.connection_lost(None)
    await asyncio.gather(*state.tasks)
    assert not state.connections
    scope = {name: value for name, value in seen[0].items() if name != "extensions"}
    return scope, line.said


async def test_the_application_sees_the_same() -> None:
    assert is_handshake(GOOD)
    scope, said = await scope_of(GOOD)
    by_uvicorn, said_by_uvicorn = await scope_of(GOOD[:9], GOOD[9:])

    assert scope == by_uvicorn
    assert (b"x-twice", b"2") in scope["headers"]
    assert said.partition(b"\r\nDate")[0] == said_by_uvicorn.partition(b"\r\nDate")[0]
    assert said.startswith(b"HTTP/1.1 101 ")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        GOOD[:-1],
        GOOD + b"\x81\x80",
        GOOD.replace(b"GET", b"POST"),
        GOOD.replace(b"/ws/", b"/"),
        GOOD.replace(b"WebSocket\r", b"h2c\r"),
        GOOD.replace(b", Upgrade", b""),
        GOOD.replace(b", Upgrade", b"-upgrade"),
        GOOD.replace(b"Cookie: a=b", b"Content-Length: 3"),
        GOOD.replace(b"Cookie: a=b", b"Transfer-Encoding: chunked"),
        GOOD.replace(b"\r\nHost", b"\r\n\r\nHost"),
        GOOD.replace(b"Host:", b"Hast:"),
        GOOD.replace(b"Cookie: a=b", b"Host: other"),
        GOOD.replace(b"Cookie: a=b", b"Coo kie: a=b"),
        GOOD.replace(b"Cookie: a=b", b"Cookie: a\x00b"),
        GOOD.replace(b"Cookie: a=b", b" folded"),
        GOOD.replace(b"\r\n", b"\n"),
    ],
)
def test_everything_else_is_left_to_uvicorn(data: bytes) -> None:
    assert not is_handshake(data)


@pytest.mark.parametrize(
    "bad",
    [
        GOOD.replace(b"Version: 13", b"Version: 12"),
        GOOD.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"x"),
    ],
)
async def test_a_bad_handshake_is_refused_by_the_library(bad: bytes) -> None:
    assert is_handshake(bad)
    line = Line()
    config = uvicorn.Config(
        lambda *_: None, http=BoundedConnection, ws=BoundedSocket, lifespan="off", log_config=None
    )
    config.load()
    line.protocol = BoundedConnection(config, ServerState(), {})
    line.protocol.connection_made(line)
    line.protocol.data_received(bad)
    assert line.said.startswith(b"HTTP/1.1 4")
