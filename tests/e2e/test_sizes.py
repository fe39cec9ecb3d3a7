"""Each visitor's page at 320, 375 and 1280 pixels, in Japanese and English, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.access import finds_nothing, fits
from tests.e2e.people import People, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.processes]

WIDTHS = (320, 375, 1280)
LANGUAGES = {"ja": "ja", "en": "en"}
BEFORE = (
    "",
    "chat/youth/",
    "chat/general/",
    "talk/",
    "return/",
    "mail/youth/",
    "mail/general/",
    "mail/",
    "nothing/",
)
AFTER = ("", "talk/", "mail/")

everywhere = pytest.mark.parametrize(
    ("language", "scripted"),
    [(language, scripted) for language in LANGUAGES for scripted in (True, False)],
    ids=lambda value: value if isinstance(value, str) else ("scripted" if value else "plain"),
)


def stands(page: Page, language: str) -> None:
    """See a whole page at each width: nothing sideways, its language, a heading, and both ways out."""
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("h1")).to_have_count(1)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        fits(page)
        expect(page.locator("#exit")).to_be_in_viewport()
        expect(page.locator(".danger summary")).to_be_in_viewport()


@everywhere
def test_each_page_stands_at_each_width(people: People, language: str, scripted: bool) -> None:
    vera = people.visitor(java_script_enabled=scripted)
    vera.watch.allow("status of 404")
    for path in BEFORE:
        vera.goto(f"/{language}/{path}")
        stands(vera.page, language)
    enters(vera, language)
    writes(vera, language)
    for path in AFTER:
        vera.goto(f"/{language}/{path}")
        stands(vera.page, language)
    vera.goto(f"/{language}/talk/")
    if scripted:
        vera.page.locator("#leave-waiting").click()
        vera.page.locator("#leave-form button").first.click()
        vera.sees_phase("closed")
    else:
        vera.page.locator("noscript form button").click()
    stands(vera.page, language)


def enters(vera: Visitor, language: str) -> None:
    vera.goto(f"/{language}/chat/youth/")
    vera.page.locator("#consent").check()
    vera.page.locator("#begin").click()
    vera.page.wait_for_url(f"**/{language}/talk/")


def writes(vera: Visitor, language: str) -> None:
    vera.goto(f"/{language}/mail/youth/")
    vera.page.locator("#body").fill("ねむれません")
    vera.page.locator("#consent").check()
    vera.page.locator("form.entry > p > button").click()
    vera.page.wait_for_url(f"**/{language}/mail/")


@pytest.mark.parametrize(
    "look",
    [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}],
    ids=["light", "dark", "forced colors"],
)
def test_axe_finds_nothing_on_the_pages_of_mail_and_of_other_languages(
    people: People, look: dict[str, str]
) -> None:
    vera = people.visitor(viewport={"width": 375, "height": 740}, **look)
    vera.watch.allow("status of 404")
    for path in ("/en/", "/th/", "/ja/mail/youth/", "/ja/mail/", "/ja/return/", "/ja/nothing/"):
        vera.goto(path)
        finds_nothing(vera.page)
    writes(vera, "ja")
    finds_nothing(vera.page)
    if "forced_colors" in look:
        for path in ("/ja/", "/ja/chat/youth/"):
            vera.goto(path)
            finds_nothing(vera.page)
        enters(vera, "ja")
        vera.sees_phase("waiting")
        finds_nothing(vera.page)
