"""Phone consultations put right and taken away: by whom, how it is asked for, and what is on record."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from notalone import clock
from staff import phone
from staff.models import AuditEntry, PhoneConsultation
from tests.sockets import make_member
from tests.staff.supervisors import REASON, make_supervisor
from tests.staff.test_phone import NOTE, PAGE, signed_in, words, write

BETTER = "ねむれない、と話していた。あすも電話する。"
pytestmark = pytest.mark.usefixtures("seed", "process")


@pytest.fixture
def carla(people: Any) -> Client:
    return signed_in(people["carla"])


@pytest.fixture
def call(carla: Client) -> PhoneConsultation:
    write(carla)
    return PhoneConsultation.objects.get()


def path(call: PhoneConsultation, verb: str) -> str:
    return f"{PAGE}{call.id}/{verb}/"


def correction(**fields: Any) -> dict[str, Any]:
    sent = words(**{"seen": "", "note": BETTER, "minutes": "40", **fields})
    del sent["form_id"]
    return sent


def correct(browser: Client, call: PhoneConsultation, status: int = 302, **fields: Any) -> str:
    response = browser.post(path(call, "correct"), correction(**fields))
    assert response.status_code == status, response.content.decode()
    return response.content.decode()


def words_of(call: PhoneConsultation) -> dict[str, str]:
    row = PhoneConsultation.objects.get(id=call.id)
    return phone.open_entry(row.id, row.key_sealed, row.words_sealed)


def supervisor(who: str) -> Client:
    slug = "akari" if who == "own" else "tomoshibi"
    return signed_in(make_supervisor(who, slug, is_wide=who == "wide"))


def test_the_form_comes_as_the_call_was_written_down(carla: Client, call: PhoneConsultation) -> None:
    page = carla.get(path(call, "correct")).content.decode()
    assert 'value="2024-12-28T15:10"' in page
    assert 'value="35"' in page
    assert page.count(" checked") == 2
    assert NOTE in page


def test_who_wrote_it_corrects_it_on_record(carla: Client, call: PhoneConsultation) -> None:
    correct(carla, call, outcome="referral", referral="police")
    row = PhoneConsultation.objects.get(id=call.id)
    assert (row.minutes, row.outcome, row.referral) == (40, "referral", "police")
    assert row.corrected_at is not None
    assert words_of(call) == {"topic": "学校、さびしい", "service": "", "note": BETTER}
    entry = AuditEntry.objects.get(act="phone.correct")
    assert (entry.actor_name, entry.why_sealed) == ("carla", None)
    assert entry.facts == {
        "phone_consultation": str(call.id),
        "organization": "akari",
        "changed": "minutes,outcome,referral,words",
    }
    assert "記録を直しました" in carla.get(f"{PAGE}?corrected").content.decode()


def test_the_trail_holds_no_word_of_it(carla: Client, call: PhoneConsultation) -> None:
    correct(carla, call, service="〇〇福祉事務所")
    carla.post(path(call, "delete"), {"ground": "mistake"})
    for entry in AuditEntry.objects.all():
        told = f"{entry.facts} {entry.why}"
        assert not any(word in told for word in (NOTE, BETTER, "福祉", "学校"))


@pytest.mark.parametrize(
    "change",
    [
        {"started_at": "2024-12-28T16:45"},
        {"started_at": ""},
        {"minutes": "0"},
        {"outcome": "referral", "referral": ""},
        {"service": "あ" * 201},
        {"service": "\x07"},
    ],
    ids=str,
)
def test_what_can_not_be_is_refused_and_nothing_is_lost(
    carla: Client, call: PhoneConsultation, change: dict[str, Any]
) -> None:
    page = correct(carla, call, 400, **change)
    assert "もうすこしで直せます" in page
    assert 'class="wrong"' in page
    assert BETTER in page
    assert words_of(call)["note"] == NOTE
    assert not AuditEntry.objects.filter(act="phone.correct").exists()


def test_an_old_call_can_still_be_corrected(
    carla: Client, call: PhoneConsultation, set_clock: Any, people: Any
) -> None:
    set_clock("2025-03-01 10:00")
    correct(signed_in(people["carla"]), call)
    assert words_of(call)["note"] == BETTER


def test_sent_twice_it_is_corrected_once(carla: Client, call: PhoneConsultation) -> None:
    correct(carla, call)
    correct(carla, call)
    assert AuditEntry.objects.filter(act="phone.correct").count() == 1


def test_what_a_colleague_has_corrected_meanwhile_is_not_overwritten_unseen(
    carla: Client, call: PhoneConsultation
) -> None:
    correct(supervisor("own"), call)
    page = correct(carla, call, 409, minutes="50")
    assert "そのあいだに、ほかの人が直していました" in page
    assert PhoneConsultation.objects.get().minutes == 40
    row = PhoneConsultation.objects.get()
    assert phone.version(row).replace("+", "&#x2B;") in page.replace("+", "&#x2B;")
    correct(carla, call, minutes="50", seen=phone.version(row))
    assert PhoneConsultation.objects.get().minutes == 50


def test_the_own_organization_s_supervisor_needs_no_reason(call: PhoneConsultation) -> None:
    own = supervisor("own")
    assert NOTE in own.get(path(call, "correct")).content.decode()
    assert AuditEntry.objects.filter(act="phone.read", actor_name="own").exists()
    correct(own, call)
    assert words_of(call)["note"] == BETTER


def test_another_s_call_is_corrected_with_a_reason(call: PhoneConsultation) -> None:
    wide = supervisor("wide")
    assert NOTE not in wide.get(path(call, "correct")).content.decode()
    page = wide.post(path(call, "correct"), {"reason": REASON}).content.decode()
    assert NOTE in page
    assert f'value="{REASON}"' in page
    assert 'id="reason-wrong"' in correct(wide, call, 400)
    correct(wide, call, reason=REASON)
    entry = AuditEntry.objects.get(act="phone.correct")
    assert REASON.encode() not in bytes(entry.why_sealed or b"")
    assert entry.why_sealed


@pytest.mark.parametrize("verb", ["correct", "delete"])
@pytest.mark.parametrize("who", ["foreign", "cleo", "chris"])
def test_nobody_else_comes_to_it(call: PhoneConsultation, people: Any, who: str, verb: str) -> None:
    if who == "foreign":
        browser = supervisor(who)
    else:
        browser = signed_in(people[who] if who in people else make_member(who, organization="akari"))
    sent = {**correction(), "ground": "twice", "reason": REASON}
    assert browser.get(path(call, verb)).status_code == 404
    assert browser.post(path(call, verb), sent).status_code == 404
    assert words_of(call)["note"] == NOTE


@pytest.mark.parametrize("verb", ["", "correct/", "delete/"])
@pytest.mark.parametrize("key", [str(uuid.UUID(int=7)), "0", "x" * 36])
def test_a_bad_id_looks_like_one_that_is_not_there(carla: Client, key: str, verb: str) -> None:
    assert carla.get(f"{PAGE}{key}/{verb}").status_code == 404


def test_deleting_asks_first_and_shows_no_word(carla: Client, call: PhoneConsultation) -> None:
    page = carla.get(path(call, "delete")).content.decode()
    assert "この記録を消しますか" in page
    assert NOTE not in page
    assert PhoneConsultation.objects.filter(id=call.id).exists()
    assert carla.post(path(call, "delete"), {"ground": "x"}).status_code == 400
    assert PhoneConsultation.objects.filter(id=call.id).exists()


@pytest.mark.parametrize("who", ["carla", "own", "wide"])
def test_a_deletion_is_on_record_with_its_ground(call: PhoneConsultation, people: Any, who: str) -> None:
    browser = signed_in(people["carla"]) if who == "carla" else supervisor(who)
    assert browser.post(path(call, "delete"), {"ground": "asked"}).status_code == 302
    assert not PhoneConsultation.objects.exists()
    entry = AuditEntry.objects.get(act="phone.delete")
    assert (entry.actor_name, entry.facts) == (
        who,
        {"phone_consultation": str(call.id), "organization": "akari", "ground": "asked"},
    )
    assert browser.post(path(call, "delete"), {"ground": "asked"}).status_code == 404
    assert "記録を消しました" in browser.get(f"{PAGE}?deleted").content.decode()


def test_it_can_be_done_in_english(carla: Client, call: PhoneConsultation) -> None:
    carla.cookies["notalone_staff_language"] = "en"
    assert "Correct" in carla.get(path(call, "correct")).content.decode()
    assert "Delete this record?" in carla.get(path(call, "delete")).content.decode()


def test_a_correction_waits_for_the_row(people: Any, call: PhoneConsultation) -> None:
    editor = people["carla"]
    row = PhoneConsultation.objects.get()
    new = phone.Call("youth", row.started_at, 41, "学校", "listened", "", "", NOTE)
    done = phone.correct(editor, row.id, new, seen="", now=clock.now())
    assert done is not None
    assert (
        phone.correct(editor, row.id, phone.Call(**{**as_dict(new), "minutes": 9}), seen="", now=clock.now())
        is None
    )


def as_dict(call: phone.Call) -> dict[str, Any]:
    return {name: getattr(call, name) for name in call.__dataclass_fields__}
