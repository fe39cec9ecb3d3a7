"""The counselor's socket holds to the contract: availability, talks, closing, and every refusal."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from chat.db import run
from chat.models import Assignment, Conversation, Ticket
from staff.models import User
from tests.sockets import (
    OWN,
    Peer,
    available,
    desk,
    enter,
    knock,
    member,
    message_id,
    session_cookie,
    visitor,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]


async def talking(**fields: Any) -> tuple[Peer, Peer, str]:
    """Give Carla's desk, Vera's page, and their talk."""
    carla = await available(await member("carla"))
    vera = await visitor((await enter(**fields)).token)
    talk = (await carla.take("assigned"))["conversation"]
    await vera.take("welcome", state="paired")
    return carla, vera, talk


async def error(peer: Peer) -> tuple[str, str | None]:
    frame = await peer.take("error")
    return frame["code"], frame.get("ref")


# --- the door ---


async def test_who_is_not_signed_in_has_bad_credentials():
    peer = await knock("/ws/staff/", origin=OWN)
    await peer.send("hello", v=1, cursors={})
    assert await peer.closed() == 4401


async def test_a_session_without_the_site_s_own_origin_is_not_allowed():
    cookie = await run(session_cookie, await member("carla"))
    peer = await knock("/ws/staff/", cookie=cookie)
    await peer.send("hello", v=1, cursors={})
    assert await peer.closed() == 4403


async def test_a_visitor_s_token_opens_no_desk():
    token = (await enter()).token
    peer = await knock("/ws/staff/", cookie=f"{settings.VISITOR_COOKIE}={token}", origin=OWN)
    await peer.send("hello", v=1, cursors={})
    assert await peer.closed() == 4401


# --- the welcome ---


async def test_a_welcome_tells_who_one_is_and_that_one_is_away_with_three_places():
    carla = await desk(await member("carla"))
    welcome = await carla.take("welcome")
    assert (welcome["me"]["name"], welcome["me"]["role"]) == ("Carla", "counselor")
    assert welcome["availability"] == {"state": "away", "capacity": 3}
    assert welcome["conversations"] == []


async def test_a_welcome_carries_the_talks_and_what_is_new_in_each_since_the_cursor():
    _, vera, talk = await talking()
    for words in ("ひとつ", "ふたつ", "みっつ"):
        await vera.send("message.send", id=message_id(), body=words)
        await vera.take("message.ack")
    tab = await desk(await run(User.objects.get, username="carla"), **{talk: 1})
    (entry,) = (await tab.take("welcome"))["conversations"]
    assert (entry["conversation"], entry["last_seq"]) == (talk, 3)
    assert [(await tab.take("message"))["body"] for _ in range(2)] == ["ふたつ", "みっつ"]
    await tab.hush()
    assert not [frame for frame in tab.kept if frame["type"] == "message"]


# --- availability ---


async def test_a_counselor_who_is_away_gets_nobody():
    carla = await desk(await member("carla"))
    await carla.take("welcome")
    opened = await enter()
    assert opened.state == "waiting"
    await carla.send("availability.set", state="available")
    assert (await carla.take("assigned"))["visitor"]["audience"] == "youth"


async def test_going_away_keeps_the_talks():
    carla, vera, talk = await talking()
    await carla.send("availability.set", state="away")
    await carla.take("availability", state="away")
    assert (await enter()).state == "waiting"
    await carla.send("message.send", conversation=talk, id=message_id(), body="まだいます")
    assert (await vera.take("message"))["body"] == "まだいます"


async def test_a_counselor_holds_as_many_talks_as_said_and_a_close_makes_room():
    carla = await available(await member("carla"), capacity=2)
    states = [(await enter()).state for _ in range(3)]
    assert states == ["paired", "paired", "waiting"]
    first = (await carla.take("assigned"))["conversation"]
    await carla.take("assigned")
    await carla.send("conversation.close", conversation=first, outcome="listened")
    await carla.take("assigned")


async def test_a_greater_capacity_takes_who_waits():
    carla = await available(await member("carla"), capacity=1)
    assert [(await enter()).state for _ in range(2)] == ["paired", "waiting"]
    await carla.take("assigned")
    await carla.send("availability.set", state="available", capacity=2)
    await carla.take("availability", capacity=2)
    await carla.take("assigned")


@pytest.mark.parametrize("capacity", [0, 6, "3", 2.5])
async def test_a_capacity_is_from_one_to_five(capacity: Any):
    carla = await desk(await member("carla"))
    await carla.take("welcome")
    await carla.send("availability.set", state="available", capacity=capacity)
    assert (await error(carla))[0] == "bad_frame"


async def test_all_tabs_are_told_the_availability():
    user = await member("carla")
    tab = await desk(user)
    await tab.take("welcome")
    await available(user, capacity=4)
    assert (await tab.take("availability", state="available"))["capacity"] == 4


# --- talks ---


async def test_an_assignment_carries_what_the_visitor_wrote_at_entry():
    carla = await available(await member("carla"))
    await enter(nickname="ベラ", topic="school", note="ねむれません", urgency=2)
    entry = await carla.take("assigned")
    seen = {name: entry["visitor"][name] for name in ("nickname", "audience", "language", "note", "urgency")}
    assert seen == {
        "nickname": "ベラ",
        "audience": "youth",
        "language": "ja",
        "note": "ねむれません",
        "urgency": 2,
    }


async def test_an_own_message_is_an_ack_here_and_a_message_in_the_other_tab():
    carla, vera, talk = await talking()
    tab = await desk(await run(User.objects.get, username="carla"))
    await tab.take("welcome")
    ref = message_id()
    await carla.send("message.send", conversation=talk, id=ref, body="はい")
    assert (await carla.take("message.ack"))["id"] == ref
    assert (await tab.take("message"))["id"] == ref
    assert (await vera.take("message"))["sender"] == "counselor"


async def test_opening_a_talk_replays_it():
    carla, vera, talk = await talking()
    await vera.send("message.send", id=message_id(), body="こんばんは")
    await carla.take("message")
    await carla.send("conversation.open", conversation=talk, last_seq=0)
    assert (await carla.take("message"))["body"] == "こんばんは"


async def test_closing_tells_both_and_keeps_the_outcome():
    carla, vera, talk = await talking()
    await carla.send("conversation.close", conversation=talk, outcome="listened", note="また来るかも")
    assert (await carla.take("closed"))["reason"] == "counselor"
    assert (await vera.take("closed"))["reason"] == "counselor"
    row = await run(Conversation.objects.get, id=talk)
    assert (row.state, row.outcome) == (Conversation.CLOSED, "listened")


# --- refusals: an error, and the socket stays ---


@pytest.mark.parametrize(
    ("body", "code"), [("", "body_empty"), ("  \n", "body_empty"), ("あ" * 2001, "body_too_long")]
)
async def test_a_body_that_can_not_be_sent_is_told_with_its_id(body: str, code: str):
    carla, _, talk = await talking()
    ref = message_id()
    await carla.send("message.send", conversation=talk, id=ref, body=body)
    assert await error(carla) == (code, ref)
    await carla.hush()


@pytest.mark.parametrize("field", ["outcome", "note"])
async def test_an_outcome_or_a_note_that_is_too_long_is_a_bad_frame(field: str):
    carla, _, talk = await talking()
    await carla.send("conversation.close", conversation=talk, **{field: "あ" * 2001})
    assert (await error(carla))[0] == "bad_frame"
    await carla.send("message.send", conversation=talk, id=message_id(), body="まだ開いています")
    await carla.take("message.ack")


async def test_in_a_closed_talk_nothing_can_be_said_or_closed_again():
    carla, _, talk = await talking()
    await carla.send("conversation.close", conversation=talk)
    await carla.take("closed")
    await carla.send("message.send", conversation=talk, id=message_id(), body="まって")
    assert (await error(carla))[0] == "conversation_closed"
    await carla.send("conversation.close", conversation=talk)
    assert (await error(carla))[0] == "conversation_closed"


STRANGE = {
    "message.send": {"body": "こんばんは"},
    "typing": {"on": True},
    "read": {"seq": 1},
    "conversation.close": {"outcome": "listened"},
    "conversation.open": {"last_seq": 0},
    "assignment.confirm": {},
}


@pytest.mark.parametrize("kind", list(STRANGE))
@pytest.mark.parametrize("is_there", [True, False], ids=["another's", "nobody's"])
async def test_a_talk_of_another_looks_like_one_that_is_not_there(kind: str, is_there: bool):
    carla, vera, talk = await talking()
    chris = await desk(await member("chris", organization="org-b"))
    await chris.take("welcome")
    fields = {**STRANGE[kind], **({"id": message_id()} if kind == "message.send" else {})}
    await chris.send(kind, conversation=talk if is_there else message_id(), **fields)
    assert (await error(chris))[0] == "not_found"
    await carla.hush()
    await vera.hush()
    assert not [f for f in vera.kept if f["type"] in {"message", "typing", "read", "closed"}]
    assert not [f for f in carla.kept if f["type"] in {"message", "closed", "unassigned"}]


async def test_a_supervisor_has_no_desk():
    _, vera, talk = await talking()
    sara = await desk(await member("sara", User.SUPERVISOR))
    assert (await sara.take("welcome"))["conversations"] == []
    await sara.send("availability.set", state="available")
    assert (await error(sara))[0] == "not_allowed"
    ref = message_id()
    await sara.send("message.send", conversation=talk, id=ref, body="こんばんは")
    assert await error(sara) == ("not_allowed", ref)
    await vera.hush()
    assert not [frame for frame in vera.kept if frame["type"] == "message"]


async def test_one_tab_s_bad_frames_end_that_tab_alone():
    carla, vera, talk = await talking()
    tab = await desk(await run(User.objects.get, username="carla"))
    await tab.take("welcome")
    for _ in range(3):
        await tab.send_text("{")
    assert await tab.closed() == 4400
    await carla.send("message.send", conversation=talk, id=message_id(), body="まだいます")
    assert (await vera.take("message"))["body"] == "まだいます"


async def test_the_limit_of_messages_is_for_each_talk_that_one_may_hold(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "MESSAGES_PER_MINUTE", 2)
    carla = await available(await member("carla"), capacity=2)
    await enter()
    talk = (await carla.take("assigned"))["conversation"]
    for _ in range(4):
        await carla.send("message.send", conversation=talk, id=message_id(), body="はい")
        await carla.take("message.ack")
    await carla.send("message.send", conversation=talk, id=message_id(), body="はい")
    refused = await carla.take("error")
    assert refused["code"] == "too_many"
    assert refused["retry_after_s"] > 0


async def test_a_talk_has_one_counselor_in_the_rows():
    _, _, talk = await talking()
    holding = await run(Assignment.objects.filter(conversation_id=talk, released_at=None).count)
    assert holding == 1


async def test_an_entry_that_does_not_open_is_shown_without_its_words_and_said_once(caplog):
    user = await member("carla")
    carla = await available(user)
    await enter(nickname="ベラ", note="ねむれません", urgency=2)
    await carla.take("assigned")
    await Ticket.objects.aupdate(entry_sealed=b"broken")
    for _ in range(2):
        (entry,) = (await (await desk(user)).take("welcome"))["conversations"]
        assert (entry["visitor"]["nickname"], entry["visitor"]["note"]) == ("", "")
        assert entry["visitor"]["urgency"] == 2
    assert caplog.text.count("the words of an entry do not open") == 1
