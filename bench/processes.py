"""Children that end with the bench, and what /proc says of them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START_WITHIN_S = 60.0
STOP_WITHIN_S = 20.0
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
# what a shell may have set for another Notalone, and must not leak into the one that is measured
_OURS = ("NOTALONE_", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DJANGO_", "CSRF_")


class CannotRun(Exception):
    """Something that a part needs is missing; the message is one line for a person."""


def environment(**more: str) -> dict[str, str]:
    """Give this process's environment without another Notalone's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, **more}


def start(arguments: Sequence[str], log: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a child that dies with this process."""
    with log.open("ab") as said:
        return subprocess.Popen(
            list(arguments),
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 — no thread of ours holds a lock here
        )


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def stop(child: subprocess.Popen[bytes]) -> None:
    """Ask a child to end, and end it if it does not."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
    child.wait()


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(child: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    """Ask over HTTP until the child answers at all (``path`` empty: until it takes connections)."""
    deadline = time.monotonic() + START_WITHIN_S
    while not _answers(port, path):
        if child.poll() is not None or time.monotonic() > deadline:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            raise CannotRun(f"{log.stem} does not start: {' '.join(last)}")
        time.sleep(0.05)


def _answers(port: int, path: str) -> bool:
    try:
        if not path:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500 and error.code != 503
    except OSError:
        return False


def cpu_s(pid: int) -> float:
    """Give the CPU seconds, user and system, that a process has used with all its threads."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND


def family_cpu_s(pid: int) -> float:
    """Give the CPU seconds of a process, its children, and those of its children that have ended."""
    fields = _stat(pid)
    own = sum(int(field) for field in fields[11:15]) / _TICKS_A_SECOND
    return own + sum(cpu_s(child) for child in _children(pid))


def rss_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ProcessLookupError(pid)


def machine_cpu_s() -> float:
    """Give the CPU seconds that everything on this machine has used."""
    names = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, soft, *_ = (int(name) for name in names)
    return (user + nice + system + irq + soft) / _TICKS_A_SECOND


def _stat(pid: int) -> list[str]:
    """Give the fields after the name, which may hold anything: the first is the state."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _children(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                if int(_stat(int(folder.name))[1]) == pid:
                    found.append(int(folder.name))
    return found
