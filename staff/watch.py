"""What boards show beyond the queue: alarms, open talks, open referrals, and two hours' curves.

Gathered once for all the boards of a process: alarms at each count, talks and referrals every five
seconds and for a board that is new, curves each minute. Who reaches the same talks gets the same text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from chat import db, runtime
from chat.actions.minutes import MINUTE, SETTLED, minute_of, read_curves
from chat.events import ALARMS_TOPIC, AlarmsChanged
from chat.models import LaneMinute
from chat.protocol import (
    AlarmEntry,
    Alarms,
    AlarmThreshold,
    Curves,
    LaneCurve,
    Referrals,
    ServerFrame,
    Talks,
    encode,
)
from chat.rules.alarms import AlarmKind, find
from chat.rules.types import Lane
from chat.store.presence import lane_from
from staff import acts, alarms, curves, referrals
from staff.counts import Counts
from staff.frames import referral_row, talk_row
from staff.models import Alarm, User
from staff.reach import Rights, may_act_on_service, reach_of_talk
from staff.sessions import Member

TALKS_EVERY_S = 5.0
OVERDUE_EVERY_S = 30.0
SLACK = timedelta(seconds=2)
CALM_S = 10.0  # an alarm has ended when it has not stood for so long: numbers near a threshold waver


class BoardSocket(Protocol):
    member: Member | None

    def put_text(self, frame: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class _Shared:
    """A frame that all boards of one key have in common; it is news when its essence has changed."""

    name: str
    key_of: Callable[[Rights], object]
    frame_for: Callable[[Rights], ServerFrame]
    essence: Callable[[ServerFrame], object] = lambda frame: frame


class Watch:
    """One a process. ``show`` is called at each count, by one task."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._is_stale = True
        self._thresholds: dict[AlarmKind, int | None] = {}
        self._shown: list[Alarm] = []
        self._calm_since: dict[alarms.Key, float] = {}
        self._standing: set[alarms.Key] = set()
        self._overdue, self._overdue_at = 0, float("-inf")
        self._talks_at = float("-inf")
        self._talks: list[acts.OpenTalk] = []
        self._referrals: list[referrals.OpenReferral] = []
        self._minute: datetime | None = None
        self._curves = encode(Curves(curves=[]))
        self._told: dict[tuple[str, object], object] = {}

    def look_again(self) -> None:
        """Read alarms, talks and referrals anew at the next count: something was done to them."""
        self._is_stale = True
        self._talks_at = float("-inf")

    async def show(
        self, boards: Collection[BoardSocket], newcomers: Collection[object], now: datetime
    ) -> None:
        """Show each board what is new, and a board that is new everything.

        Raises ChatError ``unavailable``.
        """
        await self._look_at_alarms(now)
        new_ones = [board for board in boards if board in newcomers]
        supervisors = [board for board in boards if _is_supervisor(board)]
        is_talk_time = time.monotonic() - self._talks_at >= TALKS_EVERY_S
        if is_talk_time or any(board in new_ones for board in supervisors):  # a first list is of now
            self._talks, self._referrals = await db.run(_read_talks)
            self._talks_at = time.monotonic()
        is_new_curve = await self._draw(now)
        talks = _Shared("talks", _reach_key, lambda one: self._talks_frame(one, now), _lasting)
        self._tell(_Shared("alarms", may_act_on_service, self._alarms_frame), boards, new_ones)
        self._tell(talks, supervisors, new_ones)
        self._tell(_Shared("referrals", _reach_key, self._referrals_frame), supervisors, new_ones)
        for board in boards if is_new_curve else new_ones:
            board.put_text(self._curves)

    def _tell(self, what: _Shared, boards: Iterable[BoardSocket], new_ones: Collection[BoardSocket]) -> None:
        """Write a frame once for each key, and send it where its essence is another than last time."""
        texts: dict[object, tuple[bytes, bool]] = {}
        for board in boards:
            if board.member is None:
                continue
            key = what.key_of(board.member)
            if key not in texts:
                frame = what.frame_for(board.member)
                essence = what.essence(frame)
                texts[key] = encode(frame), self._told.get((what.name, key)) != essence
                self._told[what.name, key] = essence
            text, is_news = texts[key]
            if is_news or board in new_ones:
                board.put_text(text)

    # --- alarms ---

    async def _look_at_alarms(self, now: datetime) -> None:
        if time.monotonic() - self._overdue_at > OVERDUE_EVERY_S:
            self._overdue = await db.run(alarms.count_overdue, now)
            self._overdue_at = time.monotonic()
        if self._is_stale or not self._thresholds:
            self._is_stale = False
            await self._read_alarms()
        found = find(self._thresholds, self._counts.sights, self._counts.silent_s, self._overdue)
        keys: set[alarms.Key] = {(one.kind, one.subject) for one in found}
        over = self._over(keys)
        worst = {(row.kind, row.subject): row.value for row in self._shown if row.ended_at is None}
        news = [one for one in found if one.value > worst.get((one.kind, one.subject), -1)]
        if not news and not over:
            return
        if await db.run(alarms.settle, news, over, now):
            runtime.current().hub.publish(ALARMS_TOPIC, AlarmsChanged())  # to the boards of other processes
            await self._read_alarms()

    def _over(self, keys: set[alarms.Key]) -> list[alarms.Key]:
        """Give what has not stood for long enough to have ended."""
        at = time.monotonic()
        calm = self._standing - keys
        self._calm_since = {key: self._calm_since.get(key, at) for key in calm}
        return [key for key, since in self._calm_since.items() if at - since >= CALM_S]

    async def _read_alarms(self) -> None:
        self._thresholds = await db.run(alarms.read_thresholds)
        self._shown = await db.run(alarms.read_shown)
        self._standing = await db.run(alarms.read_standing)

    def _alarms_frame(self, viewer: Rights) -> Alarms:
        return Alarms(
            alarms=[self._entry(row) for row in self._shown],
            thresholds=[
                AlarmThreshold(kind=kind, threshold=limit) for kind, limit in self._thresholds.items()
            ],
            may_set=may_act_on_service(viewer),
        )

    def _entry(self, row: Alarm) -> AlarmEntry:
        lane = lane_from(row.subject) if ":" in row.subject else None
        is_person = bool(row.subject) and lane is None
        by = row.acknowledged_by
        return AlarmEntry(
            alarm=str(row.id),
            kind=alarms.kind_of(row),
            value=row.value,
            raised_at=row.raised_at,
            ended_at=row.ended_at,
            acknowledged_at=row.acknowledged_at,
            acknowledged_by=(by.get_short_name() or by.username) if by is not None else "",
            audience=lane.audience if lane else "",
            language=lane.language if lane else "",
            counselor=self._counts.name_of(row.subject) if is_person else "",
        )

    # --- talks and referrals ---

    def _talks_frame(self, viewer: Rights, now: datetime) -> Talks:
        rows = []
        for one in self._talks:
            reach = reach_of_talk(viewer, one.organization)
            if reach != "none":
                rows.append(talk_row(one.talk, reach, one.said_at, now, one.said_by))
        return Talks(talks=rows)

    def _referrals_frame(self, viewer: Rights) -> Referrals:
        return Referrals(
            referrals=[
                referral_row(one.row)
                for one in self._referrals
                if reach_of_talk(viewer, one.organization) != "none"
            ]
        )

    # --- curves ---

    async def _draw(self, now: datetime) -> bool:
        minute = minute_of(now - SETTLED - SLACK)  # the timers have counted it by then
        if minute == self._minute:
            return False
        rows = await db.run(read_curves, now)
        lanes = [sight.lane for sight in self._counts.sights]
        self._curves = encode(Curves(curves=[self._curve(lane, rows.get(lane, []), now) for lane in lanes]))
        self._minute = minute
        return True

    def _curve(self, lane: Lane, rows: list[LaneMinute], now: datetime) -> LaneCurve:
        points = [curves.Point(row.at + MINUTE, row.waiting) for row in rows]
        counted = [row.waiting for row in rows if row.waiting is not None]
        return LaneCurve(
            audience=lane.audience,
            language=lane.language,
            svg=curves.draw(points, now),
            waiting_most=max(counted, default=0),
            waiting_now=counted[-1] if counted else 0,
        )


def _read_talks() -> tuple[list[acts.OpenTalk], list[referrals.OpenReferral]]:
    return acts.read_open_talks(), referrals.read_open_referrals()


def _is_supervisor(board: BoardSocket) -> bool:
    return board.member is not None and board.member.role == User.SUPERVISOR


def _reach_key(viewer: Rights) -> object:
    """Give what decides which talks are within reach: who has it in common sees the same."""
    return viewer.organization_id, viewer.is_service_wide


def _lasting(frame: ServerFrame) -> object:
    """Give what of the talks is news: that a silence has grown is none."""
    assert isinstance(frame, Talks)  # noqa: S101 — said where it is used
    return [msgspec.structs.replace(row, silent_s=0) for row in frame.talks]
