"""The load client's sockets, on picows: one class a dialect, as little work a frame as can be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.ledger import Ledger, Side

CONNECT_WITHIN_S = 60.0


class Frame(msgspec.Struct):
    """What the client looks at in a server's frame; everything else is passed over."""

    type: str = ""
    id: str | None = None
    conversation: str | None = None
    seq: int = 0
    body: str = ""
    state: str = ""
    code: str = ""


_decode = msgspec.json.Decoder(Frame).decode


class Socket(WSListener):
    """One connection. ``is_ready`` is set when it can talk."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.sides: dict[str, Side] = {}
        self.is_ready = asyncio.Event()
        self.is_closing = False
        self.transport: WSTransport

    async def connect(self, url: str, **headers: str) -> None:
        """Open the socket and wait until the server has greeted it."""
        async with asyncio.timeout(CONNECT_WITHIN_S):
            await ws_connect(
                lambda: self, url, extra_headers=headers, websocket_handshake_timeout=CONNECT_WITHIN_S
            )
            await self.is_ready.wait()

    def close(self) -> None:
        self.is_closing = True
        self.transport.disconnect()

    def send(self, text: str) -> None:
        self.transport.send(WSMsgType.TEXT, text.encode())

    def ping(self) -> None:
        """Give a sign of life, in dialects where that is the client's part."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.begin()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self.read(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE and not self.is_closing:
            self.ledger.fault(f"the server closed a socket: {frame.get_close_code()}")

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.is_closing:
            self.ledger.fault("a socket was lost")

    def begin(self) -> None:
        """Say what the dialect says first."""
        raise NotImplementedError

    def read(self, data: bytes) -> None:
        """Take a frame."""
        raise NotImplementedError

    def hear(self, frame: Frame) -> None:
        """Take a message of one of this socket's talks."""
        side = self.sides.get(frame.conversation or "")
        if side is None:
            self.ledger.fault("heard a message of another's talk")
        else:
            side.hear(frame.id or "", frame.seq, frame.body)


class PlainSocket(Socket):
    """JSON frames: the ordinary consumer and the bare relay. ``talks``: which to join."""

    def __init__(self, ledger: Ledger, talks: list[str]) -> None:
        super().__init__(ledger)
        self._talks = talks

    def begin(self) -> None:
        self.send(msgspec.json.encode({"type": "join", "talks": self._talks}).decode())

    def read(self, data: bytes) -> None:
        frame = _decode(data)
        if frame.type == "joined":
            self.is_ready.set()
        else:
            self.hear(frame)

    def say(self, conversation: str, message_id: str, body: str) -> None:
        self.send(f'{{"type":"message","conversation":"{conversation}","id":"{message_id}","body":"{body}"}}')


class SocketIoSocket(Socket):
    """Engine.IO 4 over WebSocket alone, with Socket.IO packets: 0 open, 2 ping, 40 connect, 42 event."""

    def __init__(self, ledger: Ledger, talks: list[str]) -> None:
        super().__init__(ledger)
        self._talks = talks

    def begin(self) -> None:
        """Wait: the server speaks first."""

    def read(self, data: bytes) -> None:
        if data.startswith(b'42["message",'):
            self.hear(_decode(data[13:-1]))
        elif data == b"2":
            self.send("3")
        elif data.startswith(b"0"):
            self.send("40")
        elif data.startswith(b"40"):
            self.send("42" + msgspec.json.encode(["join", self._talks]).decode())
        elif data.startswith(b'42["joined"'):
            self.is_ready.set()
        else:
            self.ledger.fault(f"unknown packet {data[:20]!r}")

    def say(self, conversation: str, message_id: str, body: str) -> None:
        self.send(f'42["message",{{"conversation":"{conversation}","id":"{message_id}","body":"{body}"}}]')


class VisitorSocket(Socket):
    """Notalone's visitor. ``conversation`` is known when ``is_paired`` is set."""

    def __init__(self, ledger: Ledger, token: str) -> None:
        super().__init__(ledger)
        self._token = token
        self.conversation = ""
        self.is_paired = asyncio.Event()

    def begin(self) -> None:
        self.send(f'{{"type":"hello","v":1,"token":"{self._token}","last_seq":0}}')

    def ping(self) -> None:
        self.send('{"type":"ping"}')

    def read(self, data: bytes) -> None:
        frame = _decode(data)
        if frame.type == "message":
            self.hear(frame)
        elif frame.type == "message.ack":
            self.sides[self.conversation].ack(frame.id or "", frame.seq)
        elif frame.type == "error":
            self.ledger.fault(f"the visitor was refused: {frame.code}")
        elif frame.type in {"welcome", "paired"}:
            self.is_ready.set()
            if frame.conversation:
                self.conversation = frame.conversation
                self.is_paired.set()
        elif frame.type in {"requeued", "closed"}:
            self.ledger.fault(f"the visitor was told {frame.type}")

    def say(self, conversation: str, message_id: str, body: str) -> None:
        self.send(f'{{"type":"message.send","id":"{message_id}","body":"{body}"}}')


class CounselorSocket(Socket):
    """Notalone's counselor: available for ``capacity`` talks; shows each assignment at once."""

    def __init__(
        self, ledger: Ledger, capacity: int, on_assigned: Callable[[CounselorSocket, str], None]
    ) -> None:
        super().__init__(ledger)
        self._capacity = capacity
        self._on_assigned = on_assigned

    def begin(self) -> None:
        self.send('{"type":"hello","v":1,"cursors":{}}')

    def ping(self) -> None:
        self.send('{"type":"ping"}')

    def read(self, data: bytes) -> None:
        frame = _decode(data)
        if frame.type == "message":
            self.hear(frame)
        elif frame.type == "message.ack":
            self.sides[frame.conversation or ""].ack(frame.id or "", frame.seq)
        elif frame.type == "error":
            self.ledger.fault(f"the counselor was refused: {frame.code}")
        elif frame.type == "welcome":
            self.is_ready.set()
            self.send(f'{{"type":"availability.set","state":"available","capacity":{self._capacity}}}')
        elif frame.type == "assigned":
            talk = frame.conversation or ""
            self.send(f'{{"type":"assignment.confirm","conversation":"{talk}"}}')
            self._on_assigned(self, talk)
        elif frame.type in {"unassigned", "closed"}:
            self.ledger.fault(f"the counselor was told {frame.type}")

    def say(self, conversation: str, message_id: str, body: str) -> None:
        self.send(
            f'{{"type":"message.send","conversation":"{conversation}","id":"{message_id}","body":"{body}"}}'
        )


AnySocket = Any  # a Socket that is also a Speaker
