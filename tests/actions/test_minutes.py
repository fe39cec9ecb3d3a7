"""A lane's minutes are counted once and kept, and the day's sums are right whoever counts what."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chat.actions import minutes
from chat.actions.sweep import all_lanes
from chat.db import run
from chat.models import LaneMinute
from chat.rules.types import Lane
from notalone import clock
from tests.sockets import available, enter, member, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

SetClock = Callable[[str], None]
YOUTH = Lane("youth", "ja")


async def seal() -> None:
    await minutes.seal_minutes(clock.now(), await all_lanes())


async def today() -> minutes.Happened:
    now = clock.now()
    sums = await run(minutes.read_today, await run(minutes.read_sealed, now), now)
    return sums.get(YOUTH, minutes.NOTHING)


async def rows() -> list[LaneMinute]:
    return [row async for row in LaneMinute.objects.filter(audience="youth").order_by("at")]


async def test_a_minute_that_is_over_is_counted(set_clock: SetClock) -> None:
    await enter("youth")
    set_clock("2024-12-28 16:31:06")
    await seal()
    (row,) = await rows()
    assert (row.waiting, row.arrived) == (1, 1)
    assert row.oldest_wait_s is not None and row.oldest_wait_s >= 60  # noqa: PT018 — one fact


async def test_it_is_counted_once_whoever_counts(set_clock: SetClock) -> None:
    set_clock("2024-12-28 16:31:06")
    await seal()
    minutes.forget()  # as another process, which has not noted it
    await enter("youth")
    await seal()
    assert [row.waiting for row in await rows()] == [0]


async def test_minutes_that_nobody_counted_in_time_have_their_sums_and_no_queue(set_clock: SetClock) -> None:
    set_clock("2024-12-28 16:31:06")
    await seal()
    await enter("youth")
    set_clock("2024-12-28 16:35:06")
    await seal()
    assert [(row.waiting, row.arrived) for row in await rows()] == [
        (0, 0), (None, 1), (None, 0), (None, 0), (1, 0),
    ]  # fmt: skip


async def test_the_day_is_the_kept_minutes_and_what_came_since(set_clock: SetClock) -> None:
    await enter("youth")
    set_clock("2024-12-28 16:31:06")
    await seal()
    await enter("youth")
    assert (await today()).arrived == 2


async def test_answered_left_and_turned_away_are_told_apart(set_clock: SetClock) -> None:
    left = await visitor((await enter("youth")).token)
    await left.take("welcome")
    await left.send("leave")
    await left.take("closed")
    await available(await member("carla"))
    await enter("youth")
    day = await today()
    assert (day.arrived, day.answered, day.left, day.turned_away) == (2, 1, 1, 0)


async def test_the_day_begins_anew_at_midnight(set_clock: SetClock) -> None:
    await enter("youth")
    set_clock("2024-12-29 16:30")
    assert await today() == minutes.NOTHING


async def test_two_hours_are_the_curve(set_clock: SetClock) -> None:
    set_clock("2024-12-28 16:31:06")
    await seal()
    set_clock("2024-12-28 18:40")
    assert await run(minutes.read_curves, clock.now()) == {}
