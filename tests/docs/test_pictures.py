"""The pictures of the pages: small, as wide as they say, and all of them shown."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.docs.places import DOCS, read

PICTURES = sorted((DOCS / "pictures").glob("*.png"))
LARGEST = 60 * 1024


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_small_and_as_wide_as_its_name_says(picture: Path) -> None:
    content = picture.read_bytes()
    width, _ = struct.unpack(">II", content[16:24])  # PNG, IHDR
    assert len(content) <= LARGEST
    assert picture.stem.endswith(f"-{width}")


def test_every_page_is_shown_at_both_widths() -> None:
    shown = read("docs/pictures/README.md")
    assert PICTURES
    for picture in PICTURES:
        name, _, _ = picture.stem.rpartition("-")
        for width in (375, 1280):
            assert f'<img src="{name}-{width}.png"' in shown
