"""When an answer by mail is due, and when a mail that could not be sent is tried again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

BODY_MAX = 4000
ANSWER_WITHIN = (timedelta(hours=24), timedelta(hours=12), timedelta(hours=6), timedelta(hours=2))
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
GIVE_UP_AFTER = timedelta(days=3)
MANY_LINKS = 4
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


def due_at(asked_at: datetime, urgency: int) -> datetime:
    """Say by when an answer is owed: a day, and sooner the more urgent it is (2 hours at 3)."""
    return asked_at + ANSWER_WITHIN[min(max(urgency, 0), len(ANSWER_WITHIN) - 1)]


def retry_at(written_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """Say when a mail that failed ``attempts`` times is tried again; None when it is given up.

    A minute, five, a quarter of an hour, then every hour, for three days.
    """
    if now - written_at >= GIVE_UP_AFTER:
        return None
    return now + RETRY_AFTER[min(max(attempts, 1), len(RETRY_AFTER)) - 1]


def looks_like_advertising(body: str) -> bool:
    """Tell whether a text is mostly links. Such a one is kept and shown last, never thrown away."""
    return len(_LINK.findall(body)) >= MANY_LINKS
