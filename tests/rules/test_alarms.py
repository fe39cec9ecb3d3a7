"""When an alarm stands: each kind at its threshold, just below it, and turned off."""

from __future__ import annotations

import pytest

from chat.rules.alarms import DEFAULTS, HIGHEST, KINDS, AlarmKind, Found, LaneSight, find
from chat.rules.types import Lane

YOUTH, GENERAL = Lane("youth", "ja"), Lane("general", "ja")


def sight(lane: Lane = YOUTH, **changes: object) -> LaneSight:
    calm = {"waiting": 0, "oldest_wait_s": 0, "closes_in_s": 7200, "here": 5, "is_served": True}
    return LaneSight(lane=lane, **{**calm, **changes})  # type: ignore[arg-type]


def standing(**facts: object) -> list[tuple[str, int]]:
    lanes = facts.pop("lanes", [sight()])
    found = find(dict(DEFAULTS), lanes, facts.pop("silent_s", {}), facts.pop("overdue", 0))  # type: ignore[arg-type]
    return [(one.kind, one.value) for one in found]


def test_a_calm_evening_raises_none() -> None:
    assert standing() == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"waiting": 19}, []),
        ({"waiting": 20}, [("queue_length", 20)]),
        ({"waiting": 1, "oldest_wait_s": 899}, []),
        ({"waiting": 1, "oldest_wait_s": 900}, [("wait", 15)]),
        ({"here": 1}, [("one_left", 1)]),
        ({"here": 0}, [("nobody", 0)]),
        ({"here": 0, "is_served": False}, []),  # a language that nobody serves and nobody waits for
        ({"here": 0, "is_served": False, "waiting": 1}, [("nobody", 0)]),
        ({"waiting": 1, "closes_in_s": 1201}, []),
        ({"waiting": 1, "closes_in_s": 1200}, [("child_late", 1)]),  # 21:40, where 22:00 is the end
        ({"waiting": 0, "closes_in_s": 60}, []),
        ({"waiting": 30, "oldest_wait_s": 9000, "here": 0, "closes_in_s": None}, []),  # shut
    ],
)
def test_a_lane_at_its_thresholds(changes: dict[str, object], found: list[tuple[str, int]]) -> None:
    assert standing(lanes=[sight(**changes)]) == found


def test_an_adult_who_waits_late_is_no_child() -> None:
    assert standing(lanes=[sight(GENERAL, waiting=1, closes_in_s=60)]) == []


@pytest.mark.parametrize(("silent_s", "found"), [(29, []), (30, [("vanished", 30)])])
def test_a_counselor_without_a_sign_of_life(silent_s: int, found: list[tuple[str, int]]) -> None:
    assert standing(silent_s={"carla": silent_s}) == found


@pytest.mark.parametrize(("overdue", "found"), [(0, []), (1, [("mail_overdue", 1)])])
def test_letters_that_are_overdue(overdue: int, found: list[tuple[str, int]]) -> None:
    assert standing(overdue=overdue) == found


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_can_be_turned_off(kind: AlarmKind) -> None:
    bad = [sight(waiting=500, oldest_wait_s=9999, closes_in_s=60, here=here) for here in (0, 1)]
    everything = find(dict(DEFAULTS), bad, {"carla": 999}, 9)
    rest = find({**DEFAULTS, kind: None}, bad, {"carla": 999}, 9)
    assert {one.kind for one in everything} == set(KINDS)
    assert {one.kind for one in rest} == set(KINDS) - {kind}


def test_an_alarm_says_what_it_is_about() -> None:
    assert find({"queue_length": 1}, [sight(waiting=3)], {}, 0) == [Found("queue_length", "youth:ja", 3)]


def test_every_default_can_be_set() -> None:
    assert all(1 <= DEFAULTS[kind] <= HIGHEST[kind] for kind in KINDS)
