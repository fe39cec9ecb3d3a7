"""The language of a page is what its path says, and nothing else; each page speaks it wholly."""

from __future__ import annotations

import re

import pytest
from django.test import AsyncClient

from chat.languages import DEFAULT, LANGUAGES, Language, current, lane_for, named
from chat.models import Campaign, Ticket
from tests.chat.html import Page

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("seed", "process")]
CAMPAIGN = "孤独・孤立相談ダイヤル #9999（年末年始）"
OTHERS = [language for language in LANGUAGES if language.html != "ja"]
each = pytest.mark.parametrize("language", OTHERS, ids=[language.code for language in OTHERS])
PHRASE_EXAMPLE = "ひまわり・くま・そら・りんご・とけい"


async def words_of(client: AsyncClient, path: str, status: int = 200) -> str:
    response = await client.get(path)
    assert response.status_code == status, path
    text = re.sub(r'<details class="languages".*?</details>', "", response.content.decode(), flags=re.DOTALL)
    return Page(text).words.replace(CAMPAIGN, "").replace(PHRASE_EXAMPLE, "")


async def test_the_path_says_the_language_and_no_header_does() -> None:
    response = await AsyncClient().get("/ja/", headers={"Accept-Language": "en"})
    assert b'<html lang="ja"' in response.content
    assert current().code == "ja"


async def test_an_unknown_language_is_not_found() -> None:
    assert (await AsyncClient().get("/xx/")).status_code == 404


@each
async def test_no_page_has_a_japanese_word_left(language: Language) -> None:
    vera = AsyncClient()
    paths = ["", "chat/youth/", "chat/general/", "talk/", "mail/youth/", "mail/", "return/"]
    for path in paths:
        left = re.findall(r"[ぁ-んァ-ヶ]+", await words_of(vera, f"/{language.code}/{path}"))
        assert left == [], path
    await vera.post(f"/{language.code}/chat/youth/", {"consent": "on"})
    assert re.findall(r"[ぁ-んァ-ヶ]+", await words_of(vera, f"/{language.code}/talk/")) == []


@each
async def test_a_page_names_its_language_and_leads_to_the_others(language: Language) -> None:
    response = await AsyncClient().get(f"/{language.code}/")
    html = response.content.decode()
    assert f'<html lang="{language.html}"' in html
    for other in LANGUAGES:
        assert f'href="/{other.code}/" lang="{other.html}"' in html


async def test_easy_japanese_sets_readings_for_everybody() -> None:
    html = (await AsyncClient().get("/ja-easy/chat/general/")).content.decode()
    assert '<html lang="ja" class="furigana"' in html


async def test_where_no_counselor_speaks_it_the_page_says_so_and_leads_on() -> None:
    vera = AsyncClient()
    assert "Japanese" in await words_of(vera, "/en/chat/youth/")
    response = await vera.post("/en/chat/youth/", {"consent": "on"})
    assert response["Location"] == "/en/talk/"
    assert (await Ticket.objects.aget()).language == "ja"


async def test_where_a_counselor_speaks_it_there_is_a_lane_of_its_own() -> None:
    from chat import campaigns

    await Campaign.objects.aupdate(languages=["ja", "en"])
    campaigns.forget()
    vera = AsyncClient()
    await vera.post("/en/chat/youth/", {"consent": "on"})
    assert (await Ticket.objects.aget()).language == "en"


def test_easy_japanese_waits_in_the_japanese_lane() -> None:
    easy, korean = named("ja-easy"), named("ko")
    assert easy is not None
    assert korean is not None
    assert lane_for(easy, ["ja"]) == "ja"
    assert lane_for(korean, ["ja"]) is None


def test_each_language_has_a_name_of_its_own() -> None:
    assert len({language.name for language in LANGUAGES}) == len(LANGUAGES) == 13
    assert DEFAULT.code == "ja"
