"""Real processes for the tests here, each ended by its own id."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 40.0


def until(is_so: Callable[[], object], what: str) -> None:
    """Look again and again until it is so; fail after a long while."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.02)


def clean_environment(data: Path, **more: str) -> dict[str, str]:
    """Give the environment without what the test run itself has set."""
    ours = (
        "NOTALONE_",
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "DJANGO_",
        "TEST_",
        "PYTEST",
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "NOTALONE_DATA": str(data), "PYTHONUNBUFFERED": "1", **more}


@dataclass
class Process:
    """A child of the test with its output in a file."""

    popen: subprocess.Popen[bytes]
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def signal(self, number: int) -> None:
        self.popen.send_signal(number)

    def wait(self) -> int:
        return self.popen.wait(PATIENCE_S)


Spawn = Callable[..., Process]


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Spawn]:
    """Start ``python`` with these arguments, in a session of its own; what is left is killed at the end."""
    started: list[Process] = []

    def start(
        *arguments: str, program: str = sys.executable, cwd: Path = ROOT, **environment: str
    ) -> Process:
        output = tmp_path / f"said-{len(started)}.log"
        with output.open("wb") as file:
            popen = subprocess.Popen(
                [program, *arguments],
                cwd=ROOT,
                env=clean_environment(tmp_path / "data", **environment),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = Process(popen, output)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.popen.poll() is None:
            os.killpg(process.popen.pid, signal.SIGKILL)
            process.popen.wait()
