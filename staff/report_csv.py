"""A table as CSV that a spreadsheet opens, and whose cells it does not run. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

BOM = "\ufeff"  # a Japanese spreadsheet takes UTF-8 for Shift_JIS without it
# what makes a cell a formula; the wide ones are read as the narrow in Japanese spreadsheets
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run (OWASP, CSV injection), also behind spaces."""
    return f"'{cell}" if cell.startswith(_STARTS) or cell.lstrip(" \u3000").startswith(_STARTS) else cell


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows as RFC 4180 has it, in UTF-8 with its mark."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[safe(cell) for cell in row] for row in rows])
    return (BOM + out.getvalue()).encode()
