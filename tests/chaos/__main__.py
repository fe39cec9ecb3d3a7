"""``make chaos``: a long evening under trouble, judged, and shown as a table. Ends with 1 if a word was lost.

``python -m tests.chaos --database postgres|sqlite --talks N --messages N --seed N``
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

import uvloop

from tests.chaos.evening import Evening, Plan, Report
from tests.chaos.stage import on_stage


def main() -> int:
    """Run one evening; give the exit code."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended
    plan = Plan(
        talks=options.talks,
        messages=options.messages,
        seed=options.seed,
        pace_s=options.pace,
        gap_s=3.0,
        flap_s=15.0,
        longest_s=3.0,
        polling=options.polling,
    )
    folder = Path(tempfile.mkdtemp(prefix="notalone-chaos-"))
    print(f"Seed {plan.seed}; logs in {folder}", flush=True)
    with on_stage(folder, options.database, plan.talks) as (service, rows):
        report = uvloop.run(Evening(service, rows, plan).run())
        unexpected = service.logs().count("Traceback")
    print(table(rows.name, plan, report))
    blamed = Counter((fault.kind, fault.where) for fault in report.verdict.faults)
    for (kind, client), count in blamed.items():
        print(f"{kind}: {client} ({count})")
    for fault in report.verdict.faults[:20]:
        print(*fault, sep=" · ")
    print(f"Tracebacks in the logs: {unexpected}")
    return 1 if report.verdict.faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--database", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--talks", type=int, default=200)
    parser.add_argument("--messages", type=int, default=100_000, help="written at least")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--pace", type=float, default=0.8, help="mean seconds between two of one side")
    parser.add_argument("--polling", type=int, default=10, help="every how-manieth visitor polls")
    return parser.parse_args()


def table(database: str, plan: Plan, report: Report) -> str:
    """Give the report as a table."""
    verdict = report.verdict
    lines: dict[str, object] = {
        "database": database,
        "talks": plan.talks,
        "seed": plan.seed,
        "minutes of trouble": f"{report.seconds / 60:.1f}",
        "then settled within": f"{report.settled_in_s:.1f} s",
        "messages stored": f"{verdict.stored:,}",
        "messages acked": f"{verdict.acked:,}",
        "messages known to a client at the end": f"{verdict.heard:,}",
        "sockets and polls judged": f"{verdict.sessions:,}",
        **{kind: f"{count:,}" for kind, count in sorted(report.troubles.items())},
        **{kind: f"{count:,}" for kind, count in sorted(report.counts.items())},
        **{f"**{kind}**": f"**{count}**" for kind, count in verdict.counts.items()},
    }
    width = max(map(len, lines))
    return "\n".join(["", *(f"| {name:{width}} | {value} |" for name, value in lines.items()), ""])


if __name__ == "__main__":
    sys.exit(main())
