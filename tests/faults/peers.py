"""Visitors and desks on real sockets of real processes."""

from __future__ import annotations

import json
import socket
import uuid
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.service import PATIENCE_S, Web, sign_in


class Peer:
    """One socket; frames nobody asked for yet are kept."""

    def __init__(self, url: str, *, receive_buffer: int = 0, **headers: str) -> None:
        self._stack = ExitStack()
        options: dict[str, Any] = {}
        if receive_buffer:
            options["sock"] = _small_socket(url, receive_buffer)
        self._connection: ClientConnection = self._stack.enter_context(
            connect(url, proxy=None, additional_headers=headers, **options)
        )
        self.kept: list[dict[str, Any]] = []

    def send(self, kind: str, /, **fields: Any) -> None:
        self._connection.send(json.dumps({"type": kind, **fields}, ensure_ascii=False))

    def send_text(self, text: str | bytes) -> None:
        """Send a text frame as it is, right or wrong."""
        self._connection.send(text, text=True)

    def take(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Wait for the next frame of a kind with these fields."""
        for frame in self.kept:
            if _fits(frame, kind, fields):
                self.kept.remove(frame)
                return frame
        while True:
            frame = self.next()
            if _fits(frame, kind, fields):
                return frame
            self.kept.append(frame)

    def next(self) -> dict[str, Any]:
        """Wait for the next frame of any kind that has not been read yet."""
        return dict(json.loads(self._connection.recv(PATIENCE_S)))

    def hush(self) -> None:
        """Check that a ping is answered: everything that the server had to say before it is here."""
        mark = uuid.uuid4().hex
        self.send("ping", id=mark)
        self.take("pong", id=mark)

    def drop(self) -> None:
        """Vanish without a word, as a phone in a tunnel does."""
        self._connection.socket.shutdown(socket.SHUT_RDWR)
        self.end()

    def say(self, body: str, **fields: Any) -> dict[str, Any]:
        """Send a message and wait for its ack."""
        ref = str(uuid.uuid4())
        self.send("message.send", id=ref, body=body, **fields)
        return self.take("message.ack", id=ref)

    def closed(self) -> int | None:
        """Wait for the end; give the close code."""
        try:
            while True:
                self.kept.append(json.loads(self._connection.recv(PATIENCE_S)))
        except ConnectionClosed:
            return self._connection.close_code

    def end(self) -> None:
        self._stack.close()


def _small_socket(url: str, receive_buffer: int) -> socket.socket:
    """Connect with little room for what is not read."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    parts = urlsplit(url)
    made.connect((parts.hostname, parts.port))
    return made


def _fits(frame: dict[str, Any], kind: str, fields: dict[str, Any]) -> bool:
    return frame["type"] == kind and all(frame.get(name) == value for name, value in fields.items())


def visitor(web: Web, token: str, last_seq: int = 0, *, receive_buffer: int = 0) -> Peer:
    peer = Peer(f"{web.ws}/ws/visitor/", receive_buffer=receive_buffer)
    peer.send("hello", v=1, token=token, last_seq=last_seq)
    return peer


_signed_in: dict[tuple[str, str], str] = {}  # a session stands in the database, so it holds at every process


def _session(web: Web, member: dict[str, str]) -> str:
    key = str(web.log.parent), member["username"]
    if key not in _signed_in:
        _signed_in[key] = sign_in(web, member)
    return _signed_in[key]


def desk(web: Web, member: dict[str, str], **cursors: int) -> Peer:
    peer = Peer(f"{web.ws}/ws/staff/", Cookie=_session(web, member), Origin=web.url)
    peer.send("hello", v=1, cursors=cursors)
    return peer


def available(web: Web, member: dict[str, str], capacity: int = 3) -> Peer:
    peer = desk(web, member)
    peer.take("welcome")
    peer.send("availability.set", state="available", capacity=capacity)
    peer.take("availability", state="available")
    return peer
