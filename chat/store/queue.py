"""Order: who waits, who is next, and the pairing of the two."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from chat.rules.types import Lane
from chat.store import rebuild
from chat.store.keys import CALL_MS, CLAIM_MS, DEFAULT_NAMESPACE, HELD_MARGIN_MS, READY_MS, Keys
from chat.store.presence import lane_from
from chat.store.rebuild import LoadSnapshot, Snapshot, Waiting
from chat.store.scripts import Client, command, run


@dataclass(frozen=True, slots=True)
class Claim:
    """A pairing that is not yet committed. ``id`` tells it from a later claim on the same ticket.

    ``at_ms``: when it was made.
    """

    ticket: str
    counselor: str
    lane: Lane
    score_ms: int
    at_ms: int
    id: str


@dataclass(frozen=True, slots=True)
class LaneCount:
    """``oldest_opened_ms``: when the one who has waited longest came; None when nobody waits."""

    lane: Lane
    waiting: int
    oldest_opened_ms: int | None


@dataclass(frozen=True, slots=True)
class LaneMarks:
    """A lane at some of its places. ``front``: its first tickets; ``keys``: (score, ticket) at each place."""

    waiting: int
    front: list[str]
    keys: list[tuple[int, str]]


class Arrival(NamedTuple):
    """Where a ticket stands. ``may_pair``: a counselor may be free; false: none was, and whoever becomes free
    from now on finds the ticket."""

    position: int
    is_alone: bool
    may_pair: bool


class Queue:
    """The lanes of one service. Each verb is atomic and safe to call again; QueueLost asks for a rebuild."""

    def __init__(self, redis: Client, namespace: str = DEFAULT_NAMESPACE) -> None:
        self._redis = redis
        self._keys = Keys(namespace)

    # One ticket

    async def enqueue(
        self, ticket: str, lane: Lane, *, score_ms: int, opened_ms: int, now_ms: int
    ) -> tuple[int, bool]:
        """Put a ticket into its lane; return its position from 1, and whether it waits there alone.

        Again: the same place. A ticket that is under a claim, or that a counselor took within 15 s, is left
        where it is, ``(0, False)``; one held for longer is taken from its counselor: its row waits.
        """
        return await self.stand(Waiting(ticket, lane, score_ms, opened_ms), now_ms=now_ms)

    async def stand(self, place: Waiting, *, now_ms: int) -> tuple[int, bool]:
        """Enqueue a ticket with its wishes."""
        return (await self.arrive(place, now_ms=now_ms))[:2]

    async def arrive(self, place: Waiting, *, now_ms: int) -> Arrival:
        """Enqueue a ticket with its wishes; say, too, whether there is somebody to pair it with."""
        return (await self.arrive_all([place], now_ms=now_ms))[0]

    async def arrive_all(self, places: Sequence[Waiting], *, now_ms: int) -> list[Arrival]:
        """Enqueue several in one step, in the order given."""
        return await self._enqueue(places, now_ms, "")

    async def requeue(self, place: Waiting, *, counselor: str, now_ms: int) -> tuple[int, bool]:
        """Take a ticket from a counselor, whenever they took it, and enqueue it, in one step."""
        return (await self._enqueue([place], now_ms, counselor))[0][:2]

    async def move(self, place: Waiting) -> bool:
        """Give a ticket in a lane or under a claim its row's score and wishes; false if it is in neither."""
        words = (place.ticket, str(place.lane), place.score_ms, place.wishes.text())
        return bool(await self._run("ticket_move", *words))

    async def leave(self, ticket: str, lane: Lane) -> bool:
        """Take a ticket out of its lane; false when it was not there."""
        return bool(await self._run("ticket_leave", ticket, str(lane)))

    async def position(self, ticket: str, lane: Lane) -> int | None:
        """Return the place from 1, or None when the ticket is not in the lane."""
        return (await self.positions([(ticket, lane)]))[0]

    async def positions(
        self, tickets: Sequence[tuple[str, Lane]], *, seen_ms: int | None = None
    ) -> list[int | None]:
        """Return the place of each ticket in its lane, as ``position`` does, in the order given.

        ``seen_ms``: their visitors are here; it is noted of those who stand in their lanes.
        """
        words = [word for ticket, lane in tickets for word in (ticket, str(lane))]
        seen = "" if seen_ms is None else seen_ms
        return [position or None for position in await self._run("ticket_position", seen, *words)]

    # Pairing

    async def pair(self, lane: Lane, *, now_ms: int, claim_ms: int = CLAIM_MS) -> Claim | None:
        """Claim the lane's first ticket for its freest counselor; None when either is missing.

        Commit the assignment within ``claim_ms`` and then ``confirm``, else ``put_back`` or ``drop``.
        """
        return await self.pair_as(secrets.token_hex(8), lane, now_ms=now_ms, claim_ms=claim_ms)

    async def pair_as(self, call: str, lane: Lane, *, now_ms: int, claim_ms: int = CLAIM_MS) -> Claim | None:
        """Pair under a call id of one's own; the same id again returns the same claim while that stands."""
        rows = await self._run("pair_lanes", now_ms, claim_ms, call, CALL_MS, 1, str(lane))
        return _claim(rows[0]) if rows else None

    async def pair_many(self, lanes: Sequence[Lane], *, now_ms: int, limit: int) -> list[Claim]:
        """Pair as ``pair`` does, lane by lane, until nobody is left or ``limit`` claims stand."""
        call = secrets.token_hex(8)
        rows = await self._run("pair_lanes", now_ms, CLAIM_MS, call, CALL_MS, limit, *map(str, lanes))
        return [_claim(row) for row in rows]

    async def confirm(self, claim: Claim) -> bool:
        """Say that the assignment is committed; false when the claim had run out, and that is mended too."""
        return (await self.confirm_all([claim]))[0]

    async def confirm_all(self, claims: Sequence[Claim]) -> list[bool]:
        """Confirm several in one step, in the order given."""
        words = [
            word
            for claim in claims
            for word in (claim.ticket, claim.id, claim.counselor, str(claim.lane), claim.at_ms)
        ]
        return [bool(stood) for stood in await self._run("claim_confirm", CALL_MS, *words)]

    async def put_back(self, claim: Claim) -> bool:
        """Return the ticket to its old place and free the counselor; false when the claim had ended."""
        return bool(await self._run("claim_put_back", claim.ticket, claim.id, CALL_MS))

    async def drop(self, claim: Claim) -> bool:
        """Free the counselor of a ticket that waits no more; false when the claim had ended."""
        return bool(await self._run("claim_drop", claim.ticket, claim.id, str(claim.lane), CALL_MS))

    async def expired_claims(self, now_ms: int, limit: int = 500) -> list[Claim]:
        """List claims whose time is over; settle each by what the database says of the ticket.

        Paired with this counselor: ``confirm``. Waiting: ``put_back``. Anything else: ``drop``.
        """
        rows = await self._run("claims_expired", now_ms, limit)
        return [_claim(row) for row in rows]

    # Lanes

    async def claims(self) -> list[Claim]:
        """List all claims, expired or not, the one that ends first first."""
        return [_claim(row) for row in await self._run("claims_expired", "+inf", -1)]

    async def front(self, lane: Lane, limit: int | None) -> list[str]:
        """List up to ``limit`` tickets, or all, next one first."""
        return list(await self._run("lane_front", str(lane), -1 if limit is None else limit))

    async def marks(self, lane: Lane, front: int, places: Sequence[int]) -> LaneMarks:
        """Read who has the first ``front`` places, and who each of ``places`` (ascending) that is taken."""
        waiting, tickets, taken = await self._run("lane_marks", str(lane), front, *places)
        keys = [(int(score), ticket) for ticket, score in zip(taken[::2], taken[1::2], strict=True)]
        return LaneMarks(waiting, list(tickets), keys)

    async def members(self, lane: Lane) -> set[str]:
        """Return every ticket of a lane."""
        return set(await self.front(lane, None))

    async def standing(self, lane: Lane) -> dict[str, tuple[int, str]]:
        """Return every ticket of a lane, next one first, with its score (ms) and its wishes as text."""
        words = await self._run("lane_scores", str(lane))
        return {
            ticket: (int(score_ms), wishes)
            for ticket, score_ms, wishes in zip(words[::3], words[1::3], words[2::3], strict=True)
        }

    async def counts(self, lanes: Sequence[Lane]) -> list[LaneCount]:
        """Count who waits in each lane, and since when, in the order given."""
        rows = await self._run("lane_counts", *map(str, lanes)) if lanes else []
        return [
            LaneCount(lane, int(waiting), int(opened) if opened else None)
            for lane, (waiting, opened) in zip(lanes, rows, strict=True)
        ]

    async def opened_before(self, lane: Lane, instants_ms: Sequence[int]) -> list[int]:
        """Count for each instant who had entered by then and still waits."""
        return [int(count) for count in await self._run("lane_opened_before", str(lane), *instants_ms)]

    # Signs of life

    async def touch(self, tickets: Sequence[str], now_ms: int) -> None:
        """Note that these tickets' visitors are here; an earlier instant changes nothing."""
        if tickets:
            pairs = [word for ticket in tickets for word in (now_ms, ticket)]
            await command(self._redis, "ZADD", self._keys.seen, "GT", *pairs)

    async def unseen(self, before_ms: int, limit: int = 500) -> list[str]:
        """List tickets last seen before an instant, longest unseen first, until ``forget`` or ``touch``."""
        return list(await self._run("tickets_unseen", before_ms, limit))

    async def last_seen(self, tickets: Sequence[str]) -> list[int | None]:
        """Tell when each ticket's visitor was last seen (ms); None where nobody looks any more."""
        if not tickets:
            return []
        scores = await command(self._redis, "ZMSCORE", self._keys.seen, *tickets)
        return [None if score is None else int(float(score)) for score in scores]

    async def forget(self, ticket: str) -> None:
        """Stop looking for signs of life of a ticket."""
        await command(self._redis, "ZREM", self._keys.seen, ticket)

    # The whole

    async def stands(self) -> bool:
        """Say whether the queue is there; false asks for a rebuild."""
        return bool(await self._run("queue_stands"))

    async def try_out(self) -> None:
        """Write something of no meaning. Raises StoreDown where nothing can be written."""
        await command(self._redis, "SET", self._keys.ready, "1", "PX", READY_MS)

    async def invalidate(self) -> None:
        """Make everybody rebuild, by hand. A restart and a failover are noticed without it."""
        await command(self._redis, "DEL", self._keys.epoch)

    async def rebuild(self, snapshot: Snapshot | LoadSnapshot, *, now_ms: int) -> bool:
        """Write the queue anew from the database; true when this call did it, false when another had.

        Either way the queue stands afterwards. Given a function, one process alone calls it, under the lock.
        Live leases and claims stay.
        """
        return await rebuild.rebuild(self._redis, self._keys, snapshot, now_ms)

    async def _enqueue(self, places: Sequence[Waiting], now_ms: int, counselor: str) -> list[Arrival]:
        words = [
            word
            for ticket, lane, score_ms, opened_ms, wishes in places
            for word in (ticket, str(lane), score_ms, opened_ms, wishes.text())
        ]
        rows = await self._run("ticket_enqueue", now_ms, counselor, HELD_MARGIN_MS, *words)
        return [Arrival(position, bool(is_alone), bool(may_pair)) for position, is_alone, may_pair in rows]

    async def _run(self, verb: str, *words: str | int) -> Any:
        return await run(self._redis, verb, self._keys.tag, *words)


def _claim(row: list[str]) -> Claim:
    ticket, counselor, lane, score_ms, at_ms, call = row
    return Claim(ticket, counselor, lane_from(lane), int(score_ms), int(at_ms), call)
