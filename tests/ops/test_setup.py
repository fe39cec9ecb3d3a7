"""``.ci/setup.sh``, which `make` calls first: what a machine lacks is said in one line, with what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from notalone.env import ROOT
from tests.processes import clean_environment

FILES = (".ci/setup.sh", "requirements.lock", "requirements-dev.lock")
COMMANDS = ("sh", "dirname", "basename", "cat", "cksum", "env", "touch", "tail", "rm")


class Machine:
    """A checkout, and a PATH with nothing on it but the shell's own tools and what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        for name in FILES:
            (self.checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.checkout / name)
        for name in COMMANDS:
            self.bin.joinpath(name).symlink_to(str(shutil.which(name)))
        self.has("id", "echo 1000")  # not root

    def has(self, name: str, does: str) -> Path:
        """Put a program on the PATH."""
        program = self.bin / name
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)
        return program

    def has_venv(self, python: str, *, filled_with: str = "") -> None:
        """Make a `.venv` of this program, and say that a lock file is installed in it."""
        folder = self.checkout / ".venv" / "bin"
        folder.mkdir(parents=True)
        (folder / "python").write_text(f"#!/bin/sh\n{python}\n")
        (folder / "python").chmod(0o755)
        if filled_with:
            both = b"".join((ROOT / name).read_bytes() for name in ("requirements.lock", filled_with))
            done = subprocess.run(["cksum"], input=both, capture_output=True, check=True)
            (folder.parent / f"{filled_with}.installed").write_bytes(done.stdout)

    def set_up(self, wanted: str = "run", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin / "sh"), str(self.checkout / ".ci" / "setup.sh"), wanted],
            env={**clean_environment(), "PATH": str(self.bin), **environment},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def says(done: subprocess.CompletedProcess[str], line: str) -> bool:
    return done.returncode == 1 and done.stderr == f"Notalone: {line}\n"


NO_PYTHON = (
    "Python 3.11 or newer is needed and not found. Debian 12: apt-get install python3.11 python3.11-venv"
)


def test_no_python_is_one_line(machine: Machine) -> None:
    assert says(machine.set_up(PYTHON="python3.11"), NO_PYTHON)


def test_an_old_python_is_one_line(machine: Machine) -> None:
    machine.has("python3", f'exec {sys.executable} -c "raise SystemExit(1)"')
    assert says(machine.set_up(PYTHON="python3"), NO_PYTHON)


def test_a_python_without_venv_is_one_line_where_nothing_can_be_installed(machine: Machine) -> None:
    machine.has("python3", f'case "$2" in *ensurepip*) exit 1;; *) exec {sys.executable} "$@";; esac')
    version = "{}.{}".format(*sys.version_info)
    line = f"Python's venv is missing. Debian: sudo apt-get install python{version}-venv"
    assert says(machine.set_up(PYTHON="python3"), line)


def test_a_folder_where_nothing_can_be_made_is_one_line(machine: Machine) -> None:
    machine.has("python3", f'exec {sys.executable} "$@"')
    (machine.checkout / ".venv").write_text("a file is in the way")
    line = f"could not make .venv in {machine.checkout}: may this user write here?"
    assert says(machine.set_up(PYTHON="python3"), line)


def test_what_can_not_be_fetched_is_named(machine: Machine) -> None:
    machine.has_venv('[ "$1" = -c ]')
    line = "could not install what requirements.lock lists: is this machine online?"
    assert says(machine.set_up(), line)


def test_a_second_call_installs_nothing(machine: Machine) -> None:
    machine.has_venv('[ "$1" = -c ]', filled_with="requirements.lock")
    done = machine.set_up()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_tools_that_the_tests_lack_are_named_where_nothing_can_be_installed(machine: Machine) -> None:
    machine.has_venv('[ "$1" = -c ]', filled_with="requirements-dev.lock")
    machine.has("chromium", "exit 0")
    done = machine.set_up("test")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Notalone: the tests need a browser, Node.js")
    assert "Debian: sudo apt-get install nodejs gettext fontconfig fonts-ipafont-gothic" in line


def test_only_run_and_test_are_known(machine: Machine) -> None:
    machine.has_venv("exit 0")
    assert says(machine.set_up("fly"), "say run or test, not fly")
