"""The pages of an evening: a visitor by WebSocket or by polls, and a counselor's desk."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import httpx

from tests.chaos.lines import BROKEN, Line
from tests.chaos.pen import Pen
from tests.service import Web


class Visitor(Line):
    """Somebody who asks for help, on a phone."""

    def __init__(self, name: str, token: str, *more: Any) -> None:
        super().__init__(name, *more)
        self.token = token
        self.pen: Pen | None = None
        self.is_paired = False
        self._lines: list[dict[str, Any]] = []

    def path(self) -> str:
        return "/ws/visitor/"

    def hello(self) -> dict[str, Any]:
        self.is_paired = False
        known = self.pen.begin() if self.pen else 0
        return {"type": "hello", "v": 1, "token": self.token, "last_seq": known}

    def pens(self) -> list[Pen]:
        return [self.pen] if self.pen else []

    async def take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome" | "paired" | "requeued":
                await self._placed(frame)
            case "message" | "message.ack" | "error" if self.pen is not None:
                await self.hear(self.pen, frame)
            case "pong" if self.pen is not None:
                self.look_at_heads(frame.get("heads") or {}, {self.pen.history.conversation: self.pen})

    async def _placed(self, frame: dict[str, Any]) -> None:
        self.is_paired = frame["type"] == "paired" or frame.get("state") == "paired"
        if not self.is_paired:
            self.counts["requeued"] += frame["type"] == "requeued"
            return
        if self.pen is None:
            self.pen = Pen(self.name, "visitor", frame["conversation"])
            self.pen.begin()
        self.has_come.set()
        await self.push(self.pen)

    async def push(self, pen: Pen) -> None:
        if self.is_paired and self._connection is not None and (message := pen.next()):
            await self.send({"type": "message.send", "id": message[0], "body": message[1]})


class PollingVisitor(Visitor):
    """Somebody behind a filter that blocks WebSocket: the same frames, by polls and letters."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._letters = asyncio.Event()
        self._is_up = False

    async def once(self, web: Web) -> None:
        async with httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=40) as http:
            hello = self.hello()
            posting = asyncio.create_task(self._post_all(http, hello))
            self._is_up = True
            try:
                mark = ""
                while True:
                    told = await _post(http, "/api/v1/poll", hello=hello, mark=mark)
                    mark = told["mark"]
                    for frame in told["frames"]:
                        await self.take(frame)
                        if frame["type"] == "message" and frame["seq"] == hello["last_seq"] + 1:
                            hello["last_seq"] += 1
                    if told["closed"] or posting.done():
                        return
            finally:
                self._is_up = False
                posting.cancel()

    async def _post_all(self, http: httpx.AsyncClient, hello: dict[str, Any]) -> None:
        with suppress(*BROKEN):
            while True:
                self._letters.clear()
                message = self.pen.next() if self.pen and self.is_paired else None
                if message is None:
                    await self._letters.wait()
                    continue
                frame = {"type": "message.send", "id": message[0], "body": message[1]}
                told = await _post(http, "/api/v1/letters", hello=hello, frames=[frame])
                for answer in told["frames"]:
                    await self.take(answer)
                if told["closed"] or not told["frames"]:
                    return

    async def push(self, pen: Pen) -> None:
        self._letters.set()

    def drop(self) -> None:
        """Lose the requests under way."""
        if self._task is not None and self._is_up:
            self._is_up = False
            self._task = asyncio.create_task(self._live(self._task))

    fall_silent = drop


async def _post(http: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    try:
        answer = await http.post(path, json=body)
    except AttributeError as error:  # anyio's word, on uvloop, for a line that broke as it was made
        raise httpx.ConnectError("broken") from error
    answer.raise_for_status()
    return dict(answer.json())


class Desk(Line):
    """A counselor's tab with several talks."""

    def __init__(self, name: str, cookie: str, *more: Any) -> None:
        super().__init__(name, *more)
        self._cookie = cookie
        self.by_talk: dict[str, Pen] = {}
        self._on_desk: set[str] = set()

    def path(self) -> str:
        return "/ws/staff/"

    def headers(self, web: Web) -> dict[str, str]:
        return {"Cookie": self._cookie, "Origin": web.url}

    def hello(self) -> dict[str, Any]:
        self._on_desk.clear()
        return {"type": "hello", "v": 1, "cursors": {key: pen.begin() for key, pen in self.by_talk.items()}}

    def pens(self) -> list[Pen]:
        return list(self.by_talk.values())

    async def take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                await self.send({"type": "availability.set", "state": "available", "capacity": 5})
                for talk in frame["conversations"]:
                    await self._show(talk["conversation"])
            case "availability":
                self.has_come.set()
            case "assigned":
                if frame["conversation"] in self.by_talk:
                    self.by_talk[frame["conversation"]].start_over()
                await self._show(frame["conversation"])
            case "unassigned":
                self._on_desk.discard(frame["conversation"])
                self.by_talk[frame["conversation"]].history.is_over = True
                self.counts["unassigned"] += 1
            case "message" | "message.ack":
                await self.hear(self.by_talk[frame["conversation"]], frame)
            case "error" if frame.get("ref"):
                await self.hear(self._writer_of(frame["ref"]), frame)
            case "pong":
                self.look_at_heads(frame.get("heads") or {}, self.by_talk)

    def _writer_of(self, ref: str) -> Pen:
        return next(pen for pen in self.by_talk.values() if ref in pen.history.written)

    async def _show(self, conversation: str) -> None:
        if conversation not in self.by_talk:
            self.by_talk[conversation] = Pen(self.name, "counselor", conversation)
            self.by_talk[conversation].begin()
        pen = self.by_talk[conversation]
        pen.history.is_over = False
        self._on_desk.add(conversation)
        await self.send({"type": "assignment.confirm", "conversation": conversation})
        await self.push(pen)

    async def push(self, pen: Pen) -> None:
        key = pen.history.conversation
        if self._connection is not None and key in self._on_desk and (message := pen.next()):
            await self.send(
                {"type": "message.send", "conversation": key, "id": message[0], "body": message[1]}
            )
