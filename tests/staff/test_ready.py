"""Ready sentences: how a list is read, whose it is, and the page where supervisors change it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import AsyncClient

from chat.db import run
from staff import ready
from staff.models import AuditEntry, Organization, ReadySentences, User
from tests.sockets import desk as connect
from tests.sockets import member
from tests.staff.supervisors import shown_cookie, supervisor

LIST = "[あいさつ]\nこんばんは。\n\n[Greetings @en]\nHello.\\nI am here.\n"


def test_list_is_read_with_its_headings_languages_and_line_breaks():
    assert ready.parse(LIST) == [
        ready.Group("あいさつ", "ja", ("こんばんは。",)),
        ready.Group("Greetings", "en", ("Hello.\nI am here.",)),
    ]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty", 0),
        ("[あいさつ]\n", "empty", 0),
        ("こんばんは。", "no_heading", 1),
        ("[あいさつ\nこんばんは。", "heading", 1),
        ("[a]\n" + "あ" * 2001, "too_long", 2),
        ("[a]\n" + "あ\n" * 301, "too_many", 0),
        ("[a]\n\x00", "unfit", 0),
    ],
)
def test_list_that_can_not_be_used_says_where(text, code, line):
    assert ready.parse(text) == ready.Fault(code, line)


def test_list_that_came_with_the_software_can_be_used():
    assert isinstance(ready.parse(ready.shipped()), list)


@pytest.fixture
def sara(transactional_db, people) -> User:
    return people["sara"]


def test_supervisor_changes_the_own_organization_s_list_on_record(sign_in, sara):
    browser = sign_in("sara")
    assert browser.post("/staff/sentences/", {"text": LIST, "based_on": ""}).status_code == 302
    assert [group.title for group in ready.sentences_for("akari")] == ["あいさつ", "Greetings"]
    assert [group.title for group in ready.sentences_for("tomoshibi")] != ["あいさつ", "Greetings"]
    assert AuditEntry.objects.get().act == "ready_sentences.saved"


def test_list_without_an_organization_is_for_those_without_their_own(sara):
    assert Organization.objects.filter(slug="tomoshibi").exists()
    ReadySentences.objects.create(text=LIST, saved_at="2024-12-28T16:00:00+09:00")
    assert [group.title for group in ready.sentences_for("tomoshibi")] == ["あいさつ", "Greetings"]


def test_list_that_was_changed_meanwhile_is_not_written_over(sign_in, sara):
    browser = sign_in("sara")
    browser.post("/staff/sentences/", {"text": LIST, "based_on": ""})
    answer = browser.post("/staff/sentences/", {"text": "[x]\ny", "based_on": ""})
    assert answer.status_code == 409
    assert "[x]\ny" in answer.content.decode()
    assert ReadySentences.objects.count() == 1


def test_faulty_list_comes_back_with_its_line(sign_in, sara):
    answer = sign_in("sara").post("/staff/sentences/", {"text": "x", "based_on": ""})
    assert answer.status_code == 400
    assert "1 行目" in answer.content.decode()


def test_desk_has_the_list_as_data(sign_in, sara):
    ReadySentences.objects.create(
        organization_id="akari", text="[<b>]\n</script><i>", saved_at="2024-12-28T16:00:00+09:00"
    )
    page = sign_in("carla").get("/staff/desk/").content.decode()
    assert "data-ready=" in page
    assert "<i>" not in page


@pytest.mark.django_db(transaction=True)
async def test_changed_list_comes_to_the_open_desks_of_its_organization(seed, process):
    carla = await connect(await member("carla"))
    chris = await connect(await member("chris", organization="org-b"))
    sara = AsyncClient()
    cookie = await run(shown_cookie, await supervisor("sara", "org-a", is_wide=False))
    sara.cookies[settings.SESSION_COOKIE_NAME] = cookie.split("=")[1]
    assert (await sara.post("/staff/sentences/", {"text": LIST, "based_on": ""})).status_code == 302
    told = (await carla.take("ready"))["groups"]
    assert [(one["title"], one["language"]) for one in told] == [("あいさつ", "ja"), ("Greetings", "en")]
    assert told[1]["sentences"] == ["Hello.\nI am here."]
    await chris.hush()
    assert "ready" not in {frame["type"] for frame in chris.kept}
    await chris.send("ready.look")
    assert (await chris.take("ready"))["groups"] != told


@pytest.mark.django_db(transaction=True)
async def test_changed_list_of_everybody_comes_to_every_desk(seed, process):
    chris = await connect(await member("chris", organization="org-b"))
    wide = await supervisor("sara", "org-a")
    await run(User.objects.filter(pk=wide.pk).update, organization=None)
    sara = AsyncClient()
    sara.cookies[settings.SESSION_COOKIE_NAME] = (await run(shown_cookie, wide)).split("=")[1]
    assert (await sara.post("/staff/sentences/", {"text": LIST, "based_on": ""})).status_code == 302
    assert [one["title"] for one in (await chris.take("ready"))["groups"]] == ["あいさつ", "Greetings"]
