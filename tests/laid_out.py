"""The files of a service before its first start: made once a run, copied for each test that starts one."""

from __future__ import annotations

import fcntl
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from notalone.env import ROOT
from tests.processes import clean_environment

KEPT_IN = "TEST_LAID_OUT"  # the folder in which the workers of one run keep what one of them has made
FILES = ("notalone.sqlite3", "secret-key", "content-keys")
# one process for all of it: each start of Django takes a second
_MAKE = """
import sys
import django
from django.core.management import call_command
django.setup()
call_command("migrate", verbosity=0)
call_command("load_campaign", "notalone/campaigns/2024-new-year.toml", stdout=sys.stderr)
call_command("seed_demo", counselors=int(sys.argv[1]), supervisors=1, capacity=int(sys.argv[2]))
"""


@dataclass(frozen=True)
class LaidOut:
    """Every migration, the seed campaign and the demo staff, and the keys that these were made with."""

    files: dict[str, bytes]
    staff: list[dict[str, str]]

    def copy(self, folder: Path) -> None:
        """Put it into a data folder."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


def set_up(environment: dict[str, str], *, counselors: int, capacity: int) -> list[dict[str, str]]:
    """Make the database of this environment; give the demo staff. ``capacity``: of each counselor."""
    done = subprocess.run(
        [sys.executable, "-c", _MAKE, str(counselors), str(capacity)],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "notalone.settings"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@cache
def laid_out(*, counselors: int = 3, capacity: int = 3) -> LaidOut:
    """Make the files of a service on SQLite, unless a worker of this run has made them before."""
    if KEPT_IN not in os.environ:
        return _made(counselors, capacity)
    kept = Path(os.environ[KEPT_IN]) / f"{counselors}-{capacity}"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(_made(counselors, capacity)))
    made: LaidOut = pickle.loads(kept.read_bytes())
    return made


def keep_for_the_run() -> None:
    """Name the folder, before the workers start."""
    os.environ[KEPT_IN] = tempfile.mkdtemp(prefix="notalone-laid-out-")


def forget() -> None:
    """Take the folder away."""
    shutil.rmtree(os.environ.pop(KEPT_IN), ignore_errors=True)


def _made(counselors: int, capacity: int) -> LaidOut:
    with tempfile.TemporaryDirectory() as folder:
        environment = clean_environment(
            NOTALONE_DATA=folder, NOTALONE_DEMO="1", REDIS_URL="unix:///nowhere/redis.sock"
        )
        staff = set_up(environment, counselors=counselors, capacity=capacity)
        files = {name: (Path(folder) / name).read_bytes() for name in FILES}
    return LaidOut(files, staff)
