"""The queue counted for the staff: lanes, counselors, the day so far, and what the alarms see of it."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from chat import campaigns, db, runtime
from chat.actions import minutes
from chat.actions.estimates import estimate_for
from chat.actions.minutes import Happened, Sealed
from chat.actions.rebuild import ms, with_queue
from chat.actions.sweep import all_lanes
from chat.models import Counselor, CounselorLane
from chat.protocol import CounselorCounts, CounselorLoad, Estimate, LaneStats, LaneToday, QueueStats
from chat.rules.alarms import LaneSight
from chat.rules.hours import state_of
from chat.rules.types import Lane
from chat.store.keys import LEASE_MS
from chat.store.presence import CounselorSeen
from chat.store.queue import LaneCount
from notalone import clock, metrics

NAMES_FRESH_S = 30.0
TODAY_FRESH_S = 5.0
SEALED_FRESH_S = 60.0


class Counts:
    """What one process knows of the queue. ``count`` asks Redis for a dozen numbers and the counselors; the
    day's numbers and the estimates are asked for where somebody has a board open, every few seconds.
    """

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, str]] = {}
        self._served: frozenset[Lane] = frozenset()
        self._names_at = float("-inf")
        self._today: dict[Lane, Happened] = {}
        self._today_at = float("-inf")
        self._sealed: Sealed | None = None
        self._sealed_at = float("-inf")
        self._seen_ms: dict[str, int] = {}
        self.sights: list[LaneSight] = []
        self.silent_s: dict[str, int] = {}

    async def count(self, *, for_boards: bool = True) -> QueueStats:
        """Count lanes and counselors. Raises StoreDown, or ChatError ``unavailable``."""
        parts = runtime.current()
        now = clock.now()
        now_ms = ms(now)
        lanes = await all_lanes()
        counts = await with_queue(lambda: parts.queue.counts(lanes))
        seen = await with_queue(lambda: parts.presence.counselors(now_ms))
        names = await self._people()
        if for_boards:
            await self._count_today(now)
        for count in counts:
            metrics.WAITING.labels(count.lane.audience, count.lane.language).set(count.waiting)
        self._note_signs(seen, names, now_ms)
        self.sights = [self._sight(count, seen, now) for count in counts]
        return QueueStats(
            lanes=[await self._lane(count, now, for_boards=for_boards) for count in counts],
            counselors=_counts(seen, now_ms, len(names)),
            free_slots=sum(_free(one, now_ms) for one in seen),
            people=self._people_of(seen, names, now_ms),
        )

    def name_of(self, counselor: str) -> str:
        """Give a counselor's name for the alarms; empty where nobody knows it any more."""
        return self._names.get(counselor, ("", ""))[0]

    async def _lane(self, count: LaneCount, now: datetime, *, for_boards: bool) -> LaneStats:
        lane = count.lane
        happened = self._today.get(lane, minutes.NOTHING)
        expected = await estimate_for(lane, count.waiting + 1) if for_boards else None
        return LaneStats(
            audience=lane.audience,
            language=lane.language,
            waiting=count.waiting,
            oldest_wait_s=_waited_s(count.oldest_opened_ms, ms(now)),
            accepting=_is_accepting(lane, now),
            closes_at=_closes_at(lane, now),
            expected=Estimate(low_s=expected.low_s, high_s=expected.high_s, by_close=expected.by_close)
            if expected
            else None,
            today=LaneToday(
                arrived=happened.arrived,
                answered=happened.answered,
                left=happened.left,
                turned_away=happened.turned_away,
            )
            if for_boards
            else None,
        )

    def _sight(self, count: LaneCount, seen: Collection[CounselorSeen], now: datetime) -> LaneSight:
        lane, closes_at = count.lane, _closes_at(count.lane, now)
        return LaneSight(
            lane=lane,
            waiting=count.waiting,
            oldest_wait_s=_waited_s(count.oldest_opened_ms, ms(now)),
            closes_in_s=max(0, int((closes_at - now).total_seconds())) if closes_at else None,
            here=sum(_state(one, ms(now)) != "away" for one in seen if lane in one.lanes),
            is_served=lane in self._served,
        )

    async def _count_today(self, now: datetime) -> None:
        if time.monotonic() - self._today_at < TODAY_FRESH_S:
            return
        is_another_day = self._sealed is None or self._sealed.day != minutes.start_of_day(now)
        if is_another_day or time.monotonic() - self._sealed_at > SEALED_FRESH_S:
            self._sealed = await db.run(minutes.read_sealed, now)
            self._sealed_at = time.monotonic()
        assert self._sealed is not None  # noqa: S101 — read above, the first time
        self._today = await db.run(minutes.read_today, self._sealed, now)
        self._today_at = time.monotonic()

    async def _people(self) -> dict[str, tuple[str, str]]:
        if time.monotonic() - self._names_at > NAMES_FRESH_S:
            self._names, self._served = await db.run(_read_people)
            self._names_at = time.monotonic()
        return self._names

    def _note_signs(
        self, seen: Collection[CounselorSeen], names: Mapping[str, tuple[str, str]], now_ms: int
    ) -> None:
        """Note each counselor's last sign of life, and for how long those who should be here gave none."""
        silent: dict[str, int] = {}
        for one in seen:
            if _is_here(one, now_ms):
                self._seen_ms[one.id] = min(one.lease_until_ms - LEASE_MS, now_ms)
            elif one.id in names and (one.state == "available" or one.load):
                since_ms = self._seen_ms.setdefault(one.id, now_ms - LEASE_MS)
                silent[one.id] = max(0, (now_ms - since_ms) // 1000)
        self.silent_s = silent

    def _people_of(
        self, seen: list[CounselorSeen], names: Mapping[str, tuple[str, str]], now_ms: int
    ) -> list[CounselorLoad]:
        by_id = {one.id: one for one in seen}
        people = []
        for key, (name, organization) in sorted(names.items(), key=lambda item: (item[1][1], item[1][0])):
            one = by_id.get(key)
            seen_ms = self._seen_ms.get(key)
            people.append(
                CounselorLoad(
                    id=key,
                    name=name,
                    organization=organization,
                    state=_state(one, now_ms) if one else "away",
                    load=one.load if one else 0,
                    capacity=one.capacity if one else 0,
                    online=_is_here(one, now_ms) if one else False,
                    seen_at=datetime.fromtimestamp(seen_ms // 1000, UTC) if seen_ms else None,
                )
            )
        return people


def _read_people() -> tuple[dict[str, tuple[str, str]], frozenset[Lane]]:
    """Read names and organizations, and the lanes that somebody is there to serve."""
    rows = Counselor.objects.filter(user__is_active=True)
    names = rows.values_list("id", "name", "user__organization__name")
    lanes = CounselorLane.objects.filter(counselor__user__is_active=True)
    served = lanes.values_list("audience", "language").distinct()
    return (
        {str(key): (name, organization or "") for key, name, organization in names},
        frozenset(minutes.lane_of(*lane) for lane in served),
    )


def _is_accepting(lane: Lane, now: datetime) -> bool:
    loaded = campaigns.at_hand()
    campaign = loaded.current(now)
    return campaign is not None and loaded.is_lane_accepting(campaign, lane.audience, lane.language)


def _closes_at(lane: Lane, now: datetime) -> datetime | None:
    """Give the end of the window that is open now; None while it is shut."""
    campaign = campaigns.at_hand().current(now)
    service = campaign.service("chat", lane.audience) if campaign else None
    if campaign is None or service is None:
        return None
    state = state_of(campaign, service, now)
    return state.closes_at if state.is_open else None


def _waited_s(opened_ms: int | None, now_ms: int) -> int:
    return max(0, (now_ms - opened_ms) // 1000) if opened_ms is not None else 0


def _is_here(one: CounselorSeen, now_ms: int) -> bool:
    return one.lease_until_ms > now_ms


def _state(one: CounselorSeen, now_ms: int) -> str:
    if one.state != "available" or not _is_here(one, now_ms):
        return "away"
    return "busy" if one.load >= one.capacity else "available"


def _free(one: CounselorSeen, now_ms: int) -> int:
    return one.capacity - one.load if _state(one, now_ms) == "available" else 0


def _counts(seen: Collection[CounselorSeen], now_ms: int, everybody: int) -> CounselorCounts:
    states = [_state(one, now_ms) for one in seen]
    available, busy = states.count("available"), states.count("busy")
    return CounselorCounts(available=available, busy=busy, away=max(0, everybody - available - busy))
