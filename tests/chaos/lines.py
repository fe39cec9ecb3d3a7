"""A page's connection that comes back whatever happens: back-off with jitter, heartbeat, words sent again."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from contextlib import suppress
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests.chaos.pen import Pen
from tests.service import Web

BROKEN = (OSError, TimeoutError, WebSocketException, httpx.HTTPError)
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.1, 1.5  # the pages' 0.5 s and 15 s, for an evening in a hurry
OPEN_WITHIN_S = 10.0
PING_EVERY_S = 4.0
PONG_WITHIN_S = 10.0
BEHIND_FOR_S = 1.5
TRY_AGAIN_S = 0.5


class Line:
    """A connection that is opened again with back-off and jitter, at one of the processes by chance."""

    def __init__(self, name: str, webs: list[Web], rng: random.Random, counts: Counter[str]) -> None:
        self.name = name
        self.counts = counts
        self.rng = rng
        self._webs = webs
        self._connection: ClientConnection | None = None
        self._ghosts: list[ClientConnection] = []
        self._beside: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self.has_come = asyncio.Event()

    # --- a life ---

    def start(self) -> None:
        self._task = asyncio.create_task(self._live())

    def check(self) -> None:
        """Raise what has ended the line: a fault of this page, not of the service."""
        if self._task is not None and self._task.done() and not self._task.cancelled():
            self._task.result()

    async def stop(self) -> None:
        tasks = [*self._beside, *([self._task] if self._task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for ghost in self._ghosts:
            ghost.transport.abort()

    async def _live(self, before: asyncio.Task[None] | None = None) -> None:
        if before is not None:
            before.cancel()
            await asyncio.wait([before])
        tries = 0
        while asyncio.current_task() is self._task:  # a client library may swallow a cancellation
            self.has_come.clear()
            with suppress(*BROKEN):
                await self.once(self.rng.choice(self._webs))
            tries = 0 if self.has_come.is_set() else tries + 1
            self.counts["reconnects"] += 1
            await asyncio.sleep(self.rng.random() * min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2**tries))

    async def once(self, web: Web) -> None:
        """Live through one connection."""
        heart = None
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                connection = await connect(
                    web.ws + self.path(), proxy=None, compression=None, ping_interval=None,
                    additional_headers=self.headers(web), open_timeout=None, close_timeout=1,
                )  # fmt: skip
            self._connection = connection
            await self.send(self.hello())
            heart = asyncio.create_task(self._beat(connection))
            while True:
                async with asyncio.timeout(PING_EVERY_S + PONG_WITHIN_S):
                    text = await self._recv(connection)
                await self.take(json.loads(text))
        finally:
            if heart is not None:
                heart.cancel()
            connection_now, self._connection = self._connection, None
            if connection_now is not None and connection_now not in self._ghosts:
                connection_now.transport.abort()

    async def _recv(self, connection: ClientConnection) -> str | bytes:
        try:
            return await connection.recv()
        except ConnectionClosed:
            code = connection.close_code
            if code not in {None, 1006}:
                self.counts[f"closed with {code}"] += 1
            raise

    async def _beat(self, connection: ClientConnection) -> None:
        with suppress(*BROKEN):
            while True:
                await asyncio.sleep(PING_EVERY_S)
                await connection.send('{"type": "ping", "id": "heart"}')

    async def send(self, frame: dict[str, Any]) -> None:
        """Send if there is a line; who is off line keeps the words and sends them later."""
        if self._connection is not None:
            with suppress(*BROKEN):
                await self._connection.send(json.dumps(frame, ensure_ascii=False))

    # --- a phone's troubles ---

    def drop(self) -> None:
        """Lose the line without a close, as in a tunnel: the server hears of it at once."""
        if self._connection is not None:
            self._connection.transport.abort()

    def fall_silent(self) -> None:
        """Lose the line without anybody hearing of it: the old one stays open and is not read."""
        connection = self._connection
        if connection is not None and self._task is not None:
            self._ghosts.append(connection)
            connection.transport.pause_reading()
            self._task = asyncio.create_task(self._live(self._task))

    # --- the parts of a kind of page ---

    def path(self) -> str:
        raise NotImplementedError

    def headers(self, web: Web) -> dict[str, str]:
        return {}

    def hello(self) -> dict[str, Any]:
        raise NotImplementedError

    async def take(self, frame: dict[str, Any]) -> None:
        raise NotImplementedError

    def pens(self) -> list[Pen]:
        raise NotImplementedError

    async def push(self, pen: Pen) -> None:
        """Send the pen's next message, if it may go."""
        raise NotImplementedError

    async def hear(self, pen: Pen, frame: dict[str, Any]) -> None:
        """Take what every page takes alike: words, acks and refusals."""
        if frame["type"] == "error":
            pen.refused(frame.get("ref", ""))
            self.counts["not sent yet"] += 1
            self.beside(self._push_later(pen))
        else:
            pen.take(frame)
            await self.push(pen)

    async def _push_later(self, pen: Pen) -> None:
        await asyncio.sleep(TRY_AGAIN_S)
        await self.push(pen)

    def look_at_heads(self, heads: dict[str, int], pens: dict[str, Pen]) -> None:
        """Compare with what a pong tells; if a message is missing a moment later, connect again."""
        behind = [pens[key] for key, head in heads.items() if key in pens and pens[key].known < head]
        if behind:
            self.beside(self._catch_up(self._connection, behind, heads))

    async def _catch_up(
        self, connection: ClientConnection | None, behind: list[Pen], heads: dict[str, int]
    ) -> None:
        await asyncio.sleep(BEHIND_FOR_S)
        if connection is self._connection and any(
            pen.known < heads[pen.history.conversation] for pen in behind
        ):
            self.counts["resyncs"] += 1
            self.drop()

    def beside(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
