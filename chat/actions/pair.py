"""Pair the best ticket of a lane with the freest counselor, as long as there are both.

Redis proposes by claims; the rows decide: the ticket must still wait, the counselor must be
available and below capacity. A caller that dies in between leaves claims, which the sweeper settles.
Where many slots come free at once they are filled together: one transaction for up to BATCH pairs.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from chat import campaigns, db, runtime
from chat.actions.assign import Pair, Pairing, Verdict, assign_all
from chat.actions.rebuild import ms, read_counselor, with_queue
from chat.actions.wishes import place_of
from chat.events import LANES_TOPIC, LaneChanged, TicketPaired, counselor_topic, ticket_topic
from chat.rules.errors import ChatError
from chat.rules.hours import state_of
from chat.rules.types import Lane
from chat.store.errors import StoreDown
from chat.store.queue import Claim
from chat.together import Together
from notalone import clock, metrics

BATCH = 20  # pairs in one transaction: nobody's lock is held for long


async def pair_lanes(lanes: Iterable[Lane]) -> None:
    """Pair in each lane. A store that is down ends it quietly: the sweeper tries again.

    Where many have room at once, those who come while a pairing is under way are paired together by the next.
    """
    await asyncio.gather(*(_pairings.ask(lane) for lane in lanes))


async def _pair_quietly(lanes: Sequence[Lane]) -> dict[Lane, bool]:
    try:
        await _pair(lanes)
    except (StoreDown, ChatError):
        return {}
    return dict.fromkeys(lanes, True)


_pairings = Together(_pair_quietly)


async def pair_lane(lane: Lane) -> list[Pairing]:
    """Pair until the lane or its counselors are exhausted; give the pairings made.

    Makes none outside the lane's window. Raises StoreDown, or ChatError ``unavailable``.
    """
    return await _pair([lane])


async def _pair(lanes: Sequence[Lane]) -> list[Pairing]:
    pairings: list[Pairing] = []
    queue = runtime.current().queue
    while True:
        now = clock.now()
        open_lanes = [lane for lane in lanes if await is_lane_open(lane, now)]
        if not open_lanes:
            return pairings
        claims = await with_queue(partial(queue.pair_many, open_lanes, now_ms=ms(now), limit=BATCH))
        made = await settle_all(claims, now)
        pairings += made
        if len(made) == len(claims) < BATCH:  # nobody was left, and nothing was undone that could be paired
            return pairings


async def is_lane_open(lane: Lane, now: datetime) -> bool:
    """Tell whether pairings may be made: the campaign runs, and the lane's chat window is open."""
    campaign = (await campaigns.loaded()).current(now)
    service = campaign.service("chat", lane.audience) if campaign else None
    return campaign is not None and service is not None and state_of(campaign, service, now).is_open


async def settle(claim: Claim, now: datetime) -> Pairing | None:
    """Turn a claim into an assignment, or undo it. Safe to repeat."""
    made = await settle_all([claim], now)
    return made[0] if made else None


async def settle_all(claims: Sequence[Claim], now: datetime) -> list[Pairing]:
    """Turn claims into assignments, or undo them; give the pairings that stand. Safe to repeat."""
    if not claims:
        return []
    queue = runtime.current().queue
    try:
        # claims that were left behind may outlast the window
        open_now = {lane for lane in {claim.lane for claim in claims} if await is_lane_open(lane, now)}
        pairs = [Pair(claim.ticket, claim.counselor, claim.lane in open_now) for claim in claims]
        outcomes = await db.run(assign_all, pairs, now)
    except ChatError:
        await asyncio.gather(*(with_queue(partial(queue.put_back, claim)) for claim in claims))
        raise
    settled = list(zip(claims, outcomes, strict=True))
    for claim, outcome in settled:  # it stands in the rows: nobody waits for Redis
        if isinstance(outcome, Pairing):
            announce(outcome, claim.lane)
    stand = [claim for claim, outcome in settled if isinstance(outcome, Pairing)]
    undone = [(claim, outcome) for claim, outcome in settled if not isinstance(outcome, Pairing)]
    confirming = [with_queue(partial(queue.confirm_all, stand))] if stand else []
    await asyncio.gather(*confirming, *(_undo(claim, verdict, now) for claim, verdict in undone))
    return [outcome for outcome in outcomes if isinstance(outcome, Pairing)]


async def _undo(claim: Claim, outcome: Verdict, now: datetime) -> None:
    """Tell the queue that nothing came of a claim, and why."""
    queue, presence = runtime.current().queue, runtime.current().presence
    if outcome == "ticket_gone":
        await with_queue(lambda: queue.drop(claim))
        return
    state = await db.run(read_counselor, claim.counselor) if outcome == "counselor_unfit" else None
    if state is not None:  # first, so that the ticket is not claimed for the same counselor again
        await with_queue(lambda: presence.set_counselor(state, now_ms=ms(now)))
    if outcome == "kept_apart":  # as above
        place = await db.run(place_of, uuid.UUID(claim.ticket))
        await with_queue(lambda: queue.move(place))
    await with_queue(lambda: queue.put_back(claim))


def announce(pairing: Pairing, lane: Lane) -> None:
    """Tell the visitor, the counselor and those who watch the lane."""
    metrics.PAIRINGS.labels(lane.audience).inc()
    metrics.WAIT_SECONDS.labels(lane.audience).observe(pairing.waited_s)
    hub = runtime.current().hub
    event = TicketPaired(
        ticket=pairing.ticket,
        conversation=pairing.conversation,
        counselor=pairing.counselor,
        counselor_name=pairing.counselor_name,
    )
    hub.publish(ticket_topic(pairing.ticket), event)
    hub.publish(counselor_topic(pairing.counselor), event)
    hub.publish(LANES_TOPIC, LaneChanged(audience=lane.audience, language=lane.language))
