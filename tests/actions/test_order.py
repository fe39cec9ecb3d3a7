"""The order and those who change it: supervisors by a frame, on record and within the bound."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from chat import runtime
from chat.actions.end import put_back_in_lane
from chat.actions.order import boost
from chat.actions.sweep import sweep
from chat.db import run
from chat.models import Counselor, Ticket, TicketBoost
from chat.rules.errors import ChatError
from chat.rules.pairing import score_ms
from chat.rules.types import Lane
from chat.sealing import sealer
from staff.models import User
from tests.outages import NOWHERE
from tests.sockets import Peer, available, desk, enter, member, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

YOUTH = Lane("youth", "ja")
LOOK = {"audience": "youth", "language": "ja"}


async def sara() -> Peer:
    peer = await desk(await member("sara", User.SUPERVISOR))
    await peer.take("welcome")
    return peer


async def raise_(
    peer: Peer, ticket: str, urgency: int = 3, reason: str = "ことばが気になる"
) -> dict[str, Any]:
    await peer.send("ticket.boost", ticket=ticket, urgency=urgency, reason=reason, id="b1")
    await peer.take("done", id="b1")
    return await peer.take("queue.tickets")


def order_of(frame: dict[str, Any]) -> list[str]:
    return [entry["ticket"] for entry in frame["tickets"]]


# --- looking ---


async def test_a_supervisor_sees_who_waits_without_name_or_word() -> None:
    opened = await enter(note="もう、きえたい。ひみつ", nickname="ひみつの名", topic="ひみつの話", urgency=1)
    vera = await visitor(opened.token)
    await vera.take("welcome")
    peer = await sara()
    await peer.send("queue.look", **LOOK)
    frame = await peer.take("queue.tickets")
    (entry,) = frame["tickets"]
    assert entry.pop("opened_at")
    assert entry == {
        "ticket": opened.ticket,
        "position": 1,
        "urgency": 1,
        "precedence": 2,
        "check_words": ["きえたい"],
        "online": True,
    }
    assert "ひみつ" not in str(frame)


async def test_the_look_is_as_long_as_it_was_asked_for() -> None:
    tickets = [(await enter()).ticket for _ in range(3)]
    peer = await sara()
    await peer.send("queue.look", **LOOK, limit=2)
    assert order_of(await peer.take("queue.tickets")) == tickets[:2]


# --- raising and lowering ---


async def test_a_raised_ticket_passes_those_who_came_shortly_before() -> None:
    first, second = (await enter()).ticket, (await enter()).ticket
    peer = await sara()
    assert order_of(await raise_(peer, second)) == [second, first]
    row = await Ticket.objects.aget(id=second)
    assert (row.urgency, row.precedence) == (0, 3)
    assert row.score_ms == score_ms(row.opened_at, 3)


async def test_a_lowered_ticket_stands_where_it_came() -> None:
    first, second = (await enter()).ticket, (await enter(urgency=3)).ticket
    peer = await sara()
    assert order_of(await raise_(peer, second, 0)) == [first, second]


async def test_the_visitor_who_is_passed_is_told_the_new_place() -> None:
    passed = await visitor((await enter()).token)
    await passed.take("welcome", position=1)
    raised = await enter()
    vera = await visitor(raised.token)
    await vera.take("welcome", position=2)
    await raise_(await sara(), raised.ticket)
    assert (await passed.take("queue.position"))["position"] == 2
    assert (await vera.take("queue.position"))["position"] == 1


async def test_it_is_on_record_who_when_what_and_why() -> None:
    opened = await enter(urgency=1)
    await raise_(await sara(), opened.ticket, 3, "声がふるえていた")
    row = await TicketBoost.objects.select_related("by", "ticket").aget()
    assert (row.by.username, row.before, row.after) == ("sara", 1, 3)
    assert row.at
    ticket = row.ticket
    assert await run(sealer(ticket.id, ticket.key_sealed).open, row.reason_sealed) == "声がふるえていた"


async def test_done_twice_is_on_record_once() -> None:
    opened = await enter()
    peer = await sara()
    await raise_(peer, opened.ticket)
    await raise_(peer, opened.ticket)
    assert await TicketBoost.objects.acount() == 1


async def test_the_bound_holds_however_often_a_ticket_is_raised(set_clock: Callable[[str], None]) -> None:
    set_clock("2024-12-28 16:00:00")
    first = (await enter()).ticket
    set_clock("2024-12-28 16:20:02")
    late = (await enter(urgency=3, note="しにたい")).ticket
    peer = await sara()
    for urgency in (0, 3, 2, 3):
        frame = await raise_(peer, late, urgency)
    assert order_of(frame) == [first, late]


async def test_who_was_put_back_stays_in_front_when_lowered() -> None:
    carla = await available(await member("carla"), capacity=1)
    opened = await enter(urgency=3)
    talk = (await carla.take("assigned"))["conversation"]
    waiting = (await enter(urgency=3)).ticket
    counselor = await Counselor.objects.aget()
    await carla.send("availability.set", state="away")
    await carla.take("availability", state="away")
    await put_back_in_lane(uuid.UUID(talk), "counselor_lost", from_counselor=counselor.id)
    assert order_of(await raise_(await sara(), opened.ticket, 0)) == [opened.ticket, waiting]


async def test_a_ticket_that_waits_no_more_is_not_found() -> None:
    await available(await member("carla"))
    opened = await enter()
    peer = await sara()
    for ticket in (opened.ticket, str(uuid.uuid4()), "nonsense"):
        await peer.send("ticket.boost", ticket=ticket, urgency=3, reason="なぜ", id="b1")
        assert (await peer.take("error", ref="b1"))["code"] == "not_found"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"reason": ""}, "bad_frame"),
        ({"reason": " \u3000\n"}, "body_empty"),
        ({"reason": "あ" * 201}, "bad_frame"),
        ({"urgency": 4}, "bad_frame"),
        ({"urgency": -1}, "bad_frame"),
    ],
)
async def test_a_reason_and_a_bounded_urgency_are_needed(fields: dict[str, Any], code: str) -> None:
    ticket = (await enter()).ticket
    peer = await sara()
    await peer.send(
        "ticket.boost", **({"ticket": ticket, "urgency": 3, "reason": "なぜ", "id": "b1"} | fields)
    )
    assert (await peer.take("error", ref="b1"))["code"] == code
    assert not await TicketBoost.objects.aexists()


@pytest.mark.parametrize("kind", ["queue.look", "ticket.boost", "pair.block"])
async def test_a_counselor_may_not(kind: str) -> None:
    ticket = (await enter(urgency=0)).ticket
    peer = await desk(await member("carla"))
    await peer.take("welcome")
    fields: dict[str, dict[str, Any]] = {
        "queue.look": LOOK,
        "ticket.boost": {"ticket": ticket, "urgency": 3, "reason": "なぜ"},
        "pair.block": {"ticket": ticket, "counselor": str(uuid.uuid4()), "reason": "なぜ"},
    }
    await peer.send(kind, **fields[kind])
    assert (await peer.take("error"))["code"] == "not_allowed"
    assert (await Ticket.objects.aget()).precedence == 0


# --- when Redis did not hear of it ---


async def test_a_boost_that_redis_missed_is_put_right_by_the_sweeper(settings: Any) -> None:
    user = await member("sara", User.SUPERVISOR)
    first, second = await enter(), await enter()
    there = settings.REDIS_URL
    await runtime.stop()
    settings.REDIS_URL = NOWHERE
    await boost(uuid.UUID(second.ticket), 3, "なぜ", by=user.pk)
    await runtime.stop()
    settings.REDIS_URL = there
    queue = runtime.current().queue
    assert await queue.front(YOUTH, None) == [first.ticket, second.ticket]
    await sweep()
    assert await queue.front(YOUTH, None) == [second.ticket, first.ticket]


async def test_a_rebuild_keeps_the_place_that_a_supervisor_gave() -> None:
    user = await member("sara", User.SUPERVISOR)
    first, second = await enter(), await enter()
    await boost(uuid.UUID(second.ticket), 3, "なぜ", by=user.pk)
    queue = runtime.current().queue
    await queue.invalidate()
    await sweep()
    assert await queue.front(YOUTH, None) == [second.ticket, first.ticket]


async def test_nobody_is_boosted_who_is_not_there() -> None:
    with pytest.raises((ChatError, ObjectDoesNotExist)):
        await boost(uuid.uuid4(), 3, "なぜ", by=1)
