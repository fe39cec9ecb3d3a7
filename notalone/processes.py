"""The processes of the Procfile, run by honcho, and what must be watched beside them."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import honcho.manager
import honcho.process
from honcho.environ import parse_procfile

from notalone.redis_server import RedisFault, RedisServer

# honcho kills what has not ended after this; a drain takes up to 29 s
honcho.manager.KILL_WAIT = 32
_LOOK_EVERY_S = 0.25


class Process(honcho.process.Process):  # type: ignore[misc]  # honcho ships no types
    """A process that ends when the manager is killed, so that a killed run leaves nothing that serves."""

    def run(self, *args: Any, **kwargs: Any) -> None:
        _die_with_parent(signal.SIGKILL)  # this one ignores SIGTERM
        self._child_ctor = _start_child
        super().run(*args, **kwargs)


def _start_child(command: str, **options: Any) -> honcho.process.Popen:
    # exec: without it the shell would get the signal and its child would not
    return honcho.process.Popen(
        f"exec {command}", preexec_fn=lambda: _die_with_parent(signal.SIGTERM), **options
    )


def _die_with_parent(number: signal.Signals) -> None:
    """Ask Linux to signal this process when its parent dies; elsewhere do nothing."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(number))


class Manager(honcho.manager.Manager):  # type: ignore[misc]  # as above
    """honcho's manager, safe to stop at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self._process_ctor = Process

    def terminate(self) -> None:
        if self._all_started():
            super().terminate()
        else:  # honcho would look for a process id that is not there yet
            threading.Timer(0.05, self.terminate).start()


def run_procfile(procfile: Path, redis: RedisServer | None, welcome: Callable[[], None]) -> int:
    """Run every process until one ends or a signal comes, then end the others.

    Calls ``welcome`` when the web process listens. Returns 0 after a signal, else 1.
    """
    manager = Manager()
    for name, command in parse_procfile(procfile.read_text()).processes.items():
        manager.add_process(name, command, env=dict(os.environ))
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _hang_up)
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(ended, redis, welcome), daemon=True)
    watcher.start()
    try:
        manager.loop()
    finally:
        ended.set()
        watcher.join()
    return 0 if manager.returncode in {0, 130, 143} else 1


def _hang_up(number: int, frame: FrameType | None) -> None:
    """The terminal is gone: write nowhere from now on, and stop as for SIGTERM."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.kill(os.getpid(), signal.SIGTERM)


def _watch(ended: threading.Event, redis: RedisServer | None, welcome: Callable[[], None]) -> None:
    is_welcomed = False
    make = os.getppid() if _name_of(os.getppid()) == "make" else None
    while not ended.wait(_LOOK_EVERY_S):
        if not is_welcomed and _listens(int(os.environ["PORT"])):
            is_welcomed = True
            welcome()
        if redis is not None and not redis.is_running:
            _revive(redis)
        if make is not None and _gives_up(make):
            make = None
            os.kill(os.getpid(), signal.SIGTERM)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _revive(redis: RedisServer) -> None:
    """Start our Redis again: what it lost is rebuilt from the database."""
    print("Notalone: Redis ended and is started again.", flush=True)
    try:
        redis.restart()
    except RedisFault as fault:
        print(f"Notalone: {fault}", flush=True)


def _gives_up(make: int) -> bool:
    """Tell whether make has died, or was interrupted alone and waits for us without telling us.

    On SIGINT make resets its handler and waits for its children, taking for granted that the
    terminal told them as well; `kill -INT` of make alone does not.
    """
    if os.getppid() != make:
        return True
    caught = _status(make).get("SigCgt", "")
    return bool(caught) and not int(caught, 16) & (1 << (signal.SIGINT - 1)) and not _ignores_interrupt(make)


def _ignores_interrupt(pid: int) -> bool:
    ignored = _status(pid).get("SigIgn", "")
    return bool(ignored) and bool(int(ignored, 16) & (1 << (signal.SIGINT - 1)))


def _name_of(pid: int) -> str:
    return _status(pid).get("Name", "")


def _status(pid: int) -> dict[str, str]:
    """Read what Linux tells about a process; empty elsewhere."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
