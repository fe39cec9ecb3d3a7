"""A pause between talks: asked for, or by itself after each; nobody new comes until it is over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chat.actions.availability import end_pauses, renew_lease
from chat.db import run
from chat.models import Counselor
from notalone import clock
from tests.sockets import Peer, available, enter, member, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]


async def carla_with_a_talk(wrap_up_s: int = 180) -> tuple[Peer, Peer, str]:
    carla = await available(await member("carla"), capacity=1)
    await carla.send("availability.set", state="available", wrap_up_s=wrap_up_s)
    await carla.take("availability")
    vera = await visitor((await enter()).token)
    conversation = (await carla.take("assigned"))["conversation"]
    await vera.take("welcome", state="paired")
    return carla, vera, conversation


async def test_pause_that_was_asked_for_ends_by_itself(set_clock):
    carla = await available(await member("carla"))
    await carla.send("availability.set", state="away", back_in_s=300)
    told = await carla.take("availability", state="away")
    left = datetime.fromisoformat(told["back_at"]) - clock.now()
    assert timedelta(seconds=240) < left <= timedelta(seconds=300)
    assert (await enter()).state == "waiting"
    set_clock("2024-12-28 16:34:00")
    await end_pauses(clock.now())
    assert (await run(Counselor.objects.get)).state == "away"
    set_clock("2024-12-28 16:36:00")
    await renew_lease((await run(Counselor.objects.get)).id)  # the desk's heartbeat
    await end_pauses(clock.now())
    await carla.take("availability", state="available")


async def test_after_a_talk_that_the_counselor_closes_nobody_comes_at_once():
    carla, _, conversation = await carla_with_a_talk()
    waiting = await enter()
    await carla.send("conversation.close", conversation=conversation, outcome="listened")
    await carla.take("closed")
    told = await carla.take("availability", state="away")
    assert "back_at" in told
    assert waiting.state == "waiting"
    await carla.hush()
    assert not [frame for frame in carla.kept if frame["type"] == "assigned"]


async def test_after_a_talk_that_the_visitor_leaves_too():
    carla, vera, _ = await carla_with_a_talk()
    await enter()
    await vera.send("leave")
    await carla.take("closed")
    await carla.take("availability", state="away")
    await carla.hush()
    assert not [frame for frame in carla.kept if frame["type"] == "assigned"]


async def test_who_wants_no_pause_gets_the_next_one():
    carla, _, conversation = await carla_with_a_talk(wrap_up_s=0)
    await enter()
    await carla.send("conversation.close", conversation=conversation, outcome="listened")
    await carla.take("assigned")


async def test_pause_ends_at_once_when_its_counselor_says_so():
    carla, vera, _ = await carla_with_a_talk()
    await enter()
    await vera.send("leave")
    await carla.take("availability", state="away")
    await carla.send("availability.set", state="available")
    await carla.take("assigned")
    assert (await run(Counselor.objects.get)).back_at is None


async def test_who_goes_away_in_a_pause_stays_away(set_clock):
    carla, vera, _ = await carla_with_a_talk()
    await vera.send("leave")
    await carla.take("availability", state="away")
    await carla.send("availability.set", state="away")
    await carla.take("availability", state="away")
    set_clock("2024-12-28 17:00:00")
    await end_pauses(clock.now())
    assert (await run(Counselor.objects.get)).state == "away"


async def test_who_is_not_there_when_the_pause_ends_stays_away(set_clock):
    await run(
        Counselor.objects.create, user=await member("olga", "administrator"), name="Olga", back_at=clock.now()
    )
    set_clock("2024-12-28 17:00:00")
    await end_pauses(clock.now())
    row = await run(Counselor.objects.get)
    assert (row.state, row.back_at) == ("away", None)


async def test_welcome_tells_of_the_pause():
    from staff.models import User
    from tests.sockets import desk

    carla, vera, _ = await carla_with_a_talk()
    await vera.send("leave")
    await carla.take("availability", state="away")
    again = await desk(await run(User.objects.get, username="carla"))
    told = (await again.take("welcome"))["availability"]
    assert (told["state"], told["wrap_up_s"], "back_at" in told) == ("away", 180, True)
