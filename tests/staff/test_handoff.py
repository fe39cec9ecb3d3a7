"""Handing a talk over: offered, seen, accepted; until then it is the giver's."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from chat.actions.end import put_back_in_lane
from chat.actions.hand_off import end_handoffs
from chat.db import run
from chat.models import Conversation, Counselor, CounselorLane, Handoff, Ticket
from chat.models.ids import new_id
from notalone import clock
from staff.models import AuditEntry
from tests.sockets import Peer, available, member, message_id, visitor
from tests.sockets import desk as connect
from tests.staff.supervisors import act, talk

pytestmark = pytest.mark.django_db(transaction=True)
SUMMARY = "学校のこと。お母さんには話していない。"


async def _id(username: str) -> str:
    return str((await run(Counselor.objects.get, user__username=username)).id)


async def two(organization: str = "org-b") -> tuple[Peer, Peer, str, str]:
    """Carla with a talk, and Chris who has room."""
    desk, conversation, token = await talk()
    chris = await available(await member("chris", organization=organization))
    return desk, chris, conversation, token


async def offer(desk: Peer, conversation: str, counselor: str | None = None) -> str:
    fields = {"counselor": counselor} if counselor else {}
    answer = await act(desk, "handoff.offer", conversation=conversation, summary=SUMMARY, **fields)
    assert answer["type"] == "done", answer
    return (await desk.take("handoff", state="offered"))["handoff"]


async def test_choices_are_who_could_take_it_now(seed, process):
    desk, _, conversation, _ = await two()
    await member("away")
    await desk.send("handoff.look", conversation=conversation)
    choices = (await desk.take("handoff.choices"))["counselors"]
    assert [(one["name"], one["organization"], one["free"]) for one in choices] == [("Chris", "org-b", 3)]


async def test_receiver_sees_the_summary_and_the_giver_keeps_the_talk(seed, process):
    desk, chris, conversation, _ = await two()
    await offer(desk, conversation, await _id("chris"))
    seen = await chris.take("handoff")
    assert (seen["summary"], seen["giver"], seen["is_own"]) == (SUMMARY, "Carla", False)
    key = message_id()
    await desk.send("message.send", conversation=conversation, id=key, body="まだわたしです")
    await desk.take("message.ack", id=key)


async def test_accepted_talk_moves_with_its_history_and_the_visitor_is_told(seed, process):
    desk, chris, conversation, token = await two()
    vera = await visitor(token)
    await vera.take("welcome")
    await vera.send("message.send", id=message_id(), body="こんばんは")
    handoff = await offer(desk, conversation, await _id("chris"))
    assert (await act(chris, "handoff.accept", handoff=handoff))["type"] == "done"
    assert (await chris.take("assigned"))["conversation"] == conversation
    assert (await chris.take("message", sender="visitor"))["body"] == "こんばんは"
    assert SUMMARY in (await chris.take("note"))["body"]
    assert (await desk.take("unassigned"))["reason"] == "handed_off"
    assert (await vera.take("paired"))["counselor"]["name"] == "Chris"
    assert "Chrisさんがお話をうかがいます" in (await vera.take("message", sender="system"))["body"]
    assert (await desk.take("handoff", state="accepted"))["is_own"] is True


async def test_declined_talk_stays(seed, process):
    desk, chris, conversation, _ = await two()
    handoff = await offer(desk, conversation, await _id("chris"))
    await act(chris, "handoff.decline", handoff=handoff)
    await desk.take("handoff", state="declined")
    row = await run(Conversation.objects.select_related("counselor").get, id=conversation)
    assert row.counselor.name == "Carla"


async def test_cancelled_offer_is_gone(seed, process):
    desk, chris, conversation, _ = await two()
    handoff = await offer(desk, conversation, await _id("chris"))
    await act(desk, "handoff.cancel", handoff=handoff)
    assert (await chris.take("handoff", state="cancelled"))["summary"] == ""
    assert (await act(chris, "handoff.accept", handoff=handoff))["code"] == "not_found"


async def test_offer_that_nobody_accepts_runs_out(seed, process):
    desk, chris, conversation, _ = await two()
    handoff = await offer(desk, conversation, await _id("chris"))
    later = clock.now() + timedelta(seconds=121)
    clock.shift(later)
    assert (await act(chris, "handoff.accept", handoff=handoff))["code"] == "not_found"
    await end_handoffs(clock.now())
    assert (await desk.take("handoff", state="expired"))["handoff"] == handoff
    assert await run(Conversation.objects.filter(id=conversation, counselor__name="Carla").exists)


async def test_lane_s_offer_goes_to_the_first_who_accepts(seed, process):
    desk, chris, conversation, _ = await two()
    kei = await available(await member("kei"))
    handoff = await offer(desk, conversation)
    answers = await asyncio.gather(*(act(one, "handoff.accept", handoff=handoff) for one in (chris, kei)))
    assert sorted(answer["type"] for answer in answers) == ["done", "error"]
    assert await run(Handoff.objects.filter(state="accepted").count) == 1


async def test_lane_s_offer_shows_its_summary_to_the_own_organization_until_it_is_accepted(seed, process):
    desk, chris, conversation, _ = await two()
    kei = await available(await member("kei"))
    handoff = await offer(desk, conversation)
    assert (await kei.take("handoff"))["summary"] == SUMMARY
    assert (await chris.take("handoff"))["summary"] == ""
    await act(chris, "handoff.accept", handoff=handoff)
    assert SUMMARY in (await chris.take("note"))["body"]


async def test_full_receiver_does_not_get_it(seed, process):
    desk, chris, conversation, _ = await two()
    key = await _id("chris")
    handoff = await offer(desk, conversation, key)
    await run(lambda: _fill(key))
    assert (await act(chris, "handoff.accept", handoff=handoff))["code"] == "no_room"
    assert await run(Handoff.objects.filter(state="offered").exists)


def _fill(counselor: str) -> None:
    """Give a counselor as many talks as they take."""
    Counselor.objects.filter(id=counselor).update(capacity=1)
    source = Conversation.objects.select_related("ticket").first()
    assert source is not None
    ticket = Ticket.objects.get(id=source.ticket_id)
    ticket.pk, ticket.token_hash = None, b"x" * 32
    ticket.id = new_id()
    ticket.save(force_insert=True)
    Conversation.objects.create(
        ticket=ticket, counselor_id=counselor, opened_at=clock.now(), key_sealed=source.key_sealed
    )


@pytest.mark.parametrize("why", ["away", "no lane", "unknown"])
async def test_who_can_not_take_it_is_not_offered_it(seed, process, why):
    desk, _, conversation, _ = await two()
    key = await _id("chris")
    if why == "away":
        await run(Counselor.objects.filter(id=key).update, state="away")
    if why == "no lane":
        await run(CounselorLane.objects.filter(counselor_id=key).delete)
    if why == "unknown":
        key = message_id()
    answer = await act(desk, "handoff.offer", conversation=conversation, summary=SUMMARY, counselor=key)
    assert answer["code"] == ("not_found" if why == "unknown" else "no_room")


async def test_second_offer_waits_for_the_first(seed, process):
    desk, _, conversation, _ = await two()
    await offer(desk, conversation)
    answer = await act(desk, "handoff.offer", conversation=conversation, summary=SUMMARY)
    assert answer["code"] == "offered_already"


async def test_giver_who_vanished_has_nothing_to_give(seed, process):
    desk, chris, conversation, _ = await two()
    handoff = await offer(desk, conversation, await _id("chris"))
    row = await run(Conversation.objects.get, id=conversation)
    for peer in (desk, chris):
        await peer.send("availability.set", state="away")
        await peer.take("availability", state="away")
    await put_back_in_lane(row.id, "counselor_lost", from_counselor=row.counselor_id)
    assert (await act(chris, "handoff.accept", handoff=handoff))["code"] == "not_paired"
    await end_handoffs(clock.now())
    assert await run(Handoff.objects.filter(state="cancelled").exists)


async def test_offer_is_there_after_a_reload(seed, process):
    desk, _, conversation, _ = await two()
    await offer(desk, conversation, await _id("chris"))
    again = await connect((await run(Counselor.objects.select_related("user").get, name="Chris")).user)
    assert (await again.take("handoff"))["summary"] == SUMMARY


async def test_summary_is_sealed_and_the_trail_has_no_word_of_it(seed, process):
    desk, chris, conversation, _ = await two()
    handoff = await offer(desk, conversation, await _id("chris"))
    await act(chris, "handoff.accept", handoff=handoff)
    row = await run(Handoff.objects.get)
    assert SUMMARY.encode() not in bytes(row.summary_sealed)
    acts = await run(lambda: list(AuditEntry.objects.values_list("act", "why", "why_sealed")))
    assert [one[0] for one in acts] == ["handoff.offered", "handoff.accepted"]
    assert all(not one[1] and not one[2] for one in acts)
