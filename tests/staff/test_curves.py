"""Two hours of a lane as a drawing: well-formed, within its box, and honest where nobody counted."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from staff.curves import HEIGHT, WIDTH, Point, draw

NOW = datetime(2024, 12, 28, 18, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
SVG = "{http://www.w3.org/2000/svg}"


def points(*waiting: int | None) -> list[Point]:
    """One a minute, the last of them now."""
    first = len(waiting) - 1
    return [Point(NOW - timedelta(minutes=first - index), count) for index, count in enumerate(waiting)]


def lines(svg: str) -> list[list[tuple[float, float]]]:
    paths = [part.get("d", "") for part in ET.fromstring(svg).findall(f"{SVG}path[@class='l']")]
    return [[(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", path)] for path in paths]


@pytest.mark.parametrize("waiting", [(), (None,), (0,), (0, 3, 12, 9), (10_000,) * 120, (None, 2, None, 5)])
def test_the_line_stays_in_its_box(waiting: tuple[int | None, ...]) -> None:
    for line in lines(draw(points(*waiting), NOW)):
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in line)


def test_more_people_stand_higher() -> None:
    ((_, low), (_, high)) = lines(draw(points(1, 8), NOW))[0]
    assert high < low


def test_the_line_breaks_where_nobody_counted() -> None:
    assert [len(line) for line in lines(draw(points(1, 2, None, 3, 4, 5), NOW))] == [2, 3]


def test_it_says_in_figures_how_many_wait_now_and_at_most() -> None:
    words = [part.text for part in ET.fromstring(draw(points(12, 7), NOW)).iter(f"{SVG}text")]
    assert {"12", "7", "17:00", "18:00"} == set(words)


def test_what_is_long_ago_is_not_said_to_be_now() -> None:
    old = [Point(NOW - timedelta(minutes=20), 7)]
    assert "circle" not in draw(old, NOW)
