"""Password and second factor: forced, sealed, good once, and no second way in."""

from __future__ import annotations

from io import StringIO

import pytest
import redis
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.converters import IntConverter, SlugConverter, StringConverter, UUIDConverter

from staff import gate, invitations
from staff import second_factor as factors
from staff.models import User
from staff.reach import Place
from tests.staff.codes import recovery_codes, set_up, totp

PASSWORD = "snow falls on cedars"
FACTOR = "/staff/login/factor/"
DESK = "/staff/desk/"


@pytest.fixture
def joined(transactional_db, people, second_factor) -> tuple[Client, str]:
    """Nao, who has just joined, and the secret in her authenticator app."""
    _, token = invitations.invite(people["adam"], Place(User.COUNSELOR, "akari"))
    browser = Client()
    browser.get(f"/staff/invitations/{token}/")
    given = {"username": "nao", "name": "なお", "password": PASSWORD, "again": PASSWORD}
    browser.post("/staff/join/", given)
    return browser, set_up(browser)


@pytest.fixture
def secret(joined) -> str:
    return joined[1]


def by_password(login: str = "nao", password: str = PASSWORD) -> Client:
    browser = Client()
    browser.post("/staff/login/", {"login": login, "password": password})
    return browser


def test_password_and_code_sign_in(secret):
    browser = by_password()
    assert browser.post(FACTOR, {"code": totp(secret)}).headers["Location"] == "/staff/"
    assert browser.get(DESK).status_code == 200


def test_password_alone_opens_nothing(secret):
    assert by_password().get(DESK).headers["Location"].startswith("/staff/login/")


def test_code_page_without_a_password_is_not_there(secret):
    assert Client().get(FACTOR).headers["Location"] == "/staff/login/"


@pytest.mark.parametrize("code", ["000000", "", "12345", "１２３４５６"])
def test_wrong_code_is_refused(secret, code):
    browser = by_password()
    assert browser.post(FACTOR, {"code": code}).status_code == 200
    assert browser.get(DESK).status_code == 302


def test_code_is_good_once(secret):
    code = totp(secret)
    by_password().post(FACTOR, {"code": code})
    second = by_password()
    assert second.post(FACTOR, {"code": code}).status_code == 200
    assert second.get(DESK).status_code == 302


def test_code_is_good_once_though_redis_forgot(secret):
    code = totp(secret)
    by_password().post(FACTOR, {"code": code})
    cache.clear()
    assert by_password().post(FACTOR, {"code": code}).status_code == 200


def test_code_before_the_one_used_is_not_good_any_more(secret):
    by_password().post(FACTOR, {"code": totp(secret, steps=1)})
    assert by_password().post(FACTOR, {"code": totp(secret)}).status_code == 200


@pytest.mark.parametrize("steps", [-2, 2])
def test_code_of_another_minute_is_not_good(secret, steps):
    assert by_password().post(FACTOR, {"code": totp(secret, steps=steps)}).status_code == 200


def test_recovery_code_signs_in_once(joined):
    code = recovery_codes(joined[0])[3]
    first, second = by_password(), by_password()
    assert first.post(FACTOR, {"code": code}).headers["Location"] == "/staff/"
    assert second.post(FACTOR, {"code": code}).status_code == 200


def test_tenth_wrong_code_is_the_last_one_for_a_while(secret):
    browser = by_password()
    for _ in range(10):
        browser.post(FACTOR, {"code": "000000"})
    answer = browser.post(FACTOR, {"code": totp(secret)})
    assert "少しお休みしています" in answer.content.decode()


def test_session_has_a_new_key_after_each_step(secret):
    browser = Client()
    browser.cookies["sessionid"] = "planted"
    browser.post("/staff/login/", {"login": "nao", "password": PASSWORD})
    half = browser.cookies["sessionid"].value
    browser.post(FACTOR, {"code": totp(secret)})
    assert len({"planted", half, browser.cookies["sessionid"].value}) == 3


def test_half_a_sign_in_is_of_no_use_to_who_planted_its_session(secret):
    browser = by_password()
    planted = Client()
    planted.cookies["sessionid"] = browser.cookies["sessionid"].value
    browser.post(FACTOR, {"code": totp(secret)})
    assert planted.get(DESK).status_code == 302


# --- no way round ---


NOBODY = "00000000-0000-0000-0000-000000000000"
SAMPLE = {UUIDConverter: NOBODY, IntConverter: 1, SlugConverter: "claim", StringConverter: "x"}


def staff_pages() -> list[str]:
    """Walk the URLs below /staff/ but those that stand open."""
    found = []
    for pattern in next(p for p in get_resolver().url_patterns if str(p.pattern) == "staff/").url_patterns:
        if pattern.name not in gate.OPEN:
            parts = {name: SAMPLE[type(kind)] for name, kind in pattern.pattern.converters.items()}
            found.append(reverse(pattern.name, kwargs=parts))
    return found


def test_the_walk_finds_the_pages():
    assert {DESK, "/staff/board/", "/staff/members/", "/staff/mfa/totp/add/"} <= set(staff_pages())


@pytest.mark.parametrize("page", staff_pages())
@pytest.mark.parametrize("method", ["get", "post"])
def test_session_by_password_alone_opens_no_page(sign_in, second_factor, page, method):
    assert getattr(sign_in("adam"), method)(page).headers["Location"] == "/staff/login/no-factor/"


@pytest.mark.parametrize("page", staff_pages())
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_opens_no_page(people, page, method):
    assert getattr(Client(), method)(page).headers["Location"].startswith("/staff/login/?next=")


def test_account_without_a_factor_is_told_how_to_get_one(people, second_factor):
    answer = Client().post(
        "/staff/login/", {"login": "carla", "password": "a-long-night-of-listening"}, follow=True
    )
    assert answer.redirect_chain == [("/staff/login/no-factor/", 302)]
    assert "新しいリンク" in answer.content.decode()


def test_account_without_a_factor_can_not_give_itself_one(people, second_factor):
    browser = by_password("carla", "a-long-night-of-listening")
    browser.get("/staff/mfa/totp/add/")
    assert not Authenticator.objects.exists()
    assert browser.get(DESK).status_code == 302


def test_somebody_else_s_records_do_not_count(people, second_factor):
    session = {factors.RECORDS: [{"method": "mfa"}], factors.RECORDS_OF: str(people["chris"].pk)}
    assert not factors.is_through(session, people["carla"])
    assert factors.is_through(session, people["chris"])


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/"])
def test_there_is_no_admin_site(client, path):
    assert client.get(path).status_code == 404


# --- looking after one's factors ---


def test_last_factor_stays(joined):
    browser, _ = joined
    answer = browser.post("/staff/mfa/totp/remove/")
    assert "これが最後の方法です" in answer.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()


def test_factor_changes_ask_for_the_password_anew(secret):
    browser = by_password()
    browser.post(FACTOR, {"code": totp(secret)})
    answer = browser.get("/staff/mfa/codes/renew/")
    assert answer.headers["Location"] == "/staff/again/?next=%2Fstaff%2Fmfa%2Fcodes%2Frenew%2F"
    browser.post("/staff/again/", {"password": PASSWORD, "next": "/staff/mfa/codes/renew/"})
    assert browser.get("/staff/mfa/codes/renew/").status_code == 200


def test_secrets_are_sealed(secret):
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored


def test_secrets_open_with_the_new_key_after_a_rotation(secret, settings):
    new = f"b:{'22' * 32}"
    settings.CONTENT_KEYS = f"{new},{settings.CONTENT_KEYS}"
    call_command("rotate_keys", verbosity=0, stdout=StringIO())
    settings.CONTENT_KEYS = new
    answer = by_password().post(FACTOR, {"code": totp(secret)})
    assert answer.headers["Location"] == "/staff/"


def test_code_used_for_reauthentication_is_used_up_too(secret):
    browser = by_password()
    browser.post(FACTOR, {"code": totp(secret)})
    answer = browser.post("/staff/again/code/", {"code": totp(secret), "next": "/staff/"})
    assert answer.status_code == 200


# --- many behind one address ---


def test_a_shift_of_forty_signs_in_from_one_address(people):
    for name in [f"c{number}" for number in range(40)]:
        User.objects.create_user(name, password=PASSWORD, role=User.SUPERVISOR, organization_id="akari")
        assert "_auth_user_id" in by_password(name).session


def test_guesser_of_one_name_is_held_and_others_are_not(people):
    for _ in range(10):
        by_password("carla", "wrong")
    answer = Client().post("/staff/login/", {"login": "carla", "password": "a-long-night-of-listening"})
    assert "少しお休みしています" in answer.content.decode()
    assert by_password("sara", "a-long-night-of-listening").get("/staff/board/").status_code == 200


def test_no_address_is_kept(people, redis_url):
    Client(REMOTE_ADDR="203.0.113.77").post("/staff/login/", {"login": "carla", "password": "wrong"})
    store = redis.Redis.from_url(redis_url)
    said = b" ".join(store.keys("*")) + b" ".join(store.get(key) or b"" for key in store.keys("*:rl:*"))
    store.close()
    assert b":rl:" in said
    assert b"203.0.113" not in said
