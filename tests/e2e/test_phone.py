"""Phone consultations and counts, as counselors and supervisors see them, on a phone and at a desk."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.access import finds_nothing, fits
from tests.e2e.people import Counselor, People

pytestmark = [pytest.mark.e2e, pytest.mark.processes]
PHONE: dict[str, Any] = {"viewport": {"width": 375, "height": 740}}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}
looks = pytest.mark.parametrize("look", [PHONE, DESK], ids=["phone", "desk, dark"])


def checked(page: Page, _name: str) -> None:
    finds_nothing(page)
    fits(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def write_down(carla: Counselor, note: str) -> None:
    carla.goto("/staff/phone/")
    carla.page.get_by_label("長さ（分）").fill("35")
    carla.page.get_by_label("さびしい").check()
    carla.page.get_by_label("ひとことメモ").fill(note)
    press(carla.page, "記録する")
    expect(carla.page.get_by_role("status")).to_contain_text("記録しました")


@looks
def test_a_call_is_written_down_corrected_and_deleted(people: People, look: dict[str, Any]) -> None:
    carla = people.counselor(**look)
    page = carla.page
    write_down(carla, "ねむれない、と話していた。")
    checked(page, "phone")
    page.get_by_role("link", name="開く").first.click()
    expect(page.get_by_text("ねむれない、と話していた。")).to_be_visible()
    checked(page, "phone-one")
    page.get_by_role("link", name="直す").click()
    expect(page.get_by_label("長さ（分）")).to_have_value("35")
    expect(page.get_by_label("さびしい")).to_be_checked()
    page.get_by_label("結果").select_option("referral")
    page.get_by_label("ひとことメモ").fill("ねむれない、と話していた。あすも電話する。")
    carla.watch.allow("status of 400")
    press(page, "直す")
    expect(page.get_by_role("alert")).to_contain_text("書いたことばは残っています")
    expect(page.get_by_label("ひとことメモ")).to_have_value("ねむれない、と話していた。あすも電話する。")
    checked(page, "phone-correct")
    page.get_by_label("つなぎ支援の先").select_option("welfare_office")
    press(page, "直す")
    expect(page.get_by_role("status")).to_contain_text("記録を直しました")
    page.get_by_role("link", name="開く").first.click()
    page.get_by_role("link", name="消す").click()
    checked(page, "phone-delete")
    page.get_by_label("二重に記録した").check()
    press(page, "消す")
    expect(page.get_by_role("status")).to_contain_text("記録を消しました")


@looks
def test_the_numbers_are_shown_by_day_and_saved(people: People, look: dict[str, Any]) -> None:
    write_down(people.counselor(), "メモ")
    sara = people.supervisor(**look)
    page = sara.page
    sara.open_board()
    page.get_by_role("link", name="相談の数").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("相談の数")
    expect(page.locator("tr", has_text="電話")).to_have_count(1)
    checked(page, "report")
    page.get_by_label("日", exact=True).select_option("all")
    press(page, "この日を見る")
    expect(page.get_by_role("heading", name="日ごとの人数")).to_be_visible()
    checked(page, "report-all")
    with page.expect_download() as saving:
        page.get_by_role("link", name="CSV で保存").click()
    saved = saving.value
    assert saved.suggested_filename == "2024-new-year-all.csv"
    assert saved.path().read_bytes().startswith("\ufeff日,窓口".encode())
