"""What the JSON API refuses, and how: 400, 403, 429, 503."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import AsyncClient

from chat import campaigns, runtime
from chat.models import Campaign, ServiceRow, Ticket, TurnedAway
from tests.chat.api import SERVICES, TICKETS, error_of, post
from tests.outages import NOWHERE, database_down
from tests.sockets import visitor

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("seed", "process"),
]

SetClock = Callable[[str], None]
DEEP = 50_000  # levels of nesting that no parser's stack holds; the body stays below the upload's limit


# --- 400 ---


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"audience": ...}, "audience"),
        ({"consent": ...}, "consent"),
        ({"consent": False}, "consent"),
        ({"consent": "true"}, "consent"),
        ({"consent": None}, "consent"),
        ({"audience": "adult"}, "audience"),
        ({"audience": 1}, "audience"),
        ({"audience": ""}, "audience"),
        ({"language": "xx"}, "language"),
        ({"language": ["ja"]}, "language"),
        ({"language": "j" * 17}, "language"),
        ({"topic": "あ" * 81}, "topic"),
        ({"topic": {}}, "topic"),
        ({"note": "あ" * 1001}, "note"),
        ({"note": None}, "note"),
        ({"note": "\x00"}, "note"),
        ({"nickname": "あ" * 41}, "nickname"),
        ({"nickname": 7}, "nickname"),
        ({"nickname": "\x1b[2J"}, "nickname"),
        ({"urgency": 4}, "urgency"),
        ({"urgency": -1}, "urgency"),
        ({"urgency": "1"}, "urgency"),
        ({"urgency": True}, "urgency"),
        ({"urgency": 1.5}, "urgency"),
        ({"password": "x"}, "password"),
        ({"token": "x"}, "token"),
    ],
)
async def test_a_bad_field_is_named(fields: dict[str, Any], named: str) -> None:
    response = await post(**fields)
    error = error_of(response)
    assert (response.status_code, error["code"], error["field"]) == (400, "invalid", named)
    assert set(error) == {"code", "message", "field"}
    assert not await Ticket.objects.aexists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"youth"',
        b"\xff\xfe",
        b'{"audience":"youth","consent":true,}',
        b'{"audience":"youth","consent":NaN}',
        b'{"audience":"youth","consent":true} {}',
        b'{"audience":"youth","consent":true,"note":"\\ud800"}',
        b'{"audience":"youth","consent":true,"note":"\xed\xa0\x80"}',
        b"[" * DEEP,
        b'{"audience":' + b"[" * DEEP + b"]" * (64 * 1024 - DEEP - 20),
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"audience":"youth","consent":true,"note":"' + b"x" * 1_000_000 + b'"}',
    ],
    ids=lambda body: body[:24].decode("latin1"),
)
async def test_a_body_that_can_not_be_read_is_refused_whole(body: bytes) -> None:
    response = await AsyncClient().post(TICKETS, body, content_type="application/json")
    assert (response.status_code, error_of(response)["code"]) == (400, "invalid")
    assert not await Ticket.objects.aexists()


# --- 403 ---


ALTERNATIVES = [
    {"channel": "mail", "label": "メール（18歳以下の方）", "is_open": True, "url": "/ja/mail/youth/"},
    {"channel": "phone", "label": "電話（18歳以下の方）", "is_open": False, "phone": "#9999"},
]


async def test_before_the_campaign_its_first_opening_is_told(set_clock: SetClock) -> None:
    set_clock("2024-12-20 12:00")
    response = await post()
    error = error_of(response)
    assert (response.status_code, error["code"]) == (403, "campaign_not_started")
    assert error["retry_at"] == "2024-12-25T07:00:00Z"
    assert [other["channel"] for other in error["alternatives"]] == ["phone", "mail"]


async def test_after_the_campaign_there_is_no_when_to_retry(set_clock: SetClock) -> None:
    set_clock("2025-01-04 10:00")
    response = await post(audience="general")
    error = error_of(response)
    assert (response.status_code, error["code"]) == (403, "campaign_over")
    assert "retry_at" not in error
    assert [other["is_open"] for other in error["alternatives"]] == [False, False]


async def test_outside_the_window_the_next_one_and_what_is_open_are_told(set_clock: SetClock) -> None:
    set_clock("2024-12-28 22:10")
    response = await post()
    error = error_of(response)
    assert (response.status_code, error["code"]) == (403, "outside_window")
    assert error["retry_at"] == "2024-12-29T07:00:00Z"
    assert error["alternatives"] == ALTERNATIVES


async def test_a_stopped_queue_names_the_alternatives() -> None:
    await ServiceRow.objects.filter(channel="chat", audience="youth").aupdate(accepting=False)
    response = await post()
    error = error_of(response)
    assert (response.status_code, error["code"]) == (403, "queue_closed")
    assert error["alternatives"] == ALTERNATIVES


async def test_a_stopped_queue_stops_one_audience_alone() -> None:
    await ServiceRow.objects.filter(channel="chat", audience="youth").aupdate(accepting=False)
    assert (await post(audience="general")).status_code == 201


async def test_without_any_campaign_none_has_started() -> None:
    await ServiceRow.objects.all().adelete()
    await Campaign.objects.all().adelete()
    error = error_of(await post())
    assert (error["code"], error["alternatives"]) == ("campaign_not_started", [])


async def test_without_any_campaign_what_is_counted_holds_no_free_text() -> None:
    await ServiceRow.objects.all().adelete()
    await Campaign.objects.all().adelete()
    assert error_of(await post(language="たすけて\x00"))["field"] == "language"
    assert not await TurnedAway.objects.aexists()


@pytest.mark.parametrize(
    ("at", "audience", "code"),
    [
        ("2024-12-28 15:59:59", "youth", "outside_window"),
        ("2024-12-28 16:00:00", "youth", None),
        ("2024-12-28 21:59:59", "youth", None),
        ("2024-12-28 22:00:00", "youth", "outside_window"),
        ("2024-12-31 23:59:59", "general", None),
        ("2025-01-01 00:00:00", "general", None),
        ("2024-12-25 09:59:59", "general", "campaign_not_started"),
        ("2024-12-25 10:00:00", "general", None),
        ("2024-12-25 09:59:59", "youth", "campaign_not_started"),
        ("2024-12-25 10:00:00", "youth", "outside_window"),
        ("2024-12-25 16:00:00", "youth", None),
        ("2025-01-03 21:59:59", "youth", None),
        ("2025-01-03 22:00:00", "youth", "outside_window"),
        ("2025-01-04 09:59:59", "general", None),
        ("2025-01-04 10:00:00", "general", "campaign_over"),
        ("2025-01-04 10:00:00", "youth", "campaign_over"),
    ],
)
async def test_the_edges_hold_to_the_second(
    monkeypatch: pytest.MonkeyPatch, jst: Any, at: str, audience: str, code: str | None
) -> None:
    monkeypatch.setattr("notalone.clock.now", lambda: jst(at))  # stands still: 21:59:59 must not run on
    response = await post(audience=audience)
    assert (error_of(response)["code"] if code else response.status_code) == (code or 201)


async def test_after_the_last_window_of_the_youth_there_is_no_when_to_retry(set_clock: SetClock) -> None:
    set_clock("2025-01-03 22:30")
    error = error_of(await post())
    assert (error["code"], "retry_at" in error) == ("outside_window", False)


# --- 429 ---


async def test_an_address_has_so_many_entries_an_hour(settings: Any) -> None:
    settings.ENTRIES_PER_HOUR = 2
    assert [(await post()).status_code for _ in range(3)] == [201, 201, 429]


async def test_too_many_says_when_to_come_again(settings: Any) -> None:
    settings.ENTRIES_PER_HOUR = 1
    await post()
    response = await post()
    error = error_of(response)
    assert error["code"] == "too_many"
    assert 0 < error["retry_after_s"] <= 3600
    assert response["Retry-After"] == str(error["retry_after_s"])


async def test_another_address_is_not_held(settings: Any) -> None:
    settings.ENTRIES_PER_HOUR = 1
    await post(address="203.0.113.7")
    assert (await post(address="203.0.113.8")).status_code == 201


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 429),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", 201),
        ("::ffff:203.0.113.7", "203.0.113.7", 429),
    ],
)
async def test_an_ipv6_network_of_64_bits_counts_together(
    settings: Any, first: str, second: str, status: int
) -> None:
    settings.ENTRIES_PER_HOUR = 1
    await post(address=first)
    assert (await post(address=second)).status_code == status


async def test_a_new_hour_lets_in_again(settings: Any, set_clock: SetClock) -> None:
    settings.ENTRIES_PER_HOUR = 1
    await post()
    set_clock("2024-12-28 17:31")
    assert (await post()).status_code == 201


async def test_refused_entries_do_not_count_against_the_limit(settings: Any) -> None:
    settings.ENTRIES_PER_HOUR = 1
    await post(urgency=9)
    assert (await post()).status_code == 201


# --- 503 ---


async def test_with_the_database_down_entering_is_unavailable() -> None:
    await campaigns.loaded()
    with database_down():
        response = await post()
    error = error_of(response)
    assert (response.status_code, error["code"]) == (503, "unavailable")
    assert response["Retry-After"] == str(error["retry_after_s"])


async def test_a_process_that_never_saw_the_database_says_unavailable() -> None:
    with database_down():
        response = await AsyncClient().get(SERVICES)
    assert (response.status_code, error_of(response)["code"]) == (503, "unavailable")


async def test_with_the_database_down_the_last_known_hours_stay() -> None:
    await campaigns.loaded()
    campaigns.stale()
    with database_down():
        response = await AsyncClient().get(SERVICES)
    assert response.json()["campaign"]["slug"] == "2024-new-year"


async def test_with_redis_down_entering_still_works(settings: Any) -> None:
    settings.REDIS_URL = NOWHERE
    body = (await post()).json()
    assert (body["state"], body["position"], body["estimate"]) == ("waiting", None, None)
    assert (await Ticket.objects.aget()).state == Ticket.WAITING


async def test_with_redis_down_nobody_is_held_by_the_limit(settings: Any) -> None:
    settings.REDIS_URL, settings.ENTRIES_PER_HOUR = NOWHERE, 1
    assert [(await post()).status_code for _ in range(2)] == [201, 201]


async def test_with_redis_down_the_visitor_s_socket_still_welcomes(settings: Any) -> None:
    settings.REDIS_URL = NOWHERE
    vera = await visitor((await post()).json()["token"])
    welcome = await vera.take("welcome")
    assert (welcome["state"], welcome["position"]) == ("waiting", None)
    assert not runtime.current().hub.linked
