"""Supervisors come to talks, take them over, and act on lanes and hours: within reach, and on record."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import AsyncClient

from chat import ticker
from chat.db import run
from chat.models import Conversation, Counselor, ServiceRow, Ticket
from chat.sealing import sealer
from notalone import clock
from staff import trail
from staff.models import AuditEntry, User
from tests.sockets import available, enter, member, message_id, visitor
from tests.sockets import desk as connect
from tests.staff.supervisors import REASON, act, board, supervisor, talk

pytestmark = pytest.mark.django_db(transaction=True)


async def entries(act_name: str) -> list[AuditEntry]:
    return await run(lambda: list(AuditEntry.objects.filter(act=act_name)))


# --- which talks there are ---


async def test_list_has_the_talks_within_reach_and_no_word(seed, process):
    await talk("org-a", "carla", note="ひみつ")
    await talk("org-b", "chris", note="ひみつ")
    sara, own = await board(await supervisor()), await board(await supervisor("own", is_wide=False))
    await sara.send("talks.list")
    rows = (await sara.take("talks"))["talks"]
    assert [(row["name"], row["reach"]) for row in rows] == [("Carla", "own"), ("Chris", "with_reason")]
    assert "ひみつ" not in str(rows)
    await own.send("talks.list")
    assert [row["name"] for row in (await own.take("talks"))["talks"]] == ["Carla"]


# --- joining ---


async def test_unseen_reads_along_and_nobody_is_told(seed, process):
    desk, conversation, token = await talk()
    vera = await visitor(token)
    await vera.take("welcome")
    await vera.send("message.send", id=message_id(), body="こんばんは")
    sara = await board(await supervisor())
    assert (await act(sara, "conversation.join", conversation=conversation, mode="unseen", reason=REASON))[
        "type"
    ] == "done"
    assert (await sara.take("joined"))["counselor"] == "Carla"
    assert (await sara.take("message"))["body"] == "こんばんは"
    await desk.send("message.send", conversation=conversation, id=message_id(), body="はい")
    assert (await sara.take("message"))["body"] == "はい"
    await desk.hush()
    assert not [frame for frame in desk.kept if frame["type"] == "helper"]


async def test_unseen_says_nothing(seed, process):
    _, conversation, _ = await talk()
    sara = await board(await supervisor())
    await act(sara, "conversation.join", conversation=conversation, mode="unseen", reason=REASON)
    for kind in ("message.send", "note.add"):
        answer = await act_with(sara, kind, conversation)
        assert answer["code"] == "not_allowed"


async def act_with(peer, kind, conversation):
    key = message_id()
    await peer.send(kind, conversation=conversation, id=key, body="x")
    return await peer.take("error", ref=key)


async def test_whisper_reaches_the_counselor_alone(seed, process):
    desk, conversation, token = await talk()
    vera = await visitor(token)
    await vera.take("welcome")
    sara = await board(await supervisor())
    await act(sara, "conversation.join", conversation=conversation, mode="whisper")
    assert (await desk.take("helper"))["mode"] == "whisper"
    await sara.send("note.add", conversation=conversation, id=message_id(), body="ゆっくりで大丈夫")
    assert (await desk.take("note"))["kind"] == "whisper"
    await desk.send("note.add", conversation=conversation, id=message_id(), body="ありがとうございます")
    assert (await sara.take("note", kind="note"))["body"] == "ありがとうございます"
    assert (await act_with(sara, "message.send", conversation))["code"] == "not_allowed"


async def test_open_helper_is_announced_and_writes(seed, process):
    desk, conversation, token = await talk()
    vera = await visitor(token)
    await vera.take("welcome")
    sara = await board(await supervisor())
    await act(sara, "conversation.join", conversation=conversation, mode="open")
    assert (await vera.take("message", sender="system"))["body"] == "saraさんも、この相談に加わりました。"
    key = message_id()
    await sara.send("message.send", conversation=conversation, id=key, body="わたしもいます")
    await sara.take("message.ack", id=key)
    assert (await vera.take("message", sender="counselor"))["body"] == "わたしもいます"
    assert (await desk.take("message", sender="counselor"))["body"] == "わたしもいます"


async def test_helper_goes_and_the_counselor_is_told(seed, process):
    desk, conversation, _ = await talk()
    sara = await board(await supervisor())
    await act(sara, "conversation.join", conversation=conversation, mode="whisper")
    await act(sara, "conversation.part", conversation=conversation)
    assert (await desk.take("helper", on=False))["name"] == "sara"
    assert await entries("talk.parted")


async def test_socket_that_ends_parts(seed, process):
    desk, conversation, _ = await talk()
    sara = await board(await supervisor())
    await act(sara, "conversation.join", conversation=conversation, mode="whisper")
    await sara.end()
    await desk.take("helper", on=False)


async def test_end_of_the_talk_is_told(seed, process):
    desk, conversation, _ = await talk()
    sara = await board(await supervisor())
    await act(sara, "conversation.join", conversation=conversation, mode="unseen", reason=REASON)
    await desk.send("conversation.close", conversation=conversation)
    assert (await sara.take("closed"))["conversation"] == conversation


@pytest.mark.parametrize(
    ("organization", "is_wide", "mode", "reason", "is_shown", "code"),
    [
        ("org-a", False, "whisper", "", False, None),
        ("org-a", False, "open", "", False, None),
        ("org-a", False, "unseen", REASON, False, None),
        ("org-a", False, "unseen", "", True, "reason_needed"),
        ("org-a", False, "unseen", "  ", True, "reason_needed"),
        ("org-a", True, "whisper", "", False, None),
        ("org-b", True, "unseen", REASON, True, None),
        ("org-b", True, "whisper", REASON, True, None),
        ("org-b", True, "whisper", "", True, "reason_needed"),
        ("org-b", True, "open", REASON, False, "show_again"),
        ("org-b", False, "unseen", REASON, True, "not_found"),
        ("org-b", False, "whisper", REASON, True, "not_found"),
    ],
)
async def test_who_joins_what_and_how(seed, process, organization, is_wide, mode, reason, is_shown, code):
    _, conversation, _ = await talk("org-a")
    user = await supervisor(organization=organization, is_wide=is_wide)
    sara = await board(user, shown_at=None if is_shown else time.time() - 301)
    answer = await act(sara, "conversation.join", conversation=conversation, mode=mode, reason=reason)
    assert answer.get("code") == code
    assert len(await entries("talk.joined")) == (0 if code else 1)


async def test_reason_is_on_record_and_opens_with_the_talk_s_key_alone(seed, process):
    _, conversation, _ = await talk()
    sara = await board(await supervisor(organization="org-b"))
    await act(sara, "conversation.join", conversation=conversation, mode="unseen", reason=REASON)
    entry = (await entries("talk.joined"))[0]
    row = await run(Conversation.objects.get, id=conversation)
    assert sealer(row.id, row.key_sealed).open(entry.why_sealed) == REASON
    assert entry.why == ""
    assert entry.facts == {
        "conversation": conversation,
        "mode": "unseen",
        "organization": "org-a",
        "reach": "with_reason",
    }
    assert await run(lambda: list(trail.faults())) == []


# --- taking over ---


async def test_talk_is_taken_over_with_its_history(seed, process):
    desk, conversation, token = await talk()
    vera = await visitor(token)
    await vera.take("welcome")
    await vera.send("message.send", id=message_id(), body="こんばんは")
    sara = await board(await supervisor())
    assert (await act(sara, "conversation.take", conversation=conversation))["type"] == "done"
    assert (await desk.take("unassigned"))["reason"] == "taken_over"
    assert (await vera.take("paired"))["counselor"]["name"] == "sara"
    assert (await sara.take("assigned"))["conversation"] == conversation
    assert (await sara.take("message", sender="visitor"))["body"] == "こんばんは"
    key = message_id()
    await sara.send("message.send", conversation=conversation, id=key, body="ここにいます")
    await sara.take("message.ack", id=key)
    assert (await vera.take("message", sender="counselor"))["body"] == "ここにいます"
    assert "saraさんがお話をうかがいます" in (await vera.take("message", sender="system"))["body"]


async def test_late_words_of_the_one_before_are_refused(seed, process):
    desk, conversation, _ = await talk()
    sara = await board(await supervisor())
    await act(sara, "conversation.take", conversation=conversation)
    await desk.take("unassigned")
    assert (await act_with(desk, "message.send", conversation))["code"] == "not_paired"


async def test_counselor_has_room_again_and_gets_the_next(seed, process):
    desk, conversation, _ = await talk()
    await desk.send("availability.set", state="available", capacity=1)
    await desk.take("availability")
    waiting = await enter()
    assert waiting.state == "waiting"
    sara = await board(await supervisor())
    await act(sara, "conversation.take", conversation=conversation)
    assert (await desk.take("assigned"))["conversation"] != conversation


async def test_taking_over_asks_anew_who_is_there(seed, process):
    _, conversation, _ = await talk()
    sara = await board(await supervisor(), shown_at=time.time() - 301)
    assert (await act(sara, "conversation.take", conversation=conversation))["code"] == "show_again"
    assert await entries("talk.taken_over") == []


async def test_another_organization_s_talk_needs_a_reason(seed, process):
    _, conversation, _ = await talk()
    sara = await board(await supervisor(organization="org-b"))
    assert (await act(sara, "conversation.take", conversation=conversation))["code"] == "reason_needed"


async def test_supervisor_who_took_over_is_paired_with_nobody(seed, process):
    _, conversation, _ = await talk()
    sara = await board(await supervisor())
    await act(sara, "conversation.take", conversation=conversation)
    await sara.send("availability.set", state="available")
    assert (await sara.take("error"))["code"] == "not_allowed"
    row = await run(Counselor.objects.get, user__username="sara")
    assert not await run(row.lanes.exists)


async def test_after_a_reload_the_talk_is_still_there(seed, process):
    _, conversation, _ = await talk()
    user = await supervisor()
    sara = await board(user)
    await act(sara, "conversation.take", conversation=conversation)
    again = await connect(user)
    assert [one["conversation"] for one in (await again.take("welcome"))["conversations"]] == [conversation]


async def test_desk_opens_for_who_has_taken_a_talk_over_while_they_hold_it(seed, process):
    _, conversation, _ = await talk()
    user = await supervisor()
    sara, browser = await board(user), AsyncClient()
    await browser.aforce_login(user)
    assert (await browser.get("/staff/desk/")).status_code == 403
    await act(sara, "conversation.take", conversation=conversation)
    assert (await browser.get("/staff/desk/")).status_code == 200
    await sara.send("conversation.close", conversation=conversation)
    await sara.take("closed")
    assert (await browser.get("/staff/desk/")).status_code == 403


async def test_joined_talk_that_goes_to_another_organization_is_left(seed, process):
    _, conversation, _ = await talk("org-a")
    own = await board(await supervisor("own", "org-a", is_wide=False))
    await act(own, "conversation.join", conversation=conversation, mode="whisper")
    other = await board(await supervisor("other", "org-b"))
    await act(other, "conversation.take", conversation=conversation, reason=REASON)
    assert (await own.take("parted"))["conversation"] == conversation


# --- the queue ---


async def _id(username: str):
    return (await run(Counselor.objects.get, user__username=username)).id


async def test_waiting_ticket_is_given_by_hand(seed, process):
    desk, _, _ = await talk()
    await desk.send("availability.set", state="available", capacity=1)
    await desk.take("availability")
    opened = await enter()
    assert opened.state == "waiting"
    key = await _id("carla")
    await run(lambda: Counselor.objects.update(capacity=2))  # the queue has not heard of it
    sara = await board(await supervisor())
    answer = await act(sara, "ticket.assign", ticket=opened.ticket, counselor=str(key), reason=REASON)
    assert answer["type"] == "done"
    assert (await desk.take("assigned"))["conversation"]
    assert (await entries("ticket.assigned"))[0].facts["counselor"] == str(key)


async def test_who_does_not_serve_the_lane_is_given_no_child_by_hand_either(seed, process):
    carla = await available(await member("carla"))
    key = await _id("carla")
    await run(lambda: Counselor.objects.get(id=key).lanes.filter(audience="youth").delete())
    await carla.send("availability.set", state="available")
    opened = await enter()
    sara = await board(await supervisor())
    answer = await act(sara, "ticket.assign", ticket=opened.ticket, counselor=str(key))
    assert answer["code"] == "no_room"


@pytest.mark.parametrize(
    ("state", "organization", "is_wide", "code"),
    [("away", "org-a", True, "no_room"), ("available", "org-b", False, "not_found")],
)
async def test_ticket_is_not_given_to_who_can_not_take_it(seed, process, state, organization, is_wide, code):
    await member("carla")
    key = await _id("carla")
    await run(lambda: Counselor.objects.filter(id=key).update(state=state))
    opened = await enter()
    sara = await board(await supervisor(organization=organization, is_wide=is_wide))
    answer = await act(sara, "ticket.assign", ticket=opened.ticket, counselor=str(key))
    assert answer["code"] == code


async def test_moved_ticket_and_kept_apart_pair_are_on_record(seed, process):
    await member("carla")
    opened, key = await enter(), await _id("carla")
    sara = await board(await supervisor())
    await act(sara, "ticket.boost", ticket=opened.ticket, urgency=3, reason=REASON)
    await act(sara, "pair.block", ticket=opened.ticket, counselor=str(key), reason=REASON)
    moved, blocked = (await entries("ticket.moved"))[0], (await entries("pair.blocked"))[0]
    assert moved.facts == {"ticket": opened.ticket, "precedence": 3}
    assert blocked.facts == {"ticket": opened.ticket, "counselor": str(key)}
    row = await run(Ticket.objects.get, id=opened.ticket)
    for entry in (moved, blocked):
        assert sealer(row.id, row.key_sealed).open(entry.why_sealed) == REASON


async def test_lane_is_stopped_and_opened(seed, process):
    sara = await board(await supervisor())
    await act(sara, "lane.set", audience="youth", accepting=False, reason="人が足りない")
    with pytest.raises(Exception, match="queue_closed"):
        await enter()
    assert (await enter("general")).state == "waiting"
    await act(sara, "lane.set", audience="youth", accepting=True)
    assert (await enter()).state == "waiting"
    assert [entry.act for entry in await run(lambda: list(AuditEntry.objects.all()))] == [
        "lane.stopped",
        "lane.opened",
    ]
    assert (await entries("lane.stopped"))[0].why == "人が足りない"


async def test_one_language_s_lane_is_stopped(seed, process):
    from chat import campaigns

    await run(lambda: ServiceRow.objects.first().campaign.__class__.objects.update(languages=["ja", "en"]))
    campaigns.forget()
    sara = await board(await supervisor())
    await act(sara, "lane.set", audience="youth", language="en", accepting=False)
    with pytest.raises(Exception, match="queue_closed"):
        await enter(language="en")
    assert (await enter(language="ja")).state == "waiting"


async def test_board_is_told_which_lane_is_stopped(seed, process):
    sara = await board(await supervisor())
    await act(sara, "lane.set", audience="youth", accepting=False)
    while True:
        stats = await sara.take("queue.stats")
        by_audience = {lane["audience"]: lane.get("accepting", True) for lane in stats["lanes"]}
        if by_audience == {"youth": False, "general": True}:
            return


async def test_window_is_extended_and_everybody_is_told(seed, process, set_clock):
    vera = await visitor((await enter()).token)
    await vera.take("welcome")
    carla = await available(await member("carla"))
    sara = await board(await supervisor())
    await ticker.current().tick(clock.now())
    until = datetime(2024, 12, 28, 23, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    await act(sara, "window.set", audience="youth", closes_at=until.isoformat(), reason="人が多い")
    for peer in (vera, carla, sara):
        told = await peer.take("window.changed")
        assert datetime.fromisoformat(told["closes_at"]) == until
    set_clock("2024-12-28 22:30")
    assert (await enter()).state in {"waiting", "paired"}


async def test_window_that_can_not_end_then_is_refused(seed, process):
    sara = await board(await supervisor())
    answer = await act(sara, "window.set", audience="youth", closes_at="2024-12-28T16:00:00+09:00")
    assert answer["code"] == "hours_unfit"
    assert await entries("window.set") == []


async def test_loading_the_campaign_again_keeps_what_supervisors_did(seed, process):
    from django.core.management import call_command

    from chat import campaigns
    from tests.conftest import SEED

    sara = await board(await supervisor())
    until = "2024-12-28T23:00:00+09:00"
    await act(sara, "window.set", audience="youth", closes_at=until)
    await act(sara, "lane.set", audience="general", accepting=False)
    await run(call_command, "load_campaign", str(SEED), verbosity=0)
    campaigns.forget()
    loaded = await campaigns.loaded()
    campaign = loaded.campaigns[0]
    youth = campaign.service("chat", "youth")
    assert youth is not None
    assert youth.exceptions[-1].on.isoformat() == "2024-12-28"
    assert not loaded.is_accepting(campaign, "chat", "general")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("lane.set", {"audience": "youth", "accepting": False}),
        ("window.set", {"audience": "youth", "closes_at": "2024-12-28T23:00:00+09:00"}),
    ],
)
async def test_supervisor_of_one_organization_does_not_act_on_everybody_s(seed, process, kind, fields):
    sara = await board(await supervisor(is_wide=False))
    assert (await act(sara, kind, **fields))["code"] == "not_allowed"


async def test_supervisor_whose_rights_went_acts_no_more(seed, process):
    _, conversation, _ = await talk()
    user = await supervisor()
    sara = await board(user)
    await run(lambda: User.objects.filter(pk=user.pk).update(role="counselor", is_service_wide=False))
    answer = await act(sara, "conversation.join", conversation=conversation, mode="whisper")
    assert answer["code"] == "not_allowed"
