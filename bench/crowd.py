"""People who wait, and counselors who become free: the load client of ``rush`` and ``pairing``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

WITHIN_S = 60.0
TICKET = b'{"audience":"youth","consent":true}'


class Told(msgspec.Struct):
    """What the client looks at in a frame."""

    type: str = ""
    state: str = ""
    position: int | None = None
    conversation: str | None = None
    code: str = ""


class Opened(msgspec.Struct):
    """What the client looks at in the answer to an entry."""

    token: str


_decode = msgspec.json.Decoder(Told).decode
_opened = msgspec.json.Decoder(Opened).decode


class Tally:
    """What all of a crowd's sockets have heard."""

    def __init__(self) -> None:
        self.frames = 0
        self.errors: list[str] = []

    def error(self, what: str) -> None:
        self.errors.append(what)


class Door:
    """One kept-alive HTTP connection of a client: as little work a request as can be."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def enter(self) -> tuple[int, bytes]:
        """Open a ticket; give status and body."""
        return await self._ask(
            b"POST /api/v1/tickets HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % (self._port, len(TICKET)) + TICKET
        )

    async def get(self, path: str) -> tuple[int, bytes]:
        """Ask for a page; give status and body."""
        return await self._ask(b"GET %b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % (path.encode(), self._port))

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await _body(reader, head)
        if b"connection: close" in head:
            self.close()
        return int(head.split(b" ", 2)[1]), body

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    """Read a body of a known length, or in chunks."""
    _, name, after = head.partition(b"content-length:")
    if name:
        return await reader.readexactly(int(after.partition(b"\r\n")[0]))
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body


class Waiting(WSListener):
    """One visitor's socket. ``begun_at`` when it said hello, ``welcomed_at`` when it knew its place."""

    url = "/ws/visitor/"

    def __init__(self, tally: Tally, token: str = "") -> None:
        self._tally = tally
        self._token = token
        self.transport: WSTransport
        self.begun_at = self.welcomed_at = self.paired_at = 0.0
        self.conversation = ""
        self.is_welcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_paired: Callable[[Waiting], None] = lambda visitor: None
        self.is_closing = False

    async def connect(self, port: int) -> None:
        async with asyncio.timeout(WITHIN_S):
            await ws_connect(
                lambda: self, f"ws://127.0.0.1:{port}{self.url}", websocket_handshake_timeout=WITHIN_S
            )
            await self.is_welcome

    def close(self) -> None:
        self.is_closing = True
        self.transport.disconnect()

    def ping(self) -> None:
        self.send('{"type":"ping"}')

    def send(self, text: str) -> None:
        self.transport.send(WSMsgType.TEXT, text.encode())

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.begin()

    def begin(self) -> None:
        self.begun_at = perf_counter()
        self.send(f'{{"type":"hello","v":1,"token":"{self._token}","last_seq":0}}')

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self._tally.frames += 1
            self.read(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE and not self.is_closing:
            self._tally.error(f"the server closed a socket: {frame.get_close_code()}")

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.is_closing:
            self._tally.error("a socket was lost")

    def read(self, data: bytes) -> None:
        frame = _decode(data)
        if frame.type == "welcome":
            self.welcome()
        elif frame.type == "error":
            self._tally.error(f"refused: {frame.code}")
        if frame.conversation and not self.conversation:
            self.conversation, self.paired_at = frame.conversation, perf_counter()
            self.on_paired(self)

    def welcome(self) -> None:
        self.welcomed_at = perf_counter()
        if not self.is_welcome.done():
            self.is_welcome.set_result(None)


class SocketIoWaiting(Waiting):
    """The same person at the bare queue of Socket.IO."""

    url = "/socket.io/?EIO=4&transport=websocket"

    def begin(self) -> None:
        """Wait: the server speaks first."""

    def ping(self) -> None:
        """The server pings."""

    def read(self, data: bytes) -> None:
        if data.startswith(b'42["place"'):
            self.welcome()
        elif data == b"2":
            self.send("3")
        elif data.startswith(b"0"):
            self.send("40")
        elif data.startswith(b"40"):
            self.begun_at = perf_counter()
            self.send('42["enter","lane"]')


class Counselor(WSListener):
    """One desk. ``assigned_at``: conversation → when it was shown here."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self.transport: WSTransport
        self.assigned_at: dict[str, float] = {}
        self.is_welcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_assigned: Callable[[str], None] = lambda conversation: None
        self.is_closing = False

    async def connect(self, port: int, cookie: str) -> None:
        host = f"127.0.0.1:{port}"
        async with asyncio.timeout(WITHIN_S):
            await ws_connect(
                lambda: self,
                f"ws://{host}/ws/staff/",
                extra_headers={"Cookie": cookie, "Origin": f"http://{host}"},
                websocket_handshake_timeout=WITHIN_S,
            )
            await self.is_welcome

    def close(self) -> None:
        self.is_closing = True
        self.transport.disconnect()

    def ping(self) -> None:
        self.send('{"type":"ping"}')

    def send(self, text: str) -> None:
        self.transport.send(WSMsgType.TEXT, text.encode())

    def take(self, capacity: int) -> None:
        """Be there for so many talks."""
        self.send(f'{{"type":"availability.set","state":"available","capacity":{capacity}}}')

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.send('{"type":"hello","v":1,"cursors":{}}')

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        told = _decode(frame.get_payload_as_bytes())
        if told.type == "welcome":
            self.is_welcome.set_result(None)
        elif told.type == "assigned" and told.conversation:
            self.assigned_at[told.conversation] = perf_counter()
            self.send(f'{{"type":"assignment.confirm","conversation":"{told.conversation}"}}')
            self.on_assigned(told.conversation)
        elif told.type in {"error", "unassigned", "closed"}:
            self._tally.error(f"a counselor was told {told.type} {told.code}")

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.is_closing:
            self._tally.error("a counselor's socket was lost")


class Board(Counselor):
    """A supervisor's board with the list of one lane open: like the page, it asks for it at each news.

    ``heard_bytes``: of all frames.
    """

    heard_bytes = 0

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        data = frame.get_payload_as_bytes()
        self.heard_bytes += len(data)
        told = _decode(data)
        if told.type == "welcome":
            self.is_welcome.set_result(None)
        elif told.type == "queue.stats":
            self.look()
        elif told.type == "error":
            self._tally.error(f"a supervisor was told {told.type} {told.code}")

    def look(self) -> None:
        self.send('{"type":"queue.look","audience":"youth","language":"ja"}')


class Crowd:
    """Everybody who has come, in the order of coming. Times in seconds."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.waiting: list[Waiting] = []
        self.entry_s: list[float] = []

    @property
    def welcome_s(self) -> list[float]:
        return [one.welcomed_at - one.begun_at for one in self.waiting]

    async def come(self, count: int, ports: Sequence[int], at_once: int, *, over_http: bool) -> None:
        """Let ``count`` people come, ``at_once`` of them under way at any time, by turns to each port."""
        numbers = iter(range(count))

        async def some(port: int) -> None:
            door = Door(port)
            for _ in numbers:
                await self._one(port, door if over_http else None)
            door.close()

        await asyncio.gather(*(some(ports[number % len(ports)]) for number in range(at_once)))

    async def _one(self, port: int, door: Door | None) -> None:
        try:
            if door is None:
                person: Waiting = SocketIoWaiting(self.tally)
            else:
                began = perf_counter()
                status, body = await door.enter()
                if status != 201:
                    self.tally.error(f"an entry was answered {status}")
                    return
                self.entry_s.append(perf_counter() - began)
                person = Waiting(self.tally, _opened(body).token)
            await person.connect(port)
            self.waiting.append(person)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self.tally.error(type(error).__name__)

    async def keep_pinging(self, every_s: float = 20.0) -> None:
        """Give everybody's sign of life, evenly spread, as the pages do."""
        while True:
            people = list(self.waiting)
            pause = every_s / max(1, len(people))
            for number, one in enumerate(people):
                one.ping()
                if number % 10 == 9:
                    await asyncio.sleep(pause * 10)
            await asyncio.sleep(pause * (len(people) % 10) + 0.01)

    def leave(self) -> None:
        for one in self.waiting:
            one.close()
        self.waiting.clear()
