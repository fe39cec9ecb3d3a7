"""Medians and ratios, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from bench.measure import Figures

PEER = "socketio"
_HEAD = (
    "| system | CPU µs a message (least–most) | × Socket.IO | Redis µs | database µs | messages/s "
    "| other side p50 / p99 ms | ack p50 / p99 ms | KiB a socket | cores: server / client |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def table(figures: Sequence[Figures], words: dict[str, str]) -> str:
    """Give one row a system, in the order of ``words``; ``figures`` are of one scenario and count."""
    rows = [_HEAD]
    for name, said in words.items():
        mine = [one for one in figures if one.system == name]
        if mine:
            rows.append(_row(said, mine, [one for one in figures if one.system == PEER]))
    return "\n".join(rows)


def _row(words: str, mine: Sequence[Figures], peers: Sequence[Figures]) -> str:
    cpu = [one.web_us for one in mine]
    cells = [
        words,
        f"{median(cpu):.0f} ({min(cpu):.0f}–{max(cpu):.0f})",
        _ratio(mine, peers),
        _middle((one.redis_us for one in mine), "{:.0f}"),
        _middle((one.database_us for one in mine), "{:.0f}"),
        _middle((one.per_s for one in mine), "{:,.0f}"),
        f"{_middle(one.other_p50_ms for one in mine)} / {_middle(one.other_p99_ms for one in mine)}",
        f"{_middle(one.ack_p50_ms for one in mine)} / {_middle(one.ack_p99_ms for one in mine)}",
        _middle((one.rss_kib_a_socket for one in mine), "{:.0f}"),
        f"{_middle((one.web_busy for one in mine), '{:.2f}')}"
        f" / {_middle((one.client_busy for one in mine), '{:.2f}')}",
    ]
    return "| " + " | ".join(cells) + " |"


def _ratio(mine: Sequence[Figures], peers: Sequence[Figures]) -> str:
    """Compare run by run, so that what slows the whole machine for a while cancels out."""
    ratios = [one.web_us / peer.web_us for one, peer in zip(mine, peers, strict=False) if peer.web_us]
    return f"{median(ratios):.2f}" if ratios else "–"


def _middle(values: Iterable[float | None], form: str = "{:.1f}") -> str:
    known = [value for value in values if value is not None]
    return form.format(median(known)) if known else "–"
