"""Telling places: right, exact in front, coarse behind, and as much work whatever waits."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from chat import places, runtime
from chat.places import FRAMES, Board
from chat.rules.places import EXACT, Told, marks, told_place
from chat.rules.types import Lane
from chat.store.connection import connect
from chat.store.rebuild import Snapshot, Waiting
from notalone import clock
from tests.store.people import NOW_MS, YOUTH
from tests.store.test_cost import recorded

pytestmark = pytest.mark.usefixtures("seed", "process")


@dataclass(eq=False)
class Socket:
    """A visitor's socket as the board knows it."""

    ticket: uuid.UUID
    score_ms: int
    lane: Lane = YOUTH
    is_waiting: bool = True
    told: Told | None = None
    frames: list[int] = field(default_factory=list)

    def tell_place(self, now: Told) -> None:
        self.told = now
        self.frames.append(now.place)


async def line(count: int) -> list[Socket]:
    """A lane of so many, one a second; their sockets in order, told where they stand."""
    sockets = [Socket(uuid.UUID(int=number + 1), NOW_MS + number * 1000) for number in range(count)]
    rows = [Waiting(str(one.ticket), YOUTH, one.score_ms, one.score_ms) for one in sockets]
    await runtime.current().queue.rebuild(Snapshot(rows, []), now_ms=NOW_MS)
    for number, socket in enumerate(sockets, 1):
        socket.told = Told(told_place(number), None)
    return sockets


async def leave(socket: Socket) -> None:
    socket.is_waiting = False
    await runtime.current().queue.leave(str(socket.ticket), YOUTH)


async def tell(sockets: Sequence[Socket], board: Board | None = None) -> None:
    await (board or Board()).tell(sockets, clock.now(), everywhere=True)


async def test_nothing_is_told_when_nothing_has_changed() -> None:
    sockets = await line(300)
    await tell(sockets)
    assert not any(socket.frames for socket in sockets)


async def test_a_step_of_the_front_is_told_to_the_front_and_to_who_crosses_a_mark() -> None:
    sockets = await line(1000)
    await leave(sockets[0])
    await tell(sockets)
    told = {number: socket.frames for number, socket in enumerate(sockets) if socket.frames}
    behind = {mark: [mark] for mark in marks(999)[1:]}  # was at mark + 1, stands at the mark now
    assert told == {number: [number] for number in range(1, EXACT + 1)} | behind


async def test_every_place_is_right_or_rounded_up() -> None:
    sockets = await line(700)
    for number in (3, 50, 120, 333, 500):
        await leave(sockets[number])
    await tell(sockets)
    waiting = [socket for socket in sockets if socket.is_waiting]
    assert [socket.told and socket.told.place for socket in waiting] == [
        told_place(place) for place in range(1, len(waiting) + 1)
    ]


async def test_a_later_but_more_urgent_ticket_is_counted_at_once() -> None:
    sockets = await line(150)
    urgent = Socket(uuid.uuid4(), NOW_MS - 1)
    await runtime.current().queue.enqueue(
        str(urgent.ticket), YOUTH, score_ms=urgent.score_ms, opened_ms=NOW_MS, now_ms=NOW_MS
    )
    await tell([*sockets, urgent])
    assert urgent.frames == [1]
    assert [socket.frames for socket in sockets[:EXACT]] == [[n + 2] for n in range(EXACT - 1)] + [[110]]
    assert [number for number, socket in enumerate(sockets[EXACT:], EXACT + 1) if socket.frames] == [
        110, 120, 130, 140, 150,
    ]  # fmt: skip


async def test_who_has_gone_from_the_lane_is_told_nothing() -> None:
    sockets = await line(120)
    await runtime.current().queue.leave(str(sockets[4].ticket), YOUTH)
    await tell(sockets)
    assert sockets[4].frames == []


async def test_a_great_step_is_told_from_the_front_in_rounds() -> None:
    """A thousand slots are filled at once, and everybody else has moved."""
    sockets = await line(2500)
    for socket in sockets[:1000]:
        await leave(socket)
    board = Board()
    await tell(sockets, board)
    told = [number for number, socket in enumerate(sockets) if socket.frames]
    assert told == list(range(1000, 1000 + FRAMES))
    for _ in range(5):  # nobody marks the lane: what is left is remembered
        await board.tell(sockets, clock.now(), everywhere=False)
    assert [len(socket.frames) for socket in sockets] == [0] * 1000 + [1] * 1500


async def test_a_lane_that_did_not_change_is_not_read() -> None:
    sockets = await line(10)
    await leave(sockets[0])
    board = Board()
    await board.tell(sockets, clock.now(), everywhere=False)
    assert not sockets[1].frames
    board.mark(YOUTH)
    await board.tell(sockets, clock.now(), everywhere=False)
    assert sockets[1].frames == [1]


@pytest.mark.parametrize("count", [5, 99, 100, 105, 110, 250])
async def test_who_comes_to_the_end_moves_nobody(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sockets = await line(count)
    board = Board()
    await tell(sockets, board)
    rounds: list[int] = []
    tell_lane = board._tell_lane
    monkeypatch.setattr(board, "_tell_lane", lambda *words: rounds.append(1) or tell_lane(*words))
    for number in range(count, count + 12):
        late = Socket(
            uuid.UUID(int=number + 1), NOW_MS + number * 1000, told=Told(told_place(number + 1), None)
        )
        await runtime.current().queue.enqueue(
            str(late.ticket), YOUTH, score_ms=late.score_ms, opened_ms=late.score_ms, now_ms=NOW_MS
        )
        sockets.append(late)
        board.mark(YOUTH)
        await board.tell(sockets, clock.now(), everywhere=False)
    assert not rounds
    await tell(sockets, board)
    assert not any(socket.frames for socket in sockets)

    await leave(sockets[2])
    board.mark(YOUTH)
    await board.tell(sockets, clock.now(), everywhere=False)
    assert sockets[3].frames == [3]
    assert len(rounds) == 2


async def test_a_reading_costs_the_same_whatever_waits(redis_url: str) -> None:
    """What grows is the number of marks: 32 more each time that ten times as many wait."""
    client = connect(redis_url)
    counts = []
    for waiting in (1_000, 10_000):
        sockets = await line(waiting)
        await tell(sockets[:1])  # the facts are known now
        async with recorded(client) as commands:
            await tell(sockets)
        counts.append(len(commands))
        await client.flushall()
    await client.aclose()
    assert counts[1] - counts[0] == 32
    assert counts[1] < 80


def test_marks_reach_further_than_any_lane() -> None:
    assert places.MARKS[-1] >= places.EVERYBODY
