"""What the estimate goes by, from real rows and a real queue."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from chat import runtime
from chat.actions.estimates import LaneFacts, forget, lane_facts, range_from
from chat.actions.rebuild import rebuild
from chat.db import run
from chat.models import Campaign, Conversation, Counselor, Ticket
from chat.rules.estimate import Range
from chat.rules.types import Lane
from notalone import clock
from tests.sockets import member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]
YOUTH = Lane("youth", "ja")
MINUTE = timedelta(minutes=1)


def ticket(
    came: float, state: str = Ticket.WAITING, *, paired: float | None = None, gone: float | None = None
) -> Ticket:
    """A ticket of so many minutes ago; ``paired`` and ``gone``: as many minutes ago."""
    now = clock.now()
    return Ticket.objects.create(
        campaign=Campaign.objects.get(),
        token_hash=uuid.uuid4().bytes * 2,
        audience="youth",
        language="ja",
        state=state,
        opened_at=now - came * MINUTE,
        score_ms=clock.epoch_ms(now - came * MINUTE),
        paired_at=None if paired is None else now - paired * MINUTE,
        ended_at=None if gone is None else now - gone * MINUTE,
        key_sealed=b"",
        entry_sealed=b"",
    )


def talk(began: float, ended: float | None = None, counselor: Counselor | None = None) -> None:
    now = clock.now()
    state = Ticket.PAIRED if ended is None else Ticket.CLOSED
    Conversation.objects.create(
        ticket=ticket(began + 10, state, paired=began, gone=ended),
        state=Conversation.OPEN if ended is None else Conversation.CLOSED,
        counselor=counselor,
        opened_at=now - began * MINUTE,
        closed_at=None if ended is None else now - ended * MINUTE,
        key_sealed=b"",
    )


async def here(name: str, state: str = Counselor.AVAILABLE) -> Counselor:
    """A counselor at the desk; tell the queue by ``facts``."""
    user = await member(name)
    await run(Counselor.objects.filter(user=user).update, state=state)
    return await run(lambda: Counselor.objects.get(user=user))


async def facts(*counselors: Counselor) -> LaneFacts:
    await runtime.current().queue.invalidate()
    await rebuild()
    for counselor in counselors:
        await runtime.current().presence.renew(str(counselor.id), now_ms=clock.epoch_ms(clock.now()))
    forget()
    return await lane_facts(YOUTH)


def known(found: LaneFacts) -> dict[str, object]:
    assert found.outlook is not None
    now = found.outlook.now
    return {"slots": now.slots, "away_slots": now.away_slots, "left": now.left, "talks": len(now.ended_s)}


async def test_nothing_is_said_while_nobody_serves() -> None:
    await run(lambda: [talk(100 + n, 50 + n) for n in range(5)])
    assert (await facts()).outlook is None


async def test_slots_talks_and_those_who_gave_up_are_counted() -> None:
    carla, chris = await here("carla"), await here("chris", Counselor.AWAY)

    def evening() -> None:
        for n in range(5):
            talk(100 + n, 50 + n)
        talk(20, counselor=carla)
        talk(10, counselor=chris)  # who is away, but not gone
        ticket(60, Ticket.LEFT, gone=5)
        ticket(8, Ticket.LEFT, gone=5)  # after three minutes: not patient
        ticket(120, Ticket.LEFT, gone=45)  # too long ago
        ticket(25, Ticket.EXPIRED, gone=2)

    await run(evening)
    found = await facts(carla, chris)
    assert known(found) == {"slots": 3, "away_slots": 3, "left": 2, "talks": 5}
    assert found.outlook is not None
    assert [round(age / 60) for age in found.outlook.now.running_s] == [20]


async def test_the_time_that_all_have_waited_is_summed_up_from_counts() -> None:
    """Beyond five minutes, within the last thirty: 30 and 15 of who waits, 10 and 5 of who does not."""
    carla = await here("carla")

    def evening() -> None:
        for n in range(3):
            talk(200 + n, 150 + n)
        ticket(90)
        ticket(20)
        ticket(3)
        ticket(55, Ticket.LEFT, gone=20)
        talk(10, counselor=carla)  # came twenty minutes ago, taken after ten

    await run(evening)
    outlook = (await facts(carla)).outlook
    assert outlook is not None
    assert outlook.now.waited_s / 60 == pytest.approx(30 + 15 + 10 + 5, abs=3)


async def test_the_range_says_whether_it_may_be_too_late(set_clock: Callable[[str], None]) -> None:
    set_clock("2024-12-28 21:50")
    carla = await here("carla")
    await run(lambda: [talk(100 + n, 50 + n) for n in range(5)] + [talk(5, counselor=carla)])  # type: ignore[func-returns-value]
    found = await facts(carla)
    late = range_from(found, 20, clock.now())
    assert isinstance(late, Range)
    assert late.by_close is False
