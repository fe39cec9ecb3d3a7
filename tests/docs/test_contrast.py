"""Colors of the style sheets: text 4.5 to 1 and what one must find 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from itertools import product

import pytest

from tests.docs.places import read

VISITOR, STAFF = "chat/static/chat/visitor.css", "staff/static/staff/tokens.css"
DARK = "@media (prefers-color-scheme: dark)"
TEXTS = {
    VISITOR: [*product(["ink", "soft", "act"], ["paper", "card", "warm", "own", "other"]), ("wrong", "paper"),
              ("wrong", "card"), ("on-act", "act"), ("on-act", "act-hover")],
    STAFF: [*product(["ink", "faint", "act"], ["paper", "card", "sunk"]), ("ink", "own"), ("ink", "private"),
            ("act-ink", "act"), ("warm-ink", "warm"), ("alarm-ink", "alarm"), ("ink", "act-soft")],
}  # fmt: skip
EDGES = {
    VISITOR: [*product(["line", "act", "wrong"], ["paper", "card"]), ("warm-line", "warm")],
    STAFF: [*product(["edge", "act"], ["paper", "card"])],
}


def palette(sheet: str, scheme: str) -> dict[str, str]:
    light, _, dark = read(sheet).partition(DARK)
    colors = _colors(light)
    return colors if scheme == "light" else colors | _colors(dark.split("\n}")[0])


def _colors(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*#([0-9a-f]{3,6})\b", css))


def luminance(color: str) -> float:
    wide = "".join(digit * 2 for digit in color) if len(color) == 3 else color
    parts = [int(wide[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def cases(pairs: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str, str, str]]:
    return [
        (sheet, scheme, *pair)
        for sheet, all_pairs in pairs.items()
        for scheme in ("light", "dark")
        for pair in all_pairs
    ]


def test_black_on_white_is_the_most_there_is() -> None:
    assert contrast("000", "ffffff") == pytest.approx(21)


@pytest.mark.parametrize(("sheet", "scheme", "text", "paper"), cases(TEXTS))
def test_text_can_be_read(sheet: str, scheme: str, text: str, paper: str) -> None:
    colors = palette(sheet, scheme)

    assert contrast(colors[text], colors[paper]) >= 4.5


@pytest.mark.parametrize(("sheet", "scheme", "edge", "paper"), cases(EDGES))
def test_what_one_must_find_can_be_seen(sheet: str, scheme: str, edge: str, paper: str) -> None:
    colors = palette(sheet, scheme)

    assert contrast(colors[edge], colors[paper]) >= 3
