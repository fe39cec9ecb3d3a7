"""Words to check, from the entry to the desk, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chat.actions import check_words
from chat.db import run
from chat.models import CheckWordList, Ticket
from chat.rules.check_words import WordsFault
from chat.rules.errors import ChatError
from chat.rules.pairing import score_ms
from staff.models import User
from tests.chat.api import post
from tests.outages import database_down
from tests.sockets import available, enter, member, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]


async def sara() -> User:
    return await member("sara", User.SUPERVISOR)


async def test_words_at_entry_raise_the_place_and_leave_what_the_visitor_said() -> None:
    await enter(note="もう、きえたいです", urgency=1)
    ticket = await Ticket.objects.aget()
    assert (ticket.urgency, ticket.precedence) == (1, 2)
    assert ticket.score_ms == score_ms(ticket.opened_at, 2)


async def test_words_never_lower_what_the_visitor_said() -> None:
    await enter(note="もうむり", urgency=3)
    assert (await Ticket.objects.aget()).precedence == 3


@pytest.mark.parametrize("field", ["note", "topic", "nickname"])
async def test_every_field_is_looked_at(field: str) -> None:
    await enter(**{field: "しにたい"})
    assert (await Ticket.objects.aget()).precedence == 3


async def test_who_wrote_such_a_word_stands_before_who_came_just_before() -> None:
    await post()
    assert (await post(note="しにたい")).json()["position"] == 1


async def test_the_desk_is_shown_the_words_and_the_urgency_that_the_visitor_said() -> None:
    carla = await available(await member("carla"))
    await enter(note="しにたい。つらすぎる")
    entry = (await carla.take("assigned"))["visitor"]
    assert (entry["urgency"], entry["check_words"]) == (0, ["しにたい", "つらすぎる"])


async def test_the_visitor_is_told_nothing_of_them() -> None:
    opened = (await post(note="しにたい")).json()
    assert set(opened) == {"ticket", "token", "websocket", "state", "position", "estimate"}
    vera = await visitor(opened["token"])
    assert "しにたい" not in str(await vera.take("welcome"))


async def test_the_words_are_sealed_in_the_row() -> None:
    await enter(note="しにたい")
    ticket = await Ticket.objects.aget()
    assert "しにたい".encode() not in bytes(ticket.entry_sealed)


async def test_a_supervisor_s_list_counts_from_then_on() -> None:
    by = await sara()
    assert await check_words.save("ja", "[1]\nあたらしい\n", "ためし", by=by.pk, based_on=None)
    await enter(note="しにたい")
    await enter(note="アタラシイ")
    weights = [ticket.precedence async for ticket in Ticket.objects.order_by("opened_at")]
    assert weights == [0, 1]


async def test_a_list_that_can_not_be_used_changes_nothing() -> None:
    by = await sara()
    with pytest.raises(WordsFault):
        await check_words.save("ja", "ことば\n", "", by=by.pk, based_on=None)
    assert not await CheckWordList.objects.aexists()


async def test_of_two_who_change_the_same_list_one_is_told(set_clock: Callable[[str], None]) -> None:
    by = await sara()
    assert await check_words.save("ja", "[1]\nひとつ\n", "", by=by.pk, based_on=None)
    assert not await check_words.save("ja", "[1]\nふたつ\n", "", by=by.pk, based_on=None)
    (newest, *_) = await run(check_words.read_history, "ja", 5)
    assert newest.text == "[1]\nひとつ\n"


async def test_the_history_ends_with_the_list_that_came_with_the_software() -> None:
    by = await sara()
    await check_words.save("ja", "[1]\nひとつ\n", "みじかく", by=by.pk, based_on=None)
    first, last = await run(check_words.read_history, "ja", 5)
    assert (first.by, first.note, first.text) == ("sara", "みじかく", "[1]\nひとつ\n")
    assert (last.id, last.by, last.text) == (None, None, check_words.shipped("ja"))


async def test_a_language_without_a_list_finds_nothing() -> None:
    assert (await check_words.look("xx", "しにたい")).level == 0
    assert check_words.shipped("../x") == ""


async def test_with_the_database_away_the_last_known_list_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    by = await sara()
    await check_words.save("ja", "[1]\nあたらしい\n", "", by=by.pk, based_on=None)
    await check_words.look("ja", "ことば")
    monkeypatch.setattr(check_words, "_FRESH_S", -1.0)
    with database_down():
        assert (await check_words.look("ja", "あたらしい")).level == 1


async def test_no_log_line_has_such_a_word(caplog: Any) -> None:
    with database_down(), pytest.raises(ChatError):
        await enter(note="しにたい")
    await enter(note="しにたい")
    assert "しにたい" not in caplog.text
