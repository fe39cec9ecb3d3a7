"""Staff choose Japanese or English in the header; the browser remembers it."""

from __future__ import annotations

import pytest
from django.conf import settings

LOGIN, DESK, CHOOSE = "/staff/login/", "/staff/desk/", "/staff/language/"


def test_staff_pages_speak_japanese_first(sign_in):
    answer = sign_in(None).get(LOGIN, headers={"accept-language": "en"}).content.decode()
    assert '<html lang="ja">' in answer
    assert "ユーザー名" in answer


def test_english_is_chosen_once_and_kept(sign_in):
    browser = sign_in(None)
    answer = browser.post(CHOOSE, {"language": "en", "next": LOGIN})
    assert answer.headers["Location"] == LOGIN
    page = browser.get(LOGIN).content.decode()
    assert '<html lang="en">' in page
    assert "User name" in page
    assert "ユーザー名" not in page


def test_the_choice_outlives_signing_out(sign_in):
    browser = sign_in("carla")
    browser.post(CHOOSE, {"language": "en", "next": DESK})
    browser.post("/staff/logout/")
    assert "User name" in browser.get(LOGIN).content.decode()


def test_one_can_go_back_to_japanese(sign_in):
    browser = sign_in(None)
    browser.post(CHOOSE, {"language": "en", "next": LOGIN})
    browser.post(CHOOSE, {"language": "ja", "next": LOGIN})
    assert "ユーザー名" in browser.get(LOGIN).content.decode()


def test_what_the_sign_in_refuses_is_said_in_english(sign_in):
    browser = sign_in(None)
    browser.post(CHOOSE, {"language": "en", "next": LOGIN})
    answer = browser.post(LOGIN, {"login": "nobody", "password": "wrong"}).content.decode()
    assert "did not match" in answer


@pytest.mark.parametrize("page", ["https://elsewhere.example/", "//elsewhere.example/staff/", "/ja/", ""])
def test_the_switch_leads_to_staff_pages_alone(sign_in, page):
    assert sign_in(None).post(CHOOSE, {"language": "en", "next": page}).headers["Location"] == "/staff/"


def test_a_language_that_is_not_offered_is_refused(sign_in):
    answer = sign_in(None).post(CHOOSE, {"language": "fr", "next": LOGIN})
    assert answer.status_code == 400
    assert settings.STAFF_LANGUAGE_COOKIE not in answer.cookies


def test_visitors_pages_do_not_heed_it(sign_in):
    browser = sign_in(None)
    browser.cookies[settings.STAFF_LANGUAGE_COOKIE] = "en"
    assert '<html lang="ja"' in browser.get("/").content.decode()
