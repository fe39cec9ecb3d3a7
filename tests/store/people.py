"""Instants, lanes and small doings that the store's tests share."""

from __future__ import annotations

from chat.rules.types import Lane
from chat.store.presence import CounselorState, Presence
from chat.store.queue import Queue

NOW_MS = 1_735_371_000_000  # 2024-12-28 16:30 in Tokyo
YOUTH = Lane("youth", "ja")
GENERAL = Lane("general", "ja")


def counselor(
    name: str, *, capacity: int = 3, lanes: tuple[Lane, ...] = (YOUTH,), held: tuple[str, ...] | None = None
) -> CounselorState:
    return CounselorState(name, "available", capacity, lanes, held)


async def arrive(
    presence: Presence,
    name: str,
    *,
    capacity: int = 3,
    lanes: tuple[Lane, ...] = (YOUTH,),
    now_ms: int = NOW_MS,
) -> None:
    """Let a counselor sit down at the desk."""
    await presence.set_counselor(counselor(name, capacity=capacity, lanes=lanes), now_ms=now_ms)
    await presence.renew(name, now_ms=now_ms)


async def enter(
    queue: Queue, ticket: str, *, lane: Lane = YOUTH, at_ms: int = NOW_MS, boost_ms: int = 0
) -> int:
    """Let a visitor enter; return the place."""
    place, _ = await queue.enqueue(ticket, lane, score_ms=at_ms - boost_ms, opened_ms=at_ms, now_ms=at_ms)
    return place


async def enter_many(queue: Queue, count: int, *, lane: Lane = YOUTH) -> list[str]:
    """Let visitors enter a second apart; return their tickets in order."""
    tickets = [f"t{number:05}" for number in range(count)]
    for number, ticket in enumerate(tickets):
        await enter(queue, ticket, lane=lane, at_ms=NOW_MS + number * 1000)
    return tickets
