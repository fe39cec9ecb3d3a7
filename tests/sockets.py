"""Sockets through the real routing, and the personas who use them."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from chat.actions.open_ticket import Opened, TicketRequest, open_ticket
from chat.db import run
from chat.models import Counselor, CounselorLane
from notalone.websocket_frames import HEARING, Hearer
from staff.models import Organization, User

PASSWORD = "a long enough password"
WAIT_S = 10
HOST = "127.0.0.1:8000"
OWN = f"http://{HOST}"


class Peer:
    """One socket. Frames that nobody asked for yet are kept until they are. Texts are offered as our own
    servers do."""

    def __init__(self, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        from notalone.asgi import application

        self._wire = WebsocketCommunicator(application, path, headers=headers)
        self._wire.scope["extensions"] = {HEARING: self._hear_now}
        self._hearer: Hearer | None = None
        self.kept: list[dict[str, Any]] = []

    def _hear_now(self, hearer: Hearer | None) -> None:
        self._hearer = hearer

    async def connect(self) -> Peer:
        accepted, code = await self._wire.connect(timeout=WAIT_S)
        assert accepted, code
        return self

    async def send(self, kind: str, /, **fields: Any) -> None:
        await self.send_text(json.dumps({"type": kind, **fields}))

    async def send_text(self, text: str) -> None:
        data = text.encode("utf-8", "surrogatepass")
        if not (self._hearer and self._wire.input_queue.empty() and self._hearer(data)):
            await self._wire.send_to(text_data=text)

    async def send_bytes(self, data: bytes) -> None:
        await self._wire.send_to(bytes_data=data)

    async def take(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """Wait for the next frame of a kind (with these fields); others are kept in order."""
        for frame in self.kept:
            if _fits(frame, kind, fields):
                self.kept.remove(frame)
                return frame
        async with asyncio.timeout(WAIT_S):
            while True:
                frame = await self._next()
                if _fits(frame, kind, fields):
                    return frame
                self.kept.append(frame)

    async def _next(self) -> dict[str, Any]:
        event = await self._wire.receive_output(WAIT_S)
        assert event["type"] == "websocket.send", (event, self.kept)
        return dict(json.loads(event["text"]))

    async def closed(self) -> int:
        """Wait for the server to end the socket; give its close code."""
        while True:
            event = await self._wire.receive_output(WAIT_S)
            if event["type"] == "websocket.close":
                return int(event["code"])
            self.kept.append(json.loads(event["text"]))

    async def hush(self) -> None:
        """Check that a ping is answered, and drop what came before."""
        mark = uuid.uuid4().hex
        await self.send("ping", id=mark)
        await self.take("pong", id=mark)

    async def end(self) -> None:
        await self._wire.disconnect(timeout=WAIT_S)


def _fits(frame: dict[str, Any], kind: str, fields: dict[str, Any]) -> bool:
    return frame["type"] == kind and all(frame.get(name) == value for name, value in fields.items())


async def knock(path: str, *, cookie: str = "", origin: str = "", host: str = HOST) -> Peer:
    """Open a socket and say nothing yet; what is empty is left out of the handshake."""
    given = {b"host": host, b"origin": origin, b"cookie": cookie}
    headers = [(name, value.encode()) for name, value in given.items() if value]
    return await Peer(path, headers).connect()


async def visitor(token: str, *, last_seq: int = 0) -> Peer:
    """Connect a visitor by token, without a browser's Origin."""
    peer = await Peer("/ws/visitor/", []).connect()
    await peer.send("hello", v=1, token=token, last_seq=last_seq)
    return peer


async def enter(audience: str = "youth", **fields: Any) -> Opened:
    return await open_ticket(TicketRequest(audience=audience, consent=True, **fields))


def make_member(username: str, role: str = User.COUNSELOR, organization: str = "org-a") -> User:
    """Make a member of staff; a counselor serves both Japanese lanes."""
    place, _ = Organization.objects.get_or_create(slug=organization, defaults={"name": organization})
    user = User.objects.create_user(username, password=PASSWORD, role=role, organization=place)
    if role == User.COUNSELOR:
        counselor = Counselor.objects.create(user=user, name=username.title())
        for audience in ("youth", "general"):
            CounselorLane.objects.create(counselor=counselor, audience=audience, language="ja")
    return user


async def member(username: str, role: str = User.COUNSELOR, organization: str = "org-a") -> User:
    return await run(make_member, username, role, organization)


def session_cookie(user: User) -> str:
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


async def desk(user: User, **cursors: int) -> Peer:
    """Connect a member of staff from the site's own page."""
    peer = await knock("/ws/staff/", cookie=await run(session_cookie, user), origin=OWN)
    await peer.send("hello", v=1, cursors=cursors)
    return peer


async def available(user: User, capacity: int | None = None) -> Peer:
    """Connect a counselor and take work."""
    peer = await desk(user)
    await peer.take("welcome")
    fields = {"capacity": capacity} if capacity else {}
    await peer.send("availability.set", state="available", **fields)
    await peer.take("availability", state="available")
    return peer


def message_id() -> str:
    return str(uuid.uuid4())
