"""The visitor's frames over plain HTTP, for places where WebSocket is blocked.

A poll is a short life of the visitor's socket: it greets with the hello, and ends with the first news
or after some seconds. A letter carries frames the other way and waits for their answers. Both may
reach any process, since nothing is kept between two of them but the rows.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from chat import campaigns
from chat.actions.place import place_for_token
from chat.consumers.life import Ended, Life
from chat.consumers.visitor import VisitorSocket
from chat.protocol import CloseCode, VisitorHello
from chat.rules.places import told_place

POLL_WITHIN_S = 20.0
GATHER_S = 0.05  # news comes in flocks: a welcome brings its messages
ANSWER_WITHIN_S = 8.0
MAX_FRAMES = 50


@dataclass(frozen=True, slots=True)
class Polled:
    """Frames as they would have come, a mark of the state they end with, and the close code if it is over."""

    frames: list[msgspec.Raw]
    mark: str
    closed: int | None


class VirtualWire:
    """Both ends of a connection that is not there."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._inbox.put_nowait({"type": "websocket.connect"})
        for text in texts:
            self._inbox.put_nowait({"type": "websocket.receive", "text": text})
        self.sent: list[str] = []
        self.closed: int | None = None
        self.news = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        return await self._inbox.get()

    async def send(self, event: dict[str, Any]) -> None:
        if event["type"] == "websocket.send":
            self.sent.append(event["text"])
        elif event["type"] == "websocket.close":
            self.closed = event["code"]
        self.news.set()

    def hang_up(self) -> None:
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})


def scope_of(headers: Mapping[str, str], scheme: str) -> dict[str, Any]:
    """Give a socket's scope with a request's headers, so that the same doors are tried."""
    raw = [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in headers.items()]
    return {"type": "websocket", "scheme": "wss" if scheme == "https" else "ws", "headers": raw}


async def poll(scope: dict[str, Any], hello: str, mark: str) -> Polled:
    """Greet, and wait for news: at once when the state is not the one that ``mark`` stands for."""
    async with _life_of(VisitorSocket(), scope, [hello]) as wire:
        try:
            async with asyncio.timeout(POLL_WITHIN_S):
                while not _has_news(wire, mark):
                    wire.news.clear()
                    await wire.news.wait()
        except TimeoutError:
            pass
        else:
            await asyncio.sleep(GATHER_S)
    return Polled([msgspec.Raw(text.encode()) for text in wire.sent], _mark_of(wire.sent), wire.closed)


@contextlib.asynccontextmanager
async def _life_of(
    socket: VisitorSocket, scope: dict[str, Any], texts: Iterable[str]
) -> AsyncIterator[VirtualWire]:
    """Let a socket live as long as its request: no longer either where the page has gone away meanwhile."""
    wire = VirtualWire(texts)
    life = asyncio.create_task(socket(scope, wire.receive, wire.send))
    try:
        yield wire
    finally:
        wire.hang_up()
        await life


def _has_news(wire: VirtualWire, mark: str) -> bool:
    if wire.closed is not None or len(wire.sent) > 1:
        return True
    return bool(wire.sent) and _mark_of(wire.sent) != mark


class _State(msgspec.Struct):
    """What of a welcome makes it news."""

    type: str
    state: str = ""
    position: int | None = None
    conversation: str | None = None
    counselor: Any = None
    read: Any = None


_read_state = msgspec.json.Decoder(_State).decode


def _mark_of(sent: list[str]) -> str:
    """Name the state of a poll's welcome; later frames make the next poll look again."""
    if len(sent) != 1:
        return ""
    state = _read_state(sent[0])
    if state.position is not None:  # far back only what a socket would be told is news
        state.position = told_place(state.position)
    return hashlib.sha256(msgspec.json.encode(state)).hexdigest()[:16]


class LetterSocket(VisitorSocket):
    """A visitor's socket that only hands frames over: it takes nobody's place and says no welcome."""

    async def greet(self, hello: VisitorHello) -> None:
        token = hello.token or self._cookie_token()
        place = await place_for_token(token) if token else None
        if place is None:
            raise Ended(CloseCode.BAD_CREDENTIALS)
        self.place, self.ticket, self.lane = place, place.ticket, place.lane
        if place.conversation is not None:
            self.write_in(place.conversation, place.hours)
        await campaigns.loaded()
        self.life = Life.LIVE

    def gone(self) -> None:
        """Nothing was taken, so nothing is given back."""


async def send_letter(scope: dict[str, Any], hello: str, frames: list[str]) -> Polled:
    """Hand frames over in order, each answered as on a socket: message by message, an ack or an error."""
    awaited = {frame.id for text in frames if (frame := _asks_for_answer(text)) is not None}
    async with _life_of(LetterSocket(), scope, [hello, *frames]) as wire:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_WITHIN_S):
                while wire.closed is None and not awaited <= _answered(wire.sent):
                    wire.news.clear()
                    await wire.news.wait()
    return Polled([msgspec.Raw(text.encode()) for text in wire.sent], "", wire.closed)


class _Asking(msgspec.Struct):
    type: str = ""
    id: str | None = None


class _Answer(msgspec.Struct):
    id: str | None = None
    ref: str | None = None


def _asks_for_answer(text: str) -> _Asking | None:
    try:
        frame = msgspec.json.decode(text, type=_Asking)
    except msgspec.MsgspecError:
        return None
    return frame if frame.type in {"message.send", "ping"} and frame.id else None


def _answered(sent: list[str]) -> set[str | None]:
    answers = (msgspec.json.decode(text, type=_Answer) for text in sent)
    return {answer.id or answer.ref for answer in answers}
