"""The sweeper: one of any number works, whatever fails, until it is told to stop."""

import asyncio
import signal
from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from chat import runtime
from chat.management.commands import run_timers
from tests.ops.conftest import Spawn, until

PATIENCE_S = 30


@pytest.fixture(autouse=True)
async def fast(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(run_timers, "TICK_S", 0.01)
    monkeypatch.setattr(run_timers, "LONGEST_PAUSE_S", 0.02)
    await runtime.current().redis.flushdb()
    yield
    await runtime.stop()


class Sweeps:
    """Stand in for the sweep, and stop the loop after some rounds."""

    def __init__(self, rounds: int, *, failing: int = 0) -> None:
        self.stop = asyncio.Event()
        self.count = 0
        self._rounds = rounds
        self._failing = failing

    async def __call__(self, now: datetime) -> None:
        self.count += 1
        if self.count >= self._rounds:
            self.stop.set()
        if self.count <= self._failing:
            raise RuntimeError("this round fails")


async def test_it_sweeps_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeps = Sweeps(3)
    monkeypatch.setattr(run_timers, "sweep", sweeps)
    await asyncio.wait_for(run_timers.run(sweeps.stop), PATIENCE_S)
    assert sweeps.count == 3


async def test_a_failing_round_is_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeps = Sweeps(4, failing=2)
    monkeypatch.setattr(run_timers, "sweep", sweeps)
    await asyncio.wait_for(run_timers.run(sweeps.stop), PATIENCE_S)
    assert sweeps.count == 4


async def test_only_one_works() -> None:
    sweeps = Sweeps(1)
    assert await run_timers._tick("sweeper", "first", sweeps)
    assert await run_timers._tick("sweeper", "second", sweeps)
    assert sweeps.count == 1


async def test_the_next_takes_over_when_one_leaves() -> None:
    first, second = Sweeps(1), Sweeps(1)
    await asyncio.wait_for(run_timers._work("sweeper", first, first.stop), PATIENCE_S)
    await asyncio.wait_for(run_timers._work("sweeper", second, second.stop), PATIENCE_S)
    assert (first.count, second.count) == (1, 1)


async def test_a_job_that_hangs_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeps, hanging = Sweeps(3), asyncio.Event()

    async def hang(now: datetime) -> None:
        await hanging.wait()

    monkeypatch.setattr(run_timers, "sweep", sweeps)
    monkeypatch.setattr(run_timers, "send_due", hang)
    working = asyncio.create_task(run_timers.run(sweeps.stop))
    await asyncio.wait_for(sweeps.stop.wait(), PATIENCE_S)
    hanging.set()
    await asyncio.wait_for(working, PATIENCE_S)


async def test_a_redis_that_is_away_is_outlived(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*arguments: object, **options: object) -> bool:
        raise ConnectionError

    monkeypatch.setattr(run_timers.leader, "lead", away)
    assert await run_timers._tick("sweeper", "first", Sweeps(1)) is False


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0_even_without_stores(spawn: Spawn, number: int) -> None:
    process = spawn("manage.py", "run_timers", NOTALONE_DEMO="1", REDIS_URL="unix:///nowhere/redis.sock")
    until(lambda: "sweeper failed" in process.said or process.popen.poll() is not None, "it tries")
    process.signal(number)
    assert process.wait() == 0
