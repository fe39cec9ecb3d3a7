"""Phone consultations: written down once, sealed, and read by whom they concern."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client, override_settings

from staff.models import AuditEntry, PhoneConsultation, User
from tests.staff.supervisors import REASON, make_supervisor

PAGE = "/staff/phone/"
NOTE = "ねむれない、と話していた。"
pytestmark = pytest.mark.usefixtures("seed", "process")


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def carla(people: Any) -> Client:
    return signed_in(people["carla"])


def words(**fields: Any) -> dict[str, Any]:
    return {
        "form_id": str(uuid.uuid4()),
        "audience": "youth",
        "started_at": "2024-12-28T15:10",
        "minutes": "35",
        "topic": ["学校", "さびしい"],
        "outcome": "listened",
        "referral": "",
        "service": "",
        "note": NOTE,
    } | fields


def write(browser: Client, status: int = 302, **fields: Any) -> Any:
    response = browser.post(PAGE, words(**fields))
    assert response.status_code == status, response.content.decode()
    return response


def test_a_call_is_written_down_in_the_form_of_a_talk(carla: Client) -> None:
    write(carla, outcome="referral", referral="welfare_office", service="〇〇福祉事務所")
    row = PhoneConsultation.objects.get()
    assert (row.audience, row.minutes, row.outcome, row.referral) == (
        "youth",
        35,
        "referral",
        "welfare_office",
    )
    assert f"{row.started_at:%F %H:%M %Z}" == "2024-12-28 06:10 UTC"
    assert (row.campaign_id, row.organization_id, row.recorded_by.username) == (
        "2024-new-year",
        "akari",
        "carla",
    )
    page = carla.get(f"{PAGE}{row.id}/").content.decode()
    for said in ("学校、さびしい", "〇〇福祉事務所", NOTE, "福祉事務所"):
        assert said in page


def test_its_words_are_sealed(carla: Client) -> None:
    write(carla, service="〇〇福祉事務所")
    row = PhoneConsultation.objects.get()
    stored = bytes(row.words_sealed) + bytes(row.key_sealed)
    for word in (NOTE, "学校", "〇〇"):
        assert word.encode() not in stored


def test_its_key_is_wrapped_anew_with_the_others(carla: Client) -> None:
    from django.conf import settings

    write(carla)
    with override_settings(CONTENT_KEYS=f"new:{'5' * 64},{settings.CONTENT_KEYS}"):
        call_command("rotate_keys", verbosity=0)
    row = PhoneConsultation.objects.get()
    assert bytes(row.key_sealed)[1:4] == b"new"


def test_sent_twice_it_is_written_once(carla: Client) -> None:
    form_id = str(uuid.uuid4())
    write(carla, form_id=form_id)
    write(carla, form_id=form_id)
    assert PhoneConsultation.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"started_at": "2024-12-28T16:45"},
        {"started_at": "2024-12-10T12:00"},
        {"started_at": "soon"},
        {"minutes": "0"},
        {"minutes": "601"},
        {"audience": "robots"},
        {"outcome": "forgotten"},
        {"outcome": "referral", "referral": ""},
        {"topic": ["なにか"]},
        {"note": "あ" * 2001},
        {"form_id": "x"},
    ],
    ids=str,
)
def test_what_can_not_be_is_refused_and_the_words_stay(carla: Client, change: dict[str, Any]) -> None:
    page = write(carla, 400, **change).content.decode()
    assert "もうすこしで記録できます" in page
    assert str(change.get("note", NOTE)) in page
    assert not PhoneConsultation.objects.exists()


def test_only_counselors_write(people: Any) -> None:
    write(signed_in(make_supervisor("own", "akari", is_wide=False)), 403)
    assert not PhoneConsultation.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("own", 200), ("foreign", 404), ("cleo", 404), ("chris", 404)])
def test_words_are_for_who_wrote_them_and_the_organization_s_supervisor(
    carla: Client, people: Any, who: str, status: int
) -> None:
    from tests.sockets import make_member

    write(carla)
    row = PhoneConsultation.objects.get()
    makers = {
        "own": lambda: make_supervisor("own", "akari", is_wide=False),
        "foreign": lambda: make_supervisor("foreign", "tomoshibi", is_wide=False),
        "cleo": lambda: make_member("cleo", organization="akari"),
        "chris": lambda: people["chris"],
    }
    browser = signed_in(makers[who]())
    assert browser.get(f"{PAGE}{row.id}/").status_code == status
    assert (str(row.id) in browser.get(PAGE).content.decode()) is (status == 200)


def test_a_supervisor_s_reading_is_on_record_and_one_s_own_is_not(carla: Client) -> None:
    write(carla)
    row = PhoneConsultation.objects.get()
    carla.get(f"{PAGE}{row.id}/")
    assert not AuditEntry.objects.filter(act="phone.read").exists()
    signed_in(make_supervisor("own", "akari", is_wide=False)).get(f"{PAGE}{row.id}/")
    entry = AuditEntry.objects.get(act="phone.read")
    assert (entry.actor_name, entry.facts) == (
        "own",
        {"phone_consultation": str(row.id), "organization": "akari"},
    )


def test_another_s_call_is_read_with_a_reason_and_by_the_whole_service_s_alone(carla: Client) -> None:
    write(carla)
    row = PhoneConsultation.objects.get()
    wide = signed_in(make_supervisor("wide", "tomoshibi", is_wide=True))
    assert str(row.id) in wide.get(PAGE).content.decode()
    asked = wide.get(f"{PAGE}{row.id}/").content.decode()
    assert "あなたの団体の相談ではありません" in asked
    assert NOTE not in asked
    assert wide.post(f"{PAGE}{row.id}/", {"reason": " "}).status_code == 400
    assert not AuditEntry.objects.filter(act="phone.read").exists()
    assert NOTE in wide.post(f"{PAGE}{row.id}/", {"reason": REASON}).content.decode()
    sealed = bytes(AuditEntry.objects.get(act="phone.read").why_sealed or b"")
    assert sealed
    assert REASON.encode() not in sealed


def test_the_list_shows_no_word_of_a_call(carla: Client) -> None:
    write(carla)
    page = carla.get(PAGE).content.decode()
    assert "15:10" in page
    assert NOTE not in page


def test_the_outcomes_and_kinds_are_those_of_a_talk() -> None:
    import re
    from pathlib import Path

    from django.contrib.staticfiles import finders

    from staff.models.emergencies import KINDS
    from staff.phone_forms import KIND_WORDS, OUTCOME_WORDS

    desk = Path(str(finders.find("staff/words/desk.ja.js"))).read_text()
    listed = desk.split("outcomes: [")[1].split("\n  ],")[0]
    assert re.findall(r'\["(\w+)"', listed) == list(OUTCOME_WORDS) == list(PhoneConsultation.OUTCOMES)
    assert [code for code, _ in KINDS] == list(KIND_WORDS)
