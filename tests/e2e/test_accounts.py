"""Coming in by a link and signing in with a second factor: an authenticator app's codes, and a passkey."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.access import finds_nothing, fits
from tests.e2e.people import People, Staff
from tests.service import Service
from tests.staff.codes import totp

pytestmark = [pytest.mark.e2e, pytest.mark.processes]
PASSWORD = "snow falls on cedars"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that demands a second factor. Of a passkey, browsers demand a host's name."""
    service = Service(tmp_path_factory.mktemp("accounts"), extra={"NOTALONE_SECOND_FACTOR": "1"})
    try:
        yield service.start(timers=False)
    finally:
        service.stop()


@pytest.fixture
def nao(people: People, service: Service) -> Staff:
    nao = people.anybody(viewport={"width": 375, "height": 740})
    nao.url = f"http://localhost:{service.webs[0].port}"
    nao.watch.hosts.add(f"localhost:{service.webs[0].port}")
    return nao


def join(nao: Staff, service: Service, username: str) -> None:
    """Follow a link, and choose a name and a password."""
    nao.goto(service.manage("invite", "--role", "counselor", "--organization", "akari").strip())
    checked(nao.page)
    nao.page.locator("#username").fill(username)
    nao.page.locator("#name").fill("なお")
    for field in ("#password", "#again"):
        nao.page.locator(field).fill(PASSWORD)
    nao.page.get_by_role("button", name="次へ").click()
    expect(nao.page.get_by_role("heading", level=1)).to_have_text("もうひとつの確認の方法")
    checked(nao.page)


def checked(page: Page) -> None:
    finds_nothing(page)
    fits(page)


def sign_out_and_in(nao: Staff, username: str) -> None:
    nao.page.get_by_role("button", name="サインアウト").first.click()
    nao.page.locator("#login").fill(username)
    nao.page.locator("#password").fill(PASSWORD)
    nao.page.get_by_role("button", name="サインイン").click()
    expect(nao.page.get_by_role("heading", level=1)).to_have_text("もうひとつの確認")
    checked(nao.page)


def test_link_then_app_then_password_and_code(nao: Staff, service: Service) -> None:
    join(nao, service, "nao")
    nao.page.get_by_role("link", name="アプリの番号を設定する").click()
    expect(nao.page.locator("img.qr")).to_be_visible()
    checked(nao.page)
    nao.page.get_by_text("図を読み取れないとき").click()
    secret = nao.page.locator("#secret").inner_text()
    nao.page.locator("#code").fill(totp(secret))
    nao.page.get_by_role("button", name="設定する").click()
    expect(nao.page.locator(".codes li")).to_have_count(10)
    checked(nao.page)
    nao.page.get_by_role("link", name="控えました。自分のページへ").click()
    expect(nao.page.locator(".desk")).to_be_visible()

    sign_out_and_in(nao, "nao")
    nao.page.locator("#code").fill("000000")
    nao.page.get_by_role("button", name="サインイン").click()
    expect(nao.page.locator("#code-wrong")).to_contain_text("番号が合いませんでした")
    nao.page.locator("#code").fill(totp(secret, steps=1))
    nao.page.get_by_role("button", name="サインイン").click()
    expect(nao.page.locator(".desk")).to_be_visible()


def test_link_then_passkey_then_password_and_passkey(nao: Staff, service: Service) -> None:
    device = nao.context.new_cdp_session(nao.page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    join(nao, service, "kei")
    nao.page.get_by_role("link", name="パスキーを設定する").click()
    checked(nao.page)
    nao.page.get_by_role("button", name="登録する").click()
    expect(nao.page.locator(".codes li")).to_have_count(10)

    sign_out_and_in(nao, "kei")
    nao.page.get_by_role("button", name="パスキーを使う").click()
    expect(nao.page.locator(".desk")).to_be_visible()

    nao.goto("/staff/mfa/passkeys/")
    checked(nao.page)
    nao.page.get_by_role("link", name="やめる").click()
    nao.page.locator("#password").fill(PASSWORD)
    nao.page.get_by_role("button", name="確かめる").click()
    nao.page.locator("form:not([data-sign-out])").get_by_role("button", name="やめる").click()
    expect(nao.page.get_by_role("alert")).to_contain_text("これが最後の方法です")


def test_supervisor_makes_a_link_and_shuts_an_account(people: People, service: Service) -> None:
    """In the same browser, page by page: the list, the link, the account."""
    sara = people.anybody(viewport={"width": 1280, "height": 800})
    sara.goto(service.manage("invite", "--member", "sara").strip())
    sara.page.locator("#name").fill("さら")
    for field in ("#password", "#again"):
        sara.page.locator(field).fill(PASSWORD)
    sara.page.get_by_role("button", name="次へ").click()
    sara.page.get_by_role("link", name="アプリの番号を設定する").click()
    sara.page.get_by_text("図を読み取れないとき").click()
    sara.page.locator("#code").fill(totp(sara.page.locator("#secret").inner_text()))
    sara.page.get_by_role("button", name="設定する").click()
    sara.goto("/staff/members/")
    checked(sara.page)
    sara.page.get_by_role("button", name="招待のリンクを作る").click()
    expect(sara.page.locator("#link")).to_have_value(re.compile(rf"^{sara.url}/staff/invitations/[\w-]+/$"))
    checked(sara.page)
    sara.page.get_by_role("link", name="渡しました").click()
    sara.page.get_by_role("link", name="開く").first.click()
    checked(sara.page)
    sara.page.get_by_label("サインインできる").uncheck()
    sara.page.get_by_role("button", name="権限を変える").click()
    expect(sara.page.get_by_label("サインインできる")).not_to_be_checked()
