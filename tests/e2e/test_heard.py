"""What a screen reader says: the walk that docs/accessibility.md writes down is the accessibility tree's."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.docs.places import read
from tests.e2e.people import People

pytestmark = [pytest.mark.e2e, pytest.mark.processes]


def walk(name: str) -> str:
    """Give one stop of the walk, as the document tells it."""
    found = re.search(rf"<!-- heard: {name} -->\n```yaml\n(.*?)```", read("docs/accessibility.md"), re.DOTALL)
    assert found, name
    return found[1]


def test_what_is_heard_from_the_start_to_the_talk(people: People) -> None:
    vera, carla = people.visitor(), people.counselor()
    vera.goto("/")
    expect(vera.page.locator("body")).to_match_aria_snapshot(walk("start"))
    vera.goto("/ja/chat/youth/")
    expect(vera.page.locator("main")).to_match_aria_snapshot(walk("entry"))
    vera.enter(nickname="ベラ")
    vera.sees_phase("waiting")
    expect(vera.page.locator("main")).to_match_aria_snapshot(walk("waiting"))
    carla.come()
    vera.sees_phase("paired")
    vera.say("こんばんは")
    vera.sees_it_arrived()
    carla.say("ベラ", "ここで聞いています。")
    vera.hears("ここで聞いています")
    expect(vera.page.locator("main")).to_match_aria_snapshot(walk("talk"))
