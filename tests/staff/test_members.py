"""Looking after accounts: each page and act with the right person and with each wrong one."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.test import AsyncClient

from chat.db import run
from chat.models import Counselor
from staff import invitations, second_factor
from staff.models import AuditEntry, StaffSession, User
from staff.reach import Place
from staff.session_store import SessionStore

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/staff/members/"
RIGHTS: dict[str, Any] = {"role": "counselor", "organization": "akari", "is_active": "on"}


def show_again(key: str, user: User, at: float) -> None:
    """Note in a session that its owner has shown anew who they are."""
    session = SessionStore(key)
    session[second_factor.RECORDS] = [{"method": "password", "at": at, "reauthenticated": True}]
    session[second_factor.RECORDS_OF] = str(user.pk)
    session.save()


@pytest.fixture
def browse(people, process):
    """Give a browser in which somebody is signed in who has just shown who they are."""

    async def browser(name: str, *, again: bool = True) -> AsyncClient:
        made = AsyncClient()
        await made.aforce_login(people[name])
        if again:
            await run(show_again, made.cookies["sessionid"].value, people[name], time.time())
        return made

    return browser


@pytest.mark.parametrize(
    ("person", "seen"),
    [("adam", {"adam", "carla", "chris", "sara", "olga"}), ("sara", {"carla"})],
)
async def test_list_shows_who_is_one_s_to_look_after(browse, people, person, seen):
    page = (await (await browse(person)).get(LIST)).content.decode()
    assert {name for name in people if f'<span class="faint">{name}</span>' in page} == seen


@pytest.mark.parametrize("person", ["carla", "chris", "olga"])
async def test_list_is_not_for_counselors(browse, person):
    assert (await (await browse(person)).get(LIST)).status_code == 403


@pytest.mark.parametrize(
    ("person", "member", "status"),
    [
        ("adam", "chris", 200),
        ("adam", "sara", 200),
        ("sara", "carla", 200),
        ("sara", "chris", 404),
        ("sara", "adam", 404),
        ("sara", "sara", 404),
        ("carla", "carla", 403),
    ],
)
@pytest.mark.parametrize(
    ("act", "method"),
    [("", "get"), ("rights/", "post"), ("renew/", "post"), ("sign-out/", "post")],
)
async def test_account_is_looked_after_by_who_may(browse, people, person, member, status, act, method):
    browser = await browse(person)
    answer = await getattr(browser, method)(f"{LIST}{people[member].pk}/{act}", RIGHTS)
    assert answer.status_code == (302 if status == 200 and act in {"rights/", "sign-out/"} else status)


@pytest.mark.parametrize("act", ["", "rights/", "renew/", "sign-out/"])
async def test_each_act_asks_anew_who_is_there(browse, people, act):
    browser = await browse("adam", again=False)
    page = f"{LIST}{people['carla'].pk}/"
    answer = await (browser.post(page + act, RIGHTS) if act else browser.get(page))
    assert answer.headers["Location"].startswith("/staff/again/?next=%2Fstaff%2Fmembers%2F")
    assert not await run(AuditEntry.objects.exists)


@pytest.mark.parametrize("act", ["", "invite/"])
async def test_inviting_asks_anew_too(browse, act):
    browser = await browse("adam", again=False)
    answer = await (browser.post(LIST + act, RIGHTS) if act else browser.get(LIST))
    assert answer.headers["Location"].startswith("/staff/again/")


async def test_five_minutes_later_it_is_asked_again(browse, people):
    browser = await browse("adam")
    await run(show_again, browser.cookies["sessionid"].value, people["adam"], time.time() - 301)
    assert (await browser.get(LIST)).headers["Location"].startswith("/staff/again/")


async def test_administrator_invites_into_any_place(browse):
    answer = await (await browse("adam")).post(
        f"{LIST}invite/", {"role": "supervisor", "is_service_wide": "on"}
    )
    link = re.search(r'value="http://testserver(/staff/invitations/[\w-]+/)"', answer.content.decode())
    assert link
    row = await run(invitations.by_token, link[1].split("/")[3])
    assert (row.role, row.organization_id, row.is_service_wide) == ("supervisor", None, True)


async def test_supervisor_s_form_gives_a_counselor_s_place_whatever_is_sent(browse):
    await (await browse("sara")).post(
        f"{LIST}invite/", {"role": "administrator", "organization": "tomoshibi"}
    )
    row = await run(invitations.usable().get)
    assert (row.role, row.organization_id) == ("counselor", "akari")


async def test_place_that_can_not_be_is_told_at_the_form(browse):
    answer = await (await browse("adam")).post(f"{LIST}invite/", {"role": "counselor"})
    assert "実施団体を選んでください" in answer.content.decode()
    assert not await run(invitations.usable().exists)


async def test_link_is_withdrawn(browse, people):
    row, token = await run(invitations.invite, people["adam"], Place("counselor", "akari"))
    await (await browse("sara")).post(f"{LIST}links/{row.pk}/withdraw/")
    assert await run(invitations.by_token, token) is None


async def test_somebody_else_s_link_is_not_there(browse, people):
    row, token = await run(invitations.invite, people["adam"], Place("counselor", "tomoshibi"))
    answer = await (await browse("sara")).post(f"{LIST}links/{row.pk}/withdraw/")
    assert answer.status_code == 404
    assert await run(invitations.by_token, token) is not None


async def test_other_rights_are_written_and_on_record(browse, people):
    new = {"role": "counselor", "organization": "akari", "is_active": "on"}
    await (await browse("adam")).post(f"{LIST}{people['chris'].pk}/rights/", new)
    chris = await run(User.objects.get, username="chris")
    entry = await run(AuditEntry.objects.get, act="rights.changed")
    assert chris.organization_id == "akari"
    assert (entry.actor_name, entry.facts["organization"], entry.facts["to_organization"]) == (
        "adam", "tomoshibi", "akari",
    )  # fmt: skip


async def test_who_becomes_a_counselor_can_take_talks(browse, people):
    await (await browse("adam")).post(f"{LIST}{people['sara'].pk}/rights/", RIGHTS)
    assert await run(Counselor.objects.filter(user=people["sara"]).exists)


async def test_nobody_changes_their_own_rights(browse, people):
    await (await browse("adam")).post(f"{LIST}{people['adam'].pk}/rights/", RIGHTS)
    adam = await run(User.objects.get, username="adam")
    assert adam.role == User.ADMINISTRATOR


async def test_shut_account_has_nothing_open_and_no_way_in(browse, people):
    carla = await browse("carla")
    await (await browse("sara")).post(f"{LIST}{people['carla'].pk}/rights/", {})
    assert (await carla.get("/staff/desk/")).status_code == 302
    assert not await run(StaffSession.objects.filter(user=people["carla"]).exists)
    assert await run(authenticate, None, username="carla", password="a-long-night-of-listening") is None


async def test_somebody_else_is_signed_out(browse, people):
    carla = await browse("carla")
    await (await browse("sara")).post(f"{LIST}{people['carla'].pk}/sign-out/")
    assert (await carla.get("/staff/desk/")).status_code == 302


async def test_new_link_is_shown_once(browse, people):
    page = f"{LIST}{people['carla'].pk}/"
    browser = await browse("sara")
    assert "/staff/invitations/" in (await browser.post(f"{page}renew/")).content.decode()
    assert "/staff/invitations/" not in (await browser.get(LIST)).content.decode()


async def test_answers_are_never_kept_by_a_cache(browse):
    assert "no-store" in (await (await browse("adam")).get(LIST)).headers["Cache-Control"]


async def test_markup_in_a_name_is_shown_as_it_was_typed(browse, people):
    people["carla"].first_name = markup = "<script>alert(1)</script>"
    await people["carla"].asave()
    for page in (LIST, f"{LIST}{people['carla'].pk}/"):
        shown = (await (await browse("adam")).get(page)).content.decode()
        assert markup not in shown
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
