"""The one clock. Only this module reads the time; rules take ``now`` as an argument.

In demo mode the clock can be shifted: ``NOTALONE_CLOCK`` is the instant that it showed at
``NOTALONE_CLOCK_ANCHOR`` (seconds since 1970; the process's start unless given), and it runs on
from there. Processes that are given the same anchor agree to the microsecond.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_offset = timedelta(0)


def now() -> datetime:
    """Tell the current instant, aware, in UTC."""
    return datetime.now(UTC) + _offset


def epoch_ms(instant: datetime) -> int:
    """Give an instant as whole milliseconds since 1970."""
    return int(instant.timestamp() * 1000)


def shift(shows: datetime, anchor: float | None = None) -> None:
    """Make the clock show ``shows`` at ``anchor`` (seconds since 1970; now unless given)."""
    global _offset  # noqa: PLW0603 — one clock a process is the point of this module
    at = datetime.fromtimestamp(time.time() if anchor is None else anchor, UTC)
    _offset = shows - at


def is_shifted() -> bool:
    """Tell whether the clock shows anything but the real time."""
    return _offset != timedelta(0)


def unshift() -> None:
    """Go back to the real time."""
    global _offset  # noqa: PLW0603 — as above
    _offset = timedelta(0)
