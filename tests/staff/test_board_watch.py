"""What a board is told beyond the queue, by push; alarms rise, are acknowledged and end, on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chat import runtime
from chat.events import LANES_TOPIC, LaneChanged
from chat.models import LaneMinute
from notalone import clock
from staff import watch
from staff.models import Alarm, AlarmThreshold, AuditEntry, User
from tests.sockets import Peer, available, desk, enter, member, message_id
from tests.staff.supervisors import act, board, supervisor, talk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

MANY = 12


async def watching(user: User | None = None) -> Peer:
    peer = await board(user or await supervisor())
    await peer.send("board.watch")
    return peer


async def alarms(peer: Peer, *kinds: str) -> list[dict[str, Any]]:
    """Wait for a list that holds these kinds, and no others."""
    for _ in range(MANY):
        frame = await peer.take("alarms")
        if sorted(one["kind"] for one in frame["alarms"]) == sorted(kinds):
            return list(frame["alarms"])
    raise AssertionError(f"never told: {kinds}")


async def only(**thresholds: int) -> None:
    """Turn every other kind off."""
    from chat.rules.alarms import KINDS

    await AlarmThreshold.objects.abulk_create(
        [AlarmThreshold(kind=kind, threshold=thresholds.get(kind)) for kind in KINDS]
    )


async def test_a_board_has_everything_at_once():
    await only()
    peer = await watching()
    assert (await peer.take("alarms"))["alarms"] == []
    assert (await peer.take("talks"))["talks"] == []
    assert (await peer.take("referrals"))["referrals"] == []
    curves = (await peer.take("board.curves"))["curves"]
    assert [(one["audience"], one["svg"][:5]) for one in curves] == [("youth", "<svg "), ("general", "<svg ")]


async def test_a_desk_of_a_supervisor_s_is_no_board():
    peer = await board(await supervisor())
    await peer.take("queue.stats")
    await peer.hush()
    assert not {"alarms", "talks", "board.curves"} & {frame["type"] for frame in peer.kept}


async def test_a_long_queue_raises_an_alarm_once_for_all_boards():
    await only(queue_length=2)
    one, other = await watching(), await watching(await supervisor("own", is_wide=False))
    await alarms(one)
    await enter("youth")
    await enter("youth")
    (alarm,) = await alarms(one, "queue_length")
    assert (alarm["audience"], alarm["language"], alarm["value"]) == ("youth", "ja", 2)
    assert [each["alarm"] for each in await alarms(other, "queue_length")] == [alarm["alarm"]]
    assert await Alarm.objects.acount() == 1


async def test_an_alarm_is_acknowledged_for_everybody_and_on_record():
    await only(queue_length=1)
    await enter("youth")
    one, other = await watching(), await watching(await supervisor("own", is_wide=False))
    (alarm,) = await alarms(one, "queue_length")
    await alarms(other, "queue_length")
    assert (await act(one, "alarm.acknowledge", alarm=alarm["alarm"]))["type"] == "done"
    (seen,) = await alarms(other, "queue_length")
    assert (seen["acknowledged_by"], seen["ended_at"]) == ("sara", None)
    entry = await AuditEntry.objects.aget(act="alarm.acknowledged")
    assert (entry.actor_name, entry.facts["kind"]) == ("sara", "queue_length")


async def test_an_alarm_that_was_acknowledged_goes_when_it_has_ended(monkeypatch):
    monkeypatch.setattr(watch, "CALM_S", 0.0)
    await only(queue_length=1)
    opened = await enter("youth")
    peer = await watching()
    (alarm,) = await alarms(peer, "queue_length")
    await act(peer, "alarm.acknowledge", alarm=alarm["alarm"])
    await available(await member("carla"))
    await alarms(peer)
    row = await Alarm.objects.aget(id=alarm["alarm"])
    assert row.ended_at is not None, opened


async def test_one_that_nobody_has_acknowledged_stays_though_it_has_ended(monkeypatch):
    monkeypatch.setattr(watch, "CALM_S", 0.0)
    await only(queue_length=1)
    await enter("youth")
    peer = await watching()
    await alarms(peer, "queue_length")
    await available(await member("carla"))
    for _ in range(MANY):
        (alarm,) = await alarms(peer, "queue_length")
        if alarm["ended_at"]:
            break
    assert alarm["ended_at"]


async def test_the_same_trouble_raises_a_new_alarm_after_it_has_ended():
    await only(queue_length=1)
    old = await Alarm.objects.acreate(
        kind="queue_length", subject="youth:ja", value=9, raised_at=clock.now(), ended_at=clock.now(),
        acknowledged_at=clock.now(),
    )  # fmt: skip
    await enter("youth")
    (alarm,) = await alarms(await watching(), "queue_length")
    assert alarm["alarm"] != str(old.id)


async def test_nobody_is_there_for_an_open_lane():
    await only(nobody=1)
    await enter("youth")
    (alarm,) = await alarms(await watching(), "nobody")
    assert alarm["audience"] == "youth"


async def test_a_child_waits_shortly_before_closing(set_clock):
    await only(child_late=20)
    set_clock("2024-12-28 21:39:00")
    await enter("youth")
    await enter("general")
    peer = await watching()
    await alarms(peer)
    set_clock("2024-12-28 21:40:00")
    (alarm,) = await alarms(peer, "child_late")
    assert alarm["audience"] == "youth"


async def test_a_counselor_who_vanishes_is_named(set_clock):
    """FAULTS 17: a laptop that sleeps is seen within a minute: its lease lapses, and the alarm says who."""
    await only(vanished=30)
    carla, _, _ = await talk()
    peer = await watching()
    await alarms(peer)
    await carla.take("queue.stats")
    set_clock("2024-12-28 16:31:00")  # a minute without a heartbeat
    (alarm,) = await alarms(peer, "vanished")
    assert alarm["counselor"] == "Carla"


async def test_a_threshold_is_set_on_record_and_told():
    peer = await watching()
    await peer.take("alarms")
    assert (await act(peer, "alarm.set", kind="wait", threshold=30))["type"] == "done"
    for _ in range(MANY):
        frame = await peer.take("alarms")
        if {"kind": "wait", "threshold": 30} in frame["thresholds"]:
            break
    assert frame["may_set"]
    entry = await AuditEntry.objects.aget(act="alarm.set")
    assert entry.facts == {"kind": "wait", "from": 15, "to": 30}


async def test_a_threshold_out_of_reach_is_refused():
    peer = await watching()
    assert (await act(peer, "alarm.set", kind="wait", threshold=601))["code"] == "bad_frame"


async def test_a_talk_is_told_when_it_opens_and_when_somebody_speaks(monkeypatch):
    monkeypatch.setattr(watch, "TALKS_EVERY_S", 0.0)
    await only()
    peer = await watching()
    assert (await peer.take("talks"))["talks"] == []
    carla, conversation, _ = await talk()
    (row,) = (await peer.take("talks"))["talks"]
    assert (row["conversation"], row["name"]) == (conversation, "Carla")
    await carla.send("message.send", conversation=conversation, id=message_id(), body="こんばんは")
    runtime.current().hub.publish(LANES_TOPIC, LaneChanged(audience="youth", language="ja"))
    for _ in range(MANY):
        (row,) = (await peer.take("talks"))["talks"]
        if row.get("said_by") == "counselor":
            break
    assert row["said_by"] == "counselor"
    assert "こんばんは" not in str(row)


async def test_the_first_list_of_a_new_board_is_of_now(monkeypatch):
    monkeypatch.setattr(watch, "TALKS_EVERY_S", 3600.0)
    await only()
    early = await watching(await supervisor("early"))
    assert (await early.take("talks"))["talks"] == []
    _, conversation, _ = await talk()
    late = await watching(await supervisor("late"))
    assert [row["conversation"] for row in (await late.take("talks"))["talks"]] == [conversation]


async def test_a_board_sees_the_talks_within_reach_alone():
    await only()
    await talk("org-a")
    wide, own, foreign = (
        await watching(await supervisor("wide", "org-b", is_wide=True)),
        await watching(await supervisor("own", "org-a", is_wide=False)),
        await watching(await supervisor("foreign", "org-b", is_wide=False)),
    )
    assert [row["reach"] for row in (await wide.take("talks"))["talks"]] == ["with_reason"]
    assert [row["reach"] for row in (await own.take("talks"))["talks"]] == ["own"]
    assert (await foreign.take("talks"))["talks"] == []


async def test_an_administrator_has_the_alarms_and_no_talks():
    await only()
    await talk("org-a")
    peer = await watching(await member("adam", User.ADMINISTRATOR))
    await peer.take("board.curves")
    await peer.hush()
    assert not [frame for frame in peer.kept if frame["type"] in {"talks", "referrals"}]


async def test_open_referrals_are_told_without_what_was_passed_on():
    await only()
    carla, conversation, _ = await talk("org-a")
    asked = {"kind": "police", "service": "警察署", "ground": "danger_to_life", "facts": "ひみつ"}
    await act(carla, "referral.open", conversation=conversation, **asked)
    peer = await watching()
    (row,) = (await peer.take("referrals"))["referrals"]
    assert (row["service"], row["kind"], row["called_at"]) == ("警察署", "police", None)
    assert "ひみつ" not in str(row)


async def test_the_day_s_numbers_and_the_window_stand_with_each_lane(set_clock):
    await only()
    await enter("youth")
    peer = await watching()
    for _ in range(MANY):
        frame = await peer.take("queue.stats")
        lane = next(one for one in frame["lanes"] if one["audience"] == "youth")
        if lane.get("today"):
            break
    assert lane["today"] == {"arrived": 1, "answered": 0, "left": 0, "turned_away": 0}
    assert lane["closes_at"].startswith("2024-12-28T13:00:00")


async def test_the_curve_holds_the_minutes_that_were_counted(set_clock):
    await only()
    set_clock("2024-12-28 17:00:00")
    rows = [
        LaneMinute(audience="youth", language="ja", at=clock.now() - timedelta(minutes=back), waiting=back)
        for back in range(1, 30)
    ]
    await LaneMinute.objects.abulk_create(rows)
    curves = (await (await watching()).take("board.curves"))["curves"]
    assert (curves[0]["waiting_most"], curves[0]["waiting_now"]) == (29, 1)


async def test_people_are_sent_to_a_board_when_they_have_changed():
    await only()
    await member("carla")
    peer = await watching()
    frame = await peer.take("queue.stats")
    assert frame["people"]


async def test_a_counselor_can_not_watch():
    carla = await desk(await member("carla"))
    await carla.take("welcome")
    await carla.send("board.watch")
    assert (await carla.take("error"))["code"] == "not_allowed"


async def test_an_open_lane_that_nobody_has_come_for_raises_one_though_nobody_waits():
    await only(nobody=1)
    await member("carla")
    await alarms(await watching(), "nobody", "nobody")  # of both audiences
