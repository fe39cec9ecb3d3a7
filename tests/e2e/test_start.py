"""The one-stop page in a browser: it turns over by itself, in place, whoever is reading it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.people import People

pytestmark = [pytest.mark.e2e, pytest.mark.processes]


def test_the_page_turns_over_at_the_edge_and_keeps_who_reads_at_their_place(people: People) -> None:
    vera = people.visitor()
    vera.page.clock.install()
    vera.goto("/")
    link = vera.page.locator('.card a[href="/ja/mail/youth/"]')
    link.focus()
    vera.page.evaluate(
        "document.querySelector('.card[data-service=\"chat:youth\"]').remove()"
    )  # as if it were another hour
    vera.page.clock.fast_forward("05:31:00")
    expect(vera.page.locator('.card[data-service="chat:youth"]')).to_have_count(1)
    expect(link).to_be_focused()


def test_off_line_the_page_stays_and_looks_again(people: People) -> None:
    vera = people.visitor()
    vera.watch.allow("ERR_INTERNET_DISCONNECTED")
    vera.page.clock.install()
    vera.goto("/")
    vera.page.evaluate("document.querySelector('.card[data-service=\"chat:youth\"]').remove()")
    vera.context.set_offline(True)
    vera.page.clock.fast_forward("05:31:00")
    expect(vera.page.locator(".card")).to_have_count(5)
    vera.context.set_offline(False)
    vera.page.clock.fast_forward("00:31")
    expect(vera.page.locator('.card[data-service="chat:youth"]')).to_have_count(1)
