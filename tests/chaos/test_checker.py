"""The checker finds each kind of fault, and only where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.checker import Ack, History, Kind, Message, Session, Stored, check

TALK = "talk"
ROWS = (
    Message(1, "v1", "visitor", "一"),
    Message(2, "c1", "counselor", "二"),
    Message(3, "v2", "visitor", "三"),
)
FIRST, SECOND, THIRD = ROWS


def evening() -> tuple[History, History, dict[str, Stored]]:
    """A talk in which all went well: the visitor's line broke once, the counselor's never."""
    vera = History("vera", "visitor", TALK, {"v1": "一", "v2": "三"})
    vera.sessions = [Session(0, [Ack(1, "v1"), SECOND]), Session(2, [Ack(3, "v2")])]
    carla = History("carla", "counselor", TALK, {"c1": "二"})
    carla.sessions = [Session(0, [FIRST, Ack(2, "c1"), THIRD])]
    return vera, carla, {TALK: Stored(3, ROWS)}


def kinds(vera: History, carla: History, rows: dict[str, Stored]) -> set[Kind]:
    return {fault.kind for fault in check([vera, carla], rows).faults}


def test_an_evening_without_a_fault() -> None:
    vera, carla, rows = evening()
    verdict = check([vera, carla], rows)
    assert verdict.faults == []
    assert (verdict.stored, verdict.acked, verdict.heard, verdict.sessions) == (3, 3, 6, 3)
    assert set(verdict.counts.values()) == {0}


def test_the_replay_may_take_the_place_of_a_lost_ack() -> None:
    vera, carla, rows = evening()
    vera.sessions = [Session(0, []), Session(0, list(ROWS))]
    assert kinds(vera, carla, rows) == set()


def test_an_ack_may_come_again_on_the_next_line() -> None:
    vera, carla, rows = evening()
    vera.sessions[1].lines.append(Ack(1, "v1"))
    assert kinds(vera, carla, rows) == set()


def test_an_ack_may_come_after_what_was_said_later() -> None:
    vera, carla, rows = evening()
    vera.sessions = [Session(0, [Ack(3, "v2"), Ack(1, "v1"), SECOND])]
    assert kinds(vera, carla, rows) == set()


def test_a_counselor_whose_talk_was_handed_on_need_not_know_its_end() -> None:
    vera, carla, rows = evening()
    carla.sessions[0].lines.pop()
    carla.is_over = True
    assert kinds(vera, carla, rows) == set()


def test_nobody_can_lose_what_was_written_and_never_sent() -> None:
    vera, carla, rows = evening()
    vera.written["v3"] = "四"
    assert kinds(vera, carla, rows) == set()


Damage = Callable[[History, History, dict[str, Stored]], object]

DAMAGES: dict[str, tuple[Kind, Damage]] = {
    "an acked message is not stored": (
        "lost", lambda vera, carla, rows: rows.update({TALK: Stored(2, ROWS[:2])})
    ),
    "a heard message is not stored": (
        "lost", lambda vera, carla, rows: carla.sessions[0].lines.append(Message(4, "v9", "visitor", "四"))
    ),
    "a message is never told": ("lost", lambda vera, carla, rows: vera.sessions[0].lines.pop()),
    "the last message is never told": ("lost", lambda vera, carla, rows: carla.sessions[0].lines.pop()),
    "a whole conversation is gone": ("lost", lambda vera, carla, rows: rows.clear()),
    "two rows with one id": (
        "doubled",
        lambda vera, carla, rows: rows.update({TALK: Stored(4, (*ROWS, replace_seq(FIRST, 4)))}),
    ),
    "two rows with one seq": (
        "doubled",
        lambda vera, carla, rows: rows.update({TALK: Stored(3, (*ROWS, Message(3, "v3", "visitor", "四")))}),
    ),
    "a message is told twice": ("doubled", lambda vera, carla, rows: carla.sessions[0].lines.append(THIRD)),
    "a message is told after a later one": (
        "out of order", lambda vera, carla, rows: carla.sessions[0].lines.reverse()
    ),
    "a later message is stored before an earlier one": (
        "out of order", lambda vera, carla, rows: vera.written.update(v1=vera.written.pop("v1"))
    ),
    "a number is left out": (
        "hole", lambda vera, carla, rows: rows.update({TALK: Stored(4, (*ROWS[:2], replace_seq(THIRD, 4)))})
    ),
    "the head is ahead of the rows": (
        "hole", lambda vera, carla, rows: rows.update({TALK: Stored(4, ROWS)})
    ),
    "a message is told before the one before it": (
        "hole", lambda vera, carla, rows: carla.sessions[0].lines.pop(0)
    ),
    "a later line begins after what is known": (
        "hole", lambda vera, carla, rows: vera.sessions.append(Session(0, [SECOND]))
    ),
    "one id is acked at two places": (
        "another seq", lambda vera, carla, rows: vera.sessions[1].lines.append(Ack(2, "v1"))
    ),
    "an ack names another's place": (
        "another seq", lambda vera, carla, rows: vera.sessions[1].lines.__setitem__(0, Ack(2, "v2"))
    ),
    "a message is told at another place": (
        "another seq",
        lambda vera, carla, rows: carla.sessions[0].lines.__setitem__(2, replace_seq(THIRD, 4)),
    ),
    "a message is told with other words": (
        "altered",
        lambda vera, carla, rows: carla.sessions[0].lines.__setitem__(0, FIRST._replace(body="別")),
    ),
    "a message is told as the other's": (
        "altered",
        lambda vera, carla, rows: carla.sessions[0].lines.__setitem__(0, FIRST._replace(sender="counselor")),
    ),
    "other words are stored than were written": (
        "altered", lambda vera, carla, rows: vera.written.update(v1="別")
    ),
    "a message is stored that nobody wrote": ("unknown", lambda vera, carla, rows: vera.written.pop("v2")),
    "a message has no ack in the end": ("unsent", lambda vera, carla, rows: vera.unsent.add("v3")),
}  # fmt: skip


def replace_seq(message: Message, seq: int) -> Message:
    return message._replace(seq=seq)


@pytest.mark.parametrize("what", DAMAGES)
def test_a_fault_is_found(what: str) -> None:
    kind, damage = DAMAGES[what]
    vera, carla, rows = evening()
    damage(vera, carla, rows)
    assert kind in kinds(vera, carla, rows)


def test_a_fault_is_counted_and_named() -> None:
    vera, carla, rows = evening()
    vera.unsent.add("v3")
    verdict = check([vera, carla], rows)
    assert verdict.counts["unsent"] == 1
    assert verdict.faults[0] == ("unsent", TALK, "vera", "v3 has no answer")


def test_talks_are_judged_apart() -> None:
    vera, carla, rows = evening()
    other = replace(vera, conversation="other", sessions=[Session(0, [])])
    rows["other"] = Stored(2, (FIRST, replace_seq(THIRD, 2)))
    faults = check([vera, carla, other], rows).faults
    assert {fault.conversation for fault in faults} == {"other"}
