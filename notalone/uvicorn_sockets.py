"""uvicorn's WebSocket protocol with shorter ways for text: see ``notalone.websocket_frames``.

A text that comes whole, which nearly every frame of a talk does, is read here; everything else, and
all judging of what is wrong with a frame, is left to the library. So that the library is never in the
middle of a frame when one is read here, it is handed whole frames alone.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from typing import Any

import websockets.frames
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

from notalone.websocket_frames import (
    EXTENSION,
    HEARING,
    Hearer,
    end_of_frame,
    ping_frame,
    text_frame,
    whole_pong,
    whole_text,
)

apply_mask = websockets.frames.apply_mask  # type: ignore[attr-defined]  # in C where the wheel has it
MAX_UNREAD = 8  # frames that the consumer has not taken yet; then the peer has to wait


class Inbox:
    """What of ``asyncio.Queue`` is needed for one reader: an eighth of its size, and quicker."""

    __slots__ = ("_events", "_loop", "_reader")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._events: deque[Any] = deque()
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, event: Any) -> None:
        self._events.append(event)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> Any:
        while not self._events:
            self._reader = self._loop.create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._events.popleft()

    def qsize(self) -> int:
        return len(self._events)

    def empty(self) -> bool:
        return not self._events


class QuickSocket(WebSocketsSansIOProtocol):
    """A socket that sends at once, reads quickly, and stops reading only when its consumer falls behind."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = Inbox(self.loop)  # type: ignore[assignment]  # it has what uvicorn asks of a queue
        self._begun = bytearray()  # of a frame that has not come whole
        self._needed = 0
        self._is_early = False
        self._hearer: Hearer | None = None

    def take_over(self, transport: asyncio.Transport, server: Any, client: Any, *, is_secure: bool) -> None:
        """Begin on a connection of which the addresses are known."""
        self.connections.add(self)
        self.transport, self.server, self.client = transport, server, client
        self.scheme = "wss" if is_secure else "ws"

    # --- reading ---

    def hear_now(self, hearer: Hearer | None) -> None:
        """Offer texts to this hearer first."""
        self._hearer = hearer

    def data_received(self, data: bytes) -> None:
        if not self.handshake_complete:
            self._is_early = self.handshake_initiated  # frames before our answer: the library has begun them
        if not self.handshake_complete or self._is_early:
            super().data_received(data)
            return
        if self._begun:
            self._begun += data
            if len(self._begun) < self._needed:
                return
            data = bytes(self._begun)
            self._begun = bytearray()
        while data:
            end = end_of_frame(data, self.config.ws_max_size)
            if end > len(data):
                self._begun, self._needed = bytearray(data), end
                return
            self._take(data[:end])
            data = data[end:]

    def _take(self, frame: bytes) -> None:
        if self.conn.state is State.OPEN and self.conn.current_size is None:
            text = whole_text(frame, apply_mask)
            if text is not None:
                if self._hearer is not None and self.queue.empty() and self._hearer(text):
                    return
                self.curr_msg_data_type, self.frames = "text", [text]
                self.send_receive_event_to_app()
                return
            pong = whole_pong(frame, apply_mask)
            if pong is not None:
                self.handle_pong(Frame(Opcode.PONG, pong))
                return
        super().data_received(frame)

    def send_receive_event_to_app(self) -> None:
        # uvicorn's own pauses the transport at each frame and resumes it when that has been taken.
        was_paused, self.read_paused = self.read_paused, True
        super().send_receive_event_to_app()
        self.read_paused = was_paused
        if not was_paused and self.queue.qsize() >= MAX_UNREAD:
            self.read_paused = True
            self.transport.pause_reading()

    # --- sending ---

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:  # the application's task is made, and has not begun yet
            # as ASGI wants them: a handshake may come here as it was sent
            self.scope["headers"] = [(name.lower(), value) for name, value in self.scope["headers"]]
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions |= {EXTENSION: self.send_now, HEARING: self.hear_now}

    def send_keepalive_ping(self) -> None:
        """Ask whether the peer is there, as uvicorn does, in fewer steps: all who wait are asked."""
        is_open = self.conn.state is State.OPEN and not self.close_sent and not self.transport.is_closing()
        if not is_open or self.ping_timeout is None:
            super().send_keepalive_ping()
            return
        self.pending_ping_payload = random.randbytes(4)  # noqa: S311 — it tells one ping from another
        self.ping_sent_at = self.loop.time()
        self.transport.write(ping_frame(self.pending_ping_payload))
        self.ping_timer = None
        self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)

    def send_now(self, texts: Sequence[bytes]) -> bool:
        """Send texts in one write; false where that can not be without waiting."""
        if self.disconnected or self.close_sent or not self.handshake_complete:
            return False
        if not self.writable.is_set() or self.conn.state is not State.OPEN:
            return False
        self.transport.write(b"".join([text_frame(text) for text in texts]))
        return True
