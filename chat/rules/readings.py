"""Readings that an author writes beside kanji: ``{漢字|かんじ}``."""

from __future__ import annotations

import re

READING = re.compile(r"\{([^{}|\n]+)\|([^{}|\n]+)\}")


def without_readings(markup: str) -> str:
    """Give the words alone."""
    return READING.sub(r"\1", markup)
