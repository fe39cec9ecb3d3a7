"""The language of a page is what its path says, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import AsyncClient

from chat.languages import LANGUAGES, current, lane_for, named

pytestmark = pytest.mark.usefixtures("seed", "process")


async def test_the_path_says_the_language_and_no_header_does() -> None:
    response = await AsyncClient().get("/ja/", headers={"Accept-Language": "en"})
    assert b'<html lang="ja"' in response.content
    assert current().code == "ja"


async def test_a_language_without_a_catalogue_is_not_there(settings: Any) -> None:
    assert (await AsyncClient().get("/xx/")).status_code == 404


def test_easy_japanese_waits_in_the_japanese_lane() -> None:
    easy = named("ja-easy")
    assert easy is not None
    assert lane_for(easy, ["ja"]) == "ja"
    korean = named("ko")
    assert korean is not None
    assert lane_for(korean, ["ja"]) is None


def test_each_language_has_a_name_of_its_own() -> None:
    assert len({language.name for language in LANGUAGES}) == len(LANGUAGES) == 13
