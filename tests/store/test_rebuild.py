"""Redis loses everything, and the database gives it back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from chat.store.errors import QueueLost
from chat.store.leader import lead
from chat.store.presence import CounselorSeen, Presence
from chat.store.queue import Queue
from chat.store.rebuild import Snapshot, Waiting
from tests.store.people import GENERAL, NOW_MS, YOUTH, arrive, counselor, enter_many

EMPTY = Snapshot([], [])


def waiting(count: int) -> list[Waiting]:
    """People a second apart; every third is urgent by five minutes."""
    return [
        Waiting(f"t{number:05}", YOUTH, opened_ms - (300_000 if number % 3 == 0 else 0), opened_ms)
        for number, opened_ms in enumerate(range(NOW_MS, NOW_MS + count * 1000, 1000))
    ]


def in_order(rows: list[Waiting]) -> list[str]:
    return [row.ticket for row in sorted(rows, key=lambda row: (row.score_ms, row.ticket))]


async def counts_of(presence: Presence) -> list[CounselorSeen]:
    return await presence.counselors(NOW_MS)


VERBS: dict[str, Callable[[Queue, Presence], Awaitable[object]]] = {
    "enqueue": lambda q, _: q.enqueue("v", YOUTH, score_ms=1, opened_ms=1, now_ms=NOW_MS),
    "requeue": lambda q, _: q.requeue(Waiting("v", YOUTH, 1, 1), counselor="c", now_ms=NOW_MS),
    "leave": lambda q, _: q.leave("v", YOUTH),
    "position": lambda q, _: q.position("v", YOUTH),
    "pair": lambda q, _: q.pair(YOUTH, now_ms=NOW_MS),
    "front": lambda q, _: q.front(YOUTH, 5),
    "members": lambda q, _: q.members(YOUTH),
    "counts": lambda q, _: q.counts([YOUTH]),
    "claims": lambda q, _: q.claims(),
    "expired_claims": lambda q, _: q.expired_claims(NOW_MS),
    "set_counselor": lambda _, p: p.set_counselor(counselor("c"), now_ms=NOW_MS),
    "renew": lambda _, p: p.renew("c", now_ms=NOW_MS),
    "lapse": lambda _, p: p.lapse("c"),
    "lapsed": lambda _, p: p.lapsed(NOW_MS),
    "hold": lambda _, p: p.hold("c", "v", now_ms=NOW_MS),
    "release": lambda _, p: p.release("c", "v"),
    "counselors": lambda _, p: p.counselors(NOW_MS),
}


@pytest.mark.parametrize("verb", VERBS)
async def test_every_verb_notices_that_the_queue_is_lost(redis: Redis, presence: Presence, verb: str) -> None:
    with pytest.raises(QueueLost):
        await VERBS[verb](Queue(redis), presence)
    assert await redis.dbsize() == 0


@pytest.mark.parametrize("verb", ["confirm", "put_back", "drop"])
async def test_settling_notices_it_too(queue: Queue, presence: Presence, redis: Redis, verb: str) -> None:
    await enter_many(queue, 1)
    await arrive(presence, "carla")
    claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    await redis.flushall()

    with pytest.raises(QueueLost):
        await getattr(queue, verb)(claim)


async def test_the_queue_stands_after_a_rebuild(redis: Redis) -> None:
    queue = Queue(redis)
    assert not await queue.stands()

    assert await queue.rebuild(EMPTY, now_ms=NOW_MS)
    assert await queue.stands()


async def test_ten_thousand_stand_in_the_same_order_with_the_same_waits(queue: Queue, redis: Redis) -> None:
    rows = waiting(10_000)
    for row in rows[:50]:
        await queue.enqueue(row.ticket, YOUTH, score_ms=row.score_ms, opened_ms=row.opened_ms, now_ms=NOW_MS)
    before = await queue.front(YOUTH, None)
    await redis.flushall()

    await queue.rebuild(Snapshot(list(reversed(rows)), []), now_ms=NOW_MS)

    assert before == in_order(rows[:50])
    assert await queue.front(YOUTH, None) == in_order(rows)
    assert (await queue.counts([YOUTH]))[0].oldest_opened_ms == NOW_MS


async def test_counselors_come_back_with_what_they_hold(redis: Redis, presence: Presence) -> None:
    queue = Queue(redis)
    states = [
        counselor("carla", lanes=(YOUTH, GENERAL), held=("a", "b")),
        replace(counselor("chris"), state="away"),
    ]

    await queue.rebuild(Snapshot([], states), now_ms=NOW_MS)

    assert await counts_of(presence) == [
        CounselorSeen("carla", "available", 2, 3, (YOUTH, GENERAL), 0),
        CounselorSeen("chris", "away", 0, 3, (YOUTH,), 0),
    ]
    assert await presence.held("carla") == {"a", "b"}


async def test_a_counselor_is_paired_again_after_the_first_heartbeat(
    redis: Redis, presence: Presence
) -> None:
    queue = Queue(redis)
    await queue.rebuild(Snapshot(waiting(1), [counselor("carla")]), now_ms=NOW_MS)

    assert await queue.pair(YOUTH, now_ms=NOW_MS) is None
    assert await presence.renew("carla", now_ms=NOW_MS)
    assert await queue.pair(YOUTH, now_ms=NOW_MS) is not None


async def test_who_was_assigned_longest_ago_is_still_first(redis: Redis, presence: Presence) -> None:
    queue = Queue(redis)
    states = [
        replace(counselor("carla"), last_assigned_ms=NOW_MS),
        replace(counselor("chris"), last_assigned_ms=NOW_MS - 1),
    ]
    await queue.rebuild(Snapshot(waiting(1), states), now_ms=NOW_MS)
    for name in ("carla", "chris"):
        await presence.renew(name, now_ms=NOW_MS)

    claim = await queue.pair(YOUTH, now_ms=NOW_MS)

    assert claim is not None
    assert claim.counselor == "chris"


async def test_everyone_who_waits_counts_as_seen(redis: Redis) -> None:
    queue = Queue(redis)
    await queue.rebuild(Snapshot(waiting(1), []), now_ms=NOW_MS)

    assert await queue.last_seen(["t00000"]) == [NOW_MS]


async def test_leases_and_claims_outlive_the_loss_of_the_epoch_alone(
    queue: Queue, presence: Presence
) -> None:
    rows = waiting(3)
    await enter_many(queue, 3)
    await arrive(presence, "carla", capacity=2)
    claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    assert claim is not None
    await queue.invalidate()

    await queue.rebuild(Snapshot(rows, [counselor("carla", capacity=2)]), now_ms=NOW_MS)

    assert claim.ticket not in await queue.members(YOUTH)
    assert await presence.held("carla") == {claim.ticket}
    assert await queue.claims() == [claim]
    assert await queue.pair(YOUTH, now_ms=NOW_MS) is not None


async def test_what_the_database_no_longer_knows_is_gone(queue: Queue, presence: Presence) -> None:
    await enter_many(queue, 3)
    await arrive(presence, "carla")
    await presence.hold("carla", "old", now_ms=NOW_MS)
    await queue.invalidate()

    await queue.rebuild(EMPTY, now_ms=NOW_MS)

    assert await queue.members(YOUTH) == set()
    assert await presence.holder("old") is None
    assert await counts_of(presence) == []


async def test_a_commit_from_before_the_loss_takes_its_ticket_out_again(
    queue: Queue, presence: Presence, redis: Redis
) -> None:
    """Paired, Redis emptied, rebuilt from rows read before the commit, then confirmed."""
    await enter_many(queue, 2)
    await arrive(presence, "carla")
    claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    assert claim is not None
    await redis.flushall()
    await queue.rebuild(Snapshot(waiting(2), [counselor("carla")]), now_ms=NOW_MS)

    assert not await queue.confirm(claim)
    assert await queue.front(YOUTH, None) == ["t00001"]
    assert await presence.held("carla") == {claim.ticket}


async def test_a_queue_that_stands_is_not_rebuilt(queue: Queue) -> None:
    assert not await queue.rebuild(Snapshot(waiting(3), []), now_ms=NOW_MS)
    assert await queue.members(YOUTH) == set()


async def test_of_many_who_notice_one_rebuilds_and_reads_the_database(redis: Redis) -> None:
    reads = []

    async def read() -> Snapshot:
        reads.append(1)
        return Snapshot(waiting(1000), [])

    queues = [Queue(redis) for _ in range(20)]
    answers = await asyncio.gather(*(queue.rebuild(read, now_ms=NOW_MS) for queue in queues))

    assert sorted(answers) == [False] * 19 + [True]
    assert len(reads) == 1
    assert await queues[0].front(YOUTH, None) == in_order(waiting(1000))


async def test_a_reading_that_fails_leaves_the_lock_to_the_next(redis: Redis) -> None:
    async def fail() -> Snapshot:
        raise ConnectionResetError("the database is gone")

    queue = Queue(redis)
    with pytest.raises(ConnectionResetError):
        await queue.rebuild(fail, now_ms=NOW_MS)

    assert await redis.exists("{na}:rebuild") == 0
    assert await queue.rebuild(EMPTY, now_ms=NOW_MS)


async def test_a_rebuilder_that_lost_its_lock_writes_no_more(redis: Redis) -> None:
    """The first is so slow that its lock ends; the second rebuilds; the first adds nothing to it."""
    queue = Queue(redis)

    async def slow() -> Snapshot:
        await redis.delete("{na}:rebuild")
        assert await queue.rebuild(Snapshot(waiting(2), []), now_ms=NOW_MS)
        return Snapshot(waiting(9), [counselor("carla")])

    assert not await Queue(redis).rebuild(slow, now_ms=NOW_MS)
    assert len(await queue.members(YOUTH)) == 2


async def test_services_beside_each_other_do_not_share_a_queue(queue: Queue, redis: Redis) -> None:
    other = Queue(redis, "other")
    assert not await other.stands()
    assert await lead(redis, "sweeper", "a", 1000, namespace="other")

    await other.rebuild(Snapshot(waiting(1), []), now_ms=NOW_MS)

    assert await queue.members(YOUTH) == set()
