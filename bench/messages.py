"""``python -m bench messages``: what a message costs, and how long it takes."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import measure
from bench.databases import Database, Postgres, Site, Sqlite
from bench.measure import Figures
from bench.plays import SCENARIOS, Scenario
from bench.processes import CannotRun
from bench.systems import TALKS_A_COUNSELOR, BareRelay, Notalone, PlainChannels, SocketIo, System
from bench.table import table

NAMES = (
    "socketio",
    "uvicorn-postgres",
    "uvicorn-sqlite",
    "daphne-postgres",
    "daphne-sqlite",
    "channels",
    "bare",
)
RUNS = 5
_OTHERS_ALLOWED = 0.1  # cores


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for; print tables. 0: every message arrived once, in order."""
    options = _parser().parse_args(arguments)
    if options.profile and not shutil.which("py-spy"):
        _say("There is no py-spy on the PATH: pip install py-spy.")
        return 2
    measure.allow_many_files()
    scenarios = [one for one in SCENARIOS if one.key in options.scenarios]
    if options.talks:
        scenarios = [one.with_talks(options.talks) for one in scenarios]
    if options.seconds:
        scenarios = [one.measured_for(options.seconds) for one in scenarios]
    if options.quick:
        scenarios = [one.quick() for one in scenarios]
    with tempfile.TemporaryDirectory(prefix="notalone-bench-", ignore_cleanup_errors=True) as name:
        databases: list[Database] = []
        try:
            systems = _systems(options.only, scenarios, Path(name), databases)
            if not systems:
                return 1
            figures = _measure(systems, scenarios, options)
        finally:
            for database in databases:
                database.stop()
    _report(figures, systems, scenarios, options)
    return 1 if any(one.fault_count for one in figures) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench messages", description=__doc__)
    keys = [one.key for one in SCENARIOS]
    parser.add_argument(
        "--only", type=_list_of(NAMES), default=list(NAMES), metavar="A,B", help=", ".join(NAMES)
    )
    parser.add_argument("--scenarios", type=_list_of(keys), default=keys, metavar="A,B", help=", ".join(keys))
    parser.add_argument(
        "--processes", type=_list_of(("1", "2")), metavar="1,2", help="else as each scenario says"
    )
    parser.add_argument("--runs", type=int, help=f"how often each is measured ({RUNS})")
    parser.add_argument("--quick", action="store_true", help="one short run: to see that it works")
    parser.add_argument("--seconds", type=float, help="how long each run is measured, else as it says")
    parser.add_argument("--talks", type=int, help="fewer or more talks than the scenario says")
    parser.add_argument("--profile", type=Path, help="let py-spy write into this folder where the time goes")
    parser.add_argument("--out", type=Path, help="write the tables to this file, too")
    parser.add_argument("--json", type=Path, help="write every run's figures to this file")
    return parser


def _list_of(allowed: Sequence[str]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        asked = text.split(",")
        unknown = [name for name in asked if name not in allowed]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(allowed)}")
        return [name for name in allowed if name in asked]

    return read


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _systems(
    only: Sequence[str], scenarios: Sequence[Scenario], folder: Path, databases: list[Database]
) -> list[System]:
    """Make what can be made here; what can not is said in one line and left out."""
    counselors = max(-(-one.talks // TALKS_A_COUNSELOR) for one in scenarios) + 1
    made: dict[str, System] = {}
    plain: dict[str, type[System]] = {"socketio": SocketIo, "channels": PlainChannels, "bare": BareRelay}
    for name in only:
        if name in plain:
            _try(name, plain[name], made)
    stores: dict[str, type[Sqlite | Postgres]] = {"postgres": Postgres, "sqlite": Sqlite}
    for key, store in stores.items():
        wanted = [name for name in only if name.endswith(f"-{key}")]
        site = _site(store, folder, counselors, databases) if wanted else None
        if site is not None:
            made |= {name: Notalone(name.partition("-")[0], site) for name in wanted}
    return [made[name] for name in only if name in made]


def _try(name: str, make: Callable[[], System], made: dict[str, System]) -> None:
    try:
        made[name] = make()
    except CannotRun as reason:
        _say(str(reason))


def _site(
    store: type[Sqlite | Postgres], folder: Path, counselors: int, databases: list[Database]
) -> Site | None:
    try:
        database = store(folder)
        databases.append(database)
        _say(f"making the {database.name} database with {counselors} counselors, and signing them in ...")
        site = Site(database, folder, counselors)
        site.prepare()
    except CannotRun as reason:
        _say(str(reason))
        return None
    return site


def _measure(
    systems: Sequence[System], scenarios: Sequence[Scenario], options: argparse.Namespace
) -> list[Figures]:
    """Measure the systems by turns, so that what changes on the machine meets them all."""
    figures = []
    runs = options.runs or (1 if options.quick else RUNS)
    for scenario in scenarios:
        counts = [int(count) for count in options.processes or []] or scenario.processes
        for number in range(1, runs + 1):
            for count in counts:
                for system in systems:
                    if count <= system.most_processes:
                        one = _run_one(system, scenario, count, f"{number}/{runs}", options.profile)
                        figures += [one] if one else []
    return figures


def _run_one(
    system: System, scenario: Scenario, count: int, which: str, profile: Path | None
) -> Figures | None:
    label = f"{scenario.key} {which} {system.name} × {count}"
    try:
        one = measure.run(system, scenario, count, profile)
    except (CannotRun, TimeoutError) as reason:
        _say(f"{label}: left out: {reason or 'it took too long'}")
        return None
    _say(
        f"{label}: {one.web_us:.0f} µs, {one.per_s:.0f}/s, p99 {one.other_p99_ms:.1f} ms, "
        f"cores: server {one.web_busy:.2f}, client {one.client_busy:.2f}, others {one.others_busy:.2f}"
    )
    for fault in one.faults:
        _say(f"  FAULT: {fault}")
    return one


def _report(
    figures: Sequence[Figures],
    systems: Sequence[System],
    scenarios: Sequence[Scenario],
    options: argparse.Namespace,
) -> None:
    words = {system.name: system.words for system in systems}
    parts = [
        f"Made by `python -m bench messages {' '.join(sys.argv[2:])}`".rstrip() + f" on {measure.machine()}."
    ]
    for scenario in scenarios:
        for count in (1, 2):
            mine = [one for one in figures if (one.scenario, one.processes) == (scenario.key, count)]
            if mine:
                where = "one web process" if count == 1 else "two web processes, each talk across them"
                parts += [f"### {scenario.words}: {where}", table(mine, words), _remarks(mine)]
    text = "\n\n".join(parts) + "\n"
    print(text)
    if options.out:
        options.out.write_text(text)
    if options.json:
        options.json.write_text(json.dumps([one.as_json() for one in figures], ensure_ascii=False, indent=1))


def _remarks(figures: Sequence[Figures]) -> str:
    delivered, faults = sum(one.delivered for one in figures), sum(one.fault_count for one in figures)
    said = [
        f"{delivered:,} messages delivered; {faults} lost, doubled, out of order or without an ack.",
        f"The load client used {max(one.client_busy for one in figures):.2f} of a core at most",
    ]
    late_ms = max(one.client_late_ms for one in figures)
    said[-1] += f" and was {late_ms:.0f} ms late at most." if late_ms else "."
    disturbed = max(one.others_busy for one in figures)
    if disturbed > _OTHERS_ALLOWED:
        said.append(
            f"Other programs used up to {disturbed:.2f} cores meanwhile: measure again on a quiet machine."
        )
    return " ".join(said)
