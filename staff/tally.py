"""What a report says of a day or a campaign, made from sums. Pure: which numbers stand side by side, and
which are too small to be told.

Of how many came and were served every number is told; the board tells it too. What a consultation was about
and what came of it is told from a threshold on: below, a cell says "few", and zero looks like any other few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from chat.rules.types import Campaign

Cell = int | Literal["few", "hidden"] | None  # None: not counted here
Sums = Mapping[str, int]


class Place(NamedTuple):
    """Where somebody was heard. ``language`` is a lane's, empty for the phone."""

    channel: str
    audience: str
    language: str


class Wait(NamedTuple):
    """Of so many people who were answered, in seconds."""

    median_s: int
    longest_s: int
    people: int


@dataclass(slots=True)
class Counted:
    """Sums as they come from the rows. ``flows``: {(day, place): {"came": …, "answered": …, "left": …,
    "turned_away": …}}; the others {place: {code: …}}, ``organizations`` {channel: {slug: …}}. ``topics`` is
    None where there is too much to open."""

    flows: dict[tuple[date, Place], Counter[str]] = field(default_factory=dict)
    reasons: dict[Place, Counter[str]] = field(default_factory=dict)
    outcomes: dict[Place, Counter[str]] = field(default_factory=dict)
    referrals: dict[Place, Counter[str]] = field(default_factory=dict)
    topics: dict[Place, Counter[str]] | None = field(default_factory=dict)
    organizations: dict[str, Counter[str]] = field(default_factory=dict)
    waits: dict[Place, Wait] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flow:
    """How many came and were served at one place, or on one day through one channel."""

    place: Place
    came: Cell
    answered: Cell
    left: Cell
    turned_away: Cell
    median_s: Cell = None
    longest_s: Cell = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers that belong together, in the order of their codes."""

    place: Place
    cells: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One report. ``days`` is empty where it is of one day, ``topics`` None where they are not counted."""

    flows: tuple[Flow, ...]
    days: tuple[Flow, ...]
    reasons: tuple[Group, ...]
    outcomes: tuple[Group, ...]
    referrals: tuple[Group, ...]
    topics: tuple[Group, ...] | None
    organizations: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Codes:
    """The closed lists: every code is a line, whether it was ever counted or not. By channel; topics by
    ``topic_list``. ``organizations`` lists the slugs, and the empty one for nobody's."""

    outcomes: Mapping[str, Sequence[str]]
    referrals: Mapping[str, Sequence[str]]
    topics: Mapping[str, Sequence[str]]
    organizations: Sequence[str] = ()


def report_of(
    counted: Counted, codes: Codes, *, is_whole: bool, small: int, has_days: bool = False
) -> Report:
    """Set sums side by side. ``is_whole``: of the whole service; who came to the chat, left it or was turned
    away belongs to no organization. ``small``: counts below are not told; 0 or 1 tells all."""
    places: dict[Place, Counter[str]] = {}
    days: dict[tuple[date, Place], Counter[str]] = {}
    for (day, place), sums in counted.flows.items():
        places.setdefault(place, Counter()).update(sums)
        days.setdefault((day, Place(place.channel, "", "")), Counter()).update(sums)
    told = [
        _flow(place, places[place], is_whole, _told_wait(counted.waits.get(place), small))
        for place in in_order(places)
    ]
    by_day = [_flow(place, sums, is_whole, day=day) for (day, place), sums in sorted(days.items())]
    topics = counted.topics
    return Report(
        flows=tuple(told),
        days=tuple(by_day) if has_days else (),
        reasons=tuple(
            Group(place, tuple(_largest_first(counted.reasons[place]))) for place in in_order(counted.reasons)
        ),
        outcomes=_groups(counted.outcomes, codes.outcomes, small, has_total=True),
        referrals=_groups(counted.referrals, codes.referrals, small),
        topics=None if topics is None else _groups(topics, codes.topics, small, is_topics=True),
        organizations=_groups(
            {Place(channel, "", ""): sums for channel, sums in counted.organizations.items()},
            dict.fromkeys(counted.organizations, codes.organizations),
            small,
            has_total=True,
        ),
    )


def veil(
    sums: Sums, codes: Iterable[str], small: int, *, has_total: bool = False
) -> tuple[tuple[str, Cell], ...]:
    """Tell each code's number, "few" for all below ``small``, zero too. ``has_total``: the total is known, so
    that a single "few" could be worked out; the smallest number that is told is "hidden" then."""
    known = {code: sums.get(code, 0) for code in codes}
    unknown = sum(count for code, count in sums.items() if code not in known)
    if unknown:
        known["other"] = known.get("other", 0) + unknown
    if small <= 1:
        return tuple(known.items())
    cells: dict[str, Cell] = {code: "few" if count < small else count for code, count in known.items()}
    told = [code for code, cell in cells.items() if cell != "few"]
    if has_total and told and len(cells) - len(told) == 1:
        cells[min(told, key=lambda code: known[code])] = "hidden"
    return tuple(cells.items())


def topic_list(place: Place) -> str:
    """Name the list that topics come from: an audience's own; on the phone, either's."""
    return place.channel if place.channel == "phone" else place.audience


def in_order(places: Iterable[Place]) -> list[Place]:
    """Sort places: chat, mail, phone; the young first; Japanese first."""
    return sorted(
        places, key=lambda place: (*place[:1], place.audience != "youth", place.language != "ja", *place)
    )


def median(values: Sequence[int]) -> int:
    """Give the middle of one or two values: the mean of two, rounded down."""
    return sum(values) // len(values)


def begun(campaigns: Iterable[Campaign], now: datetime) -> Campaign | None:
    """Choose the campaign that a report is of: the one that began last."""
    return max(
        (campaign for campaign in campaigns if campaign.starts_at <= now),
        key=lambda campaign: (campaign.starts_at, campaign.slug),
        default=None,
    )


def days_of(campaign: Campaign, now: datetime) -> list[date]:
    """List the campaign's local days until today, newest first."""
    first = campaign.starts_at.astimezone(campaign.zone).date()
    last = min(now, campaign.ends_at).astimezone(campaign.zone).date()
    return [last - timedelta(days=back) for back in range((last - first).days + 1)]


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give a local day's midnights: half-open."""
    start = datetime.combine(day, time(), zone)
    return start, datetime.combine(day + timedelta(days=1), time(), zone)


def _flow(
    place: Place, sums: Sums, is_whole: bool, wait: tuple[Cell, Cell] = (None, None), day: date | None = None
) -> Flow:
    is_queue = place.channel == "chat"
    has_came = place.channel == "mail" or (is_queue and is_whole)
    return Flow(
        place=place,
        came=sums.get("came", 0) if has_came else None,
        answered=sums.get("answered", 0),
        left=sums.get("left", 0) if is_queue and is_whole else None,
        turned_away=sums.get("turned_away", 0) if is_queue and is_whole else None,
        median_s=wait[0],
        longest_s=wait[1],
        day=day,
    )


def _largest_first(sums: Sums) -> list[tuple[str, int]]:
    return sorted(sums.items(), key=lambda one: (-one[1], one[0]))


def _told_wait(wait: Wait | None, small: int) -> tuple[Cell, Cell]:
    if wait is None:
        return None, None
    return ("few", "few") if wait.people < small else (wait.median_s, wait.longest_s)


def _groups(
    sums: Mapping[Place, Counter[str]],
    codes: Mapping[str, Sequence[str]],
    small: int,
    *,
    has_total: bool = False,
    is_topics: bool = False,
) -> tuple[Group, ...]:
    return tuple(
        Group(
            place,
            veil(
                sums[place],
                codes.get(topic_list(place) if is_topics else place.channel, ()),
                small,
                has_total=has_total,
            ),
        )
        for place in in_order(sums)
    )
