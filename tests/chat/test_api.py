"""The JSON API: what is open, a ticket's beginning and its end."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import AsyncClient

from chat.actions import entries
from chat.models import ServiceRow, Ticket
from chat.protocol import Estimate
from tests.chat.api import SERVICES, TICKETS, delete, error_of, post
from tests.sockets import available, member, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

SetClock = Callable[[str], None]
START, END = "2024-12-25T01:00:00Z", "2025-01-04T01:00:00Z"


async def services() -> dict[str, Any]:
    return dict((await AsyncClient().get(SERVICES)).json())


async def one(channel: str, audience: str) -> dict[str, Any]:
    answer = await services()
    return next(s for s in answer["services"] if (s["channel"], s["audience"]) == (channel, audience))


# --- services ---


async def test_the_services_have_just_the_fields_of_the_contract() -> None:
    answer = await services()
    assert set(answer) == {"now", "campaign", "services"}
    assert answer["campaign"] == {
        "slug": "2024-new-year",
        "name": "孤独・孤立相談ダイヤル #9999（年末年始）",
        "phase": "open",
        "starts_at": START,
        "ends_at": END,
    }
    assert answer["now"].startswith("2024-12-28T07:30:0")
    assert all(
        set(service)
        == {
            "channel", "audience", "is_open", "opens_at", "closes_at",
            "last_entry_at", "next_opens_at", "accepting",
        }
        for service in answer["services"]
    )  # fmt: skip


async def test_the_services_come_in_the_order_of_the_campaign_s_file() -> None:
    answer = await services()
    assert [(s["channel"], s["audience"]) for s in answer["services"]] == [
        ("phone", "general"),
        ("phone", "youth"),
        ("chat", "general"),
        ("chat", "youth"),
        ("mail", "general"),
        ("mail", "youth"),
    ]


async def test_before_the_campaign_the_first_opening_is_told(set_clock: SetClock) -> None:
    set_clock("2024-12-20 12:00")
    assert (await services())["campaign"]["phase"] == "announced"
    assert await one("chat", "youth") == {
        "channel": "chat",
        "audience": "youth",
        "is_open": False,
        "opens_at": "2024-12-25T07:00:00Z",
        "closes_at": "2024-12-25T13:00:00Z",
        "last_entry_at": "2024-12-25T13:00:00Z",
        "next_opens_at": "2024-12-25T07:00:00Z",
        "accepting": False,
    }


async def test_inside_the_window_its_own_edges_and_the_next_opening_are_told() -> None:
    assert await one("chat", "youth") == {
        "channel": "chat",
        "audience": "youth",
        "is_open": True,
        "opens_at": "2024-12-28T07:00:00Z",
        "closes_at": "2024-12-28T13:00:00Z",
        "last_entry_at": "2024-12-28T13:00:00Z",
        "next_opens_at": "2024-12-29T07:00:00Z",
        "accepting": True,
    }


async def test_between_two_windows_the_next_one_is_told(set_clock: SetClock) -> None:
    set_clock("2024-12-28 23:00")
    told = await one("chat", "youth")
    assert (told["is_open"], told["accepting"]) == (False, False)
    assert told["opens_at"] == told["next_opens_at"] == "2024-12-29T07:00:00Z"


async def test_in_the_last_window_there_is_no_next_opening(set_clock: SetClock) -> None:
    set_clock("2025-01-03 21:00")
    told = await one("chat", "youth")
    assert (told["is_open"], told["next_opens_at"]) == (True, None)


async def test_after_the_campaign_nothing_is_left(set_clock: SetClock) -> None:
    set_clock("2025-01-04 10:00")
    answer = await services()
    assert answer["campaign"]["phase"] == "closed"
    for told in answer["services"]:
        edges = {told[name] for name in ("opens_at", "closes_at", "last_entry_at", "next_opens_at")}
        assert (told["is_open"], told["accepting"], edges) == (False, False, {None})


async def test_accepting_is_false_where_the_queue_takes_nobody() -> None:
    await ServiceRow.objects.filter(channel="chat", audience="youth").aupdate(accepting=False)
    told = await one("chat", "youth")
    assert (told["is_open"], told["accepting"]) == (True, False)


async def test_without_any_campaign_nothing_is_offered() -> None:
    await ServiceRow.objects.all().adelete()
    from chat.models import Campaign

    await Campaign.objects.all().adelete()
    answer = await services()
    assert (answer["campaign"], answer["services"]) == (None, [])


# --- tickets ---


async def test_a_ticket_is_answered_with_just_the_fields_of_the_contract() -> None:
    response = await post()
    assert response.status_code == 201
    body = response.json()
    assert set(body) == {"ticket", "token", "websocket", "state", "position", "estimate"}
    assert uuid.UUID(body["ticket"])
    assert len(body["token"]) >= 43
    assert (body["websocket"], body["state"], body["position"]) == ("/ws/visitor/", "waiting", 1)


async def test_nothing_honest_can_be_estimated_without_counselors() -> None:
    assert (await post()).json()["estimate"] is None


async def test_an_estimate_is_a_range_in_seconds() -> None:
    carla = await available(await member("carla"), capacity=1)
    for _ in range(3):
        await post()
        assigned = await carla.take("assigned")
        await carla.send("conversation.close", conversation=assigned["conversation"])
        await carla.take("closed", conversation=assigned["conversation"])
    await post()
    estimate = (await post()).json()["estimate"]
    assert set(estimate) == set(Estimate.__struct_fields__) == {"low_s", "high_s", "by_close"}


async def test_who_finds_a_free_counselor_is_paired_in_the_answer() -> None:
    await available(await member("carla"))
    body = (await post()).json()
    assert (body["state"], body["position"], body["estimate"]) == ("paired", None, None)


async def test_places_are_counted_from_one() -> None:
    assert [(await post()).json()["position"] for _ in range(3)] == [1, 2, 3]


async def test_the_token_opens_the_socket() -> None:
    body = (await post()).json()
    assert (await (await visitor(body["token"])).take("welcome"))["position"] == 1


async def test_an_entry_that_was_stored_and_whose_answer_was_lost_is_one_ticket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = entries._write

    tries = iter((True, False))

    def lose_the_first_answer(*args: Any, **kwargs: Any) -> Any:
        place = write(*args, **kwargs)
        if next(tries):
            raise OperationalError
        return place

    monkeypatch.setattr(entries, "_write", lose_the_first_answer)
    assert (await post()).json()["position"] == 1
    assert await Ticket.objects.acount() == 1


async def test_every_optional_field_is_kept() -> None:
    response = await post(language="ja", topic="学校", note="あ" * 1000, nickname="な" * 40, urgency=3)
    assert response.status_code == 201
    assert (await Ticket.objects.aget()).urgency == 3


@pytest.mark.parametrize("path", [SERVICES, TICKETS])
async def test_no_cookie_is_set(path: str) -> None:
    response = await (post() if path == TICKETS else AsyncClient().get(path))
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


async def test_no_cookie_is_read() -> None:
    client = AsyncClient()
    client.cookies["notalone_ticket"] = (await post()).json()["token"]
    body = {"audience": "youth", "consent": True}
    response = await client.post(TICKETS, body, content_type="application/json")
    assert response.json()["position"] == 2


# --- leaving ---


async def test_who_leaves_the_queue_is_gone_from_it() -> None:
    first, second = (await post()).json(), (await post()).json()
    assert (await delete(first["ticket"], f"Bearer {first['token']}")).status_code == 204
    assert (await (await visitor(second["token"])).take("welcome"))["position"] == 1
    assert (await Ticket.objects.aget(id=first["ticket"])).state == Ticket.LEFT


async def test_who_leaves_a_talk_ends_it_for_the_counselor() -> None:
    carla = await available(await member("carla"))
    body = (await post()).json()
    assigned = await carla.take("assigned")
    await delete(body["ticket"], f"Bearer {body['token']}")
    closed = await carla.take("closed")
    assert (closed["conversation"], closed["reason"]) == (assigned["conversation"], "visitor")


async def test_leaving_twice_is_leaving_once() -> None:
    body = (await post()).json()
    for _ in range(2):
        response = await delete(body["ticket"], f"Bearer {body['token']}")
        assert (response.status_code, response.content) == (204, b"")


async def test_a_wrong_token_an_unknown_id_and_no_token_look_alike() -> None:
    mine, other = (await post()).json(), (await post()).json()
    answers = [
        await delete(mine["ticket"], f"Bearer {other['token']}"),
        await delete(str(uuid.uuid4()), f"Bearer {mine['token']}"),
        await delete("not-an-id", f"Bearer {mine['token']}"),
        await delete(mine["ticket"], f"Basic {mine['token']}"),
        await delete(mine["ticket"], "Bearer "),
        await delete(mine["ticket"], "Bearer " + "x" * 500),
        await delete(mine["ticket"], None),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert error_of(answers[0])["code"] == "not_found"
    assert await Ticket.objects.filter(state=Ticket.WAITING).acount() == 2


# --- methods ---


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        (SERVICES, "post", "GET"),
        (SERVICES, "delete", "GET"),
        (TICKETS, "get", "POST"),
        (TICKETS, "put", "POST"),
        (f"{TICKETS}/x", "get", "DELETE"),
        (f"{TICKETS}/x", "post", "DELETE"),
    ],
)
async def test_a_wrong_method_is_told_the_right_one(path: str, method: str, allowed: str) -> None:
    response = await getattr(AsyncClient(), method)(path)
    assert (response.status_code, response["Allow"]) == (405, allowed)
    assert set(error_of(response)) == {"code", "message"}
