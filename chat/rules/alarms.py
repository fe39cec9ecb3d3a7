"""When a supervisor must look: what each threshold means, and which alarms stand now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from chat.rules.types import Lane

AlarmKind = Literal["queue_length", "wait", "nobody", "one_left", "vanished", "child_late", "mail_overdue"]
KINDS: tuple[AlarmKind, ...] = get_args(AlarmKind)
# People, minutes, (on), (on), seconds without a sign of life, minutes before closing, letters.
DEFAULTS: dict[AlarmKind, int] = {
    "queue_length": 20,
    "wait": 15,
    "nobody": 1,
    "one_left": 1,
    "vanished": 30,
    "child_late": 20,
    "mail_overdue": 1,
}
HIGHEST: dict[AlarmKind, int] = {
    "queue_length": 10_000,
    "wait": 600,
    "nobody": 1,
    "one_left": 1,
    "vanished": 600,
    "child_late": 240,
    "mail_overdue": 1_000,
}


@dataclass(frozen=True, slots=True)
class LaneSight:
    """A lane as the alarms see it. ``closes_in_s``: None while its window is shut; ``here``: counselors with
    a sign of life who serve it and are not away; ``is_served``: somebody at all is to serve it."""

    lane: Lane
    waiting: int
    oldest_wait_s: int
    closes_in_s: int | None
    here: int
    is_served: bool


@dataclass(frozen=True, slots=True)
class Found:
    """An alarm that stands. ``subject``: a lane as text, a counselor's id, or nothing; ``value`` in the
    threshold's unit."""

    kind: AlarmKind
    subject: str
    value: int


def find(
    thresholds: Mapping[AlarmKind, int | None],
    lanes: Sequence[LaneSight],
    silent_s: Mapping[str, int],
    overdue: int,
) -> list[Found]:
    """Find the alarms that stand. ``silent_s``: for how long each counselor who should be here gave no sign.

    A threshold of None turns its kind off.
    """
    on = {kind: limit for kind, limit in thresholds.items() if limit is not None}
    found = [one for lane in lanes if lane.closes_in_s is not None for one in _of_lane(on, lane)]
    if "vanished" in on:
        found += [
            Found("vanished", counselor, gone_s)
            for counselor, gone_s in silent_s.items()
            if gone_s >= on["vanished"]
        ]
    if "mail_overdue" in on and overdue >= on["mail_overdue"]:
        found.append(Found("mail_overdue", "", overdue))
    return found


def _of_lane(on: Mapping[AlarmKind, int], lane: LaneSight) -> list[Found]:
    subject = str(lane.lane)
    found: list[Found] = []
    if "queue_length" in on and lane.waiting >= on["queue_length"]:
        found.append(Found("queue_length", subject, lane.waiting))
    if "wait" in on and lane.waiting and lane.oldest_wait_s >= on["wait"] * 60:
        found.append(Found("wait", subject, lane.oldest_wait_s // 60))
    if lane.is_served or lane.waiting:
        if "nobody" in on and lane.here == 0:
            found.append(Found("nobody", subject, 0))
        if "one_left" in on and lane.here == 1:
            found.append(Found("one_left", subject, 1))
    closes_in_s = lane.closes_in_s or 0
    is_late = "child_late" in on and closes_in_s <= on["child_late"] * 60
    if is_late and lane.waiting and lane.lane.audience == "youth":
        found.append(Found("child_late", subject, lane.waiting))
    return found
