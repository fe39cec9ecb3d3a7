"""Counselors whom a visitor goes to first, or never; and tickets that are moved."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from chat.store.presence import Presence
from chat.store.queue import Claim, Queue
from chat.store.rebuild import NO_WISHES, Snapshot, Waiting, Wishes
from tests.store.people import GENERAL, NOW_MS, YOUTH, arrive, counselor, enter


async def stand(queue: Queue, ticket: str, wishes: Wishes, at_ms: int = NOW_MS) -> None:
    await queue.stand(Waiting(ticket, YOUTH, at_ms, at_ms, wishes), now_ms=at_ms)


async def pair(queue: Queue) -> Claim:
    claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    assert claim is not None
    return claim


# --- who knows the talk ---


async def test_who_knows_the_talk_comes_before_the_freest(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await arrive(presence, "chris")
    await enter(queue, "first")
    busy = (await pair(queue)).counselor
    await stand(queue, "vera", Wishes(knows=busy))
    assert (await pair(queue)).counselor == busy


@pytest.mark.parametrize("why", ["full", "lapsed", "away", "unknown", "serves another lane"])
async def test_who_knows_the_talk_and_is_not_free_is_not_waited_for(
    queue: Queue, presence: Presence, why: str
) -> None:
    await arrive(presence, "chris")
    match why:
        case "full":
            await arrive(presence, "carla", capacity=1)
            await presence.hold("carla", "other", now_ms=NOW_MS)
        case "lapsed":
            await arrive(presence, "carla", now_ms=NOW_MS - 60_000)
        case "away":
            await arrive(presence, "carla")
            await presence.lapse("carla")
        case "serves another lane":
            await arrive(presence, "carla", lanes=(GENERAL,))
    await stand(queue, "vera", Wishes(knows="carla"))
    assert (await pair(queue)).counselor == "chris"


async def test_who_knows_a_talk_still_takes_whoever_is_first(queue: Queue, presence: Presence) -> None:
    await enter(queue, "first")
    await stand(queue, "vera", Wishes(knows="carla"), NOW_MS + 1)
    await arrive(presence, "carla")
    assert (await pair(queue)).ticket == "first"


# --- kept apart ---


async def test_a_ticket_never_goes_to_a_counselor_it_is_kept_from(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await stand(queue, "vera", Wishes(avoids=("carla",)))
    assert await queue.pair(YOUTH, now_ms=NOW_MS) is None
    assert await queue.position("vera", YOUTH) == 1


async def test_it_goes_to_the_next_counselor(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await arrive(presence, "chris")
    await presence.hold("chris", "other", now_ms=NOW_MS)  # carla is the freest
    await stand(queue, "vera", Wishes(avoids=("carla",)))
    assert (await pair(queue)).counselor == "chris"


async def test_it_holds_nobody_else_up_and_stays_first(queue: Queue, presence: Presence) -> None:
    await stand(queue, "vera", Wishes(avoids=("carla",)))
    await enter(queue, "next", at_ms=NOW_MS + 1)
    await arrive(presence, "carla", capacity=2)
    assert (await pair(queue)).ticket == "next"
    assert await queue.front(YOUTH, None) == ["vera"]
    await enter(queue, "later", at_ms=NOW_MS + 2)
    await arrive(presence, "chris", capacity=1)
    await presence.hold("carla", "elsewhere", now_ms=NOW_MS)
    assert (await pair(queue)).ticket == "vera"


async def test_who_is_avoided_is_not_asked_first_either(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await stand(queue, "vera", Wishes(knows="carla", avoids=("carla",)))
    assert await queue.pair(YOUTH, now_ms=NOW_MS) is None


async def test_a_claim_that_is_put_back_keeps_its_wishes(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "chris")
    await stand(queue, "vera", Wishes(avoids=("carla",)))
    await queue.put_back(await pair(queue))
    await presence.lapse("chris")
    await arrive(presence, "carla")
    assert await queue.pair(YOUTH, now_ms=NOW_MS) is None


async def test_the_look_ahead_is_bounded(queue: Queue, presence: Presence) -> None:
    """A hundred kept from the one who is free do not make a pairing cost a hundred looks."""
    for number in range(100):
        await stand(queue, f"t{number:03}", Wishes(avoids=("carla",)), NOW_MS + number)
    await enter(queue, "free for all", at_ms=NOW_MS + 200)
    await arrive(presence, "carla")
    assert await queue.pair(YOUTH, now_ms=NOW_MS) is None
    for number in range(69):
        await queue.leave(f"t{number:03}", YOUTH)
    assert (await pair(queue)).ticket == "free for all"


# --- what is left behind ---


@pytest.mark.parametrize("end", ["confirm", "drop", "leave", "held"])
async def test_no_wish_outlives_the_wait(redis: Redis, queue: Queue, presence: Presence, end: str) -> None:
    await stand(queue, "vera", Wishes(avoids=("carla",)))
    await arrive(presence, "chris")
    match end:
        case "confirm":
            await queue.confirm(await pair(queue))
        case "drop":
            await queue.drop(await pair(queue))
        case "leave":
            await queue.leave("vera", YOUTH)
        case "held":
            await presence.hold("chris", "vera", now_ms=NOW_MS)
    assert await redis.hgetall("{na}:wishes") == {}


async def test_a_rebuild_writes_the_wishes(queue: Queue, presence: Presence) -> None:
    await stand(queue, "old", Wishes(avoids=("chris",)))
    await queue.invalidate()
    vera = Waiting("vera", YOUTH, NOW_MS, NOW_MS, Wishes("chris", ("carla",)))
    await queue.rebuild(Snapshot([vera], [counselor("carla")]), now_ms=NOW_MS)
    assert await queue.standing(YOUTH) == {"vera": (NOW_MS, "chris;carla")}


# --- moving ---


async def test_a_ticket_that_is_moved_changes_its_place(queue: Queue) -> None:
    await enter(queue, "first")
    await enter(queue, "vera", at_ms=NOW_MS + 1)
    assert await queue.move(Waiting("vera", YOUTH, NOW_MS - 1, NOW_MS + 1))
    assert await queue.front(YOUTH, None) == ["vera", "first"]
    assert (await queue.counts([YOUTH]))[0].oldest_opened_ms == NOW_MS


async def test_a_ticket_under_a_claim_is_moved_when_it_comes_back(queue: Queue, presence: Presence) -> None:
    await enter(queue, "vera", at_ms=NOW_MS + 1)
    await arrive(presence, "carla")
    claim = await pair(queue)
    await enter(queue, "first")
    assert await queue.move(Waiting("vera", YOUTH, NOW_MS - 1, NOW_MS + 1, Wishes(avoids=("carla",))))
    await queue.put_back(claim)
    assert await queue.standing(YOUTH) == {"vera": (NOW_MS - 1, ";carla"), "first": (NOW_MS, "")}


async def test_a_ticket_that_waits_no_more_is_not_moved(redis: Redis, queue: Queue) -> None:
    await enter(queue, "vera")
    await queue.leave("vera", YOUTH)
    assert not await queue.move(Waiting("vera", YOUTH, NOW_MS, NOW_MS, Wishes(avoids=("carla",))))
    assert await queue.members(YOUTH) == set()
    assert await redis.hgetall("{na}:wishes") == {}


async def test_moving_and_pairing_at_once_loses_nobody(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla", capacity=5)
    for round_ in range(50):
        ticket = f"t{round_}"
        await enter(queue, ticket)
        place = Waiting(ticket, YOUTH, NOW_MS - round_, NOW_MS, NO_WISHES)
        _, claim = await asyncio.gather(queue.move(place), queue.pair(YOUTH, now_ms=NOW_MS))
        assert claim is not None
        await queue.put_back(claim)
        assert await queue.standing(YOUTH) == {ticket: (NOW_MS - round_, "")}
        await queue.leave(ticket, YOUTH)


# --- a desk that closes ---


async def test_a_closed_desk_ends_the_lease_soon(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    assert await presence.gone("carla", until_ms=NOW_MS + 5_000)
    (seen,) = await presence.counselors(NOW_MS)
    assert seen.lease_until_ms == NOW_MS + 5_000
    assert await presence.lapsed(NOW_MS + 5_001) == ["carla"]


async def test_another_desk_s_heartbeat_keeps_it(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await presence.gone("carla", until_ms=NOW_MS + 5_000)
    await presence.renew("carla", now_ms=NOW_MS + 3_000)
    (seen,) = await presence.counselors(NOW_MS)
    assert seen.lease_until_ms == NOW_MS + 33_000


async def test_a_lease_never_gets_longer_by_it(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")
    await presence.gone("carla", until_ms=NOW_MS + 90_000)
    (seen,) = await presence.counselors(NOW_MS)
    assert seen.lease_until_ms == NOW_MS + 30_000
    assert not await presence.gone("nobody", until_ms=NOW_MS)
