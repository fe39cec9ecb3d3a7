"""Drafts: kept for the same counselor's next device, sealed, gone with the talk, and nobody else's."""

from __future__ import annotations

import pytest

from chat.actions.end import put_back_in_lane
from chat.db import run
from chat.models import Conversation, Counselor, TalkDraft
from staff.models import User
from tests.sockets import Peer, available, desk, member, visitor
from tests.staff.supervisors import talk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]
BEGUN = "それは、つらかったで"


async def carla_again(**cursors: int) -> Peer:
    return await desk(await run(User.objects.get, username="carla"), **cursors)


async def save(peer: Peer, conversation: str, body: str = BEGUN, box: str = "message") -> None:
    await peer.send("draft.save", conversation=conversation, box=box, body=body)
    await peer.take("draft", box=box, body=body)


async def test_draft_is_there_on_the_next_device():
    carla, conversation, _ = await talk()
    await save(carla, conversation)
    await save(carla, conversation, "くすりのこと", "note")
    other = await carla_again()
    assert (await other.take("draft", box="message"))["body"] == BEGUN
    assert (await other.take("draft", box="note"))["body"] == "くすりのこと"


async def test_draft_follows_to_an_open_device_at_once():
    carla, conversation, _ = await talk()
    other = await carla_again()
    await other.take("welcome")
    await save(carla, conversation)
    assert (await other.take("draft"))["body"] == BEGUN


async def test_newer_draft_takes_the_place_and_an_empty_one_forgets_it():
    carla, conversation, _ = await talk()
    await save(carla, conversation)
    await save(carla, conversation, BEGUN + "すね")
    assert await run(TalkDraft.objects.count) == 1
    await save(carla, conversation, "")
    assert await run(TalkDraft.objects.count) == 0


async def test_draft_is_sealed():
    carla, conversation, _ = await talk()
    await save(carla, conversation)
    assert BEGUN.encode() not in bytes((await run(TalkDraft.objects.get)).body_sealed)


async def test_end_of_the_talk_takes_its_drafts_along():
    carla, conversation, token = await talk()
    await save(carla, conversation)
    vera = await visitor(token)
    await vera.take("welcome")
    await vera.send("leave")
    await carla.take("closed")
    assert await run(TalkDraft.objects.count) == 0
    await carla.send("draft.save", conversation=conversation, box="message", body=BEGUN)
    assert (await carla.take("error"))["code"] == "not_found"


async def test_next_counselor_never_sees_what_the_one_before_had_begun():
    carla, conversation, _ = await talk()
    await save(carla, conversation)
    chris = await available(await member("chris", organization="org-b"))
    talk_row = await run(Conversation.objects.get, id=conversation)
    first = await run(Counselor.objects.get, user__username="carla")
    await carla.send("availability.set", state="away")
    await carla.take("availability")
    await put_back_in_lane(talk_row.id, "counselor_lost", from_counselor=first.id)
    await chris.take("assigned", conversation=conversation)
    await chris.hush()
    assert not [frame for frame in chris.kept if frame["type"] == "draft"]


async def test_visitor_hears_nothing_of_a_draft():
    carla, conversation, token = await talk()
    vera = await visitor(token)
    await vera.take("welcome")
    await save(carla, conversation)
    await vera.hush()
    assert "draft" not in {frame["type"] for frame in vera.kept}


@pytest.mark.parametrize("body", ["a" * 4001, "\x00"])
async def test_what_no_box_holds_is_refused(body):
    carla, conversation, _ = await talk()
    await carla.send("draft.save", conversation=conversation, box="message", body=body)
    assert (await carla.take("error"))["code"] == "bad_frame"


# --- the record of a talk that somebody else has ended ---


async def ended_by_the_visitor() -> tuple[Peer, str]:
    carla, conversation, token = await talk()
    vera = await visitor(token)
    await vera.take("welcome")
    await vera.send("leave")
    await carla.take("closed")
    return carla, conversation


async def test_last_counselor_records_what_came_of_it_once():
    carla, conversation = await ended_by_the_visitor()
    await carla.send(
        "conversation.record", conversation=conversation, id="1", outcome="listened", note="また来るかも"
    )
    await carla.take("done", id="1")
    row = await run(Conversation.objects.get, id=conversation)
    assert (row.outcome, row.closing_note_sealed is not None) == ("listened", True)
    await carla.send("conversation.record", conversation=conversation, id="2", outcome="other")
    assert (await carla.take("error", ref="2"))["code"] == "not_found"


async def test_stranger_records_nothing():
    _, conversation = await ended_by_the_visitor()
    chris = await available(await member("chris"))
    await chris.send("conversation.record", conversation=conversation, id="1", outcome="listened")
    assert (await chris.take("error"))["code"] == "not_found"


async def test_after_two_hours_the_record_stays_as_it_is(set_clock):
    carla, conversation = await ended_by_the_visitor()
    set_clock("2024-12-28 18:31:00")
    await carla.send("conversation.record", conversation=conversation, id="1", outcome="listened")
    assert (await carla.take("error"))["code"] == "not_found"


# --- referrals ---


async def test_referral_is_there_again_after_a_reload():
    carla, conversation, _ = await talk()
    await carla.send(
        "referral.open", conversation=conversation, id="1", kind="police", service="港警察署",
        ground="danger_to_life", facts="居場所",
    )  # fmt: skip
    await carla.take("done", id="1")
    other = await carla_again()
    assert (await other.take("referral"))["service"] == "港警察署"
