"""One run of one system: start it, open the talks, play, check, and read the figures."""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import time
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import uvloop

from bench import processes
from bench.ledger import Ledger
from bench.plays import Paced, Scenario, keep_pinging, settle, warm_up
from bench.systems import TALKS_A_COUNSELOR, Running, System

SETTLE_S = 1.0
_RUN_WITHIN_S = 400.0  # a run that hangs ends, and is reported


@dataclass(frozen=True)
class Figures:
    """What one run gave. CPU in µs a delivered message; times in ms; ``*_busy``: cores in use.

    ``others_busy``: cores that processes which are no part of the run used meanwhile.
    ``client_late_ms``: by how much the client said something later than it was due, at worst.
    """

    system: str
    scenario: str
    processes: int
    delivered: int
    per_s: float
    web_us: float
    redis_us: float
    database_us: float
    other_p50_ms: float
    other_p99_ms: float
    ack_p50_ms: float | None
    ack_p99_ms: float | None
    rss_kib_a_socket: float
    web_busy: float
    client_busy: float
    others_busy: float
    client_late_ms: float
    fault_count: int
    faults: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Clocks:
    """CPU seconds, and the wall's; ``client`` is this process, ``machine`` everything."""

    wall: float
    web: float
    redis: float
    database: float
    client: float
    machine: float

    @staticmethod
    def read(running: Running, system: System) -> Clocks:
        return Clocks(
            perf_counter(),
            running.web_cpu_s(),
            running.redis_cpu_s(),
            system.database_cpu_s(),
            time.process_time(),
            processes.machine_cpu_s(),
        )

    @property
    def others(self) -> float:
        """Give what processes used that are no part of the run."""
        return max(0.0, self.machine - self.web - self.redis - self.database - self.client)

    def minus(self, before: Clocks) -> Clocks:
        return Clocks(*(now - then for now, then in zip(astuple(self), astuple(before), strict=True)))


def run(system: System, scenario: Scenario, count: int, profile: Path | None = None) -> Figures:
    """Run a scenario once against ``count`` web processes. Raises CannotRun; always cleans up.

    ``profile``: the folder in which py-spy writes what it saw.
    """
    with tempfile.TemporaryDirectory(prefix="notalone-bench-run-", ignore_cleanup_errors=True) as name:
        ledger = Ledger(scenario.talks, expects_acks=system.acks)
        running = system.start(Path(name), ledger, count)
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(_run(system, scenario, running, profile))
        finally:
            system.stop(running)


async def _run(system: System, scenario: Scenario, running: Running, profile: Path | None) -> Figures:
    async with asyncio.timeout(_RUN_WITHIN_S):
        rss_kib_a_socket = await _open(system, running)
        if profile is not None:
            asyncio.get_running_loop().call_later(scenario.warm_s, _spy, system, scenario, running, profile)
        pinging = asyncio.create_task(keep_pinging(running.sockets))
        try:
            return await _play(system, scenario, running, rss_kib_a_socket)
        finally:
            pinging.cancel()
            for sock in running.sockets:
                sock.close()
            running.sockets.clear()


def _spy(system: System, scenario: Scenario, running: Running, folder: Path) -> None:
    """Start py-spy beside the first web process for as long as it is measured."""
    folder.mkdir(parents=True, exist_ok=True)
    out = folder.absolute() / f"{scenario.key}-{system.name}-{len(running.webs)}.folded"
    seconds = str(max(1, int(scenario.measure_s)))
    command = ["py-spy", "record", "--gil", "-r", "400", "-d", seconds, "-f", "raw", "-o", str(out)]
    child = [*command, "-p", str(running.webs[0].pid)]
    running.others.append(processes.start(child, running.folder / "py-spy.log", processes.environment()))


async def _open(system: System, running: Running) -> float:
    """Open the talks; give KiB a socket, from when the first desk has talked to when all are open."""
    ledger = running.ledger
    first, rest = ledger.talks[:TALKS_A_COUNSELOR], ledger.talks[TALKS_A_COUNSELOR:]
    await system.open_talks(running, first)
    await warm_up(first, ledger)
    await asyncio.sleep(SETTLE_S)
    before_kib, before = running.web_rss_kib(), len(running.sockets)
    await system.open_talks(running, rest)
    await asyncio.sleep(SETTLE_S)
    return (running.web_rss_kib() - before_kib) / (len(running.sockets) - before)


async def _play(system: System, scenario: Scenario, running: Running, rss_kib_a_socket: float) -> Figures:
    ledger = running.ledger
    play = scenario.play(ledger)
    gc.collect()
    gc.freeze()
    gc.disable()  # the client's pauses are not the server's
    try:
        play.start()
        await asyncio.sleep(scenario.warm_s)
        ledger.is_recording, already = True, ledger.delivered
        before = Clocks.read(running, system)
        await asyncio.sleep(scenario.measure_s)
        after = Clocks.read(running, system)
        ledger.is_recording, delivered = False, ledger.delivered - already
        play.stop()
        await settle(ledger)
    finally:
        gc.enable()
        gc.unfreeze()
    ledger.check()
    if not delivered:
        ledger.fault("nothing was delivered")
    late_s = play.latest_s if isinstance(play, Paced) else 0.0
    return _figures(system, scenario, running, before, after, delivered, rss_kib_a_socket, late_s)


def _figures(  # noqa: PLR0917 — everything that a run has found
    system: System,
    scenario: Scenario,
    running: Running,
    before: Clocks,
    after: Clocks,
    delivered: int,
    rss_kib_a_socket: float,
    late_s: float,
) -> Figures:
    ledger, wall_s = running.ledger, after.wall - before.wall
    each = 1e6 / max(1, delivered)
    web, client = after.web - before.web, after.client - before.client
    redis, database = after.redis - before.redis, after.database - before.database
    others = max(0.0, after.machine - before.machine - web - redis - database - client)
    to_other, to_ack = sorted(ledger.to_other_s), sorted(ledger.to_ack_s)
    return Figures(
        system=system.name,
        scenario=scenario.key,
        processes=len(running.webs),
        delivered=delivered,
        per_s=delivered / wall_s,
        web_us=web * each,
        redis_us=redis * each,
        database_us=database * each,
        other_p50_ms=percentile_ms(to_other, 0.50) or 0.0,
        other_p99_ms=percentile_ms(to_other, 0.99) or 0.0,
        ack_p50_ms=percentile_ms(to_ack, 0.50),
        ack_p99_ms=percentile_ms(to_ack, 0.99),
        rss_kib_a_socket=rss_kib_a_socket,
        web_busy=web / wall_s,
        client_busy=client / wall_s,
        others_busy=others / wall_s,
        client_late_ms=late_s * 1000,
        fault_count=ledger.fault_count,
        faults=tuple(ledger.faults),
    )


def percentile_ms(ordered_s: list[float], share: float) -> float | None:
    """Give the value that ``share`` of them do not exceed (nearest rank)."""
    if not ordered_s:
        return None
    return ordered_s[min(len(ordered_s) - 1, int(share * len(ordered_s)))] * 1000


def allow_many_files(enough: int = 8192) -> None:
    """Raise the soft limit on open files: a socket is a file, here and in every child."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = enough if hard == resource.RLIM_INFINITY else min(hard, enough)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def machine() -> str:
    """Say on what the figures were made."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "unknown processor",
    )
    return f"{os.cpu_count()} cores ({model}), Linux {os.uname().release}"
