"""What every test with real processes needs: patience, and an environment that the run has not touched."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

PATIENCE_S = 90.0
_SET_BY_THE_RUN = (
    "NOTALONE_",
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "DJANGO_",
    "TEST_",
    "PYTEST",
)


def until(is_so: Callable[[], object], what: str, *, patience_s: float = PATIENCE_S) -> None:
    """Look again and again until it is so; fail after a long while."""
    deadline = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.02)


def clean_environment(**more: str) -> dict[str, str]:
    """Give the environment without what the test run itself has set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_SET_BY_THE_RUN)}
    return {**kept, "PYTHONUNBUFFERED": "1", **more}
