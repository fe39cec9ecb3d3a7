"""One lane: entering, leaving, places, counts, signs of life."""

from __future__ import annotations

from redis.asyncio import Redis

from chat.store.presence import Presence
from chat.store.queue import LaneCount, Queue
from chat.store.rebuild import Waiting
from tests.store.people import GENERAL, NOW_MS, YOUTH, arrive, enter, enter_many

MINUTE_MS = 60_000


async def test_the_first_to_enter_is_first_and_alone(queue: Queue) -> None:
    answer = await queue.enqueue("vera", YOUTH, score_ms=NOW_MS, opened_ms=NOW_MS, now_ms=NOW_MS)

    assert answer == (1, True)


async def test_the_second_to_enter_is_second_and_not_alone(queue: Queue) -> None:
    await enter(queue, "vera")
    answer = await queue.enqueue("sven", YOUTH, score_ms=NOW_MS + 1, opened_ms=NOW_MS + 1, now_ms=NOW_MS + 1)

    assert answer == (2, False)


async def test_entering_again_keeps_the_place(queue: Queue) -> None:
    await enter(queue, "vera")
    await enter(queue, "sven", at_ms=NOW_MS + 1)

    assert await enter(queue, "vera", at_ms=NOW_MS + 5) == 1


async def test_entering_again_alone_says_so_again(queue: Queue) -> None:
    await enter(queue, "vera")

    assert await queue.enqueue("vera", YOUTH, score_ms=1, opened_ms=1, now_ms=NOW_MS) == (1, True)


async def test_an_urgent_ticket_stands_before_those_it_may_overtake(queue: Queue) -> None:
    await enter(queue, "early", at_ms=NOW_MS - 21 * MINUTE_MS)
    await enter(queue, "later", at_ms=NOW_MS - MINUTE_MS)
    await enter(queue, "urgent", at_ms=NOW_MS, boost_ms=20 * MINUTE_MS)

    assert await queue.front(YOUTH, None) == ["early", "urgent", "later"]


async def test_lanes_do_not_mix(queue: Queue) -> None:
    await enter(queue, "vera")
    await enter(queue, "otto", lane=GENERAL)

    assert await queue.members(YOUTH) == {"vera"}
    assert await queue.position("otto", YOUTH) is None


async def test_leaving_frees_the_place(queue: Queue) -> None:
    tickets = await enter_many(queue, 3)

    assert await queue.leave(tickets[0], YOUTH)
    assert await queue.position(tickets[2], YOUTH) == 2


async def test_leaving_twice_is_told(queue: Queue) -> None:
    await enter(queue, "vera")
    await queue.leave("vera", YOUTH)

    assert not await queue.leave("vera", YOUTH)


async def test_the_position_of_a_stranger_is_none(queue: Queue) -> None:
    assert await queue.position("sven", YOUTH) is None


async def test_the_front_is_in_order_and_no_longer_than_asked(queue: Queue) -> None:
    tickets = await enter_many(queue, 5)

    assert await queue.front(YOUTH, 3) == tickets[:3]
    assert await queue.front(YOUTH, 0) == []


async def test_counts_tell_who_has_waited_longest_though_another_is_first(queue: Queue) -> None:
    await enter(queue, "vera", at_ms=NOW_MS)
    await enter(queue, "urgent", at_ms=NOW_MS + MINUTE_MS, boost_ms=5 * MINUTE_MS)

    assert await queue.counts([YOUTH, GENERAL]) == [LaneCount(YOUTH, 2, NOW_MS), LaneCount(GENERAL, 0, None)]
    assert await queue.counts([]) == []


async def test_a_ticket_just_paired_is_not_enqueued_again_by_a_call_sent_twice(
    queue: Queue, presence: Presence
) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")
    claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    assert claim is not None

    assert await enter(queue, "vera") == 0
    await queue.confirm(claim)
    assert await enter(queue, "vera") == 0
    assert await queue.members(YOUTH) == set()


async def test_a_ticket_long_held_is_taken_from_its_counselor_when_its_row_waits(
    queue: Queue, presence: Presence
) -> None:
    await arrive(presence, "carla")
    await presence.hold("carla", "vera", now_ms=NOW_MS)

    assert await enter(queue, "vera", at_ms=NOW_MS + MINUTE_MS) == 1
    assert await presence.held("carla") == set()


async def test_requeue_takes_a_ticket_from_the_counselor_at_once(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla", capacity=1)
    await presence.hold("carla", "vera", now_ms=NOW_MS)
    place = Waiting("vera", YOUTH, NOW_MS - MINUTE_MS, NOW_MS - MINUTE_MS)

    assert await queue.requeue(place, counselor="carla", now_ms=NOW_MS) == (1, True)
    assert await presence.held("carla") == set()


async def test_requeue_leaves_a_ticket_with_the_next_counselor(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await arrive(presence, "chris")
    await presence.hold("chris", "vera", now_ms=NOW_MS)
    place = Waiting("vera", YOUTH, NOW_MS, NOW_MS)

    assert await queue.requeue(place, counselor="carla", now_ms=NOW_MS) == (0, False)
    assert await presence.holder("vera") == "chris"


async def test_unseen_lists_those_longest_gone_first(queue: Queue) -> None:
    await enter(queue, "vera", at_ms=NOW_MS)
    await enter(queue, "sven", at_ms=NOW_MS + 1)
    await queue.touch(["vera"], NOW_MS + MINUTE_MS)

    assert await queue.unseen(NOW_MS + MINUTE_MS) == ["sven"]
    assert await queue.unseen(NOW_MS + MINUTE_MS + 1) == ["sven", "vera"]
    assert await queue.unseen(NOW_MS + MINUTE_MS + 1, limit=1) == ["sven"]


async def test_a_late_sign_of_life_takes_nothing_back(queue: Queue) -> None:
    await queue.touch(["vera"], NOW_MS)
    await queue.touch(["vera"], NOW_MS - 1)

    assert await queue.last_seen(["vera", "sven"]) == [NOW_MS, None]


async def test_nobody_looks_for_a_forgotten_ticket(queue: Queue) -> None:
    await queue.touch(["vera", "sven"], NOW_MS)
    await queue.forget("vera")

    assert await queue.unseen(NOW_MS + 1) == ["sven"]


async def test_touching_nobody_is_fine(queue: Queue, redis: Redis) -> None:
    await queue.touch([], NOW_MS)

    assert await queue.last_seen([]) == []


async def test_leaving_ends_the_look_for_signs_of_life(queue: Queue) -> None:
    await enter(queue, "vera")
    await queue.leave("vera", YOUTH)

    assert await queue.unseen(NOW_MS + 1) == []


# --- several in one step ---


async def test_several_arrive_in_the_order_given(queue: Queue) -> None:
    await enter(queue, "vera", at_ms=NOW_MS - 1)
    places = [Waiting("a", YOUTH, NOW_MS, NOW_MS), Waiting("b", YOUTH, NOW_MS - 5, NOW_MS)]
    places.append(Waiting("c", GENERAL, NOW_MS, NOW_MS))

    assert await queue.arrive_all(places, now_ms=NOW_MS) == [
        (2, False, False),
        (1, False, False),
        (1, True, False),
    ]
    assert await queue.front(YOUTH, None) == ["b", "vera", "a"]
    assert await queue.last_seen(["a", "b", "c"]) == [NOW_MS] * 3


async def test_several_places_are_told_at_once(queue: Queue) -> None:
    first, second, _ = await enter_many(queue, 3)

    asked = [(second, YOUTH), ("nobody", YOUTH), (first, YOUTH), (first, GENERAL)]
    assert await queue.positions(asked) == [2, None, 1, None]
    before = await queue.last_seen([first, "nobody"])
    later_ms = NOW_MS + MINUTE_MS
    assert await queue.positions(asked[:3], seen_ms=later_ms) == [2, None, 1]
    assert before != await queue.last_seen([first, "nobody"]) == [later_ms, None]
    await queue.positions(asked, seen_ms=NOW_MS)
    assert await queue.last_seen([first]) == [later_ms]
