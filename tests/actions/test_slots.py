"""Many slots come free at once: filled together, each told and confirmed as if it were the only one."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from chat.actions.availability import confirm
from chat.actions.desk import read_held
from chat.db import run
from chat.models import Assignment, Ticket
from tests.sockets import Peer, desk, enter, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

EACH = 3


async def filled(*names: str) -> tuple[list[Peer], list[Peer], dict[str, list[str]]]:
    """Give desks that became free at one instant, the pages, and each desk's talks."""
    pages = [await visitor((await enter()).token) for _ in range(EACH * len(names))]
    for page in pages:
        await page.take("welcome", state="waiting")
    desks = [await desk(await member(name)) for name in names]
    for one in desks:
        await one.take("welcome")
    await asyncio.gather(*(one.send("availability.set", state="available", capacity=EACH) for one in desks))
    talks = {
        name: [(await one.take("assigned"))["conversation"] for _ in range(EACH)]
        for name, one in zip(names, desks, strict=True)
    }
    return desks, pages, talks


def assignments() -> list[tuple[str, str, bool]]:
    rows = Assignment.objects.filter(released_at=None).values_list(
        "counselor__user__username", "conversation_id", "confirmed_at"
    )
    return sorted((name, str(talk), at is not None) for name, talk, at in rows)


async def test_every_slot_is_filled_once_and_everybody_is_told():
    _, pages, talks = await filled("carla", "chris")

    told = {(await page.take("paired"))["conversation"] for page in pages}
    assert told == {talk for ones in talks.values() for talk in ones}
    assert await run(assignments) == sorted(
        (name, talk, False) for name, ones in talks.items() for talk in ones
    )
    assert set(await run(lambda: list(Ticket.objects.values_list("state", flat=True)))) == {Ticket.PAIRED}


async def test_confirmations_that_come_together_are_each_counselor_s_own():
    _, _, talks = await filled("carla", "chris")
    counselors = dict(
        await run(lambda: list(Assignment.objects.values_list("counselor__user__username", "counselor_id")))
    )
    mine = [uuid.UUID(talk) for talk in talks["carla"]]
    theirs = uuid.UUID(talks["chris"][0])

    await asyncio.gather(*(confirm(talk, counselors["carla"]) for talk in [*mine, theirs]))

    assert [confirmed for name, _, confirmed in await run(assignments) if name == "carla"] == [True] * EACH
    assert [confirmed for name, _, confirmed in await run(assignments) if name == "chris"] == [False] * EACH


async def test_talks_that_are_read_together_are_each_counselor_s_own():
    _, _, talks = await filled("carla", "chris")
    counselors = dict(
        await run(lambda: list(Assignment.objects.values_list("counselor__user__username", "counselor_id")))
    )
    pairs = [(counselors["carla"], uuid.UUID(talk)) for talk in [*talks["carla"], talks["chris"][0]]]

    read = await asyncio.gather(*(read_held(counselor, talk) for counselor, talk in pairs))

    assert [str(held.conversation) for held in read if held] == talks["carla"]
    assert read[-1] is None
    assert all(held.is_online and held.is_first and not held.is_confirmed for held in read if held)


async def test_words_that_come_right_after_the_pairing_are_shown():
    """The counselor greets at once, perhaps before the page's socket has read that it is paired."""
    desks, pages, talks = await filled("carla")
    for talk in talks["carla"]:
        await desks[0].send("message.send", conversation=talk, id=message_id(), body="こんばんは")

    for page in pages:
        assert (await page.take("message"))["body"] == "こんばんは"
