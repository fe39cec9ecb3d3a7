"""The pictures of the pages: small, as wide as they say, and all of them shown."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.docs.places import DOCS, read

PICTURES = sorted((DOCS / "pictures").glob("*.png"))
LARGEST = 72 * 1024


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_small_and_as_wide_as_its_name_says(picture: Path) -> None:
    content = picture.read_bytes()
    width, _ = struct.unpack(">II", content[16:24])  # PNG, IHDR
    assert len(content) <= LARGEST
    assert picture.stem.endswith(f"-{width}")


def test_every_picture_is_shown_and_a_page_for_phones_for_the_desk_too() -> None:
    shown = read("docs/pictures/README.md")
    assert PICTURES
    for picture in PICTURES:
        assert f'<img src="{picture.name}"' in shown
        name, _, width = picture.stem.rpartition("-")
        assert width != "375" or f'<img src="{name}-1280.png"' in shown
