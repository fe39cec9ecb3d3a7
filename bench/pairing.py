"""``python -m bench pairing``: counselors become free one after another, however many wait."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import uvloop

from bench import measure
from bench.crowd import Board, Counselor, Crowd
from bench.databases import Postgres, Site
from bench.ledger import Ledger
from bench.systems import Notalone, Running

WEBS = 2
ONE_BY_ONE = 40  # counselors of five talks each: 200 pairings
TALKS = 5
AT_ONCE = 64
SETTLE_S = 12.0  # the places of those who came last are told in rounds
BASE_S = 10.0
TOLD_WITHIN_S = 30.0
BOARDS = 20
ALL_AT_ONCE = 1000


@dataclass(frozen=True)
class Figures:
    """One queue's length. ``told_*``: from "free" to both told. CPU in ms a pairing, beyond what waiting
    costs in the same time; ``fill_s``: until ``filled`` slots that came free at once were taken.
    ``board_ms``: CPU a second, over everything, of a supervisor's board while one person a second enters."""

    waiting: int
    pairings: int
    told_p50_ms: float
    told_p99_ms: float
    web_ms: float
    redis_ms: float
    database_ms: float
    idle_busy: float
    frames_per_s: float
    frames_per_s_idle: float
    filled: int
    fill_s: float | None
    board_ms: float
    board_kib_per_s: float
    others_busy: float
    errors: int
    first_errors: tuple[str, ...]

    @property
    def all_ms(self) -> float:
        return self.web_ms + self.redis_ms + self.database_ms


def main(arguments: Sequence[str]) -> int:
    """Measure; print a table. 0: each free slot was filled, once."""
    options = _parser().parse_args(arguments)
    lengths = options.waiting or ([100, 300] if options.quick else [100, 1000, 10_000])
    measure.allow_many_files(2 * max(lengths) + 4000)
    figures: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="notalone-bench-", ignore_cleanup_errors=True) as name:
        database = Postgres(Path(name))
        try:
            counselors = ONE_BY_ONE + (0 if options.quick else ALL_AT_ONCE // TALKS)
            site = Site(database, Path(name), counselors, supervisors=1)
            site.prepare()
            for number in range(1, options.runs + 1):
                for length in lengths:
                    one = run(Notalone(options.server, site), site, length)
                    figures.append(one)
                    _say(
                        f"{number}/{options.runs} {length} waiting: p99 {one.told_p99_ms:.0f} ms, "
                        f"{one.all_ms:.1f} ms CPU, errors {one.errors} {' '.join(one.first_errors)}"
                    )
        finally:
            database.stop()
    text = _report(figures, options.server)
    print(text)
    if options.out:
        options.out.write_text(text)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in figures], ensure_ascii=False, indent=1))
    return 1 if any(one.errors for one in figures) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench pairing", description=__doc__)
    parser.add_argument("--waiting", type=lambda text: [int(one) for one in text.split(",")], help="100,…")
    parser.add_argument("--server", choices=("uvicorn", "daphne"), default="uvicorn")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="short queues, no filling: does it work?")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", type=Path)
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(system: Notalone, site: Site, length: int) -> Figures:
    """Let ``length`` people wait, at fresh processes and stores, while slots become free."""
    with tempfile.TemporaryDirectory(prefix="notalone-bench-run-", ignore_cleanup_errors=True) as name:
        running = system.start(Path(name), Ledger(0, expects_acks=False), WEBS)
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(Evening(system, running, site.cookies, length).play())
        finally:
            system.stop(running)


class Evening:
    """One run: who waits, who becomes free, and when both were told."""

    def __init__(self, system: Notalone, running: Running, cookies: Sequence[str], length: int) -> None:
        self._system, self._running = system, running
        *self._cookies, self._supervisor = cookies
        self._length = length
        self._crowd = Crowd()
        self._desks: list[Counselor] = []
        self._paired: dict[str, float] = {}
        self._news = asyncio.Event()

    async def play(self) -> Figures:
        crowd, pings = self._crowd, []
        pings.append(asyncio.create_task(crowd.keep_pinging()))
        await crowd.come(self._length, self._running.ports, AT_ONCE, over_http=True)
        for one in crowd.waiting:
            one.on_paired = lambda visitor: self._note(visitor.conversation, visitor.paired_at)
        await self._open_desks(ONE_BY_ONE)
        pings.append(asyncio.create_task(self._keep_desks()))
        await asyncio.sleep(SETTLE_S)
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            figures = await self._measure()
        finally:
            gc.enable()
            gc.unfreeze()
            for ping in pings:
                ping.cancel()
            for desk in self._desks:
                desk.close()
            crowd.leave()
        return figures

    async def _open_desks(self, count: int) -> None:
        ports = self._running.ports
        for number in range(count):
            desk = Counselor(self._crowd.tally)
            desk.on_assigned = lambda _: self._news.set()
            await desk.connect(ports[number % len(ports)], self._cookies[len(self._desks)])
            self._desks.append(desk)

    async def _keep_desks(self) -> None:
        while True:
            await asyncio.sleep(10)
            for desk in self._desks:
                desk.ping()

    def _note(self, conversation: str, at: float) -> None:
        self._paired[conversation] = at
        self._news.set()

    def _clocks(self) -> measure.Clocks:
        return measure.Clocks.read(self._running, self._system)

    async def _measure(self) -> Figures:
        tally = self._crowd.tally
        before, frames = self._clocks(), tally.frames
        await asyncio.sleep(BASE_S)
        idle, idle_frames = self._clocks().minus(before), tally.frames - frames
        before, frames = self._clocks(), tally.frames
        turns = [(desk, capacity) for capacity in range(1, TALKS + 1) for desk in self._desks]
        told = [await self._free_one(desk, capacity) for desk, capacity in turns]
        used, while_pairing = self._clocks().minus(before), tally.frames - frames
        told_s = sorted(one for one in told if one is not None)
        filled, fill_s = await self._fill()
        board_ms, board_kib_per_s = await self._watch()
        share = used.wall / idle.wall
        each = 1000 / max(1, len(told_s))
        return Figures(
            waiting=self._length,
            pairings=len(told_s),
            told_p50_ms=measure.percentile_ms(told_s, 0.50) or 0.0,
            told_p99_ms=measure.percentile_ms(told_s, 0.99) or 0.0,
            web_ms=(used.web - share * idle.web) * each,
            redis_ms=(used.redis - share * idle.redis) * each,
            database_ms=(used.database - share * idle.database) * each,
            idle_busy=idle.web / idle.wall,
            frames_per_s=while_pairing / used.wall,
            frames_per_s_idle=idle_frames / idle.wall,
            filled=filled,
            fill_s=fill_s,
            board_ms=board_ms,
            board_kib_per_s=board_kib_per_s,
            others_busy=used.others / used.wall,
            errors=len(tally.errors),
            first_errors=tuple(sorted(set(tally.errors))[:5]),
        )

    async def _free_one(self, desk: Counselor, capacity: int) -> float | None:
        """Give a desk one slot more; the seconds until both were told, None when nobody was left."""
        known = set(desk.assigned_at)
        if len(self._paired) >= self._length:
            return None
        began = perf_counter()
        desk.take(capacity)
        async with asyncio.timeout(TOLD_WITHIN_S):
            while True:
                new = desk.assigned_at.keys() - known
                if new and (paired_at := self._paired.get(next(iter(new)))):
                    return max(paired_at, desk.assigned_at[next(iter(new))]) - began
                self._news.clear()
                await self._news.wait()

    async def _watch(self) -> tuple[float, float]:
        """Open boards while people enter; give one's CPU ms and KiB a second.

        Several, since what else goes on makes more of a difference than one.
        """
        await asyncio.sleep(SETTLE_S)
        without = await self._enter_slowly()
        boards = [Board(self._crowd.tally) for _ in range(BOARDS)]
        for number, board in enumerate(boards):
            await board.connect(self._running.ports[number % WEBS], self._supervisor)
        used = await self._enter_slowly()
        for board in boards:
            board.close()
        more_s = sum(
            getattr(used, part) / used.wall - getattr(without, part) / without.wall
            for part in ("web", "redis", "database")
        )
        heard = sum(board.heard_bytes for board in boards)
        return more_s * 1000 / BOARDS, heard / 1024 / used.wall / BOARDS

    async def _enter_slowly(self) -> measure.Clocks:
        """Let one person a second enter."""
        before = self._clocks()
        for _ in range(int(BASE_S)):
            await self._crowd.come(1, self._running.ports, 1, over_http=True)
            await asyncio.sleep(1)
        return self._clocks().minus(before)

    async def _fill(self) -> tuple[int, float | None]:
        """Open many desks at the same instant, where enough people wait."""
        slots = (len(self._cookies) - ONE_BY_ONE) * TALKS
        if not slots or self._length - len(self._paired) < slots:
            return 0, None
        first = len(self._desks)
        await self._open_desks(slots // TALKS)
        goal, began = len(self._paired) + slots, perf_counter()
        for desk in self._desks[first:]:
            desk.take(TALKS)
        async with asyncio.timeout(2 * TOLD_WITHIN_S):
            while len(self._paired) < goal or sum(len(desk.assigned_at) for desk in self._desks) < goal:
                self._news.clear()
                await self._news.wait()
        return slots, perf_counter() - began


_HEAD = (
    "| waiting | free → both told p50 / p99 ms | CPU ms a pairing (web + Redis + database) "
    "| × at the shortest | frames/s to everybody: idle / pairing | cores while waiting "
    "| slots filled at once: s | a board: CPU ms, KiB a second | errors |\n" + "|---" * 9 + "|"
)


def _report(figures: Sequence[Figures], server: str) -> str:
    rows = [_HEAD]
    lengths = list(dict.fromkeys(one.waiting for one in figures))
    shortest = [one for one in figures if one.waiting == lengths[0]]
    rows += [_row([one for one in figures if one.waiting == length], shortest) for length in lengths]
    busy = max((one.others_busy for one in figures), default=0.0)
    made = f"Made by `python -m bench pairing {' '.join(sys.argv[2:])}` on {measure.machine()}"
    return (
        f"{made}: {server}, PostgreSQL, {WEBS} web processes, {ONE_BY_ONE * TALKS} pairings one after "
        f"another. Other programs used up to {busy:.2f} cores meanwhile.\n\n" + "\n".join(rows) + "\n"
    )


def _row(mine: Sequence[Figures], shortest: Sequence[Figures]) -> str:
    def mid(field: str, form: str) -> str:
        return form.format(median(float(getattr(one, field)) for one in mine))

    ratio = median(one.all_ms / base.all_ms for one, base in zip(mine, shortest, strict=False))
    fills = [one.fill_s for one in mine if one.fill_s is not None]
    parts = " + ".join(mid(field, "{:.1f}") for field in ("web_ms", "redis_ms", "database_ms"))
    cells = [
        f"{mine[0].waiting:,}",
        f"{mid('told_p50_ms', '{:.0f}')} / {mid('told_p99_ms', '{:.0f}')}",
        f"{mid('all_ms', '{:.1f}')} ({parts})",
        f"{ratio:.2f}",
        f"{mid('frames_per_s_idle', '{:.0f}')} / {mid('frames_per_s', '{:.0f}')}",
        mid("idle_busy", "{:.2f}"),
        f"{mine[0].filled:,}: {median(fills):.1f}" if fills else "–",
        f"{mid('board_ms', '{:.1f}')}, {mid('board_kib_per_s', '{:.1f}')}",
        str(sum(one.errors for one in mine)),
    ]
    return "| " + " | ".join(cells) + " |"
