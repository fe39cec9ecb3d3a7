"""Who enters together is taken in together: everybody's own row, words, place and door."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import datetime

import msgspec
import pytest
from django.db import IntegrityError

from chat import access, campaigns, runtime
from chat.actions import entries
from chat.actions.open_now import open_until
from chat.actions.open_ticket import TicketRequest, open_ticket
from chat.actions.place import note_sign, place_for_token, place_of, position_of
from chat.models import ReturnToken, Ticket
from chat.postgres_tickets import Row
from chat.rules.check_words import Found
from chat.rules.types import Lane
from chat.sealing import open_entry
from notalone import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

YOUTH = Lane("youth", "ja")
CROWD = 30
CAMPAIGN = "2024-new-year"


def ticket(campaign: str = CAMPAIGN, token: str = "token") -> Ticket:
    return entries.new_ticket(
        campaign, YOUTH, {"note": "ことば"}, token, urgency=0, found=Found(0, ()), visit=None, now=clock.now()
    )


async def test_each_of_a_crowd_has_a_row_of_their_own() -> None:
    asked = [TicketRequest("youth", consent=True, note=f"ことば {n}", nickname=f"{n}") for n in range(CROWD)]
    opened = await asyncio.gather(*map(open_ticket, asked))

    rows = {str(row.id): row async for row in Ticket.objects.all()}
    assert len(rows) == CROWD
    for request, one in zip(asked, opened, strict=True):
        row = rows[one.ticket]
        assert bytes(row.token_hash) == access.token_hash(one.token)
        words = open_entry(row.id, row.key_sealed, row.entry_sealed)
        assert words == {"nickname": request.nickname, "topic": "", "note": request.note}
        assert (row.state, row.campaign_id, row.visit_id, row.end_reason) == ("waiting", CAMPAIGN, None, "")


async def test_a_crowd_stands_in_one_order_and_hears_its_places() -> None:
    opened = await asyncio.gather(*(open_ticket(TicketRequest("youth", consent=True)) for _ in range(CROWD)))

    assert sorted(one.position or 0 for one in opened) == list(range(1, CROWD + 1))
    places = await asyncio.gather(*(place_for_token(one.token) for one in opened))
    assert [str(place.ticket) for place in places if place] == [one.ticket for one in opened]
    again = await asyncio.gather(*(place_of(place.ticket) for place in places if place))
    assert again == places
    positions = [position for position, _ in await asyncio.gather(*map(position_of, again))]
    front = await runtime.current().queue.front(YOUTH, None)
    assert [front[(position or 0) - 1] for position in positions] == [one.ticket for one in opened]


async def test_an_entry_with_urgency_overtakes_within_the_crowd() -> None:
    calm, urgent = await asyncio.gather(
        open_ticket(TicketRequest("youth", consent=True)),
        open_ticket(TicketRequest("youth", consent=True, urgency=3)),
    )
    assert await runtime.current().queue.front(YOUTH, None) == [urgent.ticket, calm.ticket]


async def test_a_row_that_is_written_again_is_the_same_one() -> None:
    one, other = ticket(token="a"), ticket(token="b")
    first = await entries.write(one)
    again, new = await asyncio.gather(entries.write(one), entries.write(other))

    assert (first, str(other.id)) == (again, new.ticket)
    assert await Ticket.objects.acount() == 2


async def test_one_that_can_not_be_written_takes_nobody_along() -> None:
    bad, good = await asyncio.gather(
        entries.write(ticket("no such campaign", "a")),
        entries.write(ticket(token="b")),
        return_exceptions=True,
    )
    assert isinstance(bad, IntegrityError)
    assert not isinstance(good, BaseException)
    assert [str(row.id) async for row in Ticket.objects.all()] == [good.ticket]


def test_postgresql_is_given_every_column_that_has_no_value_of_its_own() -> None:
    needed = {field.attname for field in Ticket._meta.concrete_fields if not field.null} | {"visit_id"}
    assert set(Row.__struct_fields__) == needed
    assert msgspec.json.encode(Row(**{name: getattr(ticket(), name) for name in needed}))


async def test_doors_of_many_tokens_open_each_its_own() -> None:
    one, other = [await open_ticket(TicketRequest("youth", consent=True)) for _ in range(2)]
    await ReturnToken.objects.acreate(
        ticket_id=uuid.UUID(other.ticket), token_hash=access.token_hash("another device"), made_at=clock.now()
    )
    asked = [one.token, "nobody's", "another device", other.token, "", "x" * 201]
    places = await asyncio.gather(*map(place_for_token, asked))

    told = [str(place.ticket) if place else None for place in places]
    assert told == [one.ticket, None, other.ticket, other.ticket, None, None]
    assert {place.lane for place in places if place} == {YOUTH}


async def test_a_hello_is_a_sign_of_life_and_so_is_asking_for_the_place(
    set_clock: Callable[[str], None],
) -> None:
    one, other = [await open_ticket(TicketRequest("youth", consent=True)) for _ in range(2)]
    set_clock("2024-12-28 16:40")
    await note_sign(one.ticket)
    place = await place_for_token(other.token)
    assert place is not None
    await position_of(place)

    seen = await runtime.current().queue.last_seen([one.ticket, other.ticket])
    assert all(at is not None and at >= entries.ms(clock.now()) - 60_000 for at in seen)


async def test_the_window_that_is_open_closes_to_the_instant(jst: Callable[[str], datetime]) -> None:
    campaign = (await campaigns.loaded()).current(clock.now())
    assert campaign is not None
    closes_at = open_until(campaign, "youth", clock.now())
    assert closes_at is not None

    last = closes_at - datetime.resolution
    assert open_until(campaign, "youth", last) == closes_at
    assert open_until(campaign, "youth", closes_at) != closes_at
    assert open_until(campaign, "youth", jst("2024-12-20 16:30")) is None
    assert open_until(campaign, "youth", jst("2024-12-28 03:00")) is None
    assert open_until(campaign, "youth", jst("2025-01-20 16:30")) is None
