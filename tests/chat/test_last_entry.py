"""Told before entering: that it may be too late tonight, what else is open, and that a lane takes nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import AsyncClient

from chat import campaigns
from chat.actions import last_entry
from chat.models import Campaign, ServiceRow, Ticket, TurnedAway
from chat.rules.admission import NOBODY_AHEAD, LaneAhead
from chat.rules.estimate import Range
from chat.rules.types import Lane
from tests.chat.api import SERVICES, error_of, post
from tests.chat.html import Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

LATE = LaneAhead(300, Range(18_000, 36_000, by_close=False))
CLOSES_AT = datetime.fromisoformat("2024-12-28T22:00:00+09:00")


def ahead(monkeypatch: pytest.MonkeyPatch, found: LaneAhead) -> None:
    async def told(_: object) -> LaneAhead:
        return found

    for place in ("chat.actions.services.lane_ahead", "chat.actions.open_ticket.lane_ahead"):
        monkeypatch.setattr(place, told)


async def limit(**fields: Any) -> None:
    await ServiceRow.objects.filter(channel="chat", audience="youth").aupdate(**fields)
    campaigns.forget()
    last_entry.forget()


async def youth_chat() -> dict[str, Any]:
    answer = (await AsyncClient().get(SERVICES)).json()
    return next(dict(s) for s in answer["services"] if (s["channel"], s["audience"]) == ("chat", "youth"))


# --- late ---


async def test_the_last_entry_is_earlier_by_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead(monkeypatch, LaneAhead(3, Range(600, 1800, by_close=True)))
    told = await youth_chat()
    assert datetime.fromisoformat(told["last_entry_at"]) == CLOSES_AT - timedelta(minutes=30)
    assert told["accepting"]


async def test_who_comes_too_late_is_told_so_before_and_may_still_enter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ahead(monkeypatch, LATE)
    told = await youth_chat()
    assert told["accepting"]
    assert told["last_entry_at"] < told["closes_at"]
    page = Page((await AsyncClient().get("/ja/chat/youth/")).content.decode())
    assert "順番が来ないかもしれません" in page.words
    assert page.element("late")
    assert any("/mail/" in link for link in page.links())
    assert (await post()).status_code == 201


async def test_the_start_page_tells_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead(monkeypatch, LATE)
    assert "順番が来ないかもしれません" in Page((await AsyncClient().get("/ja/")).content.decode()).words


async def test_in_a_calm_hour_nobody_is_warned() -> None:
    await post()
    page = Page((await AsyncClient().get("/ja/chat/youth/")).content.decode())
    assert "順番が来ないかもしれません" not in page.words


@pytest.mark.parametrize(("path", "is_late"), [("/en/chat/youth/", True), ("/ja/chat/youth/", False)])
async def test_a_page_looks_at_the_lane_of_its_own_language(
    monkeypatch: pytest.MonkeyPatch, path: str, is_late: bool
) -> None:
    await Campaign.objects.aupdate(languages=["ja", "en"])
    campaigns.forget()

    async def english_is_late(lane: Lane) -> LaneAhead:
        return LATE if lane.language == "en" else NOBODY_AHEAD

    monkeypatch.setattr("chat.actions.services.lane_ahead", english_is_late)
    page = Page((await AsyncClient().get(path)).content.decode())
    assert page.has("late") is is_late


async def test_a_lane_that_was_stopped_by_hand_is_closed_on_the_pages_of_its_language_alone() -> None:
    await Campaign.objects.aupdate(languages=["ja", "en"])
    await limit(stopped_languages=["en"])
    pages = [
        Page((await AsyncClient().get(f"/{code}/chat/youth/")).content.decode()) for code in ("en", "ja")
    ]
    assert [page.has("begin") for page in pages] == [False, True]


# --- a lane's own limits ---


async def test_a_lane_stops_at_its_length_and_goes_on_below_it() -> None:
    await limit(max_waiting=2)
    tickets = [(await post()).json() for _ in range(2)]
    last_entry.forget()
    refused = await post()
    assert (refused.status_code, error_of(refused)["code"]) == (403, "queue_closed")
    assert error_of(refused)["alternatives"]
    assert not (await youth_chat())["accepting"]
    await AsyncClient().delete(
        f"/api/v1/tickets/{tickets[0]['ticket']}", headers={"Authorization": f"Bearer {tickets[0]['token']}"}
    )
    last_entry.forget()
    assert (await post()).status_code == 201


async def test_another_lane_goes_on() -> None:
    await limit(max_waiting=1)
    await post()
    last_entry.forget()
    assert (await post(audience="general")).status_code == 201


@pytest.mark.parametrize("fields", [{"stops_late": True}, {"max_wait_s": 3600}])
async def test_a_lane_stops_by_its_expected_wait(
    monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any]
) -> None:
    await limit(**fields)
    assert (await post()).status_code == 201
    ahead(monkeypatch, LATE)
    assert error_of(await post())["code"] == "queue_closed"
    assert await Ticket.objects.acount() == 1
    assert (await TurnedAway.objects.aget()).reason == "queue_closed"


async def test_a_stopped_lane_is_told_on_the_page_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    await limit(stops_late=True)
    ahead(monkeypatch, LATE)
    page = Page((await AsyncClient().get("/ja/chat/youth/")).content.decode())
    assert "いま、とても こみあっています" in page.words
    assert "あなたが書いたことば" not in page.words
