"""A whole service of real processes: one Redis, one database, any number of web processes."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import redis

from notalone import redis_server
from notalone.env import ROOT
from tests.laid_out import laid_out, set_up
from tests.processes import PATIENCE_S, clean_environment, until


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Web:
    """One web process."""

    popen: subprocess.Popen[bytes]
    port: int
    log: Path
    server: str = "daphne"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()

    def stop(self) -> int:
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(PATIENCE_S)


@dataclass
class Service:
    """Everything one service needs, in one folder. ``clock``: what its clock shows at the start.

    ``database_url``: an empty database to use; without one it is an SQLite file in the folder.
    ``redis_url``: another Redis than the one of its own.
    """

    folder: Path
    clock: str = "2024-12-28T16:30:00+09:00"
    capacity: int = 3
    counselors: int = 3
    database_url: str = ""
    redis_url: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    webs: list[Web] = field(default_factory=list)
    staff: list[dict[str, str]] = field(default_factory=list)
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *, webs: int = 1, server: str = "daphne", timers: bool = True) -> Service:
        self.redis = redis_server.start(self.folder / "redis")
        self.anchor = time.time()
        self.staff = self._lay_out()
        for _ in range(webs):
            self.add_web(server)
        if timers:
            self.start_timers()
        return self

    def start_timers(self) -> None:
        self.others.append(self._spawn("timers", "manage.py", "run_timers"))

    def kill_timers(self) -> None:
        for other in self.others:
            other.kill()
            other.wait()
        self.others = []

    def ask_redis(self, *words: str) -> Any:
        """Run one command."""
        with closing(redis.Redis.from_url(self.redis.url)) as client:
            execute: Any = client.execute_command  # it has no types
            return execute(*words)

    def _lay_out(self) -> list[dict[str, str]]:
        """Make the database with the seed and the demo staff, or copy the file that was made before."""
        if self.database_url:
            return set_up(self.environment(), counselors=self.counselors, capacity=self.capacity)
        made = laid_out(counselors=self.counselors, capacity=self.capacity)
        made.copy(self.folder)
        return made.staff

    def add_web(self, server: str = "daphne", *, port: int | None = None) -> Web:
        port = port or free_port()
        name = f"web-{len(self.webs)}"
        arguments = ("-m", "notalone.serve", "--bind", f"127.0.0.1:{port}", "--server", server)
        web = Web(self._spawn(name, *arguments), port, self.folder / f"{name}.log", server)
        self.webs.append(web)
        until(lambda: _answers(web), f"{name} answers")
        return web

    def set_clock(self, shows: str) -> None:
        """Start every process anew, on its port, with another time; nobody's rows are touched."""
        ports = [web.port for web in self.webs]
        for web in self.webs:
            web.kill()
        self.kill_timers()
        self.webs = []
        self.clock, self.anchor = shows, time.time()
        for port in ports:
            self.add_web(port=port)
        self.start_timers()

    def restart(self, index: int) -> None:
        """Start a web process again that was killed, on the port it had."""
        self.add_web(self.webs[index].server, port=self.webs[index].port)
        self.webs[index] = self.webs.pop()

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def environment(self) -> dict[str, str]:
        return clean_environment(
            **{
                "NOTALONE_DATA": str(self.folder),
                "NOTALONE_DEMO": "1",
                "NOTALONE_CLOCK": self.clock,
                "NOTALONE_CLOCK_ANCHOR": str(self.anchor),
                "NOTALONE_ENTRIES_PER_HOUR": "0",
                "REDIS_URL": self.redis_url or self.redis.url,
                **({"DATABASE_URL": self.database_url} if self.database_url else {}),
                **self.extra,
            }
        )

    def member(self, username: str) -> dict[str, str]:
        return next(member for member in self.staff if member["username"] == username)

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        for process in [*(web.popen for web in self.webs), *self.others]:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.redis.stop()

    def _spawn(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def _answers(web: Web) -> bool:
    assert web.popen.poll() is None, web.log.read_text(errors="replace")
    try:
        return httpx.get(f"{web.url}/readyz", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def sign_in(web: Web, member: dict[str, str]) -> str:
    """Sign a member of staff in through the form; give the Cookie header."""
    with httpx.Client(base_url=web.url, trust_env=False, follow_redirects=False) as client:
        page = client.get("/staff/login/")
        token = client.cookies["csrftoken"]
        assert page.status_code == 200
        answer = client.post(
            "/staff/login/",
            data={
                "login": member["username"],
                "password": member["password"],
                "csrfmiddlewaretoken": token,
            },
            headers={"Origin": web.url},
        )
        assert answer.status_code == 302, answer.text
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def open_ticket(web: Web, audience: str = "youth", **fields: Any) -> dict[str, Any]:
    """Enter by the API."""
    answer = httpx.post(
        f"{web.url}/api/v1/tickets", json={"audience": audience, "consent": True, **fields}, trust_env=False
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())
