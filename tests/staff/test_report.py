"""The report over chat, mail and phone: what is counted where, for whom, by how many queries; its file."""

from __future__ import annotations

import csv
import io
import itertools
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.models import Assignment, Conversation, Counselor, Inquiry, InquiryMessage, Ticket, TurnedAway
from chat.sealing import new_data_key, sealer
from notalone import clock
from staff import report, report_topics
from staff.models import AuditEntry, Organization, PhoneConsultation, Referral, User
from tests.conftest import JST
from tests.sockets import make_member
from tests.staff.supervisors import make_supervisor

PAGE, FILE = "/staff/report/", "/staff/report/file/"
CAMPAIGN = "2024-new-year"
SECRET = "だれにも言っていないこと"
pytestmark = pytest.mark.usefixtures("seed", "process")
_serial = itertools.count()


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2024-12-{text}").replace(tzinfo=JST)


@pytest.fixture
def carla() -> Counselor:
    return Counselor.objects.get(user=make_member("carla", organization="akari"))


@pytest.fixture
def chris() -> Counselor:
    return Counselor.objects.get(user=make_member("chris", organization="tomoshibi"))


def sealed(**words: str) -> dict[str, Any]:
    key = uuid.uuid4()
    _, wrapped = new_data_key(key)
    body = msgspec.json.encode({"nickname": SECRET, "note": SECRET, **words}).decode()
    return {"id": key, "key_sealed": wrapped, "words": sealer(key, wrapped).seal(body)}


def ticket(opened: str = "28T16:05", topic: str = "", **fields: Any) -> Ticket:
    entry = sealed(topic=topic)
    opened_at = at(opened)
    return Ticket.objects.create(
        **{
            "id": entry["id"],
            "key_sealed": entry["key_sealed"],
            "entry_sealed": entry["words"],
            "campaign_id": CAMPAIGN,
            "token_hash": f"{next(_serial):032}".encode(),
            "audience": "youth",
            "language": "ja",
            "opened_at": opened_at,
            "score_ms": int(opened_at.timestamp() * 1000),
            **fields,
        }
    )


def talk(
    counselor: Counselor | None,
    wait_s: int = 60,
    outcome: str = "listened",
    *,
    state: str = "closed",
    **fields: Any,
) -> Conversation:
    entered = ticket(**fields)
    key = uuid.uuid4()
    return Conversation.objects.create(
        id=key,
        ticket=entered,
        state=state,
        counselor=counselor,
        opened_at=entered.opened_at + timedelta(seconds=wait_s),
        outcome=outcome,
        key_sealed=new_data_key(key)[1],
    )


def letter(opened: str = "28T09:00", answered: str = "", topic: str = "", **fields: Any) -> Inquiry:
    entry = sealed(topic=topic)
    row = Inquiry.objects.create(
        **{
            "id": entry["id"],
            "key_sealed": entry["key_sealed"],
            "entry_sealed": entry["words"],
            "campaign_id": CAMPAIGN,
            "token_hash": f"{next(_serial):032}".encode(),
            "form_id": uuid.uuid4(),
            "audience": "general",
            "language": "ja-easy",
            "organization": "akari",
            "opened_at": at(opened),
            "due_at": at(opened),
            **fields,
        }
    )
    for seq, sender in enumerate(["visitor", "counselor", "counselor"] if answered else ["visitor"], 1):
        InquiryMessage.objects.create(
            inquiry=row,
            seq=seq,
            client_id=uuid.uuid4(),
            sender=sender,
            body_sealed=sealer(row.id, row.key_sealed).seal(SECRET),
            sent_at=at(answered or opened),
        )
    return row


def call(user: User, started: str = "28T15:00", topic: str = "", **fields: Any) -> PhoneConsultation:
    entry = sealed(topic=topic)
    return PhoneConsultation.objects.create(
        **{
            "id": entry["id"],
            "key_sealed": entry["key_sealed"],
            "words_sealed": entry["words"],
            "form_id": uuid.uuid4(),
            "campaign_id": CAMPAIGN,
            "organization_id": user.organization_id,
            "recorded_by": user,
            "recorded_at": clock.now(),
            "audience": "youth",
            "started_at": at(started),
            "minutes": 30,
            "outcome": "listened",
            **fields,
        }
    )


def turned_away(reason: str, count: int = 1, *, asked: bool = True, language: str = "ja") -> None:
    TurnedAway.objects.create(
        campaign_id=CAMPAIGN,
        audience="youth",
        language=language,
        reason=reason,
        count=count,
        asked=asked,
        at=at("28T16:10"),
    )


def browser(who: str = "wide") -> Client:
    slug = "akari" if who == "own" else "tomoshibi"
    client = Client()
    client.force_login(make_supervisor(who, slug, is_wide=who == "wide"))
    return client


def rows(client: Client, day: str = "2024-12-28") -> list[dict[str, str]]:
    response = client.get(FILE, {"day": day})
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def number(found: list[dict[str, str]], what: str, item: str, channel: str = "チャット", **also: str) -> str:
    [row] = [
        row
        for row in found
        if (row["何の数か"], row["項目"], row["窓口"]) == (what, item, channel)
        and all(row[name] == value for name, value in also.items())
    ]
    return row["数"]


def test_it_counts_who_came_was_answered_left_and_was_turned_away(carla: Counselor) -> None:
    talk(carla)
    ticket()
    ticket("27T23:59")  # yesterday in Tokyo
    turned_away("left", 2)
    turned_away("outside_window", 7)
    turned_away("expired")
    turned_away("outside_window", 40, asked=False)
    found = rows(browser())
    assert [number(found, "人数", item) for item in ("来た", "つながった", "自分で離れた", "お断り")] == [
        "2",
        "1",
        "2",
        "8",
    ]
    assert number(found, "お断りのわけ", "受付時間の外だった") == "7"
    assert number(found, "お断りのわけ", "待つあいだに、もどってこなかった") == "1"
    assert number(found, "お断りのわけ", "しまった入り口を見て帰った（お断りの数には入りません）") == "40"


@pytest.mark.parametrize(
    ("waits", "middle", "longest"),
    [([60], "60", "60"), ([30, 90], "60", "90"), ([10, 20, 400], "20", "400"), ([1, 2, 4, 9], "3", "9")],
)
def test_waits_are_told_by_the_middle_and_the_longest(
    carla: Counselor, settings: Any, waits: list[int], middle: str, longest: str
) -> None:
    settings.REPORT_SMALL = 0
    for wait in waits:
        talk(carla, wait)
    talk(carla, 7, audience="general")
    found = rows(browser())
    youth = {"対象": "18歳以下"}
    assert number(found, "人数", "待ち時間の真ん中（秒）", **youth) == middle
    assert number(found, "人数", "待ち時間の最長（秒）", **youth) == longest
    assert number(found, "人数", "待ち時間の真ん中（秒）", 対象="一般") == "7"


def test_the_wait_of_few_people_is_not_told_and_looks_like_no_time(carla: Counselor) -> None:
    talk(carla, 60)
    assert number(rows(browser()), "人数", "待ち時間の真ん中（秒）") == "5人未満なので出しません"


def test_letters_and_calls_are_counted_as_talks_are(carla: Counselor) -> None:
    letter(answered="28T12:00")
    letter("27T09:00", answered="28T12:00")
    letter()
    call(carla.user)
    found = rows(browser())
    assert number(found, "人数", "来た", "メール") == "2"
    assert number(found, "人数", "つながった", "メール") == "2"
    assert number(found, "人数", "つながった", "電話") == "1"
    assert {row["言語"] for row in found if row["窓口"] == "メール" and row["対象"]} == {"日本語"}


def test_outcomes_referrals_and_topics_are_told_from_five_on(carla: Counselor) -> None:
    for _ in range(5):
        held = talk(carla, outcome="referral", topic="学校、さびしい")
        Referral.objects.create(
            conversation=held,
            client_id="x",
            kind="police",
            service="x",
            ground="consent",
            facts_sealed=b"",
            opened_by=carla.user,
            opened_at=clock.now(),
        )
        letter(outcome="linked", state="closed", topic="住まい")
        call(carla.user, topic="からだ、住まい", outcome="referral", referral="welfare_office")
    talk(carla, outcome="")
    talk(carla, outcome="", state="open", topic="お金")
    found = rows(browser())
    assert number(found, "結果", "つなぎ支援につなげる") == "5"
    assert number(found, "結果", "書かれていない") == "5未満"
    assert number(found, "結果", "面談・同行につないだ", "メール") == "5"
    assert number(found, "つなぎ支援の先", "警察") == "5"
    assert number(found, "つなぎ支援の先", "福祉事務所", "電話") == "5"
    assert number(found, "話されたこと", "学校") == "5"
    assert number(found, "話されたこと", "お金") == number(found, "話されたこと", "いじめ") == "5未満"
    assert (
        number(found, "話されたこと", "住まい", "メール")
        == number(found, "話されたこと", "住まい", "電話")
        == "5"
    )


def test_a_drill_is_nobody_s_referral(carla: Counselor, settings: Any) -> None:
    settings.REPORT_SMALL = 0
    Referral.objects.create(
        conversation=talk(carla),
        client_id="x",
        kind="police",
        service="x",
        ground="consent",
        facts_sealed=b"",
        is_drill=True,
        opened_by=carla.user,
        opened_at=clock.now(),
    )
    assert not [row for row in rows(browser()) if row["何の数か"] == "つなぎ支援の先"]


def test_an_organization_s_supervisor_sees_its_own_alone(carla: Counselor, chris: Counselor) -> None:
    talk(carla)
    talk(chris)
    letter()
    letter(organization="tomoshibi")
    call(carla.user)
    call(chris.user)
    turned_away("outside_window")
    client = browser("own")
    found = rows(client)
    assert number(found, "人数", "つながった") == "1"
    assert number(found, "人数", "来た", "メール") == "1"
    assert number(found, "人数", "つながった", "電話") == "1"
    assert not [
        row for row in found if row["項目"] in {"お断り", "自分で離れた"} or "団体" in row["何の数か"]
    ]
    assert not [row for row in found if (row["窓口"], row["項目"]) == ("チャット", "来た")]
    assert "akari" in client.get(PAGE, {"day": "2024-12-28"}).content.decode()


def test_a_talk_is_its_last_counselor_s_organization_s(carla: Counselor, chris: Counselor) -> None:
    lost = talk(None)
    for counselor, on in ((chris, "28T16:06"), (carla, "28T16:20")):
        Assignment.objects.create(
            conversation=lost, counselor=counselor, assigned_at=at(on), released_at=at("28T16:30")
        )
    assert number(rows(browser("own")), "人数", "つながった") == "1"
    assert not [row for row in rows(browser("foreign")) if row["窓口"] == "チャット"]


def test_the_whole_service_is_told_by_organization(carla: Counselor, chris: Counselor) -> None:
    for _ in range(6):
        talk(carla)
    talk(chris)
    found = rows(browser())
    assert number(found, "団体ごとの相談", "akari") == "6"
    assert number(found, "団体ごとの相談", "tomoshibi") == "5未満"


def test_the_campaign_is_told_day_by_day_too(carla: Counselor) -> None:
    talk(carla, opened="26T16:05")
    talk(carla)
    found = rows(browser(), "all")
    assert number(found, "人数", "つながった", 日="all") == "2"
    assert number(found, "人数", "つながった", 日="2024-12-26") == "1"
    page = browser("own").get(PAGE, {"day": "all"}).content.decode()
    assert "日ごとの人数" in page
    assert "12/26" in page


def test_another_campaign_s_are_not_counted(carla: Counselor) -> None:
    from chat.models import Campaign

    talk(carla)
    before = Campaign.objects.get(slug=CAMPAIGN)
    before.pk, before.starts_at, before.ends_at = "2023-new-year", at("01T00:00"), at("02T00:00")
    before.save(force_insert=True)
    Ticket.objects.update(campaign_id="2023-new-year")
    assert not rows(browser())


@pytest.mark.parametrize("day", ["2024-12-28", "all"])
def test_the_page_says_what_the_file_says_and_no_word_of_anybody(carla: Counselor, day: str) -> None:
    for _ in range(5):
        talk(carla, topic=f"学校、{SECRET}")
        letter(topic=SECRET, answered="28T12:00")
        call(carla.user, topic=SECRET)
    client = browser()
    page = client.get(PAGE, {"day": day}).content.decode()
    text = client.get(FILE, {"day": day}).content.decode("utf-8-sig")
    assert SECRET not in page + text
    for said in ("学校", "結果", "話されたこと", "団体ごとの相談", "5未満"):
        assert said in page
        assert said in text


@pytest.mark.parametrize("day", ["2024-12-24", "2024-12-29", "x", "../../etc"])
def test_a_day_that_is_none_of_the_campaign_s_shows_the_newest(day: str) -> None:
    client = browser()
    response = client.get(PAGE, {"day": day})
    assert response.status_code == 200
    assert "その日は期間の中にありません" in response.content.decode()
    assert 'value="2024-12-28" selected' in response.content.decode()
    assert client.get(FILE, {"day": day}).status_code == 404


def test_before_the_campaign_there_is_nothing(set_clock: Callable[[str], None]) -> None:
    set_clock("2024-12-01 10:00")
    client = browser()
    assert "まだ、はじまった期間がありません" in client.get(PAGE).content.decode()
    assert client.get(FILE).status_code == 404


def test_an_empty_day_says_so() -> None:
    assert "この日の相談は、まだありません" in browser().get(PAGE).content.decode()


def test_it_can_be_read_in_english(carla: Counselor) -> None:
    talk(carla)
    client = browser()
    client.cookies["notalone_staff_language"] = "en"
    page = client.get(PAGE).content.decode()
    assert "Each is fewer than 5." in page
    assert "Wait (median)" in page
    assert "Day,Channel" in client.get(FILE).content.decode("utf-8-sig")


# --- the file ---


def test_a_download_is_a_file_and_on_record(carla: Counselor) -> None:
    talk(carla)
    client = browser("own")
    client.get(PAGE)
    assert not AuditEntry.objects.filter(act="report.download").exists()
    response = client.get(FILE, {"day": "2024-12-28"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="2024-new-year-2024-12-28.csv"'
    assert "no-store" in response["Cache-Control"]
    entry = AuditEntry.objects.get(act="report.download")
    assert (entry.actor_name, entry.facts) == (
        "own",
        {
            "campaign": CAMPAIGN,
            "day": "2024-12-28",
            "organization": "akari",
            "rows": response.content.count(b"\r\n"),
        },
    )
    assert client.post(FILE).status_code == 405


def test_an_organization_s_name_is_no_formula(carla: Counselor) -> None:
    Organization.objects.filter(slug="akari").update(name="=HYPERLINK(1)")
    for _ in range(5):
        talk(carla)
    text = browser().get(FILE).content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert all(
        not cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(text)) for cell in row
    )


def test_a_language_that_is_none_is_not_repeated(carla: Counselor) -> None:
    turned_away("outside_window", 9, language="=1+1")
    found = rows(browser())
    assert number(found, "お断りのわけ", "受付時間の外だった", 言語="そのほか") == "9"


# --- bounded ---


def queries() -> int:
    asked = report.Span(CAMPAIGN, at("25T00:00"), at("29T00:00"), JST, None)
    with CaptureQueriesContext(connection) as captured:
        report.count(asked)
        report_topics.count_topics(asked)
    return len(captured)


def test_the_queries_are_as_many_for_much_as_for_little(carla: Counselor, chris: Counselor) -> None:
    talk(carla, topic="学校")
    few = queries()
    for day, counselor in itertools.product(("26T16:05", "27T16:05"), (carla, chris)):
        for audience, language in itertools.product(("youth", "general"), ("ja", "en")):
            talk(counselor, opened=day, audience=audience, language=language, topic="お金")
            letter(answered="28T12:00", audience=audience, language=language)
        call(counselor.user, f"{day[:2]}T12:00")
    assert queries() == few
    assert few <= 25


def test_too_many_topics_are_not_opened(carla: Counselor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_topics, "OPENED_MAX", 1)
    talk(carla, topic="学校")
    talk(carla, topic="学校")
    client = browser()
    assert "一日ずつ見てください" in client.get(PAGE, {"day": "all"}).content.decode()
    assert "話されたこと" not in client.get(FILE, {"day": "all"}).content.decode()


def test_words_that_do_not_open_are_left_out(carla: Counselor, settings: Any) -> None:
    settings.REPORT_SMALL = 0
    talk(carla, topic="学校")
    broken = talk(carla, topic="学校").ticket
    Ticket.objects.filter(id=broken.id).update(entry_sealed=b"x" * 40)
    assert number(rows(browser()), "話されたこと", "学校") == "1"
