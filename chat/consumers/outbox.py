"""One socket's frames on their way out: in the order in which they were put, and never too many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from notalone import websocket_frames

MAX_OWED_BYTES = 1_000_000
SEND_WITHIN_S = 20.0

SendNow = Callable[[Sequence[bytes]], bool]


class Outbox:
    """Send what is put within one turn of the loop together.

    A server of ours takes it at once, in one write, as long as the peer reads. Else, and on any other
    server, a task hands over frame by frame. ``on_stuck`` is called when the peer is gone, does not
    read, or owes us a megabyte of reading; what it has not read is dropped.
    """

    __slots__ = ("_frames", "_loop", "_on_stuck", "_owed", "_send", "_send_now", "_writer")

    def __init__(self, scope: Any, send: Any, on_stuck: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._send = send
        self._send_now: SendNow | None = scope.get("extensions", {}).get(websocket_frames.EXTENSION)
        self._on_stuck = on_stuck
        self._frames: list[bytes] = []
        self._owed = 0
        self._writer: asyncio.Task[None] | None = None

    def put(self, frame: bytes) -> None:
        """Queue a frame: its text in UTF-8."""
        if not self._frames and self._writer is None:
            self._loop.call_soon(self._send_all)
        self._frames.append(frame)
        self._owed += len(frame)
        if self._owed > MAX_OWED_BYTES:
            self._give_up()

    async def flush(self) -> None:
        """Wait until everything queued has been handed to the server."""
        self._send_all()
        if self._writer is not None and self._writer is not asyncio.current_task():
            await asyncio.wait([self._writer])

    async def room(self) -> None:
        """Wait until the server has taken what is queued, if that is much."""
        if self._owed > MAX_OWED_BYTES // 4:
            await self.flush()

    def _send_all(self) -> None:
        if not self._frames or self._writer is not None:
            return
        try:
            is_sent = self._send_now is not None and self._send_now(self._frames)
        except Exception:  # the line broke, and the server has not noticed yet
            self._give_up()
            return
        if is_sent:
            self._frames, self._owed = [], 0
        else:
            self._writer = self._loop.create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._frames:
                frame = self._frames.pop(0)
                async with asyncio.timeout(SEND_WITHIN_S):
                    await self._send({"type": "websocket.send", "text": frame.decode()})
                self._owed = max(0, self._owed - len(frame))
        except Exception:  # the peer is gone or reads nothing
            self._give_up()
        finally:
            self._writer = None

    def _give_up(self) -> None:
        self._frames, self._owed = [], 0
        self._on_stuck()
