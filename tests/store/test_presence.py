"""Counselors: leases, loads, free slots."""

from __future__ import annotations

from dataclasses import replace

from redis.asyncio import Redis

from chat.store.presence import CounselorSeen, Presence
from chat.store.queue import Queue
from tests.store.people import GENERAL, NOW_MS, YOUTH, arrive, counselor, enter

MINUTE_MS = 60_000


async def free_in(redis: Redis, lane: str = "youth:ja") -> list[str]:
    return list(await redis.zrange(f"{{na}}:free:{lane}", 0, -1))


async def test_a_counselor_without_a_lease_has_no_free_slot(queue: Queue, presence: Presence) -> None:
    assert await presence.set_counselor(counselor("carla"), now_ms=NOW_MS) == []


async def test_the_first_heartbeat_makes_room(queue: Queue, presence: Presence, redis: Redis) -> None:
    await presence.set_counselor(counselor("carla"), now_ms=NOW_MS)

    assert await presence.renew("carla", now_ms=NOW_MS)
    assert await free_in(redis) == ["carla"]


async def test_the_next_heartbeat_makes_none(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")

    assert not await presence.renew("carla", now_ms=NOW_MS + 10_000)


async def test_a_heartbeat_after_the_lease_makes_room_again(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")

    assert await presence.renew("carla", now_ms=NOW_MS + 30_000)


async def test_a_heartbeat_before_the_row_is_written_counts(queue: Queue, presence: Presence) -> None:
    await presence.renew("carla", now_ms=NOW_MS)

    assert await presence.set_counselor(counselor("carla"), now_ms=NOW_MS) == [YOUTH]


async def test_a_clock_that_is_behind_shortens_no_lease(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla", now_ms=NOW_MS)
    await presence.renew("carla", now_ms=NOW_MS - 2000)

    assert (await presence.counselors(NOW_MS))[0].lease_until_ms == NOW_MS + 30_000


async def test_a_counselor_dropped_by_a_clock_that_is_ahead_comes_back(
    queue: Queue, presence: Presence, redis: Redis
) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")
    await queue.pair(YOUTH, now_ms=NOW_MS + 31_000)

    assert await presence.renew("carla", now_ms=NOW_MS + 29_000)
    assert await free_in(redis) == ["carla"]


async def test_setting_again_tells_every_lane_with_room(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")

    lanes = await presence.set_counselor(counselor("carla", lanes=(YOUTH, GENERAL)), now_ms=NOW_MS)

    assert lanes == [YOUTH, GENERAL]


async def test_a_full_counselor_has_room_when_the_capacity_grows(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla", capacity=1)
    await presence.hold("carla", "vera", now_ms=NOW_MS)

    assert await presence.set_counselor(counselor("carla", capacity=1), now_ms=NOW_MS) == []
    assert await presence.set_counselor(counselor("carla", capacity=2), now_ms=NOW_MS) == [YOUTH]


async def test_a_lane_no_longer_served_loses_the_counselor(
    queue: Queue, presence: Presence, redis: Redis
) -> None:
    await arrive(presence, "carla", lanes=(YOUTH, GENERAL))
    await presence.set_counselor(counselor("carla", lanes=(GENERAL,)), now_ms=NOW_MS)

    assert await free_in(redis) == []
    assert await free_in(redis, "general:ja") == ["carla"]


async def test_going_away_keeps_what_is_held(queue: Queue, presence: Presence, redis: Redis) -> None:
    await arrive(presence, "carla")
    await presence.hold("carla", "vera", now_ms=NOW_MS)
    await presence.set_counselor(replace(counselor("carla"), state="away"), now_ms=NOW_MS)

    assert await free_in(redis) == []
    assert await presence.held("carla") == {"vera"}


async def test_what_the_database_says_replaces_what_was_held(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await presence.hold("carla", "over", now_ms=NOW_MS)
    later = NOW_MS + MINUTE_MS
    await presence.set_counselor(counselor("carla", held=("vera",)), now_ms=later)

    assert await presence.held("carla") == {"vera"}
    assert await presence.holder("over") is None


async def test_what_was_just_assigned_outlives_an_older_reading(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await presence.hold("carla", "vera", now_ms=NOW_MS)
    await presence.set_counselor(counselor("carla", held=()), now_ms=NOW_MS + 1000)

    assert await presence.held("carla") == {"vera"}


async def test_what_is_claimed_outlives_any_reading(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await enter(queue, "vera")
    await queue.pair(YOUTH, now_ms=NOW_MS)
    await presence.set_counselor(counselor("carla", held=()), now_ms=NOW_MS + MINUTE_MS)

    assert await presence.held("carla") == {"vera"}


async def test_not_asking_the_database_changes_nothing_held(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await presence.hold("carla", "vera", now_ms=NOW_MS)
    await presence.set_counselor(counselor("carla"), now_ms=NOW_MS + MINUTE_MS)

    assert await presence.held("carla") == {"vera"}


async def test_a_ticket_held_by_the_row_leaves_lane_and_other_counselor(
    queue: Queue, presence: Presence
) -> None:
    await arrive(presence, "carla")
    await presence.hold("carla", "vera", now_ms=NOW_MS)
    await enter(queue, "sven")
    await presence.set_counselor(counselor("chris", held=("vera", "sven")), now_ms=NOW_MS)

    assert await presence.held("carla") == set()
    assert await queue.members(YOUTH) == set()


async def test_release_tells_the_lanes_with_room(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla", capacity=1, lanes=(YOUTH, GENERAL))
    await presence.hold("carla", "vera", now_ms=NOW_MS)

    assert await presence.release("carla", "vera") == [YOUTH, GENERAL]
    assert await presence.held("carla") == set()


async def test_releasing_twice_is_like_once(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await arrive(presence, "chris")
    await presence.hold("carla", "vera", now_ms=NOW_MS)
    await presence.release("carla", "vera")
    await presence.hold("chris", "vera", now_ms=NOW_MS)
    await presence.release("carla", "vera")

    assert await presence.holder("vera") == "chris"


async def test_release_by_someone_unknown_is_harmless(queue: Queue, presence: Presence) -> None:
    assert await presence.release("nobody", "vera") == []


async def test_hold_moves_a_ticket_between_counselors(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await arrive(presence, "chris")
    await presence.hold("carla", "vera", now_ms=NOW_MS)

    assert await presence.hold("chris", "vera", now_ms=NOW_MS)
    assert await presence.held("carla") == set()


async def test_hold_takes_a_ticket_out_of_its_lane(queue: Queue, presence: Presence) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")

    assert await presence.hold("carla", "vera", now_ms=NOW_MS)
    assert await queue.position("vera", YOUTH) is None


async def test_hold_is_refused_when_full_unknown_or_claimed(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla", capacity=1)
    await arrive(presence, "chris", capacity=1)
    await presence.hold("carla", "earlier", now_ms=NOW_MS)
    await enter(queue, "vera")
    await queue.pair(YOUTH, now_ms=NOW_MS)

    assert not await presence.hold("carla", "later", now_ms=NOW_MS)
    assert not await presence.hold("nobody", "later", now_ms=NOW_MS)
    assert not await presence.hold("chris", "vera", now_ms=NOW_MS)
    assert await presence.hold("carla", "earlier", now_ms=NOW_MS)


async def test_lapsed_lists_those_gone_before_longest_first(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "chris", now_ms=NOW_MS + 1)
    await arrive(presence, "carla", now_ms=NOW_MS)

    assert await presence.lapsed(NOW_MS + 30_000) == []
    assert await presence.lapsed(NOW_MS + 30_002) == ["carla", "chris"]


async def test_lapse_ends_a_lease_and_its_mention(queue: Queue, presence: Presence, redis: Redis) -> None:
    await arrive(presence, "carla")

    assert await presence.lapse("carla")
    assert not await presence.lapse("carla")
    assert await presence.lapsed(NOW_MS + MINUTE_MS) == []
    assert await free_in(redis) == []


async def test_counselors_are_listed_with_their_load(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "chris", lanes=(YOUTH, GENERAL))
    await presence.set_counselor(replace(counselor("carla", lanes=()), state="away"), now_ms=NOW_MS)
    await presence.hold("chris", "vera", now_ms=NOW_MS)

    assert await presence.counselors(NOW_MS) == [
        CounselorSeen("carla", "away", 0, 3, (), 0),
        CounselorSeen("chris", "available", 1, 3, (YOUTH, GENERAL), NOW_MS + 30_000),
    ]


async def test_a_lease_that_is_over_is_not_shown(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")

    assert (await presence.counselors(NOW_MS + 30_000))[0].lease_until_ms == 0
