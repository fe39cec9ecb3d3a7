"""``python -m bench boards``: what supervisors' boards cost the server."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench import measure
from bench.crowd import Board, Counselor, Crowd
from bench.databases import Postgres, Site
from bench.ledger import Ledger
from bench.systems import Notalone, Running

WEBS = 2
AT_ONCE = 64
BOARDS = (0, 1, 10)
TALKS = 3  # a counselor's, all taken
SETTLE_S, MEASURE_S, PING_S = 8.0, 15.0, 10.0
FILLED_WITHIN_S = 60.0


@dataclass(frozen=True)
class Cost:
    """CPU ms a second while so many boards watch. ``kib``: a second and board."""

    boards: int
    web: float
    redis: float
    database: float
    kib: float
    others_busy: float


def main(arguments: Sequence[str]) -> int:
    """Measure; print a table. 0: nobody was refused or lost."""
    options, _ = _parser().parse_known_args(arguments)
    measure.allow_many_files(2 * options.waiting + 4000)
    with tempfile.TemporaryDirectory(prefix="notalone-bench-", ignore_cleanup_errors=True) as name:
        database = Postgres(Path(name))
        try:
            site = Site(database, Path(name), options.counselors, supervisors=1)
            site.prepare()
            text, errors = _run(site, options, Path(name))
        finally:
            database.stop()
    print(text)
    if options.out:
        options.out.write_text(text)
    for error in sorted(set(errors)):
        print(error, file=sys.stderr)
    return 1 if errors else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench boards", description=__doc__)
    parser.add_argument("--waiting", type=int, default=10_000)
    parser.add_argument("--counselors", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=MEASURE_S)
    parser.add_argument("--out", type=Path)
    return parser


def _run(site: Site, options: argparse.Namespace, folder: Path) -> tuple[str, list[str]]:
    system = Notalone("uvicorn", site)
    (folder / "run").mkdir(exist_ok=True)
    running = system.start(folder / "run", Ledger(0, expects_acks=False), WEBS)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            evening = Evening(system, running, site.cookies, options)
            costs = runner.run(evening.play())
    finally:
        system.stop(running)
    return _report(costs, options), evening.crowd.tally.errors


class Watching(Board):
    """A board as the page has it: it watches, and asks for no lane's list while the first fifty stay."""

    async def connect(self, port: int, cookie: str) -> None:
        await super().connect(port, cookie)
        self.send('{"type":"board.watch"}')

    def look(self) -> None:
        """Ask for nothing."""


class Evening:
    """A full house: everybody's hands are full, thousands wait, one more comes each second."""

    def __init__(
        self, system: Notalone, running: Running, cookies: Sequence[str], options: argparse.Namespace
    ) -> None:
        self._system, self._running, self._options = system, running, options
        *self._cookies, self._supervisor = cookies
        self.crowd = Crowd()
        self._desks: list[Counselor] = []
        self._boards: list[Watching] = []
        self._filled = asyncio.Event()

    async def play(self) -> list[Cost]:
        """Give the costs by the number of boards."""
        signs = [asyncio.create_task(self.crowd.keep_pinging()), asyncio.create_task(self._keep_pinging())]
        try:
            await self.crowd.come(self._options.waiting, self._running.ports, AT_ONCE, over_http=True)
            await self._fill_every_hand()
            return [await self._cost(count) for count in BOARDS]
        finally:
            for sign in signs:
                sign.cancel()
            for one in [*self._desks, *self._boards]:
                one.close()
            self.crowd.leave()

    async def _fill_every_hand(self) -> None:
        ports = self._running.ports
        for number, cookie in enumerate(self._cookies):
            desk = Counselor(self.crowd.tally)
            desk.on_assigned = lambda _: self._note_assigned()
            await desk.connect(ports[number % WEBS], cookie)
            desk.take(TALKS)
            self._desks.append(desk)
        async with asyncio.timeout(FILLED_WITHIN_S):
            await self._filled.wait()

    def _note_assigned(self) -> None:
        if sum(len(desk.assigned_at) for desk in self._desks) == TALKS * len(self._cookies):
            self._filled.set()

    async def _keep_pinging(self) -> None:
        while True:
            await asyncio.sleep(PING_S)
            for one in [*self._desks, *self._boards]:
                one.ping()

    async def _cost(self, count: int) -> Cost:
        """Let so many boards watch; give what everything costs meanwhile."""
        while len(self._boards) < count:
            board = Watching(self.crowd.tally)
            await board.connect(self._running.ports[len(self._boards) % WEBS], self._supervisor)
            self._boards.append(board)
        await asyncio.sleep(SETTLE_S)
        heard = sum(board.heard_bytes for board in self._boards)
        before = measure.Clocks.read(self._running, self._system)
        await self._enter_slowly()
        used = measure.Clocks.read(self._running, self._system).minus(before)
        heard = sum(board.heard_bytes for board in self._boards) - heard
        each = 1000 / used.wall
        return Cost(
            boards=count,
            web=used.web * each,
            redis=used.redis * each,
            database=used.database * each,
            kib=heard / 1024 / used.wall / max(1, count),
            others_busy=used.others / used.wall,
        )

    async def _enter_slowly(self) -> None:
        """Let one person a second enter."""
        for _ in range(int(self._options.seconds)):
            await self.crowd.come(1, self._running.ports, 1, over_http=True)
            await asyncio.sleep(1)


def _report(costs: Sequence[Cost], options: argparse.Namespace) -> str:
    busy = max(one.others_busy for one in costs)
    made = f"Made by `python -m bench boards {' '.join(sys.argv[2:])}`".rstrip()
    rows = [
        f"{made} on {measure.machine()}: uvicorn, PostgreSQL, {WEBS} web processes; {options.waiting:,} "
        f"people came, {options.counselors} counselors have {TALKS} of them each, and one more comes a "
        f"second. Other programs used up to {busy:.2f} cores meanwhile.",
        "",
        "| boards | web CPU ms a second | Redis | database | all | KiB a second and board |",
        "|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {one.boards} | {one.web:.0f} | {one.redis:.0f} | {one.database:.0f} "
        f"| {one.web + one.redis + one.database:.0f} | {one.kib:.0f} |"
        for one in costs
    ]
    return "\n".join(rows) + "\n"
