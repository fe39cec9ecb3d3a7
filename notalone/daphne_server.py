"""Daphne with what it lacks: a drain at SIGTERM, limits at the door, and silence about addresses.

Import ``install_reactor`` and call it before anything imports Django's apps: Twisted keeps the
first reactor that it gets.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from notalone import going_away
from notalone.limits import IDLE_S, MAX_FRAME_BYTES, PING_AFTER_S, PONG_WITHIN_S, REQUEST_WITHIN_S
from notalone.websocket_frames import EXTENSION, HEARING, Hearer, end_of_frame, text_frame, whole_text

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1024 * 1024
MAX_UNSENT_BYTES = 1024 * 1024  # owed to one socket whose peer does not read
ENOUGH_UNSENT_BYTES = 64 * 1024  # from here on whoever sends has to wait
LOOK_EVERY_S = 0.05
TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def install_reactor() -> None:
    """Give Twisted an asyncio loop, uvloop's where it is installed."""
    from twisted.internet import asyncioreactor

    if "twisted.internet.reactor" in sys.modules:
        return
    try:
        import uvloop
    except ImportError:
        loop = asyncio.new_event_loop()
    else:
        loop = uvloop.new_event_loop()
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]  # twisted's


install_reactor()

from autobahn.websocket.types import ConnectionDeny  # noqa: E402 — the reactor comes first
from daphne.http_protocol import HTTPFactory, WebRequest  # noqa: E402
from daphne.server import Server  # noqa: E402
from daphne.ws_protocol import WebSocketProtocol  # noqa: E402
from twisted.internet import defer  # noqa: E402
from twisted.internet import reactor as _reactor  # noqa: E402
from websockets.frames import apply_mask  # type: ignore[attr-defined]  # noqa: E402 — in C where the wheel has it

reactor: Any = _reactor  # its type is that of the first reactor Twisted thinks of


class QuietSocket(WebSocketProtocol):  # type: ignore[misc]  # daphne ships no types
    """A socket that owes its peer a bounded amount and never prints an address."""

    is_behind = False
    _hearer: Hearer | None = None

    def hear_now(self, hearer: Hearer | None) -> None:
        """Offer texts to this hearer first."""
        self._hearer = hearer

    def dataReceived(self, data: bytes) -> None:
        while self._hearer is not None and data and self._is_between_frames():
            end = end_of_frame(data, MAX_FRAME_BYTES)
            text = whole_text(data[:end], apply_mask) if end <= len(data) else None
            if text is None or not self.application_queue.empty() or not self._hearer(text):
                break
            data = data[end:]
        if data:
            super().dataReceived(data)

    def _is_between_frames(self) -> bool:
        """Tell whether autobahn has taken no part of a frame or message that has not come whole."""
        return self.state == self.STATE_OPEN and not (self.data or self.current_frame or self.inside_message)

    def serverSend(self, content: Any, binary: bool = False) -> None:
        super().serverSend(content, binary)
        unsent = _unsent_bytes(self.transport)
        self.is_behind = unsent > ENOUGH_UNSENT_BYTES
        if unsent > MAX_UNSENT_BYTES:
            logger.info("a socket was ended: its peer does not read")
            self.dropConnection(abort=True)

    async def wait_for_reader(self) -> None:
        """Wait until the peer has read: Daphne itself takes whatever it is given."""
        while self.is_behind and self.state == self.STATE_OPEN:
            await asyncio.sleep(LOOK_EVERY_S)
            self.is_behind = _unsent_bytes(self.transport) > ENOUGH_UNSENT_BYTES

    def send_now(self, texts: Sequence[bytes]) -> bool:
        """Send texts in one write; false where that can not be without waiting."""
        unsent = _unsent_bytes(self.transport)
        if self.state != self.STATE_OPEN or unsent > ENOUGH_UNSENT_BYTES:
            return False
        data = b"".join([text_frame(text) for text in texts])
        if (
            not unsent
        ):  # Twisted's own waits for the reactor to find the socket writable: twice the system calls
            sent = self.transport.writeSomeData(data)
            data = data[sent:] if isinstance(sent, int) else data  # a line that broke is Twisted's to notice
        if data:
            self.transport.write(data)
        return True

    def serverClose(self, code: int | None = None) -> None:
        # autobahn's sendClose knows a client's codes alone and raises at 1001, "going away"
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=1000 if code is None else code, isReply=False)

    def handle_exception(self, exception: Exception) -> None:
        # Daphne's own leaves a socket that failed in its handshake in a state that fails again.
        if hasattr(self, "handshake_deferred"):
            handshake = self.handshake_deferred
            del self.handshake_deferred
            denial: Any = ConnectionDeny  # without types
            handshake.errback(denial(code=500, reason="Internal server error"))
            self.server.protocol_disconnected(self)
        else:
            self.sendCloseFrame(code=1011)

    def __repr__(self) -> str:
        return f"<socket on {getattr(self, 'path', b'?').decode('ascii', 'replace')}>"


class BoundedRequest(WebRequest):  # type: ignore[misc]  # as above
    """A request that must arrive whole, in time, and within a size."""

    def __init__(self, channel: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(channel, *args, **kwargs)
        self._received_bytes = 0
        self._is_refused = False
        self._deadline: Any = reactor.callLater(REQUEST_WITHIN_S, self._give_up)

    def _give_up(self) -> None:
        self._deadline = None
        if self.channel is not None:
            self.channel.forceAbortClient()

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def gotLength(self, length: int | None) -> None:
        super().gotLength(length)
        if length is not None and length > MAX_BODY_BYTES:
            self._refuse_body()

    def handleContentChunk(self, data: bytes) -> None:
        self._received_bytes += len(data)
        if self._received_bytes > MAX_BODY_BYTES:
            self._refuse_body()
        else:
            super().handleContentChunk(data)

    def _refuse_body(self) -> None:
        if self._is_refused or self.channel is None:
            return
        self._is_refused = True
        self._stop_waiting()
        self.channel.transport.write(TOO_LARGE)
        self.channel.loseConnection()

    def process(self) -> Any:
        self._stop_waiting()
        if self._is_refused or self.channel is None:
            return None
        self.channel.factory.first_request_came(self.channel)
        return super().process()

    def connectionLost(self, reason: Any) -> None:
        self._stop_waiting()
        super().connectionLost(reason)

    def __repr__(self) -> str:
        return "<request>"


class BoundedHTTPFactory(HTTPFactory):  # type: ignore[misc]  # as above
    """Connections that must bring a whole request in time, or end."""

    def __init__(self, server: DaphneServer) -> None:
        super().__init__(server)
        self.timeOut = IDLE_S
        self._opening: dict[int, Any] = {}

    def buildProtocol(self, addr: Any) -> Any:
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        channel = protocol._channel
        self._opening[id(channel)] = reactor.callLater(REQUEST_WITHIN_S, self._too_slow, channel)
        return protocol

    def _too_slow(self, channel: Any) -> None:
        self._opening.pop(id(channel), None)
        if channel.transport is not None:
            channel.forceAbortClient()

    def first_request_came(self, channel: Any) -> None:
        deadline = self._opening.pop(id(channel), None)
        if deadline is not None:
            deadline.cancel()

    def log(self, request: Any) -> None:
        """Write no access log: a line in it has the address and the path."""


class DaphneServer(Server):  # type: ignore[misc]  # as above
    """One web process on a socket that already listens."""

    def __init__(self, application: Any, listening: socket.socket) -> None:
        super().__init__(
            application,
            endpoints=["the socket that is handed over"],
            signal_handlers=False,
            websocket_timeout=-1,  # a talk may last; Daphne would end it after a day
            websocket_connect_timeout=REQUEST_WITHIN_S,
            websocket_handshake_timeout=REQUEST_WITHIN_S,
            ping_interval=PING_AFTER_S,
            ping_timeout=PONG_WITHIN_S,
            websocket_max_message_size=MAX_FRAME_BYTES,
            websocket_max_frame_size=MAX_FRAME_BYTES,
            verbosity=0,
            server_name="",
            ready_callable=self._take_over,
        )
        self.endpoints: list[str] = []
        self._listening = listening
        self._port: Any = None
        self._is_ending = False

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] == "websocket":
            scope["extensions"] = {EXTENSION: protocol.send_now, HEARING: protocol.hear_now}
        return super().create_application(protocol, scope)

    def _take_over(self) -> None:
        """Listen with our own protocols, and end by our own signals; runs just before the loop does."""
        self.http_factory = BoundedHTTPFactory(self)
        self.ws_factory.protocol = QuietSocket
        # Say 1009 to a frame that is too big, instead of cutting the line.
        self.ws_factory.setProtocolOptions(failByDrop=False)
        self._port = reactor.adoptStreamPort(
            self._listening.fileno(), self._listening.family, self.http_factory
        )
        self._listening.close()
        loop = asyncio.get_event_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)

    def _end(self) -> None:
        if self._is_ending:
            going_away.end_now()
        self._is_ending = True
        going_away.end_in_any_case()
        self.stop()

    async def handle_reply(self, protocol: Any, message: Any) -> None:
        await super().handle_reply(protocol, message)
        if isinstance(protocol, QuietSocket) and protocol.is_behind:
            await protocol.wait_for_reader()

    def kill_all_applications(self) -> Any:
        """Drain, stop listening and end what still runs: Twisted waits for this before it shuts down."""
        return _deferred(self._go_away())

    async def _go_away(self) -> None:
        await going_away.drain()
        if self._port is not None:
            await defer.maybeDeferred(self._port.stopListening).asFuture(asyncio.get_running_loop())
        instances = [details.get("application_instance") for details in self.connections.values()]
        running = [instance for instance in instances if instance is not None and not instance.done()]
        for instance in running:
            instance.cancel()
        if running:
            await asyncio.wait(running, timeout=3)

    def application_checker(self) -> None:
        self._keep_looking(super().application_checker, self.application_checker, every_s=1)

    def timeout_checker(self) -> None:
        self._keep_looking(super().timeout_checker, self.timeout_checker, every_s=2)

    def _keep_looking(self, look: Callable[[], None], again: Callable[[], None], every_s: int) -> None:
        # Daphne's loops end for ever at the first connection that makes them raise.
        try:
            look()
        except Exception:
            logger.exception("looking after the connections failed")
            reactor.callLater(every_s, again)


def _deferred(work: Coroutine[Any, Any, None]) -> Any:
    return defer.Deferred.fromFuture(asyncio.ensure_future(work, loop=asyncio.get_event_loop()))


def _unsent_bytes(transport: Any) -> int:
    """Count what Twisted still holds for a peer: it buffers without bound."""
    buffered = len(getattr(transport, "dataBuffer", b"")) - getattr(transport, "offset", 0)
    return buffered + int(getattr(transport, "_tempDataLen", 0))
