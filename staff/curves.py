"""A lane's last two hours as a drawing: an SVG document that says without color what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

WIDTH, HEIGHT = 240, 64  # of the box; the picture grows with the page
LEFT, RIGHT, TOP, BOTTOM = 4, 30, 8, 16  # room for numbers and hours
BACK = timedelta(hours=2)
LEAST = 4  # people that the height stands for, at the least: one or two are no mountain

# The picture stands in an <img>, where the page's own style does not reach: it follows light and dark itself.
STYLE = (
    ".l{fill:none;stroke:#1f2933;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}"
    ".a{fill:#1f2933;fill-opacity:.12}.g{stroke:#8a8072;stroke-width:1;stroke-dasharray:2 3}"
    ".d{fill:#1f2933}.t{fill:#4a5560;font:11px system-ui,sans-serif}"
    ".n{fill:#1f2933;font:bold 13px system-ui,sans-serif}"
    "@media(prefers-color-scheme:dark){.l{stroke:#eef0f3}.a{fill:#eef0f3;fill-opacity:.16}.g{stroke:#8090a8}"
    ".d{fill:#eef0f3}.t{fill:#b3bdca}.n{fill:#eef0f3}}"
)


@dataclass(frozen=True, slots=True)
class Point:
    """How many waited at an instant; None: nobody counted."""

    at: datetime
    waiting: int | None


def draw(points: Sequence[Point], now: datetime) -> str:
    """Draw how many waited in the two hours before ``now``; a break where nobody counted."""
    scale = _Scale(now, max([LEAST, *(point.waiting or 0 for point in points)]))
    runs = list(_runs(points))
    parts = [
        f'<line class="g" x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>' for y in (TOP, scale.floor)
    ]
    parts += [_area(run, scale) for run in runs if len(run) > 1]
    parts += [f'<path class="l" d="{_path(run, scale)}"/>' for run in runs]
    parts += _hours(now, scale)
    parts.append(f'<text class="t" x="{WIDTH - RIGHT + 8}" y="{TOP + 4}">{scale.most}</text>')
    if runs and runs[-1][-1].at > now - timedelta(minutes=3):
        parts += _end(runs[-1][-1], scale)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<style>{STYLE}</style>{''.join(parts)}</svg>"
    )


class _Scale:
    def __init__(self, now: datetime, most: int) -> None:
        self._since, self.most = now - BACK, most
        self.floor = HEIGHT - BOTTOM

    def x(self, at: datetime) -> float:
        return round(LEFT + (at - self._since) / BACK * (WIDTH - LEFT - RIGHT), 1)

    def y(self, waiting: int) -> float:
        return round(self.floor - waiting / self.most * (self.floor - TOP), 1)


def _runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    run: list[Point] = []
    for point in points:
        if point.waiting is not None:
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _path(run: Sequence[Point], scale: _Scale) -> str:
    return "M" + " ".join(f"{scale.x(point.at)} {scale.y(point.waiting or 0)}" for point in run)


def _area(run: Sequence[Point], scale: _Scale) -> str:
    first, last = scale.x(run[0].at), scale.x(run[-1].at)
    return f'<path class="a" d="{_path(run, scale)} {last} {scale.floor} {first} {scale.floor}z"/>'


def _hours(now: datetime, scale: _Scale) -> list[str]:
    full = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    hours = [full - timedelta(hours=back) for back in range(3)]
    return [
        f'<text class="t" x="{scale.x(hour)}" y="{HEIGHT - 3}" text-anchor="middle">{hour:%H}:00</text>'
        for hour in hours
        if now - BACK + timedelta(minutes=12) < hour < now - timedelta(minutes=12)
    ]


def _end(point: Point, scale: _Scale) -> list[str]:
    x, y = scale.x(point.at), scale.y(point.waiting or 0)
    label_y = min(max(y + 4, TOP + 16), HEIGHT - BOTTOM)  # below the number at the top
    return [
        f'<circle class="d" cx="{x}" cy="{y}" r="3.5"/>',
        f'<text class="n" x="{WIDTH - RIGHT + 8}" y="{label_y}">{point.waiting}</text>',
    ]
