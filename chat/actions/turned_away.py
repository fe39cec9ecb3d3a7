"""Count who was not served: the reason and the wait, nothing about a person.

A refusal must not fail because it can not be counted, and a flood must not become a flood of rows: what can
not be written now, and what one address sends too often, is gathered in the process and written together.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chat import db, runtime
from chat.models import Ticket, TurnedAway
from chat.rules.errors import ChatError
from notalone import clock, metrics

logger = logging.getLogger(__name__)

GATHER_S = 1.0
RETRY_S = 5.0
KINDS_MAX = 1000  # languages come from outside; more kinds than this are not people


class Kind(NamedTuple):
    """What a refusal is counted by. ``asked``: the form was sent; otherwise the closed door was seen."""

    campaign: str | None
    audience: str
    language: str
    reason: str
    asked: bool = True


async def count_refusal(kind: Kind) -> None:
    """Count somebody who could not enter. Never fails: what can not be written now is written later."""
    metrics.TURNED_AWAY.labels(kind.reason).inc()
    try:
        await db.run(_write, [(kind, 1)], clock.now())
    except ChatError:
        gather(kind, is_counted=True)


def gather(kind: Kind, *, is_counted: bool = False) -> None:
    """Count somebody together with others of the kind, within a second."""
    if not is_counted:
        metrics.TURNED_AWAY.labels(kind.reason).inc()
    parts = runtime.current()
    pending: Counter[Kind] = parts.turned_away
    if len(pending) >= KINDS_MAX and kind not in pending:
        return
    pending[kind] += 1
    if pending.total() == 1:
        parts.beside(_write_soon(pending))
        if _flush_last not in parts.stoppers:
            parts.stoppers.append(_flush_last)


async def _write_soon(pending: Counter[Kind]) -> None:
    await asyncio.sleep(GATHER_S)
    while pending:
        if not await _flush():
            await asyncio.sleep(RETRY_S)


async def _flush() -> bool:
    """Write what was gathered; false when the database is away."""
    pending: Counter[Kind] = runtime.current().turned_away
    taken = list(pending.items())
    pending.clear()
    try:
        await db.run(_write, taken, clock.now())
    except ChatError:
        pending.update(dict(taken))
        logger.warning("who was turned away is counted later")
        return False
    return True


async def _flush_last() -> None:
    if runtime.current().turned_away:
        await _flush()


def _write(counts: Sequence[tuple[Kind, int]], now: datetime) -> None:
    TurnedAway.objects.bulk_create(
        TurnedAway(
            campaign_id=kind.campaign,
            audience=kind.audience,
            language=kind.language,
            reason=kind.reason,
            asked=kind.asked,
            count=count,
            at=now,
        )
        for kind, count in counts
    )


def write_end_of_wait(ticket: Ticket, reason: str, waited_since: datetime, now: datetime) -> None:
    """Count a wait that ended without a talk, within the transaction that ends it."""
    metrics.TURNED_AWAY.labels(reason).inc()
    TurnedAway.objects.create(
        campaign_id=ticket.campaign_id,
        audience=ticket.audience,
        language=ticket.language,
        reason=reason,
        waited_s=max(0, int((now - waited_since).total_seconds())),
        at=now,
    )
