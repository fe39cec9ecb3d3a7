"""uvicorn behind the same launcher: the same limits, the same silence, the same drain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import signal
import socket
from collections.abc import Iterator
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from notalone import going_away
from notalone.limits import IDLE_S, MAX_FRAME_BYTES, PING_AFTER_S, PONG_WITHIN_S, REQUEST_WITHIN_S
from notalone.uvicorn_sockets import QuickSocket

logger = logging.getLogger(__name__)

LINGER_S = 1.0  # for the last words to a peer that reads slowly, or never


# RFC 9112, 3 and 5; what is read otherwise, or not at all, is uvicorn's to answer
_HEAD = re.compile(rb"GET /ws/[!-~]* HTTP/1\.1\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)+\r\n")
_TO_WEBSOCKET = re.compile(rb"\r\nupgrade:[ \t]*websocket[ \t]*\r\n")
_UPGRADING = re.compile(rb"\r\nconnection:(?:[^\r\n]*[ \t,])?upgrade[ \t,\r]")
_BODY = re.compile(rb"\r\n(?:content-length|transfer-encoding):")


def is_handshake(data: bytes) -> bool:
    """Tell whether this is one whole WebSocket handshake and nothing else, as nearly all are that come."""
    if _HEAD.fullmatch(data) is None:
        return False
    head = data.lower()
    is_upgrade = _TO_WEBSOCKET.search(head) is not None and _UPGRADING.search(head) is not None
    return is_upgrade and head.count(b"\r\nhost:") == 1 and _BODY.search(head) is None


class BoundedConnection(H11Protocol):
    """A connection that must bring the head of each request in time, however slowly it drips in, or end."""

    _deadline: asyncio.TimerHandle | None = None
    _is_new = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._begin()

    def data_received(self, data: bytes) -> None:
        if self._is_new and is_handshake(data):
            self._become_socket(data)
            return
        self._is_new = False
        if self._deadline is None and (self.cycle is None or self.cycle.response_complete):
            self._begin()
        super().data_received(data)
        if self._deadline is not None and self.cycle is not self._last:
            self._end()

    def _begin(self) -> None:
        self._last = self.cycle
        self._deadline = self.loop.call_later(REQUEST_WITHIN_S, self._too_slow)

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _become_socket(self, request: bytes) -> None:
        """Do as uvicorn does once it has read a handshake, which the socket's library reads in any case."""
        self._end()
        self.connections.discard(self)
        made: Any = self.ws_protocol_class
        protocol = made(config=self.config, server_state=self.server_state, app_state=self.app_state)
        protocol.take_over(self.transport, self.server, self.client, is_secure=self.scheme == "https")
        protocol.data_received(request)
        self.transport.set_protocol(protocol)

    def _too_slow(self) -> None:
        if self.transport.get_protocol() is self:  # else it has become a socket
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)


class BoundedSocket(QuickSocket):
    """A WebSocket that ends for sure. uvicorn's waits for ever until its peer has read the last words."""

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._end_soon()

    async def run_asgi(self) -> None:
        await super().run_asgi()
        self._end_soon()

    def _end_soon(self) -> None:
        if not self.disconnected and self.transport.get_write_buffer_size():
            self.loop.call_later(LINGER_S, self.transport.abort)


class UvicornServer(uvicorn.Server):
    """One web process on a socket that already listens."""

    def __init__(self, application: Any, listening: socket.socket) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=BoundedConnection,
                ws=BoundedSocket,
                ws_max_size=MAX_FRAME_BYTES,
                ws_per_message_deflate=False,
                ws_ping_interval=PING_AFTER_S,
                ws_ping_timeout=PONG_WITHIN_S,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,  # the application itself reads what trusted proxies say
                timeout_keep_alive=IDLE_S,
                timeout_graceful_shutdown=3,
            )
        )
        self._listening = listening

    def serve_forever(self) -> None:
        """Serve until a signal, drain, and return."""
        self.run(sockets=[self._listening])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then let uvicorn end what is left."""
        await going_away.drain()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End at the first signal in order, at the second at once."""
        if self.should_exit:
            going_away.end_now()
        self.should_exit = True
        going_away.end_in_any_case()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals. uvicorn's own raises them again at the end, so its exit code is never 0."""
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
