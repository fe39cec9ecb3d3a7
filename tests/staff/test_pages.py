"""Every staff page is tried with the right person and with each wrong one."""

from __future__ import annotations

import pytest

DESK, BOARD, HOME, LOGIN = "/staff/desk/", "/staff/board/", "/staff/", "/staff/login/"


@pytest.mark.parametrize(
    ("person", "page", "status"),
    [
        ("carla", DESK, 200),
        ("chris", DESK, 200),
        ("sara", DESK, 403),
        ("adam", DESK, 403),
        (None, DESK, 302),
        ("carla", BOARD, 403),
        ("chris", BOARD, 403),
        ("sara", BOARD, 200),
        ("adam", BOARD, 200),
        (None, BOARD, 302),
        ("carla", HOME, 302),
        ("sara", HOME, 302),
        ("adam", HOME, 302),
        ("olga", DESK, 403),
        ("olga", BOARD, 403),
        ("olga", HOME, 403),
        (None, HOME, 302),
    ],
)
def test_page_opens_for_its_role_alone(sign_in, person, page, status):
    assert sign_in(person).get(page).status_code == status


@pytest.mark.parametrize(("person", "home"), [("carla", DESK), ("sara", BOARD), (None, LOGIN)])
def test_home_leads_to_the_own_page(sign_in, person, home):
    assert sign_in(person).get(HOME).headers["Location"] == home


@pytest.mark.parametrize("page", [DESK, BOARD])
def test_anonymous_is_led_to_sign_in_and_back(sign_in, page):
    assert sign_in(None).get(page).headers["Location"] == f"{LOGIN}?next={page}"


@pytest.mark.parametrize(("person", "page", "own"), [("sara", DESK, BOARD), ("carla", BOARD, DESK)])
def test_wrong_role_is_shown_the_own_page(sign_in, person, page, own):
    answer = sign_in(person).get(page).content.decode()
    assert f'href="{own}"' in answer
    assert "ほかの役割の方のページです" in answer


def test_role_without_a_page_gets_words_and_no_link_in_circles(sign_in):
    answer = sign_in("olga").get(HOME).content.decode()
    assert "のページは、ここにはありません" in answer


def test_inactive_person_is_out(sign_in, people):
    browser = sign_in("carla")
    people["carla"].is_active = False
    people["carla"].save()
    assert browser.get(DESK).headers["Location"].startswith(LOGIN)


def test_role_is_looked_up_at_each_page(sign_in, people):
    browser = sign_in("carla")
    people["carla"].role = "supervisor"
    people["carla"].save()
    assert browser.get(DESK).status_code == 403
    assert browser.get(BOARD).status_code == 200


@pytest.mark.parametrize(("person", "page"), [("carla", DESK), ("sara", BOARD)])
def test_page_is_never_kept_by_a_cache(sign_in, person, page):
    assert "no-store" in sign_in(person).get(page).headers["Cache-Control"]


@pytest.mark.parametrize(
    ("person", "page"),
    [
        ("carla", DESK),
        ("sara", BOARD),
        (None, LOGIN),
        ("carla", "/staff/mfa/"),
        ("carla", "/staff/password/"),
    ],
)
def test_page_keeps_to_the_content_policy(sign_in, person, page):
    answer = sign_in(person).get(page)
    html = answer.content.decode()
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "style=" not in html
    assert "<style" not in html
    assert html.count("<script") == html.count('<script type="module" src="/static/staff/')


@pytest.mark.parametrize("page", [DESK, BOARD])
def test_page_is_read_only(sign_in, page):
    assert sign_in("carla" if page == DESK else "sara").post(page).status_code == 405


def test_name_is_text_and_nothing_else(sign_in, people):
    people["carla"].first_name = "<img src=x>"
    people["carla"].save()
    assert "<img" not in sign_in("carla").get(DESK).content.decode()
