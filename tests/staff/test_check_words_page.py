"""The page on which supervisors change the words to check."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from chat.actions.check_words import read_newest, shipped
from chat.models import CheckWordList
from staff.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/staff/words/"


def post(client: Client, **fields: Any) -> HttpResponse:
    given = {"text": "[1]\nあたらしい\n", "note": "ためし", "based_on": ""} | fields
    response: HttpResponse = client.post(PAGE, given)
    return response


def test_the_list_that_came_with_the_software_is_shown_first(sign_in: Any) -> None:
    response = sign_in("sara").get(PAGE)
    assert response.status_code == 200
    assert shipped("ja").splitlines()[0] in response.content.decode()
    assert "はじめのリスト" in response.content.decode()


def test_a_list_is_saved_with_its_history_and_goes_on_record(sign_in: Any) -> None:
    assert post(sign_in("sara")).status_code == 302
    assert read_newest("ja").text == "[1]\nあたらしい\n"
    entry = AuditEntry.objects.get(act="check_words.saved")
    assert (entry.actor_name, entry.why) == ("sara", "")
    assert "ためし".encode() not in bytes(entry.why_sealed or b"")
    shown = sign_in("sara").get(PAGE).content.decode()
    assert "ためし" in shown
    assert "sara" in shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("あたらしい", "1 行目"),
        ("[1]\nあたらしい\n[9]\nほか", "3 行目"),
        ("[1]\nし", "二文字以上"),
        ("", "ことばを一つは"),
        ("[1]\nつらい\nツライ", "ほかの行にも"),
        ("[1]\nつら\x00い", "使えない文字"),
    ],
)
def test_a_fault_is_told_with_its_line_and_nothing_is_lost(sign_in: Any, text: str, words: str) -> None:
    response = post(sign_in("sara"), text=text)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert not CheckWordList.objects.exists()


def test_a_reason_is_needed(sign_in: Any) -> None:
    assert post(sign_in("sara"), note=" ").status_code == 400
    assert not CheckWordList.objects.exists()


def test_a_sentence_can_be_tried_before_saving(sign_in: Any) -> None:
    response = post(sign_in("sara"), **{"try": "1", "sample": "アタラシイ こと"})
    assert "見つかったことば：「あたらしい」（5 分早くなります）" in response.content.decode()
    assert not CheckWordList.objects.exists()


def test_of_two_who_change_it_at_once_the_second_is_told(sign_in: Any) -> None:
    post(sign_in("sara"))
    response = post(sign_in("sara"), text="[1]\nべつのことば\n")
    assert response.status_code == 409
    assert "べつのことば" in response.content.decode()
    assert read_newest("ja").text == "[1]\nあたらしい\n"


def test_the_words_of_a_list_are_shown_as_text(sign_in: Any) -> None:
    post(sign_in("sara"), text="[1]\n<script>alert(1)</script>\n")
    assert "<script>alert" not in sign_in("sara").get(PAGE).content.decode()


@pytest.mark.parametrize("name", ["carla", "olga"])
def test_who_does_not_supervise_may_not(sign_in: Any, name: str) -> None:
    assert post(sign_in(name)).status_code == 403
    assert not CheckWordList.objects.exists()
