"""Pairing, and the claim it leaves: committed, undone, run out, called again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from chat.store.presence import Presence
from chat.store.queue import Claim, Queue
from chat.store.rebuild import Snapshot, Waiting
from tests.store.people import GENERAL, NOW_MS, YOUTH, arrive, counselor, enter, enter_many

CLAIM_MS = 10_000


async def paired(queue: Queue, *, now_ms: int = NOW_MS) -> Claim:
    claim = await queue.pair(YOUTH, now_ms=now_ms)
    assert claim is not None
    return claim


async def test_pair_takes_the_first_ticket_for_a_free_counselor(queue: Queue, presence: Presence) -> None:
    await enter_many(queue, 2)
    await arrive(presence, "carla")

    claim = await paired(queue)

    assert (claim.ticket, claim.counselor, claim.lane, claim.score_ms) == ("t00000", "carla", YOUTH, NOW_MS)
    assert await queue.position("t00001", YOUTH) == 1


async def test_nobody_waits_nothing_is_paired(queue: Queue, presence: Presence) -> None:
    await arrive(presence, "carla")

    assert await queue.pair(YOUTH, now_ms=NOW_MS) is None


async def test_nobody_is_free_nothing_is_paired(queue: Queue) -> None:
    await enter(queue, "vera")

    assert await queue.pair(YOUTH, now_ms=NOW_MS) is None
    assert await queue.position("vera", YOUTH) == 1


async def test_a_counselor_never_gets_more_than_the_capacity(queue: Queue, presence: Presence) -> None:
    await enter_many(queue, 3)
    await arrive(presence, "carla", capacity=2)

    pairs = [await queue.pair(YOUTH, now_ms=NOW_MS) for _ in range(3)]

    assert [pair is not None for pair in pairs] == [True, True, False]


async def test_the_freest_counselor_is_first(queue: Queue, presence: Presence) -> None:
    await enter_many(queue, 1)
    await arrive(presence, "carla")
    await arrive(presence, "chris")
    await presence.hold("carla", "earlier", now_ms=NOW_MS)

    assert (await paired(queue)).counselor == "chris"


async def test_among_equals_the_longest_idle_is_first(queue: Queue, presence: Presence) -> None:
    """Chris, whose name comes last, is assigned first; then both are idle."""
    await enter_many(queue, 3)
    await arrive(presence, "chris")
    first = await paired(queue, now_ms=NOW_MS)
    await arrive(presence, "carla")
    second = await paired(queue, now_ms=NOW_MS + 1)
    for claim in (first, second):
        await queue.confirm(claim)
        await presence.release(claim.counselor, claim.ticket)

    assert (first.counselor, second.counselor) == ("chris", "carla")
    assert (await paired(queue, now_ms=NOW_MS + 2)).counselor == "chris"


async def test_a_general_counselor_never_gets_youth(queue: Queue, presence: Presence) -> None:
    await enter(queue, "vera")
    await arrive(presence, "gina", lanes=(GENERAL,))

    assert await queue.pair(YOUTH, now_ms=NOW_MS) is None


async def test_a_counselor_of_two_lanes_has_one_capacity(queue: Queue, presence: Presence) -> None:
    await enter(queue, "vera")
    await enter(queue, "otto", lane=GENERAL)
    await arrive(presence, "carla", capacity=1, lanes=(YOUTH, GENERAL))
    await paired(queue)

    assert await queue.pair(GENERAL, now_ms=NOW_MS) is None


async def test_an_away_counselor_gets_nobody(queue: Queue, presence: Presence) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")
    await presence.set_counselor(replace(counselor("carla"), state="away"), now_ms=NOW_MS)

    assert await queue.pair(YOUTH, now_ms=NOW_MS) is None


@pytest.mark.parametrize(("after_ms", "is_paired"), [(29_999, True), (30_000, False)])
async def test_a_lease_holds_for_thirty_seconds(
    queue: Queue, presence: Presence, after_ms: int, is_paired: bool
) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")

    assert (await queue.pair(YOUTH, now_ms=NOW_MS + after_ms) is not None) is is_paired


async def test_lapsed_counselors_in_front_do_not_hide_a_live_one(queue: Queue, presence: Presence) -> None:
    await enter(queue, "vera")
    for number in range(20):
        await arrive(presence, f"gone{number:02}", now_ms=NOW_MS - 60_000, lanes=(YOUTH, GENERAL))
    await arrive(presence, "here")

    assert (await paired(queue)).counselor == "here"


async def test_a_ticket_that_somebody_holds_is_passed_over(queue: Queue, presence: Presence) -> None:
    """A row that the database gave to Chris while the lane still had the ticket."""
    await enter_many(queue, 2)
    await arrive(presence, "carla")
    await presence.set_counselor(counselor("chris", held=("t00000",)), now_ms=NOW_MS)

    assert (await paired(queue)).ticket == "t00001"
    assert await queue.pair(YOUTH, now_ms=NOW_MS) is None


# The claim


async def test_a_claimed_ticket_has_no_place(queue: Queue, presence: Presence) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")
    claim = await paired(queue)

    assert await queue.position("vera", YOUTH) is None
    assert await queue.claims() == [claim]


async def test_confirm_leaves_the_ticket_with_the_counselor(queue: Queue, presence: Presence) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")

    assert await queue.confirm(await paired(queue))
    assert await queue.claims() == []
    assert await presence.held("carla") == {"vera"}


async def test_put_back_restores_the_place_the_wait_and_the_counselors_turn(
    queue: Queue, presence: Presence
) -> None:
    await arrive(presence, "carla")
    await arrive(presence, "chris")
    tickets = await enter_many(queue, 3)
    claim = await paired(queue)

    assert await queue.put_back(claim)
    assert await queue.front(YOUTH, None) == tickets
    assert (await queue.counts([YOUTH]))[0].oldest_opened_ms == NOW_MS
    assert (await paired(queue)).counselor == claim.counselor


async def test_drop_frees_the_counselor_alone(queue: Queue, presence: Presence) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla", capacity=1)

    assert await queue.drop(await paired(queue))
    assert await queue.members(YOUTH) == set()
    assert await presence.held("carla") == set()
    assert await presence.holder("vera") is None


@pytest.mark.parametrize("verb", ["confirm", "put_back", "drop"])
async def test_settling_twice_is_like_once(queue: Queue, presence: Presence, verb: str) -> None:
    await enter_many(queue, 2)
    await arrive(presence, "carla")
    claim = await paired(queue)
    settle = getattr(queue, verb)
    await settle(claim)
    before = (await queue.front(YOUTH, None), await presence.held("carla"), await queue.claims())

    await settle(claim)

    assert (await queue.front(YOUTH, None), await presence.held("carla"), await queue.claims()) == before


async def test_slots_that_are_free_together_are_claimed_together_in_order(
    queue: Queue, presence: Presence
) -> None:
    tickets = await enter_many(queue, 5)
    await enter(queue, "vera", lane=GENERAL)
    await arrive(presence, "carla", capacity=2)
    await arrive(presence, "chris", capacity=3, lanes=(YOUTH, GENERAL))

    claims = await queue.pair_many([GENERAL, YOUTH], now_ms=NOW_MS, limit=20)

    assert [claim.ticket for claim in claims] == ["vera", *tickets[:4]]
    assert sorted(claim.counselor for claim in claims) == ["carla"] * 2 + ["chris"] * 3
    assert await queue.front(YOUTH, None) == tickets[4:]


async def test_no_more_are_claimed_than_were_asked_for(queue: Queue, presence: Presence) -> None:
    tickets = await enter_many(queue, 3)
    await arrive(presence, "carla", capacity=3)

    claims = await queue.pair_many([YOUTH], now_ms=NOW_MS, limit=2)

    assert [claim.ticket for claim in claims] == tickets[:2]
    assert await queue.front(YOUTH, None) == tickets[2:]


async def test_a_pair_sent_again_after_a_lost_answer_gives_the_same_claim(
    queue: Queue, presence: Presence
) -> None:
    await enter_many(queue, 2)
    await arrive(presence, "carla")
    first = await queue.pair_as("call", YOUTH, now_ms=NOW_MS)

    assert await queue.pair_as("call", YOUTH, now_ms=NOW_MS) == first
    assert await queue.position("t00001", YOUTH) == 1


async def test_a_pair_sent_again_after_its_claim_ended_takes_nobody(queue: Queue, presence: Presence) -> None:
    await enter_many(queue, 2)
    await arrive(presence, "carla")
    claim = await queue.pair_as("call", YOUTH, now_ms=NOW_MS)
    assert claim is not None
    await queue.put_back(claim)

    assert await queue.pair_as("call", YOUTH, now_ms=NOW_MS) is None


@pytest.mark.parametrize(("after_ms", "has_expired"), [(CLAIM_MS - 1, False), (CLAIM_MS, True)])
async def test_a_claim_runs_out_after_ten_seconds(
    queue: Queue, presence: Presence, after_ms: int, has_expired: bool
) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")
    claim = await paired(queue)

    assert await queue.expired_claims(NOW_MS + after_ms) == ([claim] if has_expired else [])


async def test_a_dead_callers_claim_is_put_back_at_the_old_place(queue: Queue, presence: Presence) -> None:
    tickets = await enter_many(queue, 3)
    await arrive(presence, "carla")
    await paired(queue)

    for claim in await queue.expired_claims(NOW_MS + CLAIM_MS):
        await queue.put_back(claim)

    assert await queue.front(YOUTH, None) == tickets


async def test_a_late_commit_wins_over_the_sweeper(queue: Queue, presence: Presence) -> None:
    """The caller committed, but its claim had been put back: the ticket is taken out of the lane again."""
    await enter(queue, "vera")
    await arrive(presence, "carla")
    claim = await paired(queue)
    await queue.put_back((await queue.expired_claims(NOW_MS + CLAIM_MS))[0])

    assert not await queue.confirm(claim)
    assert await queue.members(YOUTH) == set()
    assert await presence.held("carla") == {"vera"}


async def test_several_are_confirmed_in_one_step_each_as_alone(queue: Queue, presence: Presence) -> None:
    """The second had run out and was put back: the others stand, and it is held all the same."""
    await enter_many(queue, 3)
    await arrive(presence, "carla", capacity=3)
    claims = await queue.pair_many([YOUTH], now_ms=NOW_MS, limit=3)
    await queue.put_back(claims[1])

    assert await queue.confirm_all(claims) == [True, False, True]
    assert await queue.claims() == []
    assert await queue.members(YOUTH) == set()
    assert await presence.held("carla") == {claim.ticket for claim in claims}


async def test_a_late_commit_wins_over_a_second_claim(queue: Queue, presence: Presence) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla", capacity=1)
    late = await paired(queue)
    await queue.put_back(late)
    await presence.lapse("carla")
    await arrive(presence, "chris")
    second = await paired(queue)

    await queue.confirm(late)
    await queue.drop(second)

    assert await presence.held("carla") == {"vera"}
    assert await presence.held("chris") == set()
    assert await queue.members(YOUTH) == set()


async def test_an_old_claim_does_not_undo_a_new_one_on_the_same_pair(
    queue: Queue, presence: Presence
) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")
    old = await paired(queue)
    await queue.put_back(old)
    new = await paired(queue, now_ms=NOW_MS + 1)

    assert not await queue.put_back(old)
    assert not await queue.drop(old)
    assert await queue.claims() == [new]
    assert await queue.members(YOUTH) == set()


async def test_a_talk_that_ends_before_its_confirm_arrives_is_not_held_again(
    queue: Queue, presence: Presence
) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")
    claim = await paired(queue)
    await presence.release("carla", "vera")

    await queue.confirm(claim)

    assert await presence.held("carla") == set()


async def test_a_confirm_sent_again_does_not_take_a_ticket_that_waits_anew(
    queue: Queue, presence: Presence
) -> None:
    """The answer was lost; meanwhile the counselor was lost too, and the visitor stands in front again."""
    await enter(queue, "vera")
    await arrive(presence, "carla")
    claim = await paired(queue)
    await queue.confirm(claim)
    await queue.requeue(Waiting("vera", YOUTH, NOW_MS, NOW_MS), counselor="carla", now_ms=NOW_MS)

    await queue.confirm(claim)

    assert await queue.members(YOUTH) == {"vera"}
    assert await presence.held("carla") == set()


async def test_a_late_drop_takes_the_ticket_out_of_the_lane(queue: Queue, presence: Presence) -> None:
    """The sweeper put it back; then the caller found that its row waits no more."""
    await enter(queue, "vera")
    await arrive(presence, "carla")
    claim = await paired(queue)
    await queue.put_back(claim)

    assert not await queue.drop(claim)
    assert await queue.members(YOUTH) == set()


async def test_a_drop_sent_again_does_not_take_a_ticket_that_waits_anew(
    queue: Queue, presence: Presence
) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")
    claim = await paired(queue)
    await queue.drop(claim)
    await enter(queue, "vera")

    assert await queue.drop(claim)
    assert await queue.members(YOUTH) == {"vera"}


async def test_a_commit_takes_the_ticket_from_whom_an_older_row_named(
    queue: Queue, presence: Presence
) -> None:
    """Carla claims what Chris's row says he holds, after a rebuild; he loses it, and she commits."""
    await enter(queue, "vera")
    await arrive(presence, "carla")
    claim = await paired(queue)
    await queue.invalidate()
    states = [counselor("carla"), counselor("chris", held=("vera",))]
    await queue.rebuild(Snapshot([], states), now_ms=NOW_MS)

    await queue.confirm(claim)

    assert await presence.holder("vera") == "carla"
    assert await presence.held("chris") == set()
    assert await presence.held("carla") == {"vera"}


async def test_requeue_takes_a_claimed_ticket_from_whom_an_older_row_named(
    queue: Queue, presence: Presence
) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")
    claim = await paired(queue)
    await presence.set_counselor(counselor("chris", held=("vera",)), now_ms=NOW_MS)

    place = Waiting("vera", YOUTH, NOW_MS, NOW_MS)
    assert await queue.requeue(place, counselor="chris", now_ms=NOW_MS) == (0, False)

    assert await presence.held("chris") == set()
    await queue.confirm(claim)
    assert await presence.holder("vera") == "carla"


async def test_undoing_an_earlier_pairing_leaves_the_turn_that_a_later_one_used(
    queue: Queue, presence: Presence, redis: Redis
) -> None:
    await enter_many(queue, 2)
    await arrive(presence, "carla")
    earlier = await paired(queue, now_ms=NOW_MS)
    await paired(queue, now_ms=NOW_MS + 1)

    await queue.put_back(earlier)

    assert await redis.zscore("{na}:free:youth:ja", "carla") == 1e13 + NOW_MS + 1
