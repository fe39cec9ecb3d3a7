"""A lane's day in numbers: each minute is counted once, by the timers, and kept; what came since is counted
from the rows. So neither today's sums nor two hours' curve cost more the longer the day is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Count, Max, QuerySet, Sum
from django.utils import timezone

from chat import db, runtime
from chat.actions.rebuild import ms, with_queue
from chat.models import Conversation, LaneMinute, Ticket, TurnedAway
from chat.rules.types import Audience, Lane
from chat.store.queue import LaneCount

MINUTE = timedelta(minutes=1)
SETTLED = timedelta(seconds=5)  # what began in a minute is committed, and counted, by then
LOOK_BACK = timedelta(hours=2)
LEFT = "left"  # of TurnedAway's reasons the one that the visitor chose


@dataclass(frozen=True, slots=True)
class Happened:
    """How many came, were answered, left by themselves, and were turned away or waited in vain."""

    arrived: int = 0
    answered: int = 0
    left: int = 0
    turned_away: int = 0

    def __add__(self, other: Happened) -> Happened:
        return Happened(
            self.arrived + other.arrived,
            self.answered + other.answered,
            self.left + other.left,
            self.turned_away + other.turned_away,
        )


NOTHING = Happened()
_sealed_until: datetime | None = None  # what this process has seen to: it need not ask each second


async def seal_minutes(now: datetime, lanes: Iterable[Lane]) -> None:
    """Count the minutes that are over and not counted yet. Twice at once does no harm."""
    global _sealed_until  # noqa: PLW0603 — a process's own note, and wrong only on the safe side
    until = minute_of(now - SETTLED)
    if _sealed_until is not None and _sealed_until >= until:
        return
    lanes = list(lanes)
    if lanes:
        parts = runtime.current()
        counts = await with_queue(lambda: parts.queue.counts(lanes))
        await db.run(_seal, until, now, counts)
    _sealed_until = until


def forget() -> None:
    """Ask the rows anew: between tests."""
    global _sealed_until  # noqa: PLW0603 — as above
    _sealed_until = None


def minute_of(instant: datetime) -> datetime:
    """Give the minute that an instant is in."""
    return instant.replace(second=0, microsecond=0)


def start_of_day(now: datetime) -> datetime:
    """Give the local midnight before."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


# --- a database thread's work ---


def _seal(until: datetime, now: datetime, counts: list[LaneCount]) -> None:
    since = max(_last_sealed(now) or until - MINUTE, until - LOOK_BACK)
    rows = []
    while since < until:
        happened = happened_between(since, since + MINUTE)
        is_last = since + MINUTE == until  # how many waited in a minute before nobody knows any more
        rows += [_row(count, since, happened.get(count.lane, NOTHING), now, is_last) for count in counts]
        since += MINUTE
    LaneMinute.objects.bulk_create(rows, ignore_conflicts=True)


def _row(count: LaneCount, at: datetime, happened: Happened, now: datetime, is_last: bool) -> LaneMinute:
    opened_ms = count.oldest_opened_ms
    oldest_s = max(0, (ms(now) - opened_ms) // 1000) if opened_ms is not None else 0
    return LaneMinute(
        audience=count.lane.audience,
        language=count.lane.language,
        at=at,
        waiting=count.waiting if is_last else None,
        oldest_wait_s=oldest_s if is_last else None,
        arrived=happened.arrived,
        answered=happened.answered,
        left=happened.left,
        turned_away=happened.turned_away,
    )


def _last_sealed(now: datetime) -> datetime | None:
    """Give the end of the newest minute that was counted, of those within reach."""
    newest = LaneMinute.objects.filter(at__gte=now - LOOK_BACK, at__lt=now).aggregate(at=Max("at"))["at"]
    return newest + MINUTE if newest else None


def happened_between(since: datetime, until: datetime) -> dict[Lane, Happened]:
    """Count from the rows what happened in ``since <= instant < until``."""
    came = entered(since, until).values_list("audience", "language")
    talks = begun(since, until).values_list("ticket__audience", "ticket__language")
    arrived = _sums(came.annotate(Count("id")))
    answered = _sums(talks.annotate(Count("id")))
    kinds = unserved(since, until).filter(asked=True).values_list("audience", "language")
    left = _sums(kinds.filter(reason=LEFT).annotate(Sum("count")))
    turned_away = _sums(kinds.exclude(reason=LEFT).annotate(Sum("count")))
    return {
        lane: Happened(arrived[lane], answered[lane], left[lane], turned_away[lane])
        for lane in {*arrived, *answered, *left, *turned_away}
    }


def entered(since: datetime, until: datetime) -> QuerySet[Ticket]:
    """Give who came: whoever took a place."""
    return Ticket.objects.filter(opened_at__gte=since, opened_at__lt=until)


def begun(since: datetime, until: datetime) -> QuerySet[Conversation]:
    """Give the talks that began: whoever came was answered then."""
    return Conversation.objects.filter(opened_at__gte=since, opened_at__lt=until)


def unserved(since: datetime, until: datetime) -> QuerySet[TurnedAway]:
    """Give who left, waited in vain or was turned away, also at the door (``asked`` false)."""
    return TurnedAway.objects.filter(at__gte=since, at__lt=until)


def _sums(rows: Iterable[tuple[str, str, int]]) -> Counter[Lane]:
    return Counter({lane_of(audience, language): count for audience, language, count in rows})


def lane_of(audience: str, language: str) -> Lane:
    """Give the lane of a row's columns."""
    return Lane(cast(Audience, audience), language)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sums of the day's counted minutes, and until when they reach."""

    day: datetime
    until: datetime
    sums: dict[Lane, Happened]


def read_sealed(now: datetime) -> Sealed:
    """Sum up the day's minutes that are counted already."""
    day = start_of_day(now)
    rows = LaneMinute.objects.filter(at__gte=day, at__lt=now)
    newest = rows.aggregate(at=Max("at"))["at"]
    sums = rows.values_list("audience", "language").annotate(
        Sum("arrived"), Sum("answered"), Sum("left"), Sum("turned_away")
    )
    return Sealed(
        day,
        newest + MINUTE if newest else day,
        {lane_of(audience, language): Happened(*counts) for audience, language, *counts in sums},
    )


def read_today(sealed: Sealed, now: datetime) -> dict[Lane, Happened]:
    """Add to the counted minutes what has happened since."""
    since = happened_between(sealed.until, now)
    return {
        lane: sealed.sums.get(lane, NOTHING) + since.get(lane, NOTHING) for lane in {*sealed.sums, *since}
    }


def read_curves(now: datetime) -> dict[Lane, list[LaneMinute]]:
    """Give the counted minutes of the last two hours, oldest first."""
    curves: dict[Lane, list[LaneMinute]] = {}
    for row in LaneMinute.objects.filter(at__gte=now - LOOK_BACK, at__lt=now).order_by("at"):
        curves.setdefault(lane_of(row.audience, row.language), []).append(row)
    return curves
