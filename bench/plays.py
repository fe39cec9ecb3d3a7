"""The two scenarios, each as bounded in count and time as its options say."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from bench.ledger import Ledger, Side, Talk
from bench.sockets import Socket

DRAIN_WITHIN_S = 15.0
MOST_MESSAGES = 2_000_000
_SPREAD_S = 0.2
_PING_EVERY_S = 20.0  # as the project's own pages do


class PingPong:
    """Each side answers as soon as it has heard; one message a talk is on its way at any time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def start(self) -> None:
        self._ledger.on_heard = self._answer
        loop, talks = asyncio.get_running_loop(), self._ledger.talks
        for number, talk in enumerate(talks):  # spread, so that the talks do not march in step
            loop.call_later(_SPREAD_S * number / len(talks), talk.visitor.say)

    def _answer(self, side: Side) -> None:
        if self._ledger.delivered < MOST_MESSAGES:
            side.say()

    def stop(self) -> None:
        self._ledger.on_heard = lambda side: None


class Paced:
    """Each talk has a message every ``every_s``, the sides by turns, at a moment of its own (seeded)."""

    def __init__(self, ledger: Ledger, every_s: float) -> None:
        self._talks = ledger.talks
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None
        self.latest_s = 0.0

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        phases = random.Random(9999)
        order = sorted((phases.random() * self._every_s, talk.number, talk) for talk in self._talks)
        begin, turn = perf_counter(), 0
        while True:
            for phase, number, talk in order:
                due = begin + turn * self._every_s + phase
                ahead = due - perf_counter()
                if ahead > 0:
                    await asyncio.sleep(ahead)
                else:
                    self.latest_s = max(self.latest_s, -ahead)
                talk.sides[(turn + number) % 2].say()
            turn += 1

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()


@dataclass(frozen=True)
class Scenario:
    """``every_s`` 0: ping-pong. Seconds of warm-up and of measuring, full and quick."""

    key: str
    words: str
    talks: int
    every_s: float
    warm_s: float
    measure_s: float
    processes: tuple[int, ...]

    def quick(self) -> Scenario:
        """Give the same for a few seconds: to see that it works, not to quote."""
        if not self.every_s:
            return replace(self, warm_s=1.0, measure_s=4.0)
        few = min(self.talks, 100)
        return replace(
            self,
            words=f"{few} open talks, a message every 2 s in each",
            talks=few,
            every_s=2.0,
            warm_s=2.0,
            measure_s=6.0,
        )

    def measured_for(self, seconds: float) -> Scenario:
        return replace(self, measure_s=seconds)

    def with_talks(self, talks: int) -> Scenario:
        return replace(self, talks=talks, words=f"{self.words} (with {talks} talks)")

    def play(self, ledger: Ledger) -> PingPong | Paced:
        return Paced(ledger, self.every_s) if self.every_s else PingPong(ledger)


SCENARIOS = (
    Scenario("pingpong", "100 talks in ping-pong", 100, 0.0, 3.0, 10.0, (1, 2)),
    Scenario("thousand", "1,000 open talks, a message every 10 s in each", 1000, 10.0, 10.0, 30.0, (1,)),
)


async def warm_up(talks: list[Talk], ledger: Ledger) -> None:
    """Let each side say one thing, so that what is loaded on the first message is loaded."""
    for talk in talks:
        for side in talk.sides:
            side.say()
    await settle(ledger)


async def settle(ledger: Ledger) -> None:
    """Wait, within bounds, until everything said has arrived."""
    deadline = perf_counter() + DRAIN_WITHIN_S
    while not ledger.is_settled() and perf_counter() < deadline:  # noqa: ASYNC110 — an event a message costs more
        await asyncio.sleep(0.05)


async def keep_pinging(sockets: Sequence[Socket]) -> None:
    """Give each socket's sign of life in its time, evenly spread, until cancelled."""
    pause_s = _PING_EVERY_S / max(1, len(sockets))
    while True:
        for one in sockets:
            one.ping()
            await asyncio.sleep(pause_s)
