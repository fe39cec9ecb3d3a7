"""What a store can not do is counted, and told in the log, but not a thousand times."""

from __future__ import annotations

import logging
import time

from notalone import metrics

logger = logging.getLogger(__name__)

QUIET_S = 10.0
FULL = "full"
LASTING = {"OOM", "OutOfMemoryError", "READONLY", "ReadOnlyError", "MISCONF", "NOREPLICAS", FULL}

_told_at: dict[tuple[str, str], float] = {}


def raise_alarm(store: str, reason: str) -> None:
    """Count a failure of a store, and log it unless the same was logged just now.

    What will not end by itself is an error, the rest a warning.
    """
    metrics.STORE_FAULTS.labels(store, reason).inc()
    now = time.monotonic()
    if now - _told_at.get((store, reason), -QUIET_S) < QUIET_S:
        return
    _told_at[store, reason] = now
    level = logging.ERROR if reason in LASTING else logging.WARNING
    logger.log(level, "%s can not: %s", store, reason)
