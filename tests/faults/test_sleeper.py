"""A counselor's laptop sleeps for ten minutes: seen soon, its talks handed over, late words refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chat import runtime, ticker
from chat.actions.rebuild import ms
from chat.actions.sweep import sweep
from chat.db import run
from chat.models import Assignment, Counselor
from chat.store.presence import CounselorSeen
from notalone import clock
from staff.models import User
from tests.sockets import available, desk, enter, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

SetClock = Callable[[str], None]


async def seen() -> CounselorSeen:
    """Give carla as the board has her."""
    key = str((await Counselor.objects.aget(user__username="carla")).id)
    everybody = await runtime.current().presence.counselors(ms(clock.now()))
    return next(one for one in everybody if one.id == key)


async def test_a_laptop_that_sleeps_is_seen_handed_over_and_refused(set_clock: SetClock) -> None:
    user = await member("carla")
    carla = await available(user)
    vera = await visitor((await enter()).token)
    await vera.take("welcome", state="paired")
    conversation = (await carla.take("assigned"))["conversation"]
    await carla.send("assignment.confirm", conversation=conversation)
    await carla.send("message.send", conversation=conversation, id=message_id(), body="こんばんは")
    await vera.take("message")

    await carla.end()  # the server lets go of a line that is silent for 35 s
    while (await seen()).lease_until_ms > ms(clock.now()) + 20_000:
        pass
    set_clock("2024-12-28 16:30:25")  # 35 + 25 = 60 s after the lid was closed
    assert (await seen()).lease_until_ms == 0

    set_clock("2024-12-28 16:31:25")
    chris = await available(await member("chris"))
    await sweep()
    assert (await vera.take("requeued"))["reason"] == "counselor_lost"
    assert (await chris.take("assigned"))["conversation"] == conversation
    assert (await chris.take("message"))["body"] == "こんばんは"

    set_clock("2024-12-28 16:40:30")
    awake = await desk(user)
    welcome = await awake.take("welcome")
    assert (welcome["conversations"], welcome["availability"]["state"]) == ([], "away")
    ref = message_id()
    await awake.send("message.send", conversation=conversation, id=ref, body="おくれました")
    assert (await awake.take("error", ref=ref))["code"] in {"not_paired", "not_found"}
    await vera.hush()
    assert "おくれました" not in str(vera.kept)
    reasons = [row.release_reason async for row in Assignment.objects.order_by("pk")]
    assert reasons == ["counselor_lost", ""]


async def test_a_page_that_is_loaded_again_loses_nothing(set_clock: SetClock) -> None:
    user = await member("carla")
    carla = await available(user)
    await carla.end()
    again = await desk(user)
    await again.take("welcome")
    while (await seen()).lease_until_ms <= ms(clock.now()) + 20_000:
        pass
    opened = await enter()
    assert (await again.take("assigned"))["visitor"]["online"] in {True, False}
    assert opened.state == "paired"


async def test_another_desk_in_this_process_keeps_the_lease(set_clock: SetClock) -> None:
    user = await member("carla")
    first = await available(user)
    second = await desk(user)
    await second.take("welcome")
    await second.hush()
    await first.end()
    await first_gone()
    set_clock("2024-12-28 16:30:25")
    assert (await seen()).lease_until_ms > 0


async def first_gone() -> None:
    """Wait until the process has let go of a closed tab."""
    while len(ticker.current().desks) > 1:
        await run(User.objects.count)
