"""What goes wrong on a chaotic evening: processes that are killed, stores that go away, connections cut.

Everything is really done to real processes. Each trouble blocks until it is over, so it runs in a thread.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Protocol

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.service import Service


class Rows(Protocol):
    """A database that can be troubled."""

    @property
    def name(self) -> str: ...

    def troubles(self) -> dict[str, Callable[[float], None]]: ...


@dataclass(frozen=True)
class Sqlite:
    """One file; all that can happen to it is that somebody else holds its lock."""

    path: str
    name: str = "SQLite"

    def troubles(self) -> dict[str, Callable[[float], None]]:
        return {"database locked": self._hold}

    def _hold(self, for_s: float) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None, timeout=20)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(for_s)
            other.execute("ROLLBACK")


@dataclass(frozen=True)
class Postgres:
    """One database on a server."""

    url: str
    name: str = "PostgreSQL"

    def troubles(self) -> dict[str, Callable[[float], None]]:
        return {
            "database connections cut": lambda _: self._cut(),
            "database locked": self._hold,
            "database away": self._away,
        }

    @property
    def _database(self) -> str:
        return str(conninfo_to_dict(self.url)["dbname"])

    @contextmanager
    def _asking(self, database: str) -> Iterator[psycopg.Connection]:
        with psycopg.connect(make_conninfo(self.url, dbname=database), autocommit=True) as link:
            yield link

    def _cut(self) -> None:
        with self._asking("postgres") as link:
            link.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [self._database],
            )

    def _hold(self, for_s: float) -> None:
        with self._asking(self._database) as link, link.transaction():
            link.execute("LOCK TABLE chat_conversation IN ACCESS EXCLUSIVE MODE")
            time.sleep(for_s)

    def _away(self, for_s: float) -> None:
        """Let nobody in for a while: what a database does that is restarted."""
        with self._asking("postgres") as link:
            link.execute(f'ALTER DATABASE "{self._database}" ALLOW_CONNECTIONS false')
            try:
                self._cut()
                time.sleep(for_s)
            finally:
                link.execute(f'ALTER DATABASE "{self._database}" ALLOW_CONNECTIONS true')


class Troubles:
    """Everything that can be done to a service. ``longest_s``: how long something stays away."""

    def __init__(self, service: Service, rows: Rows, rng: random.Random, longest_s: float) -> None:
        self._service = service
        self._rng = rng
        self._longest_s = longest_s
        self._redis = threading.Lock()
        self.processes: dict[str, Callable[[], None]] = {
            **{f"kill -9 {web.server}": self._killing(at) for at, web in enumerate(service.webs)},
            "kill -9 sweeper": self._kill_sweeper,
        }
        self.stores: dict[str, Callable[[], None]] = {
            "Redis killed, data kept": self._kill_redis,
            "Redis killed, data lost": self._lose_redis,
            "Redis stopped": self._stop_redis,
            "Redis scripts flushed": self._flush_scripts,
            **{name: self._for_a_while(act) for name, act in rows.troubles().items()},
        }

    def _pause_s(self) -> float:
        return self._rng.uniform(0.1, 1.0) * self._longest_s

    def _for_a_while(self, act: Callable[[float], None]) -> Callable[[], None]:
        return lambda: act(self._pause_s())

    def _killing(self, at: int) -> Callable[[], None]:
        def kill() -> None:
            self._service.webs[at].kill()
            self._service.restart(at)

        return kill

    def _kill_sweeper(self) -> None:
        self._service.kill_timers()
        self._service.start_timers()

    def _kill_redis(self) -> None:
        os.kill(self._service.redis.pid, signal.SIGKILL)
        time.sleep(self._pause_s())
        self._service.redis.restart()

    def _lose_redis(self) -> None:
        os.kill(self._service.redis.pid, signal.SIGKILL)
        for kept in self._service.redis.data_dir.glob("appendonly*"):
            shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
        time.sleep(self._pause_s())
        self._service.redis.restart()

    def _stop_redis(self) -> None:
        os.kill(self._service.redis.pid, signal.SIGSTOP)
        time.sleep(self._pause_s())
        os.kill(self._service.redis.pid, signal.SIGCONT)

    def _flush_scripts(self) -> None:
        self._service.ask_redis("SCRIPT", "FLUSH")
