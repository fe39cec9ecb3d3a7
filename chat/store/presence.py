"""Who is here: counselors' leases, loads and free slots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast

from chat.rules.types import Audience, Lane
from chat.store.keys import DEFAULT_NAMESPACE, HELD_MARGIN_MS, LEASE_MS, Keys
from chat.store.scripts import Client, command, run

CounselorAvailability = Literal["available", "away"]


@dataclass(frozen=True, slots=True)
class CounselorState:
    """What the database says of a counselor.

    ``held``: the tickets of their open conversations, None when the database was not asked;
    ``last_assigned_ms``: None when unknown.
    """

    id: str
    state: CounselorAvailability
    capacity: int
    lanes: tuple[Lane, ...]
    held: tuple[str, ...] | None = None
    last_assigned_ms: int | None = None


@dataclass(frozen=True, slots=True)
class CounselorSeen:
    """What Redis says of a counselor. ``lease_until_ms`` is 0 without a live lease."""

    id: str
    state: CounselorAvailability
    load: int
    capacity: int
    lanes: tuple[Lane, ...]
    lease_until_ms: int


def lane_from(text: str) -> Lane:
    """Read what ``str(lane)`` wrote."""
    audience, _, language = text.partition(":")
    return Lane(cast(Audience, audience), language)


def lanes_from(texts: Iterable[str]) -> list[Lane]:
    return [lane_from(text) for text in texts if text]


def counselor_words(state: CounselorState) -> tuple[str, str, int, str]:
    """Write a counselor as the scripts read it."""
    return state.id, state.state, state.capacity, ",".join(map(str, state.lanes))


class Presence:
    """A counselor is free in a lane while available, below capacity, serving it, and with a live lease."""

    def __init__(self, redis: Client, namespace: str = DEFAULT_NAMESPACE) -> None:
        self._redis = redis
        self._keys = Keys(namespace)

    async def set_counselor(self, state: CounselorState, *, now_ms: int) -> list[Lane]:
        """Write a counselor; return the lanes in which they have a free slot now.

        When ``held`` is given it replaces what is held, except what is under a claim or was assigned within
        15 s before ``now_ms``: the database may have been read before that was committed.
        """
        assigned = "" if state.last_assigned_ms is None else state.last_assigned_ms
        held = ("0",) if state.held is None else ("1", *state.held)
        words = (*counselor_words(state), now_ms, assigned, HELD_MARGIN_MS, *held)
        return lanes_from(await self._run("counselor_set", *words))

    async def renew(self, counselor: str, *, now_ms: int, lease_ms: int = LEASE_MS) -> bool:
        """Say that a counselor is here; true when that made room, so that the caller should pair."""
        return bool(await self._run("counselor_renew", counselor, now_ms, now_ms + lease_ms))

    async def gone(self, counselor: str, *, until_ms: int) -> bool:
        """Say that a desk has closed: without the heartbeat of another, the lease ends then at the latest.

        False when there was no lease.
        """
        return bool(await self._run("counselor_gone", counselor, until_ms))

    async def lapse(self, counselor: str) -> bool:
        """End a lease at once; false when there was none. What the counselor holds stays theirs."""
        return bool(await self._run("counselor_lapse", counselor))

    async def lapsed(self, before_ms: int) -> list[str]:
        """List counselors whose lease ended before an instant, longest gone first, until ``lapse``."""
        return list(await self._run("counselors_lapsed", before_ms))

    async def hold(self, counselor: str, ticket: str, *, now_ms: int) -> bool:
        """Give a ticket to a counselor directly, from its lane or from whoever has it.

        False, and nothing is changed, when they are full or unknown, or the ticket is under a claim.
        """
        return bool(await self._run("counselor_hold", counselor, ticket, now_ms))

    async def release(self, counselor: str, ticket: str) -> list[Lane]:
        """Take an ended conversation from a counselor; return the lanes in which there is room now."""
        return lanes_from(await self._run("counselor_release", counselor, ticket))

    async def counselors(self, now_ms: int) -> list[CounselorSeen]:
        """List every known counselor, by id, as seen at ``now_ms``."""
        rows = await self._run("counselors_list")
        return sorted((_seen(row, now_ms) for row in rows), key=lambda counselor: counselor.id)

    async def held(self, counselor: str) -> set[str]:
        """Return the tickets that a counselor holds, claimed ones among them."""
        return set(await command(self._redis, "ZRANGE", self._keys.held(counselor), 0, -1))

    async def holder(self, ticket: str) -> str | None:
        """Return who holds a ticket, or has it under a claim."""
        holder: str | None = await command(self._redis, "HGET", self._keys.holder, ticket)
        return holder

    async def _run(self, verb: str, *words: str | int) -> Any:
        return await run(self._redis, verb, self._keys.tag, *words)


def _seen(row: list[str], now_ms: int) -> CounselorSeen:
    counselor, state, load, capacity, lanes, until = row
    until_ms = int(until)
    return CounselorSeen(
        id=counselor,
        state=cast(CounselorAvailability, state),
        load=int(load),
        capacity=int(capacity),
        lanes=tuple(lanes_from(lanes.split(","))),
        lease_until_ms=until_ms if until_ms > now_ms else 0,
    )
