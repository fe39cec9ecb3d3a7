"""When a service is open. Windows are local wall-clock hours; every answer is an instant in UTC.

Clocks that are put forward or back (daylight saving) bend a window like this:

- An edge that the clock jumps over lies at the jump: the first instant at which a clock on the
  wall has passed it. A window that lies wholly inside the jump does not exist that day.
- An edge that the clock shows twice opens a window the first time and closes it the second time:
  whoever reads "open until 1:30" on a leaflet and comes at 1:20 is let in, both times.

Callers ask at each message, so only the days around the instant asked for are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo

from chat.rules.types import Audience, Campaign, Channel, DailyWindow, Interval, Phase, Service

WARN_AT_S = (60, 300, 600)

_DAY = timedelta(days=1)
_INSTANT = timedelta.resolution


@dataclass(frozen=True, slots=True)
class ServiceState:
    """``opens_at`` and ``closes_at`` are those of the window open now, else of the next one, else None.

    ``last_entry_at`` is the end of that window: entry stays possible until it closes.
    ``next_opens_at`` is the first opening strictly after now.
    """

    channel: Channel
    audience: Audience
    is_open: bool
    opens_at: datetime | None
    closes_at: datetime | None
    last_entry_at: datetime | None
    next_opens_at: datetime | None


def instant_of(zone: ZoneInfo, wall: datetime, *, closing: bool = False) -> datetime:
    """Turn naive local time into UTC; the module says what happens where clocks are changed."""
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if early == late:
        return early
    if early < late:
        return late if closing else early
    return _jump_over(zone, wall, after=late, until=early)


def _jump_over(zone: ZoneInfo, wall: datetime, *, after: datetime, until: datetime) -> datetime:
    # In a gap the two readings lie on both sides of the change (PEP 495); changes fall on whole seconds.
    low, high = 0, int((until - after).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        passed = (after + timedelta(seconds=middle)).astimezone(zone).replace(tzinfo=None) >= wall
        low, high = (low, middle) if passed else (middle, high)
    return after.replace(microsecond=0) + timedelta(seconds=high)


@lru_cache(maxsize=1024)
def _spans_on(zone: ZoneInfo, windows: tuple[DailyWindow, ...], day: date) -> tuple[Interval, ...]:
    spans = []
    for window in windows:
        closing_day = day if window.opens < window.closes else day + _DAY
        opens_at = instant_of(zone, datetime.combine(day, window.opens))
        closes_at = instant_of(zone, datetime.combine(closing_day, window.closes), closing=True)
        if opens_at < closes_at:
            spans.append(Interval(opens_at, closes_at))
    return tuple(sorted(spans))


def _spans_of(service: Service, zone: ZoneInfo, day: date) -> tuple[Interval, ...]:
    for exception in service.exceptions:
        if exception.on == day:
            return _spans_on(zone, exception.windows, day)
    return _spans_on(zone, service.windows, day)


def _round_the_clock(windows: tuple[DailyWindow, ...]) -> time | None:
    """The hour at which windows without any gap between them begin their day, else None."""
    if not windows:
        return None
    ordered = sorted(windows, key=lambda window: window.opens)
    joined = all(before.closes == after.opens for before, after in pairwise([*ordered, ordered[0]]))
    return ordered[0].opens if joined else None


def _spans(service: Service, zone: ZoneInfo, day: date, last: date) -> Iterator[Interval]:
    """Walk the days in order. Days that are all alike (never open, or never closed) take one step."""
    turn = _round_the_clock(service.windows)
    alike = turn is not None or not service.windows
    dated = sorted(exception.on for exception in service.exceptions)
    while day <= last:
        if not alike or day in dated:
            yield from _spans_of(service, zone, day)
            day += _DAY
            continue
        stop = next((on for on in dated if on > day), last + _DAY)
        if turn is not None:
            yield Interval(
                instant_of(zone, datetime.combine(day, turn)),
                instant_of(zone, datetime.combine(stop, turn), closing=True),
            )
        day = stop


def _merged(spans: Iterator[Interval]) -> Iterator[Interval]:
    whole: Interval | None = None
    for span in spans:
        if whole is None:
            whole = span
        elif span.opens_at <= whole.closes_at:
            whole = Interval(whole.opens_at, max(whole.closes_at, span.closes_at))
        else:
            yield whole
            whole = span
    if whole is not None:
        yield whole


def _first_day(campaign: Campaign, service: Service, since: datetime) -> date:
    """The earliest day whose windows may be part of an interval that reaches ``since``."""
    zone = campaign.zone
    earliest = campaign.starts_at.astimezone(zone).date() - _DAY  # its windows may cross midnight
    if _round_the_clock(service.windows) is not None:
        return earliest
    day = since.astimezone(zone).date() - _DAY
    spans = _spans_of(service, zone, day)
    while day > earliest and spans:
        before = _spans_of(service, zone, day - _DAY)
        if not before or max(span.closes_at for span in before) < spans[0].opens_at:
            break
        day, spans = day - _DAY, before
    return max(day, earliest)


def intervals(campaign: Campaign, service: Service, since: datetime, until: datetime) -> Iterator[Interval]:
    """Find the open intervals that overlap ``[since, until)``.

    They come in order, whole (they may begin before ``since`` and end after ``until``), clipped to the
    campaign, and merged where they touch. Windows of neighboring days that overlap count once.
    """
    starts_at, ends_at = campaign.starts_at.astimezone(UTC), campaign.ends_at.astimezone(UTC)
    since, until = max(since.astimezone(UTC), starts_at), min(until.astimezone(UTC), ends_at)
    if since >= until:
        return
    last = ends_at.astimezone(campaign.zone).date() + _DAY
    for span in _merged(_spans(service, campaign.zone, _first_day(campaign, service, since), last)):
        opens_at, closes_at = max(span.opens_at, starts_at), min(span.closes_at, ends_at)
        if opens_at >= until:
            return
        if closes_at > since:
            yield Interval(opens_at, closes_at)


def state_of(campaign: Campaign, service: Service, now: datetime) -> ServiceState:
    """Say whether a service is open now, and when that changes."""
    ahead = intervals(campaign, service, now, campaign.ends_at)
    window = next(ahead, None)
    is_open = window is not None and window.holds(now)
    following = next(ahead, None) if is_open else window
    return ServiceState(
        channel=service.channel,
        audience=service.audience,
        is_open=is_open,
        opens_at=window.opens_at if window else None,
        closes_at=window.closes_at if window else None,
        last_entry_at=window.closes_at if window else None,
        next_opens_at=following.opens_at if following else None,
    )


def phase(campaign: Campaign, now: datetime) -> Phase:
    """Say whether the campaign is still to come, running or over."""
    if now < campaign.starts_at:
        return "announced"
    return "open" if now < campaign.ends_at else "closed"


def window_closes_at(campaign: Campaign, audience: Audience, now: datetime) -> datetime | None:
    """Say when the chat's window closes, or closed as long as its grace runs.

    None when no conversation may run now. In the grace the answer is not after ``now``.
    """
    service = campaign.service("chat", audience)
    if service is None:
        return None
    grace = timedelta(seconds=campaign.talk_grace_s)
    closes_at = None
    for window in intervals(campaign, service, now - grace, now + _INSTANT):
        closes_at = window.closes_at
    return closes_at


def talk_ends_at(campaign: Campaign, audience: Audience, now: datetime) -> datetime | None:
    """Say until when a running conversation may go on: the window's close and the grace.

    None when no conversation may run now. A window that opens within the grace of the one before
    carries a conversation on to its own end.
    """
    closes_at = window_closes_at(campaign, audience, now)
    return None if closes_at is None else closes_at + timedelta(seconds=campaign.talk_grace_s)


def end_reason(campaign: Campaign, audience: Audience, now: datetime) -> Literal["window", "campaign"]:
    """Say why the newest chat window ended, or will end: by its hours or with the campaign.

    The campaign wins where both end at the same instant.
    """
    service = campaign.service("chat", audience)
    if service is None:
        return "campaign" if now >= campaign.ends_at else "window"
    final = next(intervals(campaign, service, campaign.ends_at - _INSTANT, campaign.ends_at), None)
    return "campaign" if final is not None and final.opens_at <= now else "window"


def warning_due(
    closes_at: datetime, ends_at: datetime, now: datetime, last_warned_s: int | None
) -> int | None:
    """Name the warning to give now, by the seconds before the next end; None when none is due.

    The next end is the window's, and in the grace the running conversations'. Warnings are due 600, 300 and
    60 seconds before it, and in the grace from its first instant on. ``last_warned_s`` is the one given last
    of the same end. Those that were missed are passed over.
    """
    marks: set[int] = {*WARN_AT_S}
    if closes_at <= now:
        marks.add(ceil((ends_at - closes_at).total_seconds()))
    left = (closes_at if now < closes_at else ends_at) - now
    if left <= timedelta(0):
        return None
    mark = next((mark for mark in sorted(marks) if left <= timedelta(seconds=mark)), None)
    if mark is None or (last_warned_s is not None and mark >= last_warned_s):
        return None
    return mark
