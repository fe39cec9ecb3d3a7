"""``python -m bench rush``: 16:00:00. Everyone comes at once, enters, connects, and is told a place."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import uvloop

from bench import measure
from bench.crowd import Crowd
from bench.databases import Postgres, Site
from bench.ledger import Ledger
from bench.systems import DjangoQueue, Notalone, Running, SocketIo, SocketIoQueue, System

WEBS = 2
SETTLE_S = 3.0
WATCH_S = 10.0
FIRST = 100  # who come before memory is measured, so that what is loaded once is loaded
NAMES = ("socketio", "django", "uvicorn-postgres", "daphne-postgres")


@dataclass(frozen=True)
class Figures:
    """What one rush gave. CPU in ms a visitor; ``frames_per_s``: to everybody who waits, afterwards.

    ``rss_kib``: of all web processes, a waiting socket. ``idle_busy``: cores while they wait.
    """

    system: str
    people: int
    per_s: float
    web_ms: float
    redis_ms: float
    database_ms: float
    entry_p50_ms: float | None
    entry_p99_ms: float | None
    welcome_p50_ms: float
    welcome_p99_ms: float
    rss_kib: float
    frames_per_s: float
    idle_busy: float
    others_busy: float
    errors: int
    first_errors: tuple[str, ...]


def main(arguments: Sequence[str]) -> int:
    """Measure; print a table. 0: nobody was refused or lost."""
    options = _parser().parse_args(arguments)
    people = 1000 if options.quick and options.people == 10_000 else options.people
    measure.allow_many_files(2 * people + 2000)
    figures: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="notalone-bench-", ignore_cleanup_errors=True) as name:
        database = Postgres(Path(name)) if set(options.only) - {"socketio", "django"} else None
        try:
            systems = _systems(options.only, database, Path(name))
            for number in range(1, options.runs + 1):
                for system in systems:
                    one = run(system, people, options.at_once)
                    figures.append(one)
                    _say(
                        f"{number}/{options.runs} {one.system}: {one.per_s:.0f}/s, web {one.web_ms:.2f} ms, "
                        f"{one.rss_kib:.1f} KiB, errors {one.errors} {' '.join(one.first_errors)}"
                    )
        finally:
            if database is not None:
                database.stop()
    text = _report(figures, people, options.at_once)
    print(text)
    if options.out:
        options.out.write_text(text)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in figures], ensure_ascii=False, indent=1))
    return 1 if any(one.errors for one in figures) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench rush", description=__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(NAMES), help="A,B")
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=64, help="how many are under way at any time")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="1,000 people: to see that it works")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", type=Path)
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _systems(only: Sequence[str], database: Postgres | None, folder: Path) -> list[System]:
    systems: list[System] = []
    site = None
    if database is not None:
        site = Site(database, folder, 1)
        site.prepare()
    for name in only:
        if name == "socketio":
            systems.append(SocketIoQueue())
        elif name == "django":
            systems.append(DjangoQueue())
        elif site is not None:
            systems.append(Notalone(name.partition("-")[0], site))
    return systems


def run(system: System, people: int, at_once: int) -> Figures:
    """Run one rush against fresh processes and stores."""
    with tempfile.TemporaryDirectory(prefix="notalone-bench-run-", ignore_cleanup_errors=True) as name:
        running = system.start(Path(name), Ledger(0, expects_acks=False), WEBS)
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(_rush(system, running, people, at_once))
        finally:
            system.stop(running)


async def _rush(system: System, running: Running, people: int, at_once: int) -> Figures:
    over_http = not isinstance(system, SocketIo)
    crowd = Crowd()
    pinging = asyncio.create_task(crowd.keep_pinging())
    await crowd.come(FIRST, running.ports, at_once, over_http=over_http)
    await asyncio.sleep(SETTLE_S)
    rss = running.web_rss_kib()
    crowd.entry_s.clear()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        before, began = measure.Clocks.read(running, system), perf_counter()
        await crowd.come(people - FIRST, running.ports, at_once, over_http=over_http)
        took_s, after = perf_counter() - began, measure.Clocks.read(running, system)
    finally:
        gc.enable()
        gc.unfreeze()
    came = max(1, len(crowd.waiting) - FIRST)
    await asyncio.sleep(SETTLE_S)
    grown_kib = running.web_rss_kib() - rss
    frames, cpu, at = crowd.tally.frames, running.web_cpu_s(), time.monotonic()
    await asyncio.sleep(WATCH_S)
    watched_s = time.monotonic() - at
    frames, cpu = crowd.tally.frames - frames, running.web_cpu_s() - cpu
    errors = crowd.tally.errors
    pinging.cancel()
    entries, welcomes = sorted(crowd.entry_s), sorted(crowd.welcome_s[FIRST:])
    crowd.leave()
    used = after.minus(before)
    return Figures(
        system=system.name,
        people=came + FIRST,
        per_s=came / took_s,
        web_ms=used.web * 1000 / came,
        redis_ms=used.redis * 1000 / came,
        database_ms=used.database * 1000 / came,
        entry_p50_ms=measure.percentile_ms(entries, 0.50),
        entry_p99_ms=measure.percentile_ms(entries, 0.99),
        welcome_p50_ms=measure.percentile_ms(welcomes, 0.50) or 0.0,
        welcome_p99_ms=measure.percentile_ms(welcomes, 0.99) or 0.0,
        rss_kib=grown_kib / came,
        frames_per_s=frames / watched_s,
        idle_busy=cpu / watched_s,
        others_busy=used.others / used.wall,
        errors=len(errors),
        first_errors=tuple(sorted(set(errors))[:5]),
    )


_HEAD = (
    "| system | web CPU ms a visitor | × Socket.IO | Redis ms | database ms | people/s | POST p50 / p99 ms "
    "| hello → welcome p50 / p99 ms | KiB a waiting socket | frames/s while waiting | cores while waiting "
    "| errors |\n|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def _report(figures: Sequence[Figures], people: int, at_once: int) -> str:
    peers = [one.web_ms for one in figures if one.system == "socketio"]
    rows = [_HEAD]
    for name in dict.fromkeys(one.system for one in figures):
        mine = [one for one in figures if one.system == name]
        ratio = [one.web_ms / peer for one, peer in zip(mine, peers, strict=False) if peer]

        def mid(field: str, form: str = "{:.1f}", mine: list[Figures] = mine) -> str:
            known = [value for one in mine if (value := getattr(one, field)) is not None]
            return form.format(median(known)) if known else "–"

        cells = [
            name,
            mid("web_ms", "{:.2f}"),
            f"{median(ratio):.1f}" if ratio else "–",
            mid("redis_ms", "{:.2f}"),
            mid("database_ms", "{:.2f}"),
            mid("per_s", "{:.0f}"),
            f"{mid('entry_p50_ms')} / {mid('entry_p99_ms')}",
            f"{mid('welcome_p50_ms')} / {mid('welcome_p99_ms')}",
            mid("rss_kib"),
            mid("frames_per_s", "{:.0f}"),
            mid("idle_busy", "{:.2f}"),
            str(sum(one.errors for one in mine)),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    busy = max((one.others_busy for one in figures), default=0.0)
    return (
        f"Made by `python -m bench rush {' '.join(sys.argv[2:])}` on {measure.machine()}: {people:,} people, "
        f"{at_once} under way at once, {WEBS} web processes. The client and other programs used up to "
        f"{busy:.2f} cores meanwhile.\n\n" + "\n".join(rows) + "\n"
    )
