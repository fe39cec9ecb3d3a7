"""What is measured: how to start it, how to open talks in it, and which of its processes are which."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench import processes
from bench.databases import Site, service_environment
from bench.ledger import Ledger, Side, Talk
from bench.processes import CannotRun
from bench.sockets import (
    AnySocket,
    CounselorSocket,
    PlainSocket,
    Socket,
    SocketIoSocket,
    VisitorSocket,
)
from notalone import redis_server

TALKS_A_COUNSELOR = 5  # the most that a desk takes; every system gets the same sockets
_CONNECTS_AT_ONCE = 32
_PEERS = processes.ROOT / "bench" / "peers"
PAIRED_WITHIN_S = 120.0


@dataclass
class Running:
    """One start of one system."""

    folder: Path
    ledger: Ledger
    redis: redis_server.RedisServer
    webs: list[subprocess.Popen[bytes]] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)
    sockets: list[AnySocket] = field(default_factory=list)

    def add_web(self, command: Sequence[str], env: dict[str, str], path: str) -> None:
        """Start a web process; ``{port}`` in the command stands for its port."""
        port = processes.free_port()
        log = self.folder / f"web-{len(self.webs)}.log"
        web = processes.start([word.replace("{port}", str(port)) for word in command], log, env)
        self.webs.append(web)
        self.ports.append(port)
        processes.wait_until_up(web, port, path, log)

    @property
    def visitors_port(self) -> int:
        return self.ports[0]

    @property
    def counselors_port(self) -> int:
        """With two processes, each talk goes from one to the other."""
        return self.ports[-1]

    def web_cpu_s(self) -> float:
        return sum(processes.cpu_s(web.pid) for web in self.webs)

    def web_rss_kib(self) -> int:
        return sum(processes.rss_kib(web.pid) for web in self.webs)

    def redis_cpu_s(self) -> float:
        return processes.cpu_s(self.redis.pid)

    def stop(self) -> None:
        for sock in self.sockets:
            with contextlib.suppress(AttributeError):  # one that never connected has no transport
                sock.close()
        for child in [*self.others, *self.webs]:
            processes.stop(child)
        self.redis.stop()


class System:
    """Something to measure. ``acks``: it numbers and acknowledges what it stores."""

    name: str
    words: str
    acks = False
    most_processes = 2

    def start(self, folder: Path, ledger: Ledger, count: int) -> Running:
        """Start the stores and ``count`` web processes. Raises CannotRun."""
        running = Running(folder, ledger, redis_server.start(folder / "redis", append_only=False))
        try:
            for _ in range(count):
                self.add_web(running)
        except BaseException:
            self.stop(running)
            raise
        return running

    def add_web(self, running: Running) -> None:
        raise NotImplementedError

    async def open_talks(self, running: Running, talks: list[Talk]) -> None:
        """Connect both sides of these talks; a counselor's socket serves up to five."""
        raise NotImplementedError

    def database_cpu_s(self) -> float:
        return 0.0

    def stop(self, running: Running) -> None:
        running.stop()


class Relay(System):
    """A peer that joins rooms and passes messages on."""

    dialect: type[PlainSocket | SocketIoSocket] = PlainSocket
    path = "/ws/"

    async def open_talks(self, running: Running, talks: list[Talk]) -> None:
        groups = [[talk] for talk in talks]
        await _together(
            [self._opener(running, running.visitors_port, [t.visitor for t in group]) for group in groups]
            + [
                self._opener(running, running.counselors_port, [t.counselor for t in desk])
                for desk in _desks(talks)
            ]
        )

    def _opener(self, running: Running, port: int, sides: list[Side]) -> Callable[[], Awaitable[None]]:
        async def open_one() -> None:
            names = [side.name for side in sides]
            sock = self.dialect(running.ledger, names)
            for name, side in zip(names, sides, strict=True):
                side.conversation, side.speaker = name, sock
                sock.sides[name] = side
            await sock.connect(f"ws://127.0.0.1:{port}{self.path}")
            running.sockets.append(sock)

        return open_one


class SocketIo(Relay):
    """Socket.IO 4 with its Redis adapter."""

    name = "socketio"
    words = "Socket.IO 4, Redis adapter, Node (stores nothing)"
    dialect = SocketIoSocket
    script = "server.js"
    path = "/socket.io/?EIO=4&transport=websocket"

    def __init__(self) -> None:
        self._node = shutil.which("node") or ""
        npm = shutil.which("npm")
        folder = _PEERS / "socketio"
        if not self._node:
            raise CannotRun("Socket.IO is left out: there is no node on the PATH.")
        if (folder / "node_modules" / "socket.io").exists():
            return
        if npm is None:
            raise CannotRun("Socket.IO is left out: there is no npm on the PATH to install it.")
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            raise CannotRun(f"Socket.IO is left out: npm ci failed: {done.stderr.strip()[-200:]}")

    def add_web(self, running: Running) -> None:
        command = [self._node, str(_PEERS / "socketio" / self.script), "{port}", str(running.redis.socket)]
        running.add_web(command, processes.environment(NODE_ENV="production"), "/")


class SocketIoQueue(SocketIo):
    """Socket.IO as a bare queue: a sorted set, and the rank as an answer."""

    words = "Socket.IO 4 with a sorted set, Node (stores nothing else)"
    script = "queue.js"


class PlainChannels(Relay):
    """The ordinary consumer under daphne's own command."""

    name = "channels"
    words = "ordinary Channels consumer, pub/sub layer, daphne (stores nothing)"

    def add_web(self, running: Running) -> None:
        command = [sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", "{port}"]
        env = processes.environment(REDIS_URL=running.redis.url)
        running.add_web([*command, "bench.peers.channels_plain.asgi:application"], env, "")


class DjangoQueue(Relay):
    """Django and Channels under uvicorn, with nothing around them: the floor of what Notalone is built on."""

    name = "django"
    words = "bare Django view, ordinary Channels consumer with a sorted set, uvicorn (stores nothing else)"

    def add_web(self, running: Running) -> None:
        command = [sys.executable, "-m", "uvicorn", "--port", "{port}", "--log-level", "error"]
        env = processes.environment(REDIS_URL=running.redis.url)
        application = "bench.peers.django_queue.asgi:application"
        running.add_web([*command, "--lifespan", "off", application], env, "")


class BareRelay(Relay):
    """What the load client can do when the server does next to nothing."""

    name = "bare"
    words = "bare picows relay (the load client's ceiling)"
    most_processes = 1

    def add_web(self, running: Running) -> None:
        command = [sys.executable, "-m", "bench.peers.bare", "{port}"]
        running.add_web(command, processes.environment(), "")


class Notalone(System):
    """The product, whole: its web processes, the sweeper, Redis and a database."""

    acks = True

    def __init__(self, server: str, site: Site) -> None:
        self.name = f"{server}-{site.database.name}"
        self.words = f"Notalone, {server}, {'PostgreSQL' if site.database.name == 'postgres' else 'SQLite'}"
        self._server = server
        self._site = site
        self._env: dict[str, str] = {}
        self._next_counselor = 0

    def start(self, folder: Path, ledger: Ledger, count: int) -> Running:
        self._next_counselor = 0
        self._env = {}
        url = self._site.copy(folder)
        self._env = service_environment(folder, url, "")
        running = super().start(folder, ledger, count)
        timers = [sys.executable, "manage.py", "run_timers"]
        running.others.append(processes.start(timers, folder / "timers.log", self._env))
        return running

    def add_web(self, running: Running) -> None:
        self._env["REDIS_URL"] = running.redis.url
        command = [sys.executable, "-m", "notalone.serve", "--server", self._server]
        running.add_web([*command, "--bind", "127.0.0.1:{port}"], self._env, "/readyz")

    def database_cpu_s(self) -> float:
        return self._site.database.cpu_s()

    def stop(self, running: Running) -> None:
        super().stop(running)
        self._site.database.drop()

    async def open_talks(self, running: Running, talks: list[Talk]) -> None:
        """Enter, connect the visitors, make counselors available, and wait until each talk is paired."""
        ledger = running.ledger
        assigned: dict[str, CounselorSocket] = {}
        all_assigned = asyncio.Event()
        visitors = [VisitorSocket(ledger, token) for token in await _enter(running, len(talks))]
        running.sockets += visitors
        url = f"ws://127.0.0.1:{running.visitors_port}/ws/visitor/"
        await _together([lambda v=visitor: v.connect(url) for visitor in visitors])  # type: ignore[misc]

        def on_assigned(counselor: CounselorSocket, conversation: str) -> None:
            assigned[conversation] = counselor
            if len(assigned) == len(talks):
                all_assigned.set()

        await _together(
            [self._counselor(running, len(desk), on_assigned) for desk in _desks(talks)],
        )
        async with asyncio.timeout(PAIRED_WITHIN_S):
            for visitor in visitors:
                await visitor.is_paired.wait()
            await all_assigned.wait()
        for talk, visitor in zip(talks, visitors, strict=True):
            _seat(talk.visitor, visitor, visitor.conversation)
            _seat(talk.counselor, assigned[visitor.conversation], visitor.conversation)

    def _counselor(
        self, running: Running, capacity: int, on_assigned: Callable[[CounselorSocket, str], None]
    ) -> Callable[[], Awaitable[None]]:
        cookie = self._site.cookies[self._next_counselor]
        self._next_counselor += 1
        sock = CounselorSocket(running.ledger, capacity, on_assigned)
        running.sockets.append(sock)
        host = f"127.0.0.1:{running.counselors_port}"
        return lambda: sock.connect(f"ws://{host}/ws/staff/", Cookie=cookie, Origin=f"http://{host}")


def _seat(side: Side, sock: Socket, conversation: str) -> None:
    side.conversation, side.speaker = conversation, sock  # type: ignore[assignment]  # each dialect can say
    sock.sides[conversation] = side


async def _enter(running: Running, count: int) -> list[str]:
    """Open tickets by the API; give their tokens."""
    url = f"http://127.0.0.1:{running.visitors_port}/api/v1/tickets"
    limits = httpx.Limits(max_connections=8)
    async with httpx.AsyncClient(
        trust_env=False, timeout=httpx.Timeout(30, pool=None), limits=limits
    ) as client:

        async def one() -> str:
            answer = await client.post(url, json={"audience": "youth", "consent": True})
            if answer.status_code != 201:
                raise CannotRun(f"a ticket was refused: {answer.text}")
            return str(answer.json()["token"])

        return list(await asyncio.gather(*(one() for _ in range(count))))


def _desks(talks: list[Talk]) -> list[list[Talk]]:
    return [talks[at : at + TALKS_A_COUNSELOR] for at in range(0, len(talks), TALKS_A_COUNSELOR)]


async def _together(openers: list[Callable[[], Awaitable[None]]]) -> None:
    places = asyncio.Semaphore(_CONNECTS_AT_ONCE)

    async def one(opener: Callable[[], Awaitable[None]]) -> None:
        async with places:
            await opener()

    await asyncio.gather(*(one(opener) for opener in openers))
