"""The clock at work: warnings, the end of a window, the grace after it, and the campaign's end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chat import campaigns, ticker
from chat.actions.sweep import end_windows, sweep
from chat.models import Campaign, Conversation, ServiceRow, Ticket, TurnedAway
from notalone import clock
from tests.sockets import Peer, available, enter, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

SetClock = Callable[[str], None]


async def talking(audience: str = "youth") -> tuple[Peer, Peer, str]:
    carla = await available(await member("carla"))
    vera = await visitor((await enter(audience)).token)
    assigned = await carla.take("assigned")
    await vera.take("welcome", state="paired")
    return vera, carla, assigned["conversation"]


async def waiting(audience: str = "youth") -> Peer:
    vera = await visitor((await enter(audience)).token)
    await vera.take("welcome", state="waiting")
    return vera


async def tick() -> None:
    await ticker.current().tick(clock.now())


async def say(peer: Peer, **fields: str) -> str:
    ref = message_id()
    await peer.send("message.send", id=ref, body="まだ、話せますか", **fields)
    return ref


# --- warnings ---


async def test_ten_minutes_before_the_end_everybody_is_warned(set_clock: SetClock) -> None:
    vera, carla, _ = await talking()
    mika = await visitor((await enter("general")).token)
    await mika.take("welcome")
    set_clock("2024-12-28 21:50:00")
    await tick()
    expected = {
        "type": "window.closing",
        "closes_at": "2024-12-28T13:00:00Z",
        "ends_at": "2024-12-28T13:30:00Z",
    }
    assert await vera.take("window.closing") == expected
    assert await carla.take("window.closing") == expected
    await mika.hush()
    assert "window.closing" not in {frame["type"] for frame in mika.kept}


async def test_who_waits_is_warned_too(set_clock: SetClock) -> None:
    vera = await waiting()
    set_clock("2024-12-28 21:55:00")
    await tick()
    await vera.take("window.closing")


async def test_each_mark_is_named_once(set_clock: SetClock) -> None:
    vera = await waiting()
    for at in ("21:49:00", "21:50:00", "21:50:30", "21:55:00", "21:58:00", "21:59:00", "21:59:30"):
        set_clock(f"2024-12-28 {at}")
        await tick()
    await vera.hush()
    assert [frame["type"] for frame in vera.kept].count("window.closing") == 3


async def test_the_next_day_is_warned_of_again(set_clock: SetClock) -> None:
    first = await waiting()
    set_clock("2024-12-28 21:59:00")
    await tick()
    await first.take("window.closing")
    set_clock("2024-12-29 21:50:00")
    second = await waiting()
    await tick()
    assert (await second.take("window.closing"))["closes_at"] == "2024-12-29T13:00:00Z"


async def test_in_the_grace_who_talks_is_warned_of_the_talk_s_end_each_mark_once(set_clock: SetClock) -> None:
    vera, carla, _ = await talking()
    for at in ("22:00:00", "22:05:00", "22:20:00", "22:21:00", "22:25:00", "22:29:00", "22:29:59"):
        set_clock(f"2024-12-28 {at}")
        await tick()
    for peer in (vera, carla):
        await peer.hush()
        told = [frame for frame in peer.kept if frame["type"] == "window.closing"]
        assert {frame["ends_at"] for frame in told} == {"2024-12-28T13:30:00Z"}
        assert len(told) == 4  # at 22:00, 22:20, 22:25 and 22:29


async def test_a_page_that_comes_back_in_the_grace_is_told_when_the_talk_ends(set_clock: SetClock) -> None:
    carla = await available(await member("carla"))
    opened = await enter()
    await carla.take("assigned")
    set_clock("2024-12-28 22:07:00")
    vera = await visitor(opened.token)
    await vera.take("welcome", state="paired")
    await tick()
    assert (await vera.take("window.closing"))["ends_at"] == "2024-12-28T13:30:00Z"


async def test_in_the_grace_a_counselor_without_a_talk_is_not_warned(set_clock: SetClock) -> None:
    carla = await available(await member("carla"))
    set_clock("2024-12-28 22:07:00")
    await tick()
    await carla.hush()
    assert "window.closing" not in {frame["type"] for frame in carla.kept}


# --- the window's end ---


async def test_at_ten_the_wait_ends_with_the_window(set_clock: SetClock) -> None:
    vera = await waiting()
    set_clock("2024-12-28 22:00:00")
    await tick()
    assert await vera.take("closed") == {"type": "closed", "reason": "window"}
    assert (await Ticket.objects.aget()).state == Ticket.EXPIRED


async def test_a_second_before_ten_the_wait_goes_on(
    set_clock: SetClock, jst: Callable[[str], object]
) -> None:
    vera = await waiting()
    await end_windows(jst("2024-12-28 21:59:59"))  # type: ignore[arg-type]  # a datetime
    await vera.hush()
    assert (await Ticket.objects.aget()).state == Ticket.WAITING


async def test_whose_wait_ended_is_counted_with_the_wait(set_clock: SetClock) -> None:
    await enter()
    set_clock("2024-12-28 22:00:00")
    await sweep()
    row = await TurnedAway.objects.aget()
    assert (row.reason, row.audience) == ("window", "youth")
    assert 5 * 3600 < row.waited_s < 6 * 3600


async def test_who_comes_back_after_the_window_is_told_it_has_ended(set_clock: SetClock) -> None:
    opened = await enter()
    set_clock("2024-12-28 22:00:00")
    await sweep()
    vera = await visitor(opened.token)
    welcome = await vera.take("welcome")
    assert (welcome["state"], welcome["reason"], welcome["position"]) == ("expired", "window", None)


async def test_in_the_grace_a_talk_goes_on(set_clock: SetClock) -> None:
    vera, carla, conversation = await talking()
    set_clock("2024-12-28 22:29:00")
    await end_windows(clock.now())
    await vera.take("message.ack", id=await say(vera))
    await carla.take("message.ack", id=await say(carla, conversation=conversation))


async def test_after_the_grace_the_talk_ends_for_both(set_clock: SetClock) -> None:
    vera, carla, conversation = await talking()
    set_clock("2024-12-28 22:30:00")
    await end_windows(clock.now())
    assert await vera.take("closed") == {"type": "closed", "reason": "window"}
    expected = {"type": "closed", "reason": "window", "conversation": conversation}
    assert await carla.take("closed") == expected


async def test_after_the_grace_nothing_can_be_said_even_before_the_sweeper_came(set_clock: SetClock) -> None:
    vera, carla, conversation = await talking()
    set_clock("2024-12-28 22:30:00")
    ref = await say(vera)
    assert (await vera.take("error", ref=ref))["code"] == "conversation_closed"
    ref = await say(carla, conversation=conversation)
    assert (await carla.take("error", ref=ref))["code"] == "conversation_closed"


async def test_a_message_whose_ack_was_lost_is_acked_after_the_end_too(set_clock: SetClock) -> None:
    vera, _, _ = await talking()
    ref = await say(vera)
    first = await vera.take("message.ack", id=ref)
    set_clock("2024-12-28 22:30:00")
    await end_windows(clock.now())
    await vera.take("closed")
    await vera.send("message.send", id=ref, body="まだ、話せますか")
    assert await vera.take("message.ack", id=ref) == first


async def test_after_the_window_a_counselor_who_becomes_free_gets_nobody(set_clock: SetClock) -> None:
    carla = await available(await member("carla"), capacity=1)
    await enter()
    second = await enter()
    assigned = await carla.take("assigned")
    set_clock("2024-12-28 22:00:00")
    await carla.send("conversation.close", conversation=assigned["conversation"])
    await carla.take("closed")
    await carla.hush()
    assert "assigned" not in {frame["type"] for frame in carla.kept}
    assert not await Conversation.objects.filter(ticket_id=second.ticket).aexists()


# --- the campaign's end ---


async def test_at_the_campaign_s_end_the_wait_ends_with_it(set_clock: SetClock) -> None:
    set_clock("2025-01-04 09:59:00")
    vera = await waiting("general")
    set_clock("2025-01-04 10:00:00")
    await tick()
    assert await vera.take("closed") == {"type": "closed", "reason": "campaign"}


async def test_a_talk_has_its_grace_at_the_campaign_s_end_too(set_clock: SetClock) -> None:
    set_clock("2025-01-04 09:59:00")
    vera, _, _ = await talking("general")
    set_clock("2025-01-04 10:29:00")
    await end_windows(clock.now())
    await vera.take("message.ack", id=await say(vera))
    set_clock("2025-01-04 10:30:00")
    await end_windows(clock.now())
    assert (await vera.take("closed"))["reason"] == "campaign"


async def test_a_talk_keeps_its_own_campaign_s_grace_when_the_next_has_begun(set_clock: SetClock) -> None:
    set_clock("2025-01-04 09:59:00")
    vera, carla, _ = await talking("general")
    await _next_campaign()
    set_clock("2025-01-04 10:29:00")
    await end_windows(clock.now())
    await vera.take("message.ack", id=await say(vera))
    set_clock("2025-01-04 10:30:00")
    ref = await say(vera)
    assert (await vera.take("error", ref=ref))["code"] == "conversation_closed"
    await end_windows(clock.now())
    assert (await carla.take("closed"))["reason"] == "campaign"


async def _next_campaign() -> None:
    """Begin another campaign, with phone calls alone, the moment the seed's ends."""
    before = await Campaign.objects.aget()
    after = await Campaign.objects.acreate(
        slug="after",
        name="つぎ",
        zone=before.zone,
        starts_at=before.ends_at,
        ends_at=before.ends_at + (before.ends_at - before.starts_at),
        languages=["ja"],
    )
    await ServiceRow.objects.acreate(
        campaign=after, channel="phone", audience="general", windows=[["00:00", "00:00"]]
    )
    campaigns.stale()
    await campaigns.loaded()
