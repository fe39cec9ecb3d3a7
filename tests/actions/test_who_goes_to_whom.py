"""Lanes, blocked pairs and returns: what the rows decide, whatever the queue proposes."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from chat import runtime
from chat.actions.assign import assign
from chat.actions.end import put_back_in_lane
from chat.actions.order import keep_apart
from chat.actions.pair import pair_lane, settle
from chat.actions.rebuild import ms
from chat.actions.sweep import sweep
from chat.db import run
from chat.models import Assignment, Conversation, Counselor, CounselorLane, PairBlock, Ticket
from chat.rules.types import Lane
from chat.store.presence import CounselorState
from notalone import clock
from staff.models import User
from tests.sockets import Peer, available, desk, enter, member, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

YOUTH, GENERAL = Lane("youth", "ja"), Lane("general", "ja")
SetClock = Callable[[str], None]


async def counselor_of(username: str) -> Counselor:
    return await Counselor.objects.aget(user__username=username)


async def holder() -> str | None:
    """Say who holds the newest conversation."""
    row = await Conversation.objects.select_related("counselor__user").order_by("-opened_at").afirst()
    return row.counselor.user.username if row and row.counselor else None


async def sara() -> Peer:
    peer = await desk(await member("sara", User.SUPERVISOR))
    await peer.take("welcome")
    return peer


async def block(ticket: str, username: str) -> None:
    peer = await sara()
    key = str((await counselor_of(username)).id)
    await peer.send("pair.block", ticket=ticket, counselor=key, reason="なぜ", id="p1")
    await peer.take("done", id="p1")


async def talk_with(username: str) -> tuple[Peer, str, str]:
    """Let a visitor talk with a counselor; give the desk, the conversation and the visitor's token."""
    peer = await available(await member(username))
    token = (await enter()).token
    assigned = await peer.take("assigned")
    await peer.send("assignment.confirm", conversation=assigned["conversation"])
    await peer.hush()
    return peer, assigned["conversation"], token


async def close(peer: Peer, conversation: str) -> None:
    await peer.send("conversation.close", conversation=conversation)
    await peer.take("closed", conversation=conversation)


# --- lanes ---


async def serve(username: str, *audiences: str) -> None:
    rows = CounselorLane.objects.filter(counselor__user__username=username)
    await rows.exclude(audience__in=audiences).adelete()


async def test_who_serves_the_general_lane_alone_never_gets_a_child() -> None:
    user = await member("carla")
    await serve("carla", "general")
    carla = await available(user)
    await enter("youth")
    grown = await enter("general")
    assert (await carla.take("assigned"))["visitor"]["audience"] == "general"
    await carla.hush()
    assert [frame for frame in carla.kept if frame["type"] == "assigned"] == []
    assert (await Ticket.objects.aget(id=grown.ticket)).state == Ticket.PAIRED


async def test_the_row_refuses_a_lane_that_the_queue_has_wrong() -> None:
    """Redis still believes that she serves both lanes: the row does not, and Redis is put right."""
    user = await member("carla")
    await available(user)
    await serve("carla", "general")
    opened = await enter("youth")
    assert (await Ticket.objects.aget(id=opened.ticket)).state == Ticket.WAITING
    (seen,) = await runtime.current().presence.counselors(ms(clock.now()))
    assert seen.lanes == (GENERAL,)
    assert await runtime.current().queue.front(YOUTH, None) == [opened.ticket]


async def test_an_assignment_outside_the_counselor_s_lanes_is_no_assignment() -> None:
    await member("carla")
    await serve("carla", "general")
    carla = await counselor_of("carla")
    await Counselor.objects.filter(id=carla.id).aupdate(state=Counselor.AVAILABLE)
    opened = await enter("youth")
    verdict = await run(assign, opened.ticket, str(carla.id), clock.now(), is_open=True)
    assert verdict == "counselor_unfit"
    assert not await Assignment.objects.aexists()


async def test_a_counselor_of_two_lanes_serves_both() -> None:
    carla = await available(await member("carla"))
    await enter("youth")
    await enter("general")
    audiences = {(await carla.take("assigned"))["visitor"]["audience"] for _ in range(2)}
    assert audiences == {"youth", "general"}


# --- kept apart ---


async def test_who_is_kept_from_a_counselor_waits_for_another() -> None:
    user = await member("carla")
    opened = await enter()
    await block(opened.ticket, "carla")
    carla = await available(user)
    await carla.hush()
    assert await holder() is None
    await available(await member("chris"))
    assert await holder() == "chris"


async def test_the_next_visitor_does_not_wait_because_of_it() -> None:
    user = await member("carla")
    first, second = await enter(), await enter()
    await block(first.ticket, "carla")
    carla = await available(user)
    await carla.take("assigned")
    assert (await Ticket.objects.aget(id=second.ticket)).state == Ticket.PAIRED
    assert (await Ticket.objects.aget(id=first.ticket)).state == Ticket.WAITING


async def test_a_block_in_a_talk_gives_the_talk_to_another() -> None:
    carla, conversation, token = await talk_with("carla")
    vera = await visitor(token)
    await vera.take("welcome", state="paired")
    chris = await available(await member("chris"))
    await block(str((await Ticket.objects.aget()).id), "carla")
    assert (await carla.take("unassigned"))["reason"] == "new_counselor"
    assert (await vera.take("requeued"))["reason"] == "new_counselor"
    assert (await chris.take("assigned"))["conversation"] == conversation


async def test_the_row_refuses_a_pair_that_the_queue_does_not_know_of() -> None:
    """Redis missed the block: the claim is undone, Redis learns it, and nobody runs in circles."""
    user = await member("carla")
    opened = await enter()
    carla, by = await counselor_of("carla"), await member("sara", User.SUPERVISOR)
    await PairBlock.objects.acreate(
        visit_id=opened.ticket, counselor=carla, by=by, at=clock.now(), reason_sealed=b""
    )
    await available(user)
    assert await holder() is None
    assert await runtime.current().queue.standing(YOUTH) == {
        opened.ticket: ((await Ticket.objects.aget()).score_ms, f";{carla.id}")
    }


async def test_the_block_holds_when_the_visitor_comes_back_with_another_ticket() -> None:
    carla, conversation, token = await talk_with("carla")
    first = await Ticket.objects.aget()
    await close(carla, conversation)
    await block(str(first.id), "carla")
    again = await enter(returning=token)
    await carla.hush()
    row = await Ticket.objects.aget(id=again.ticket)
    assert (row.visit_id, row.state) == (first.id, Ticket.WAITING)


async def test_the_block_holds_after_redis_was_lost() -> None:
    user = await member("carla")
    opened = await enter()
    await block(opened.ticket, "carla")
    await runtime.current().queue.invalidate()
    await available(user)
    await sweep()
    assert await holder() is None


async def test_a_block_is_on_record_once() -> None:
    await member("carla")
    opened = await enter()
    peer = await sara()
    key = str((await counselor_of("carla")).id)
    for _ in range(2):
        await peer.send("pair.block", ticket=opened.ticket, counselor=key, reason="なぜ", id="p1")
        await peer.take("done", id="p1")
    row = await PairBlock.objects.select_related("by").aget()
    assert (row.by.username, str(row.visit_id)) == ("sara", opened.ticket)
    assert "なぜ".encode() not in bytes(row.reason_sealed)


@pytest.mark.parametrize("missing", ["ticket", "counselor"])
async def test_a_block_of_nobody_is_not_found(missing: str) -> None:
    await member("carla")
    fields: dict[str, Any] = {
        "ticket": (await enter()).ticket,
        "counselor": str((await counselor_of("carla")).id),
    }
    fields[missing] = str(uuid.uuid4())
    peer = await sara()
    await peer.send("pair.block", **fields, reason="なぜ", id="p1")
    assert (await peer.take("error", ref="p1"))["code"] == "not_found"


# --- coming back ---


async def test_who_comes_back_within_half_an_hour_goes_first_to_who_knows_the_talk(
    set_clock: SetClock,
) -> None:
    carla, conversation, token = await talk_with("carla")
    await close(carla, conversation)
    await available(await member("chris"))  # as free as carla, and idle for longer
    set_clock("2024-12-28 16:59:00")
    await carla.send("availability.set", state="available")
    await carla.take("availability", state="available")
    await enter(returning=token)
    assert await holder() == "carla"


async def test_after_half_an_hour_the_freest_comes_first_again(set_clock: SetClock) -> None:
    carla, conversation, token = await talk_with("carla")
    await close(carla, conversation)
    set_clock("2024-12-28 17:01:00")
    await carla.send("availability.set", state="available")
    await carla.take("availability", state="available")
    await available(await member("chris"))
    await enter(returning=token)
    assert await holder() == "chris"


async def test_who_knows_the_talk_and_is_busy_is_not_waited_for() -> None:
    carla, conversation, token = await talk_with("carla")
    await close(carla, conversation)
    await carla.send("availability.set", state="available", capacity=1)
    await carla.take("availability", capacity=1)
    await enter()
    assert await holder() == "carla"
    await available(await member("chris"))
    await enter(returning=token)
    assert await holder() == "chris"


async def test_a_talk_whose_counselor_vanished_goes_back_to_them_if_they_are_free() -> None:
    """The same ticket: put back, and the one who knows it is here again before anybody else is."""
    _, conversation, _ = await talk_with("carla")
    await enter()  # a second talk, so that chris is the freest
    row = await counselor_of("carla")
    chris_user = await member("chris")
    await Counselor.objects.filter(id=row.id).aupdate(state=Counselor.AWAY)
    await put_back_in_lane(uuid.UUID(conversation), "counselor_lost", from_counselor=row.id)
    place = await runtime.current().queue.standing(YOUTH)
    assert [wishes for _, wishes in place.values()] == [f"{row.id};"]
    await Counselor.objects.filter(user=chris_user).aupdate(state=Counselor.AVAILABLE)
    await Counselor.objects.filter(id=row.id).aupdate(state=Counselor.AVAILABLE)
    chris = await counselor_of("chris")
    presence = runtime.current().presence
    now_ms = ms(clock.now())
    for one in (chris, row):
        state = CounselorState(str(one.id), "available", 3, (YOUTH, GENERAL))
        await presence.renew(str(one.id), now_ms=now_ms)
        await presence.set_counselor(state, now_ms=now_ms)
    (pairing,) = await pair_lane(YOUTH)
    assert pairing.counselor == str(row.id)


async def test_a_token_that_leads_nowhere_begins_a_new_visit() -> None:
    await enter(returning="nonsense")
    assert (await Ticket.objects.aget()).visit_id is None


async def test_all_returns_of_one_visit_have_the_same_first_ticket() -> None:
    first = await enter()
    second = await enter(returning=first.token)
    third = await enter(returning=second.token)
    visits = [(await Ticket.objects.aget(id=one.ticket)).visit_id for one in (second, third)]
    assert [str(visit) for visit in visits] == [first.ticket] * 2


# --- many at once ---


async def free_in_the_queue(row: Counselor, capacity: int) -> None:
    """Tell the queue that somebody is free, and the rows too, without anybody pairing."""
    await Counselor.objects.filter(id=row.id).aupdate(state=Counselor.AVAILABLE, capacity=capacity)
    presence, now_ms = runtime.current().presence, ms(clock.now())
    await presence.renew(str(row.id), now_ms=now_ms)
    await presence.set_counselor(CounselorState(str(row.id), "available", capacity, (YOUTH,)), now_ms=now_ms)


async def test_slots_that_come_free_together_are_filled_from_the_front() -> None:
    tickets = [(await enter()).ticket for _ in range(25)]
    rows = []
    for name in ("anna", "ben", "carla", "chris", "dora"):
        await member(name)
        rows.append(await counselor_of(name))
    for row in rows:
        await free_in_the_queue(row, 5)
    pairings = await pair_lane(YOUTH)
    assert {pairing.ticket for pairing in pairings} == set(tickets)
    held = [await Conversation.objects.filter(counselor=row).acount() for row in rows]
    assert held == [5] * 5
    assert await Assignment.objects.acount() == 25
    assert await runtime.current().queue.claims() == []


async def test_one_that_can_not_be_keeps_nobody_else_from_being_paired() -> None:
    """The queue does not know yet that the first one has left, nor that Carla is away."""
    gone, *others = [(await enter()).ticket for _ in range(4)]
    for name in ("carla", "chris"):
        await member(name)
    carla, chris = await counselor_of("carla"), await counselor_of("chris")
    for row in (carla, chris):
        await free_in_the_queue(row, 2)
    await Ticket.objects.filter(id=gone).aupdate(state=Ticket.LEFT)
    await Counselor.objects.filter(id=carla.id).aupdate(state=Counselor.AWAY)
    pairings = await pair_lane(YOUTH)
    assert {(pairing.ticket, pairing.counselor) for pairing in pairings} == {
        (ticket, str(chris.id)) for ticket in others[:2]
    }
    assert await runtime.current().queue.front(YOUTH, None) == others[2:]
    assert await runtime.current().queue.claims() == []


# --- races ---


async def test_a_block_and_a_pairing_at_once_end_in_no_blocked_talk() -> None:
    """Whichever is first: the block finds the talk and takes it away, or the pairing finds the block."""
    by = await member("sara", User.SUPERVISOR)
    await member("carla")
    carla = await counselor_of("carla")
    await Counselor.objects.filter(id=carla.id).aupdate(state=Counselor.AVAILABLE)
    presence, queue = runtime.current().presence, runtime.current().queue
    for _ in range(20):
        opened = await enter()
        now = clock.now()
        state = CounselorState(str(carla.id), "available", 5, (YOUTH,))
        await presence.renew(str(carla.id), now_ms=ms(now))
        await presence.set_counselor(state, now_ms=ms(now))
        claim = await queue.pair(YOUTH, now_ms=ms(now))
        assert claim is not None
        key = uuid.UUID(opened.ticket)
        await asyncio.gather(settle(claim, now), keep_apart(key, carla.id, "なぜ", by=by.pk))
        assert not await Conversation.objects.filter(ticket=key, counselor=carla).aexists()
        assert await queue.front(YOUTH, None) == [opened.ticket]
        await Ticket.objects.filter(id=key).aupdate(state=Ticket.LEFT)
        await queue.leave(opened.ticket, YOUTH)
        await presence.lapse(str(carla.id))
