"""Keys: Japanese composition, Enter on a desktop and on a phone, and a keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.e2e.people import PHONE, People

pytestmark = [pytest.mark.e2e, pytest.mark.processes]

ENTER = {"key": "Enter", "bubbles": True, "cancelable": True}
RING = """place => [place, place.nextElementSibling].filter(Boolean).map((one) => getComputedStyle(one))
    .some((style) => style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 3)"""


def compose(page: Page, box: Locator, words: str) -> CDPSession:
    """Begin a composition as an input method does: the words stand underlined, not yet chosen."""
    box.focus()
    keys = page.context.new_cdp_session(page)
    keys.send(
        "Input.imeSetComposition", {"text": words, "selectionStart": len(words), "selectionEnd": len(words)}
    )
    expect(box).to_have_value(words)
    return keys


def choose(keys: CDPSession, words: str) -> None:
    """Press the Enter that ends the composition: key code 229, as browsers report it."""
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    keys.send("Input.insertText", {"text": words})
    keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})


def test_the_enter_that_ends_a_composition_does_not_send(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    choose(compose(vera.page, vera.draft, "こんばんは"), "今晩は")
    expect(vera.draft).to_have_value("今晩は")
    area = carla.talk("ベラ").locator("textarea")
    choose(compose(carla.page, area, "はい"), "はい")
    expect(area).to_have_value("はい")
    vera.draft.press("Enter")
    vera.sees("今晩は")
    area.press("Enter")
    carla.sees("ベラ", "今晩は", "はい")


def test_an_enter_in_mid_composition_does_not_send(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    compose(vera.page, vera.draft, "とちゅう")
    # Safari's way: the key code tells, isComposing does not
    vera.draft.dispatch_event(
        "keydown", {"key": "Enter", "keyCode": 229, "isComposing": False, "bubbles": True}
    )
    vera.draft.dispatch_event(
        "keydown", {"key": "Enter", "keyCode": 13, "isComposing": True, "bubbles": True}
    )
    expect(vera.draft).to_have_value("とちゅう")
    expect(vera.transcript()).to_have_count(0)


def test_shift_and_enter_is_a_new_line(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    vera.draft.press_sequentially("一")
    vera.draft.press("Shift+Enter")
    vera.draft.press_sequentially("二")
    vera.draft.press("Enter")
    vera.sees("一\n二")


def test_on_a_phone_enter_is_a_new_line_and_the_button_sends(people: People) -> None:
    carla, vera = people.counselor(), people.visitor(**PHONE)
    carla.come()
    vera.enter(nickname="ベラ")
    vera.sees_phase("paired")
    vera.draft.tap()
    vera.draft.press_sequentially("一")
    vera.draft.press("Enter")
    vera.draft.press_sequentially("二")
    expect(vera.draft).to_have_value("一\n二")
    vera.page.locator("#send").tap()
    vera.sees("一\n二")
    carla.sees("ベラ", "一\n二")
    expect(vera.draft).to_be_focused()


def to(page: Page, place: Locator) -> None:
    """Press Tab until the place has the focus, and see that it shows it."""
    place.wait_for()
    for _ in range(40):
        page.keyboard.press("Tab")
        if place.evaluate("place => place === document.activeElement"):
            break
    expect(place).to_be_focused()
    assert place.evaluate(RING), f"no focus ring on {place}"


def test_from_the_start_to_a_sent_message_by_keyboard_alone(people: People) -> None:
    carla, vera = people.counselor(), people.visitor()
    carla.come()
    page = vera.page
    vera.goto("/")
    to(page, page.locator('.card a[href="/ja/chat/youth/"]'))
    page.keyboard.press("Enter")
    page.wait_for_url("**/ja/chat/youth/")
    to(page, page.locator("input[name=topic]").first)
    page.keyboard.press("Space")
    to(page, page.locator("#nickname"))
    page.keyboard.type("ベラ")
    to(page, page.locator("#consent"))
    page.keyboard.press("Space")
    to(page, page.locator("#begin"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/ja/talk/")
    vera.sees_phase("paired")
    to(page, vera.draft)
    page.keyboard.type("キーだけで書きました")
    page.keyboard.press("Enter")
    carla.hears("ベラ", "キーだけで書きました")
    expect(carla.page.locator(".facts")).to_contain_text("学校")
