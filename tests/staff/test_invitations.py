"""Coming in by a link: once, for three days, until name, password and second factor are set."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from chat.models import Counselor
from notalone import clock
from staff import invitations
from staff.models import AuditEntry, Invitation, User
from staff.reach import Place
from tests.staff.codes import recovery_codes, set_up, totp

PASSWORD = "snow falls on cedars"
COUNSELOR = Place(User.COUNSELOR, "akari")


@pytest.fixture
def browser() -> Client:
    return Client()


@pytest.fixture
def link(transactional_db, people) -> str:
    _, token = invitations.invite(people["adam"], COUNSELOR)
    return f"/staff/invitations/{token}/"


def join(browser: Client, link: str, **fields: str):
    browser.get(link)
    given = {"username": "nao", "name": "なお", "password": PASSWORD, "again": PASSWORD, **fields}
    return browser.post("/staff/join/", given)


def test_the_token_leaves_the_address_at_once(browser, link):
    assert browser.get(link).headers["Location"] == "/staff/join/"


def test_the_page_says_into_which_place(browser, link):
    browser.get(link)
    page = browser.get("/staff/join/").content.decode()
    assert "akariの相談員としての招待です" in page


@pytest.mark.django_db
def test_the_invited_becomes_who_they_were_invited_as(browser, link):
    join(browser, link)
    nao = User.objects.get(username="nao")
    assert (nao.role, nao.organization_id, nao.first_name) == (User.COUNSELOR, "akari", "なお")
    assert Counselor.objects.get(user=nao).name == "なお"


def test_password_is_kept_as_argon2(settings):
    from notalone.settings import PASSWORD_HASHERS

    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    nao = User()
    nao.set_password(PASSWORD)
    assert nao.password.startswith("argon2$")


def test_in_demo_mode_the_password_is_all(browser, link):
    assert join(browser, link).headers["Location"] == "/staff/"
    assert browser.get("/staff/desk/").status_code == 200


def test_outside_the_second_factor_comes_next(second_factor, browser, link):
    assert join(browser, link).headers["Location"] == "/staff/mfa/"
    assert browser.get("/staff/desk/").headers["Location"] == "/staff/mfa/"


def test_with_the_second_factor_the_desk_opens(second_factor, browser, link):
    join(browser, link)
    set_up(browser)
    assert len(recovery_codes(browser)) == 10
    assert browser.get("/staff/desk/").status_code == 200


def test_link_is_used_up_then(second_factor, browser, link):
    join(browser, link)
    set_up(browser)
    assert Client().get(link).status_code == 404
    assert not invitations.usable().exists()


def test_browser_closed_half_way_is_no_dead_end(second_factor, browser, link):
    join(browser, link)
    again = Client()
    page = again.get(link, follow=True).content.decode()
    assert "新しいパスワードを決めます" in page
    given = {"name": "なお", "password": PASSWORD + "!", "again": PASSWORD + "!"}
    assert again.post("/staff/join/", given).headers["Location"] == "/staff/mfa/"
    set_up(again)
    assert User.objects.filter(username="nao").count() == 1


def test_after_three_days_it_opens_nothing(browser, link):
    Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert browser.get(link).status_code == 404


def test_form_kept_open_beyond_the_end_opens_nothing(browser, link):
    browser.get(link)
    Invitation.objects.update(withdrawn_at=clock.now())
    assert join(browser, link).status_code == 404
    assert not User.objects.filter(username="nao").exists()


@pytest.mark.parametrize("token", ["x", "あ", "a" * 300])
@pytest.mark.django_db
def test_guessed_token_opens_nothing(browser, token):
    assert browser.get(f"/staff/invitations/{token}/").status_code == 404


@pytest.mark.django_db
def test_nobody_joins_without_a_link(browser):
    assert browser.post("/staff/join/", {"username": "x"}).status_code == 404


def test_only_the_token_s_hash_is_kept(link):
    token = link.split("/")[3]
    row = Invitation.objects.get()
    assert token not in str(Invitation.objects.values().get())
    assert bytes(row.token_hash) != token.encode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"username": ""}, "ここに入力してください"),
        ({"username": "Carla"}, "使われています"),
        ({"again": "another one"}, "同じではありません"),
        ({"password": "short", "again": "short"}, 'id="password-wrong"'),
        ({"password": "password1234", "again": "password1234"}, 'id="password-wrong"'),
        ({"name": "な" * 41}, 'id="name-wrong"'),
        ({"username": "<script>"}, 'id="username-wrong"'),
    ],
)
def test_what_does_not_do_is_told_at_its_field(browser, link, fields, words):
    answer = join(browser, link, **fields)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not User.objects.filter(first_name="なお").exists()


# --- a new way in ---


def test_new_link_shuts_the_account_until_it_is_used(people, browser, second_factor):
    invitations.invite_again(people["adam"], people["carla"])
    answer = browser.post("/staff/login/", {"login": "carla", "password": "a-long-night-of-listening"})
    assert "ユーザー名かパスワードが合いませんでした" in answer.content.decode()


def test_new_link_replaces_password_and_factor(people, browser, second_factor):
    _, token = invitations.invite_again(people["adam"], people["carla"])
    join(browser, f"/staff/invitations/{token}/", name="はる")
    first = set_up(browser)
    _, token = invitations.invite_again(people["adam"], people["carla"])
    join(browser, f"/staff/invitations/{token}/", name="はる")
    set_up(browser)
    other = Client()
    other.post("/staff/login/", {"login": "carla", "password": PASSWORD})
    answer = other.post("/staff/login/factor/", {"code": totp(first)})
    assert answer.status_code == 200


def test_new_link_ends_what_was_open(people, sign_in):
    carla = sign_in("carla")
    invitations.invite_again(people["adam"], people["carla"])
    assert carla.get("/staff/desk/").status_code == 302


# --- who invites whom ---


@pytest.mark.parametrize(
    ("inviter", "place", "may"),
    [
        ("adam", Place(User.COUNSELOR, "tomoshibi"), True),
        ("adam", Place(User.ADMINISTRATOR, None), True),
        ("adam", Place(User.SUPERVISOR, None, True), True),
        ("sara", Place(User.COUNSELOR, "akari"), True),
        ("sara", Place(User.COUNSELOR, "tomoshibi"), False),
        ("sara", Place(User.SUPERVISOR, "akari"), False),
        ("sara", Place(User.ADMINISTRATOR, "akari"), False),
        ("carla", Place(User.COUNSELOR, "akari"), False),
        ("olga", Place(User.COUNSELOR, "akari"), False),
    ],
)
def test_place_is_given_by_who_may(people, inviter, place, may):
    if may:
        invitations.invite(people[inviter], place)
        assert Invitation.objects.get().invited_by == people[inviter]
    else:
        with pytest.raises(invitations.NotYours):
            invitations.invite(people[inviter], place)
        assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "place",
    [
        Place(User.COUNSELOR, None),
        Place(User.SUPERVISOR, None),
        Place(User.COUNSELOR, "akari", True),
        Place(User.ADMINISTRATOR, None, True),
    ],
)
def test_place_that_can_not_be_is_refused(people, place):
    with pytest.raises(ValueError, match="can not be"):
        invitations.invite(people["adam"], place)


def test_who_invited_whom_is_on_record(second_factor, people, browser, link):
    join(browser, link)
    set_up(browser)
    acts = list(AuditEntry.objects.values_list("act", "actor_name"))
    assert acts == [
        ("invitation.made", "adam"),
        ("invitation.taken", "nao"),
        ("factor.added", "nao"),
        ("invitation.finished", "nao"),
        ("factor.added", "nao"),
    ]


# --- the command ---


@pytest.mark.django_db(transaction=True)
def test_first_administrator_comes_by_the_command(browser, second_factor):
    out = StringIO()
    call_command("invite", stdout=out)
    join(browser, out.getvalue().strip())
    set_up(browser)
    assert browser.get("/staff/board/").status_code == 200
    assert User.objects.get().role == User.ADMINISTRATOR


def test_command_gives_an_account_a_new_way_in(people, browser):
    out = StringIO()
    call_command("invite", member="carla", stdout=out)
    assert re.fullmatch(r"/staff/invitations/[\w-]{43}/\n", out.getvalue())


@pytest.mark.django_db
def test_command_refuses_a_place_that_can_not_be():
    with pytest.raises(CommandError, match="needs --organization"):
        call_command("invite", role="counselor")


@pytest.mark.django_db
def test_command_refuses_an_unknown_account():
    with pytest.raises(CommandError, match="no account"):
        call_command("invite", member="nobody")
