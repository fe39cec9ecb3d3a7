"""What runs out: a place that nobody looks at, a desk that is gone, an assignment that no desk has shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chat.actions.sweep import expire_unseen, free_vanished, pass_on_unconfirmed, sweep
from chat.db import run
from chat.models import Ticket
from notalone import clock
from tests.sockets import Peer, available, enter, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

SetClock = Callable[[str], None]


async def welcomed(token: str) -> dict[str, Any]:
    peer = await visitor(token)
    return await peer.take("welcome")


async def gone_since_the_start() -> str:
    """Wait in the lane, and close the page at once; give the token."""
    opened = await enter()
    vera = await visitor(opened.token)
    await vera.take("welcome", state="waiting")
    await vera.end()
    return opened.token


async def paired(name: str = "carla") -> tuple[Peer, Peer, str]:
    counselor = await available(await member(name))
    vera = await visitor((await enter()).token)
    talk = (await counselor.take("assigned"))["conversation"]
    await vera.take("welcome", state="paired")
    return counselor, vera, talk


# --- a place outlives the socket, for ten minutes ---


async def test_a_place_is_kept_for_ten_minutes_without_a_socket(set_clock: SetClock):
    token = await gone_since_the_start()
    set_clock("2024-12-28 16:39:50")
    await expire_unseen(clock.now())
    assert (await welcomed(token))["state"] == "waiting"


async def test_a_place_that_nobody_looks_at_ends_after_ten_minutes(set_clock: SetClock):
    token = await gone_since_the_start()
    set_clock("2024-12-28 16:40:30")
    await expire_unseen(clock.now())
    welcome = await welcomed(token)
    assert (welcome["state"], welcome["reason"]) == ("expired", "expired")


# --- a counselor whose desk is gone ---


async def lapse(counselor: Peer, set_clock: SetClock, shows: str) -> None:
    await counselor.end()
    set_clock(shows)
    await free_vanished(clock.now())


async def test_within_the_grace_a_lost_desk_keeps_its_talks(set_clock: SetClock):
    carla, vera, _ = await paired()
    await lapse(carla, set_clock, "2024-12-28 16:31:00")
    await vera.send("message.send", id=message_id(), body="まだいますか")
    await vera.take("message.ack")
    assert not [frame for frame in vera.kept if frame["type"] == "requeued"]


async def test_after_the_grace_the_visitor_stands_in_front_and_is_told(set_clock: SetClock):
    carla, vera, _ = await paired()
    await carla.send("availability.set", state="available", capacity=1)
    await carla.take("availability", capacity=1)
    assert [(await enter()).state for _ in range(2)] == ["waiting", "waiting"]
    await lapse(carla, set_clock, "2024-12-28 16:33:00")
    requeued = await vera.take("requeued")
    assert (requeued["reason"], requeued["position"]) == ("counselor_lost", 1)


async def test_the_next_counselor_has_the_whole_talk(set_clock: SetClock):
    carla, vera, talk = await paired()
    await vera.send("message.send", id=message_id(), body="きいてほしいこと")
    await vera.take("message.ack")
    await lapse(carla, set_clock, "2024-12-28 16:33:00")
    await vera.take("requeued")
    chris = await available(await member("chris", organization="org-b"))
    assert (await chris.take("assigned"))["conversation"] == talk
    assert (await chris.take("message"))["body"] == "きいてほしいこと"
    assert (await vera.take("paired"))["counselor"] == {"name": "Chris"}


# --- an assignment that no desk has confirmed ---


async def test_an_assignment_without_a_confirmation_goes_to_the_next(set_clock: SetClock):
    carla, vera, talk = await paired()
    chris = await available(await member("chris", organization="org-b"))
    set_clock("2024-12-28 16:30:25")
    await pass_on_unconfirmed(clock.now())
    assert (await carla.take("unassigned"))["conversation"] == talk
    await vera.take("requeued")
    assert (await chris.take("assigned"))["conversation"] == talk
    assert (await carla.take("availability"))["state"] == "away"


async def test_a_confirmed_assignment_stays(set_clock: SetClock):
    carla, vera, talk = await paired()
    await carla.send("assignment.confirm", conversation=talk)
    await carla.hush()
    set_clock("2024-12-28 16:30:25")
    await pass_on_unconfirmed(clock.now())
    await vera.hush()
    assert not [frame for frame in vera.kept if frame["type"] == "requeued"]


# --- the net ---


async def test_a_sweep_at_peace_changes_nothing():
    _, vera, _ = await paired()
    before = await run(lambda: list(Ticket.objects.values_list("state", "score_ms")))
    await sweep(clock.now())
    assert await run(lambda: list(Ticket.objects.values_list("state", "score_ms"))) == before
    await vera.hush()
    assert not [frame for frame in vera.kept if frame["type"] in {"requeued", "closed"}]
