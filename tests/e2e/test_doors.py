"""Who may come in where: the staff's pages by role, the sign-in itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.people import People

pytestmark = [pytest.mark.e2e, pytest.mark.processes]


def test_a_counselor_signs_in_by_the_form_and_comes_to_the_desk(people: People) -> None:
    carla = people.anybody()
    account = people.service.member("carla")
    carla.goto("/staff/desk/")
    expect(carla.page).to_have_url(re.compile("/staff/login/"))
    carla.page.get_by_label("ユーザー名").fill(account["username"])
    carla.page.get_by_label("パスワード").fill(account["password"])
    carla.page.get_by_role("button", name="サインイン").click()
    expect(carla.page).to_have_url(re.compile("/staff/desk/$"))
    expect(carla.page.locator(".desk")).to_be_visible()
    carla.page.get_by_role("button", name="サインアウト").click()
    carla.page.wait_for_url(lambda url: "/staff/desk/" not in url)
    carla.goto("/staff/desk/")
    expect(carla.page).to_have_url(re.compile("/staff/login/"))


def test_a_wrong_password_is_told_kindly(people: People) -> None:
    sven = people.anybody()
    sven.goto("/staff/login/")
    sven.page.get_by_label("ユーザー名").fill("carla")
    sven.page.get_by_label("パスワード").fill("まちがい")
    sven.page.get_by_role("button", name="サインイン").click()
    expect(sven.page.get_by_role("alert")).to_be_visible()
    expect(sven.page.get_by_label("ユーザー名")).to_have_value("carla")
    expect(sven.page.locator("main")).not_to_contain_text("エラー")


def test_a_supervisor_is_led_from_the_desk_to_the_board(people: People) -> None:
    sara = people.supervisor()
    sara.watch.allow("status of 403")
    sara.goto("/staff/desk/")
    expect(sara.page.get_by_role("heading", level=1)).to_have_text("ここは、ほかの役割の方のページです")
    sara.page.get_by_role("link", name="待機ボードへ").click()
    expect(sara.page.locator("#sentence")).to_be_visible()


def test_a_counselor_is_led_from_the_board_to_the_desk(people: People) -> None:
    carla = people.counselor()
    carla.watch.allow("status of 403")
    carla.goto("/staff/board/")
    expect(carla.page.get_by_role("heading", level=1)).to_have_text("ここは、ほかの役割の方のページです")
    carla.page.get_by_role("link", name="相談デスクへ").click()
    expect(carla.page.locator(".desk")).to_be_visible()


@pytest.mark.parametrize("path", ["/staff/", "/staff/desk/", "/staff/board/"])
def test_a_stranger_is_led_to_the_sign_in(people: People, path: str) -> None:
    sven = people.anybody()
    sven.goto(path)
    expect(sven.page).to_have_url(re.compile("/staff/login/"))


def test_a_visitor_without_a_ticket_is_led_to_the_start(people: People) -> None:
    vera = people.visitor()
    vera.goto("/ja/talk/")
    vera.page.get_by_role("link", name="はじめのページへ").first.click()
    expect(vera.page.get_by_role("heading", level=1)).to_have_text("あなたはひとりじゃない")
