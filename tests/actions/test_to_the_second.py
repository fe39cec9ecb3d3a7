"""Promise 5: no ticket and no pairing outside the campaign or the window, to the second, at every edge."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chat import runtime
from chat.actions.pair import pair_lane, settle
from chat.actions.rebuild import ms, read_counselors
from chat.db import run
from chat.models import Assignment, Counselor, Ticket
from chat.rules.errors import ChatError
from chat.rules.types import Lane
from notalone import clock
from tests.sockets import available, enter, member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]
SetClock = Callable[[str], None]
YOUTH = Lane("youth", "ja")

TAKEN, BEFORE, OUTSIDE, OVER = "", "campaign_not_started", "outside_window", "campaign_over"
EDGES = [
    ("youth", "2024-12-25 09:59:59", BEFORE),
    ("youth", "2024-12-25 15:59:59", OUTSIDE),
    ("youth", "2024-12-25 16:00:00", TAKEN),
    ("youth", "2024-12-31 21:59:59", TAKEN),
    ("youth", "2024-12-31 22:00:00", OUTSIDE),
    ("youth", "2025-01-01 15:59:59", OUTSIDE),
    ("youth", "2025-01-01 16:00:00", TAKEN),
    ("youth", "2025-01-03 22:00:00", OUTSIDE),
    ("youth", "2025-01-04 10:00:00", OVER),
    ("general", "2024-12-25 09:59:59", BEFORE),
    ("general", "2024-12-25 10:00:00", TAKEN),
    ("general", "2024-12-31 23:59:59", TAKEN),
    ("general", "2025-01-01 00:00:00", TAKEN),
    ("general", "2025-01-04 09:59:59", TAKEN),
    ("general", "2025-01-04 10:00:00", OVER),
]


@pytest.mark.parametrize(("audience", "at", "refusal"), EDGES)
async def test_a_ticket_is_taken_to_the_second(
    set_clock: SetClock, audience: str, at: str, refusal: str
) -> None:
    set_clock(at)
    if refusal:
        with pytest.raises(ChatError) as refused:
            await enter(audience)
        assert refused.value.code == refusal
    else:
        assert (await enter(audience)).state == "waiting"
    assert await run(Ticket.objects.count) == (0 if refusal else 1)


@pytest.mark.parametrize(("at", "pairings"), [("2024-12-28 21:59:58", 1), ("2024-12-28 22:00:00", 0)])
async def test_a_pairing_is_made_to_the_second(set_clock: SetClock, at: str, pairings: int) -> None:
    set_clock("2024-12-28 21:59:50")
    await enter()
    set_clock(at)
    await available(await member("carla"))
    await pair_lane(YOUTH)
    assert await run(Assignment.objects.count) == pairings


async def test_a_claim_from_the_last_second_is_not_committed_after_it(set_clock: SetClock) -> None:
    set_clock("2024-12-28 21:59:59")
    parts = runtime.current()
    await enter()
    await run(Counselor.objects.filter(user=await member("carla")).update, state=Counselor.AVAILABLE)
    carla = (await run(read_counselors))[0]
    await parts.presence.set_counselor(carla, now_ms=ms(clock.now()))
    await parts.presence.renew(carla.id, now_ms=ms(clock.now()))
    claim = await parts.queue.pair(YOUTH, now_ms=ms(clock.now()))
    assert claim is not None

    set_clock("2024-12-28 22:00:00")
    assert await settle(claim, clock.now()) is None

    assert await run(Assignment.objects.count) == 0
    assert await parts.queue.claims() == []
