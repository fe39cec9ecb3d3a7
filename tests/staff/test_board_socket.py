"""The numbers of the queue, pushed: to supervisors with the people, to counselors alone."""

from __future__ import annotations

from typing import Any

import pytest

from staff.models import User
from tests.sockets import Peer, available, desk, enter, member, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

MANY = 10  # frames that may come before the one that is waited for


async def watching() -> Peer:
    sara = await desk(await member("sara", User.SUPERVISOR))
    await sara.take("welcome")
    return sara


async def stats(peer: Peer, **counselors: int) -> dict[str, Any]:
    """Wait for numbers in which so many counselors are available, busy, away."""
    for _ in range(MANY):
        frame = await peer.take("queue.stats")
        if all(frame["counselors"][state] == count for state, count in counselors.items()):
            return frame
    raise AssertionError(f"never told: {counselors}")


async def waiting(peer: Peer, audience: str, count: int) -> dict[str, Any]:
    for _ in range(MANY):
        frame = await peer.take("queue.stats")
        (lane,) = (lane for lane in frame["lanes"] if lane["audience"] == audience)
        if lane["waiting"] == count:
            return dict(lane)
    raise AssertionError(f"never told: {count} wait")


async def test_a_supervisor_has_the_lanes_and_the_people_at_once():
    await member("carla")
    frame = await stats(await watching())
    assert {(lane["audience"], lane["language"], lane["waiting"]) for lane in frame["lanes"]} == {
        ("youth", "ja", 0),
        ("general", "ja", 0),
    }
    assert [(one["name"], one["state"], one["load"]) for one in frame["people"]] == [("Carla", "away", 0)]


async def test_a_counselor_has_the_numbers_alone():
    carla = await desk(await member("carla"))
    await carla.take("welcome")
    frame = await stats(carla)
    assert not frame.get("people")


async def test_a_lane_that_was_empty_is_told_when_somebody_waits(set_clock):
    sara = await watching()
    await waiting(sara, "youth", 0)
    await enter("youth")
    lane = await waiting(sara, "youth", 1)
    assert 0 <= lane["oldest_wait_s"] < 60


async def test_the_oldest_wait_is_that_of_who_came_first(set_clock):
    await enter("general")
    set_clock("2024-12-28 16:40")
    await enter("general")
    lane = await waiting(await watching(), "general", 2)
    assert 600 <= lane["oldest_wait_s"] < 660


async def test_who_leaves_is_not_counted():
    sara = await watching()
    vera = await visitor((await enter("youth")).token)
    await vera.take("welcome")
    await waiting(sara, "youth", 1)
    await vera.send("leave")
    await waiting(sara, "youth", 0)


async def test_counselors_are_counted_as_available_busy_and_away():
    user = await member("carla")  # first: the board looks at the names every 30 s
    await member("chris", organization="org-b")
    sara = await watching()
    await available(user, capacity=1)
    frame = await stats(sara, available=1, busy=0, away=1)
    assert frame["free_slots"] == 1
    await enter()
    frame = await stats(sara, available=0, busy=1, away=1)
    assert frame["free_slots"] == 0
    assert [(one["name"], one["load"], one["capacity"]) for one in frame["people"] if one["load"]] == [
        ("Carla", 1, 1)
    ]
