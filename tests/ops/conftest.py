"""Real processes for the tests here, each ended by its own id."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from notalone.env import ROOT
from tests.processes import PATIENCE_S, clean_environment, until

__all__ = ["Process", "Spawn", "until"]


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
    """Start ``python`` with these arguments, in a session of its own; what is left is ended at the end."""
    started: list[Process] = []

    def start(
        *arguments: str, program: str = sys.executable, cwd: Path = ROOT, **environment: str
    ) -> Process:
        output = tmp_path / f"said-{len(started)}.log"
        with output.open("wb") as file:
            popen = subprocess.Popen(
                [program, *arguments],
                cwd=ROOT,
                env=clean_environment(**{"NOTALONE_DATA": str(tmp_path / "data"), **environment}),
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
            _end(process)


def _end(process: Process) -> None:
    """Let it stop what it has started, its Redis too, which no signal to its group reaches; or kill it."""
    process.signal(signal.SIGTERM)
    try:
        process.wait()
    except subprocess.TimeoutExpired:
        os.killpg(process.popen.pid, signal.SIGKILL)
        process.popen.wait()
