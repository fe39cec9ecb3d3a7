"""Supervisors and consultations by mail: what they see of all, and whose words they may read, on record."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from chat import access
from chat.actions.inquiries import InquiryRequest, _open
from chat.models import Inquiry
from notalone import clock
from staff.models import AuditEntry, Organization
from tests.staff.supervisors import make_supervisor

ALL = "/staff/mail/all/"
WORDS = "ねむれません"
pytestmark = pytest.mark.usefixtures("seed", "process")
REACH = {"own": ("akari", False), "foreign": ("tomoshibi", False), "wide": ("tomoshibi", True)}


def ask(organization: str = "") -> Inquiry:
    form_id = uuid.uuid4()
    token = access.token_for_form(form_id)
    _open(
        "2024-new-year",
        InquiryRequest(form_id=form_id, audience="youth", language="ja", body=WORDS),
        token,
        clock.now(),
    )
    inquiry = Inquiry.objects.get(form_id=form_id)
    if organization:
        Organization.objects.get_or_create(slug=organization, defaults={"name": organization.title()})
        Inquiry.objects.filter(id=inquiry.id).update(organization=organization, state=Inquiry.CLAIMED)
    return inquiry


def browser(who: str) -> Client:
    slug, is_wide = REACH[who]
    client = Client()
    client.force_login(make_supervisor(who, slug, is_wide=is_wide))
    return client


def page(client: Client, path: str, status: int = 200, **sent: str) -> str:
    response: Any = client.post(path, sent) if sent else client.get(path)
    assert response.status_code == status
    return str(response.content.decode())


@pytest.mark.parametrize(("who", "seen"), [("own", 2), ("foreign", 1), ("wide", 2)])
def test_the_list_has_what_waits_and_no_word_of_it(people: Any, who: str, seen: int) -> None:
    ask()
    ask("akari")
    html = page(browser(who), ALL)
    assert html.count("届いた時刻") - 1 == seen
    assert WORDS not in html


def test_what_is_overdue_is_marked(people: Any) -> None:
    Inquiry.objects.filter(id=ask("akari").id).update(due_at=clock.now() - timedelta(seconds=1))
    Inquiry.objects.filter(id=ask("akari").id).update(
        due_at=clock.now() - timedelta(days=1), state="answered"
    )
    assert page(browser("own"), ALL).count("すぎています") == 1


def test_the_own_organization_s_letter_is_read_on_record(people: Any) -> None:
    letter = ask("akari")
    assert WORDS in page(browser("own"), f"{ALL}{letter.id}/")
    entry = AuditEntry.objects.get(act="letter.read")
    assert (entry.actor_name, entry.facts["inquiry"], entry.why_sealed) == ("own", str(letter.id), None)


@pytest.mark.parametrize("organization", ["akari", ""])
def test_another_s_letter_is_read_with_a_reason_and_by_the_whole_service_s_alone(
    people: Any, organization: str
) -> None:
    path = f"{ALL}{ask(organization).id}/"
    page(browser("foreign"), path, 404)
    wide = browser("wide")
    assert "あなたの団体の相談ではありません" in page(wide, path)
    assert not AuditEntry.objects.filter(act="letter.read").exists()
    page(wide, path, 400, reason=" ")
    assert WORDS in page(wide, path, reason="期限がすぎたので確かめます")
    entry = AuditEntry.objects.get(act="letter.read")
    assert "期限".encode() not in bytes(entry.why_sealed or b"")


def test_a_letter_that_is_not_there_is_not_found(people: Any) -> None:
    page(browser("wide"), f"{ALL}{uuid.uuid4()}/", 404)
