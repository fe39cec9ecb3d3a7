"""Consultations by mail at the counselors' side: who may claim, read, answer and close what."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat import access
from chat.actions.inquiries import InquiryRequest, _open
from chat.actions.inquiry_desk import Reader, inbox
from chat.models import Counselor, CounselorLane, Inquiry, InquiryDraft, InquiryMessage, OutgoingMail
from notalone import clock
from staff.models import Organization

INBOX = "/staff/mail/"
pytestmark = pytest.mark.usefixtures("seed")


@pytest.fixture
def counselors(people: Any) -> dict[str, Counselor]:
    """Carla serves both audiences, Cleo is her colleague, Chris of another organization serves the general
    lane alone."""
    made = {}
    for name, audiences in (("carla", ("youth", "general")), ("chris", ("general",))):
        made[name] = Counselor.objects.create(user=people[name], name=name.title())
        for audience in audiences:
            CounselorLane.objects.create(counselor=made[name], audience=audience, language="ja")
    return made


def ask(**fields: Any) -> Inquiry:
    form_id = uuid.uuid4()
    request = {"audience": "youth", "language": "ja", "body": "ねむれません", "nickname": "ベラ"} | fields
    token = access.token_for_form(form_id)
    _open("2024-new-year", InquiryRequest(form_id=form_id, **request), token, clock.now())
    return Inquiry.objects.get(form_id=form_id)


def act(client: Client, inquiry: Inquiry, verb: str, **fields: str) -> Any:
    return client.post(f"{INBOX}{inquiry.id}/{verb}/", {"form_id": str(uuid.uuid4()), **fields})


@pytest.fixture
def carla(sign_in: Any, counselors: Any) -> Client:
    return sign_in("carla")


@pytest.fixture
def chris(sign_in: Any, counselors: Any) -> Client:
    return sign_in("chris")


@pytest.fixture
def cleo(sign_in: Any, counselors: Any, people: Any) -> Client:
    from staff.models import User

    people["cleo"] = User.objects.create_user(
        "cleo", password="x", role=User.COUNSELOR, organization=people["carla"].organization
    )
    colleague = Counselor.objects.create(user=people["cleo"], name="Cleo")
    CounselorLane.objects.create(counselor=colleague, audience="youth", language="ja")
    return sign_in("cleo")


def test_the_list_shows_ones_lanes_and_no_word_of_anybody(carla: Client, chris: Client) -> None:
    ask()
    page = carla.get(INBOX).content.decode()
    assert "担当する" in page
    assert "ねむれません" not in page
    assert "ベラ" not in page
    assert "担当する" not in chris.get(INBOX).content.decode()


def test_an_easy_japanese_one_is_in_the_japanese_inbox(carla: Client) -> None:
    ask(language="ja-easy")
    assert "担当する" in carla.get(INBOX).content.decode()


def test_a_longer_inbox_asks_the_database_no_more(carla: Client, counselors: Any) -> None:
    reader = Reader(counselors["carla"].id, "akari")
    asked = []
    for count in (1, 5):
        for _ in range(count):
            ask()
        with CaptureQueriesContext(connection) as queries:
            inbox(reader)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_what_one_has_claimed_one_reads_alone(carla: Client, chris: Client, cleo: Client) -> None:
    inquiry = ask(audience="general")
    assert carla.get(f"{INBOX}{inquiry.id}/").status_code == 404
    act(carla, inquiry, "claim")
    assert "ねむれません" in carla.get(f"{INBOX}{inquiry.id}/").content.decode()
    for other in (chris, cleo):
        assert other.get(f"{INBOX}{inquiry.id}/").status_code == 404
        assert act(other, inquiry, "answer", body="x").status_code == 404
        assert act(other, inquiry, "close", outcome="listened").status_code == 404


def test_of_two_who_claim_one_gets_it(carla: Client, chris: Client) -> None:
    inquiry = ask(audience="general")
    act(carla, inquiry, "claim")
    act(chris, inquiry, "claim")
    inquiry.refresh_from_db()
    assert inquiry.counselor is not None
    assert inquiry.counselor.name == "Carla"
    assert inquiry.organization == "akari"


def test_an_answer_is_there_for_the_visitor_and_a_mail_tells_of_it(carla: Client) -> None:
    inquiry = ask(address="vera@example.org")
    act(carla, inquiry, "claim")
    form_id = str(uuid.uuid4())
    for _ in range(2):
        act(carla, inquiry, "answer", body="書いてくれてありがとう", form_id=form_id)
    inquiry.refresh_from_db()
    assert inquiry.state == Inquiry.ANSWERED
    assert InquiryMessage.objects.filter(inquiry=inquiry, sender="counselor").count() == 1
    assert list(OutgoingMail.objects.order_by("seq").values_list("seq", flat=True)) == [0, 2]


def test_a_draft_waits_and_goes_with_the_answer(carla: Client) -> None:
    inquiry = ask()
    act(carla, inquiry, "claim")
    act(carla, inquiry, "draft", body="かきかけ")
    assert "かきかけ" in carla.get(f"{INBOX}{inquiry.id}/").content.decode()
    act(carla, inquiry, "answer", body="かきおわり")
    assert InquiryDraft.objects.count() == 0


def test_where_a_second_reader_is_needed_nothing_goes_out_without(carla: Client, cleo: Client) -> None:
    Organization.objects.filter(slug="akari").update(needs_second_reader=True)
    inquiry = ask()
    act(carla, inquiry, "claim")
    response = act(carla, inquiry, "answer", body="おへんじ")
    assert response.status_code == 409
    assert "おへんじ" in response.content.decode()
    act(carla, inquiry, "offer", body="おへんじ")
    assert "読み合わせの お願い" in cleo.get(INBOX).content.decode()
    assert act(carla, inquiry, "agree", body="おへんじ").status_code == 409  # not one's own
    act(cleo, inquiry, "agree", body="おへんじ")
    assert act(carla, inquiry, "answer", body="ほかのことば").status_code == 409
    assert act(carla, inquiry, "answer", body="おへんじ").status_code == 302


def test_a_draft_that_was_changed_needs_its_reader_again(carla: Client, cleo: Client) -> None:
    inquiry = ask()
    act(carla, inquiry, "claim")
    act(carla, inquiry, "offer", body="はじめ")
    act(cleo, inquiry, "agree", body="はじめ")
    act(carla, inquiry, "offer", body="かえた")
    assert InquiryDraft.objects.get().read_by is None
    assert act(cleo, inquiry, "agree", body="はじめ").status_code == 409


def test_another_organization_never_reads_a_draft(carla: Client, chris: Client) -> None:
    inquiry = ask(audience="general")
    act(carla, inquiry, "claim")
    act(carla, inquiry, "offer", body="おへんじ")
    assert chris.get(f"{INBOX}{inquiry.id}/").status_code == 404
    assert str(inquiry.id) not in chris.get(INBOX).content.decode()


def test_what_is_handed_to_everybody_leaves_its_draft_behind(carla: Client, chris: Client) -> None:
    inquiry = ask(audience="general")
    act(carla, inquiry, "claim")
    act(carla, inquiry, "draft", body="うちだけの はなし")
    act(carla, inquiry, "hand-over", to="everybody")
    act(chris, inquiry, "claim")
    page = chris.get(f"{INBOX}{inquiry.id}/").content.decode()
    assert "ねむれません" in page
    assert "うちだけの はなし" not in page


def test_what_is_handed_to_the_organization_stays_there(carla: Client, chris: Client, cleo: Client) -> None:
    inquiry = ask()
    act(carla, inquiry, "claim")
    act(carla, inquiry, "hand-over", to="organization")
    assert act(chris, inquiry, "claim").headers["Location"] == INBOX
    act(cleo, inquiry, "claim")
    assert cleo.get(f"{INBOX}{inquiry.id}/").status_code == 200


def test_a_closed_one_is_over(carla: Client) -> None:
    inquiry = ask()
    act(carla, inquiry, "claim")
    assert act(carla, inquiry, "close", outcome="nonsense").status_code == 409
    act(carla, inquiry, "close", outcome="listened")
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.outcome) == (Inquiry.CLOSED, "listened")
    assert act(carla, inquiry, "answer", body="x").status_code == 409


def test_what_is_overdue_stands_first_and_advertising_last(carla: Client) -> None:
    ask(body="http://a http://b http://c http://d", urgency=3)
    calm, urgent = ask(), ask(urgency=3)
    Inquiry.objects.filter(id=urgent.id).update(due_at=clock.now() - timedelta(minutes=1))
    page = carla.get(INBOX).content.decode()
    assert page.index(str(urgent.id)) < page.index(str(calm.id)) < page.index("広告かもしれません")
    assert "すぎています" in page


@pytest.mark.parametrize("person", ["sara", "adam", "olga", None])
def test_the_inbox_is_a_counselors(sign_in: Any, person: str | None) -> None:
    response = sign_in(person).get(INBOX)
    assert response.status_code == (302 if person is None else 403)


def test_an_unknown_verb_and_an_unknown_id_are_not_found(carla: Client) -> None:
    inquiry = ask()
    act(carla, inquiry, "claim")
    assert act(carla, inquiry, "nonsense").status_code == 404
    assert carla.get(f"{INBOX}{uuid.uuid4()}/").status_code == 404


MARKUP = "<img src=x onerror=alert(1)>"


def test_markup_in_a_letter_is_shown_as_it_was_typed(carla: Client) -> None:
    """FAULTS 27: what a person wrote is text, in each field that a page shows."""
    inquiry = ask(body=MARKUP, nickname=MARKUP, topic=MARKUP)
    act(carla, inquiry, "claim")
    page = carla.get(f"{INBOX}{inquiry.id}/").content.decode()
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") == 3
    assert MARKUP not in page
