"""Whoever is not served is counted, whatever the way: the reason and the wait, and nothing of the person."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import AsyncClient

from chat import campaigns, runtime
from chat.actions import turned_away
from chat.actions.end import put_back_in_lane
from chat.actions.sweep import sweep
from chat.actions.turned_away import Kind, count_refusal
from chat.models import Conversation, Counselor, ServiceRow, TurnedAway
from tests.chat.api import delete, post
from tests.outages import database_down
from tests.sockets import available, enter, member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

SetClock = Callable[[str], None]


async def counted() -> list[tuple[str, int, bool]]:
    """Give what was counted, once what was gathered is written."""
    await turned_away._flush()
    return [(row.reason, row.count, row.asked) async for row in TurnedAway.objects.order_by("pk")]


@pytest.mark.parametrize(
    ("at", "audience", "reason"),
    [
        ("2024-12-20 12:00", "youth", "campaign_not_started"),
        ("2025-01-05 12:00", "youth", "campaign_over"),
        ("2024-12-28 23:00", "youth", "outside_window"),
    ],
)
async def test_a_refusal_by_the_hours(set_clock: SetClock, at: str, audience: str, reason: str) -> None:
    set_clock(at)
    await post(audience=audience)
    assert await counted() == [(reason, 1, True)]


async def test_a_refusal_by_a_stopped_queue() -> None:
    await ServiceRow.objects.filter(channel="chat", audience="youth").aupdate(accepting=False)
    campaigns.forget()
    await post()
    assert await counted() == [("queue_closed", 1, True)]


async def test_a_flood_is_one_row_with_its_number(settings: Any) -> None:
    settings.ENTRIES_PER_HOUR = 1
    for _ in range(20):
        await post()
    assert await counted() == [("too_many", 19, True)]


async def test_who_could_not_be_stored_is_counted_when_the_database_is_back() -> None:
    await campaigns.loaded()
    with database_down():
        assert (await post()).status_code == 503
    assert await counted() == [("unavailable", 1, True)]


async def test_a_refusal_is_a_refusal_though_it_can_not_be_counted_now() -> None:
    with database_down():
        await count_refusal(Kind("2024-new-year", "youth", "ja", "queue_closed"))
    assert await counted() == [("queue_closed", 1, True)]


async def test_what_was_gathered_is_written_when_the_process_ends() -> None:
    turned_away.gather(Kind("2024-new-year", "youth", "ja", "too_many"))
    await runtime.stop()
    assert (await TurnedAway.objects.aget()).reason == "too_many"


async def test_what_was_gathered_is_written_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turned_away, "GATHER_S", 0.0)
    turned_away.gather(Kind("2024-new-year", "youth", "ja", "too_many"))
    while not await TurnedAway.objects.aexists():
        pass


async def test_who_came_to_a_closed_door_is_counted_apart(set_clock: SetClock) -> None:
    set_clock("2024-12-28 23:00")
    await AsyncClient().get("/ja/chat/youth/")
    assert await counted() == [("outside_window", 1, False)]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/ja/chat/youth/?seen=outside_window", {}),  # the open page looks anew
        ("/ja/chat/youth/", {"Cache-Control": "max-age=0"}),  # a browser reloads it
        ("/ja/chat/youth/", {"Cache-Control": "no-cache"}),  # and what it had kept, too
    ],
)
async def test_who_still_stands_at_the_same_closed_door_is_counted_once(
    set_clock: SetClock, path: str, headers: dict[str, str]
) -> None:
    set_clock("2024-12-28 15:59:00")
    await AsyncClient().get("/ja/chat/youth/")
    for _ in range(3):
        await AsyncClient().get(path, headers=headers)
    assert await counted() == [("outside_window", 1, False)]


async def test_who_is_turned_away_for_another_reason_now_is_counted_by_it(set_clock: SetClock) -> None:
    set_clock("2024-12-28 16:00:00")
    await ServiceRow.objects.filter(channel="chat", audience="youth").aupdate(accepting=False)
    campaigns.forget()
    await AsyncClient().get("/ja/chat/youth/?seen=outside_window")
    assert await counted() == [("queue_closed", 1, False)]


@pytest.mark.parametrize("seen", ["", "left", "<b>", "outside_window,queue_closed"])
async def test_an_address_that_somebody_made_up_hides_nobody(set_clock: SetClock, seen: str) -> None:
    set_clock("2024-12-28 23:00")
    await AsyncClient().get("/ja/chat/youth/", {"seen": seen})
    assert await counted() == [("outside_window", 1, False)]


async def test_a_wrong_field_turns_nobody_away() -> None:
    assert (await post(urgency=9)).status_code == 400
    assert await counted() == []


async def test_leaving_is_counted_with_the_wait(set_clock: SetClock) -> None:
    opened = (await post()).json()
    set_clock("2024-12-28 16:40")
    await delete(opened["ticket"], f"Bearer {opened['token']}")
    row = await TurnedAway.objects.aget()
    assert (row.reason, row.audience, row.language) == ("left", "youth", "ja")
    assert 590 <= row.waited_s <= 610


async def test_who_does_not_come_back_is_counted_with_the_wait(set_clock: SetClock) -> None:
    await post()
    set_clock("2024-12-28 16:41")
    await sweep()
    row = await TurnedAway.objects.aget()
    assert (row.reason, row.waited_s >= 600) == ("expired", True)


async def test_who_lost_the_counselor_and_gives_up_waiting_again_is_counted_from_then(
    set_clock: SetClock,
) -> None:
    carla = await available(await member("carla"))
    opened = await enter()
    await carla.take("assigned")
    set_clock("2024-12-28 17:00")
    counselor = await Counselor.objects.aget()
    talk = await Conversation.objects.aget()
    await carla.send("availability.set", state="away")
    await carla.take("availability", state="away")
    await put_back_in_lane(talk.id, "counselor_lost", from_counselor=counselor.id)
    set_clock("2024-12-28 17:05")
    await delete(opened.ticket, f"Bearer {opened.token}")
    row = await TurnedAway.objects.aget()
    assert (row.reason, 290 <= row.waited_s <= 310) == ("left", True)


async def test_who_was_served_is_not_counted() -> None:
    carla = await available(await member("carla"))
    await enter()
    conversation = (await carla.take("assigned"))["conversation"]
    await carla.send("conversation.close", conversation=conversation)
    await carla.take("closed")
    assert await counted() == []


async def test_a_row_leads_to_nobody() -> None:
    opened = (await post(note="ひみつ", nickname="ひみつ")).json()
    await delete(opened["ticket"], f"Bearer {opened['token']}")
    row = await TurnedAway.objects.values().aget()
    assert set(row) == {
        "id", "campaign_id", "audience", "language", "reason", "count", "asked", "waited_s", "at"
    }  # fmt: skip
    assert uuid.UUID(opened["ticket"]) not in row.values()
