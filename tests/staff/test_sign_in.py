"""Signing in and out at the form that PROTOCOL names."""

from __future__ import annotations

import re
from contextlib import nullcontext

import pytest
from django.test import AsyncClient, Client

from chat import runtime
from chat.events import StaffRevoked, user_topic
from tests.outages import redis_away
from tests.staff.conftest import PASSWORD

LOGIN, LOGOUT = "/staff/login/", "/staff/logout/"


@pytest.fixture
def browser(people):
    """A browser that checks CSRF as a real one does."""
    return Client(enforce_csrf_checks=True)


def token(browser: Client, page: str = LOGIN) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(page).content.decode())
    assert found
    return found[1]


def sign_in(browser: Client, login: str = "carla", password: str = PASSWORD, page: str = LOGIN):
    return browser.post(
        page, {"login": login, "password": password, "csrfmiddlewaretoken": token(browser, page)}
    )


@pytest.mark.parametrize(("person", "home"), [("carla", "/staff/desk/"), ("sara", "/staff/board/")])
def test_form_signs_in_and_leads_to_the_own_page(browser, person, home):
    answer = sign_in(browser, person)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/staff/")
    assert browser.get("/staff/").headers["Location"] == home


def test_form_leads_back_to_where_one_came_from(browser):
    page = f"{LOGIN}?next=/staff/desk/"
    html = browser.get(page).content.decode()
    assert 'name="next" value="/staff/desk/"' in html
    answer = browser.post(
        LOGIN,
        {
            "login": "carla",
            "password": PASSWORD,
            "next": "/staff/desk/",
            "csrfmiddlewaretoken": token(browser),
        },
    )
    assert answer.headers["Location"] == "/staff/desk/"


def test_form_never_leads_to_another_host(browser):
    answer = sign_in(browser, page=f"{LOGIN}?next=https://elsewhere.example/")
    assert answer.headers["Location"] == "/staff/"


@pytest.mark.parametrize(("login", "password"), [("carla", "wrong"), ("nobody", PASSWORD)])
def test_wrong_words_are_told_kindly_and_alike(browser, login, password):
    answer = sign_in(browser, login, password)
    assert answer.status_code == 200
    assert "ユーザー名かパスワードが合いませんでした" in answer.content.decode()
    assert browser.get("/staff/desk/").status_code == 302


def guess(address: str, times: int) -> Client:
    """Guess at Carla's password from an address."""
    guesser = Client(REMOTE_ADDR=address)
    for _ in range(times):
        guesser.post(LOGIN, {"login": "carla", "password": "wrong"})
    return guesser


@pytest.mark.parametrize("has_redis", [True, False])
def test_after_ten_wrong_passwords_that_network_has_to_wait(people, has_redis):
    with nullcontext() if has_redis else redis_away():
        guesser = guess("192.0.2.1", 10)
        answer = guesser.post(LOGIN, {"login": "carla", "password": PASSWORD})
    assert "少しお休みしています" in answer.content.decode()


@pytest.mark.parametrize(
    ("guesses", "owner"), [("192.0.2.1", "192.0.2.2"), ("2001:db8:1::1", "2001:db8:2::1")]
)
def test_who_guesses_at_a_name_does_not_lock_its_owner_out(people, guesses, owner):
    guess(guesses, 12)
    answer = Client(REMOTE_ADDR=owner).post(LOGIN, {"login": "carla", "password": PASSWORD})
    assert answer.status_code == 302


def test_form_without_the_token_is_refused(browser):
    assert browser.post(LOGIN, {"login": "carla", "password": PASSWORD}).status_code == 403


@pytest.fixture
async def carla(people, process):
    """A browser in which Carla is signed in, on the loop that has the hub."""
    carla = AsyncClient()
    await carla.aforce_login(people["carla"])
    return carla


@pytest.mark.django_db(transaction=True)
async def test_sign_out_ends_the_session(carla):
    assert (await carla.get("/staff/desk/")).status_code == 200
    answer = await carla.post(LOGOUT)
    assert answer.headers["Location"] == LOGIN
    assert (await carla.get("/staff/desk/")).headers["Location"].startswith(LOGIN)


@pytest.mark.django_db(transaction=True)
async def test_cookie_of_a_session_that_has_ended_opens_nothing(carla):
    old = carla.cookies["sessionid"].value
    await carla.post(LOGOUT)
    carla.cookies["sessionid"] = old
    assert (await carla.get("/staff/desk/")).status_code == 302


@pytest.mark.django_db(transaction=True)
async def test_sign_out_tells_the_open_sockets(carla, people):
    heard = []
    user = str(people["carla"].pk)
    runtime.current().hub.subscribe(user_topic(user), heard.append)
    await carla.post(LOGOUT)
    assert heard == [StaffRevoked(user=user)]


def test_sign_out_asks_first(browser):
    sign_in(browser)
    assert "サインアウトしますか" in browser.get(LOGOUT).content.decode()
    assert browser.get("/staff/desk/").status_code == 200


def test_session_gets_a_new_key_at_sign_in(browser):
    browser.cookies["sessionid"] = "planted"
    sign_in(browser)
    assert browser.cookies["sessionid"].value != "planted"


def test_second_factor_pages_exist(browser):
    sign_in(browser)
    assert browser.get("/staff/mfa/").status_code == 200


@pytest.mark.parametrize("page", ["/staff/signup/", "/staff/password/reset/", "/staff/email/"])
def test_nobody_signs_up(browser, page):
    assert browser.get(page).status_code == 404
