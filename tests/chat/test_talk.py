"""A visitor and a counselor, from entry to end, through the real routing and real Redis."""

from __future__ import annotations

import pytest

from chat import runtime
from chat.events import TicketTakenOver, ticket_topic
from notalone import clock
from tests.sockets import available, enter, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]


async def test_a_visitor_who_finds_a_free_counselor_is_paired_at_once() -> None:
    await available(await member("carla"))
    opened = await enter()
    assert opened.state == "paired"


async def test_a_talk_goes_both_ways_with_acks() -> None:
    carla = await available(await member("carla"))
    opened = await enter(nickname="ベラ", note="ねむれない", urgency=1)
    vera = await visitor(opened.token)
    welcome = await vera.take("welcome", state="paired")
    assigned = await carla.take("assigned")
    assert assigned["visitor"]["nickname"] == "ベラ"
    assert assigned["visitor"]["note"] == "ねむれない"
    assert welcome["counselor"] == {"name": "Carla"}
    first = message_id()
    await vera.send("message.send", id=first, body="こんばんは")
    ack = await vera.take("message.ack", id=first)
    heard = await carla.take("message", id=first)
    assert (ack["seq"], heard["seq"], heard["body"], heard["sender"]) == (1, 1, "こんばんは", "visitor")
    second = message_id()
    await carla.send(
        "message.send", conversation=assigned["conversation"], id=second, body="来てくれて、ありがとう。"
    )
    assert (await carla.take("message.ack", id=second))["seq"] == 2
    assert (await vera.take("message", id=second))["sender"] == "counselor"


async def test_a_visitor_waits_and_is_told_the_place_until_a_counselor_is_free() -> None:
    carla = await available(await member("carla"), capacity=1)
    await enter()
    waiting = await enter()
    assert (waiting.state, waiting.position) == ("waiting", 1)
    vera = await visitor(waiting.token)
    assert (await vera.take("welcome"))["position"] == 1
    assigned = await carla.take("assigned")
    await carla.send("conversation.close", conversation=assigned["conversation"], outcome="listened")
    await carla.take("closed", conversation=assigned["conversation"])
    assert (await vera.take("paired"))["counselor"] == {"name": "Carla"}


async def test_leaving_ends_the_talk_for_both() -> None:
    carla = await available(await member("carla"))
    opened = await enter()
    vera = await visitor(opened.token)
    assigned = await carla.take("assigned")
    await vera.take("welcome", state="paired")
    await vera.send("leave")
    assert (await vera.take("closed"))["reason"] == "visitor"
    closed = await carla.take("closed")
    assert (closed["reason"], closed["conversation"]) == ("visitor", assigned["conversation"])
    late = message_id()
    await vera.send("message.send", id=late, body="まだ")
    assert (await vera.take("error", ref=late))["code"] == "conversation_closed"


async def test_a_second_socket_takes_the_ticket_over() -> None:
    opened = await enter()
    first = await visitor(opened.token)
    await first.take("welcome")
    second = await visitor(opened.token)
    await second.take("welcome")
    assert await first.closed() == 4409


async def test_reconnecting_replays_what_was_missed_in_order() -> None:
    carla = await available(await member("carla"))
    opened = await enter()
    assigned = await carla.take("assigned")
    for body in ("一", "二", "三"):
        ref = message_id()
        await carla.send("message.send", conversation=assigned["conversation"], id=ref, body=body)
        await carla.take("message.ack", id=ref)
    vera = await visitor(opened.token, last_seq=1)
    assert (await vera.take("welcome"))["last_seq"] == 3
    assert [(await vera.take("message"))["body"] for _ in range(2)] == ["二", "三"]


async def test_sending_the_same_id_again_gives_the_first_ack_and_changes_nothing() -> None:
    carla = await available(await member("carla"))
    vera = await visitor((await enter()).token)
    await vera.take("welcome", state="paired")
    ref = message_id()
    await vera.send("message.send", id=ref, body="はじめの言葉")
    first = await vera.take("message.ack", id=ref)
    await vera.send("message.send", id=ref, body="別の言葉")
    again = await vera.take("message.ack", id=ref)
    assert first == again
    assert (await carla.take("message", id=ref))["body"] == "はじめの言葉"
    await carla.hush()
    assert [frame for frame in carla.kept if frame["type"] == "message"] == []


async def test_word_of_an_earlier_socket_that_comes_late_ends_nobody() -> None:
    opened = await enter()
    vera = await visitor(opened.token)
    await vera.take("welcome")
    ticket, long_ago = str(opened.ticket), clock.epoch_ms(clock.now()) - 4_000
    late = TicketTakenOver(ticket=ticket, came_ms=long_ago, origin="an earlier socket")
    runtime.current().hub.deliver(ticket_topic(ticket), late)
    await vera.hush()
