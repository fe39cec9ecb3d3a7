"""The values that the rules speak of: plain, frozen, without any store behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Audience = Literal["youth", "general"]
Channel = Literal["phone", "chat", "mail"]
Phase = Literal["announced", "open", "closed"]

AUDIENCES: tuple[Audience, ...] = ("youth", "general")
CHANNELS: tuple[Channel, ...] = ("phone", "chat", "mail")


class Lane(NamedTuple):
    """One ordered queue. ``str(lane)`` is the form that keys and logs use: ``youth:ja``."""

    audience: Audience
    language: str

    def __str__(self) -> str:
        return f"{self.audience}:{self.language}"


class Hours(NamedTuple):
    """Whose hours a ticket keeps, from entry to end: its own campaign's, though another may have begun.

    ``campaign`` is the slug.
    """

    campaign: str
    audience: Audience


class Interval(NamedTuple):
    """Half-open: ``opens_at <= instant < closes_at``, both aware."""

    opens_at: datetime
    closes_at: datetime

    def holds(self, instant: datetime) -> bool:
        return self.opens_at <= instant < self.closes_at


@dataclass(frozen=True, slots=True)
class DailyWindow:
    """Local wall-clock hours of every day, half-open.

    ``closes <= opens`` crosses midnight; ``00:00``–``00:00`` is the whole day.
    """

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class DatedException:
    """Replaces the daily windows that start on one local date; no windows: closed that day."""

    on: date
    windows: tuple[DailyWindow, ...]


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """When a chat's lane stops by itself. None: never.

    ``max_waiting`` people; ``max_wait_s``: even at the best one more would wait for longer;
    ``stops_late``: one more may not be served before closing.
    """

    max_waiting: int | None = None
    max_wait_s: int | None = None
    stops_late: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """One channel for one audience."""

    channel: Channel
    audience: Audience
    windows: tuple[DailyWindow, ...]
    exceptions: tuple[DatedException, ...] = ()
    phones: tuple[str, ...] = ()
    url: str = ""
    limits: LaneLimits = LaneLimits()


@dataclass(frozen=True, slots=True)
class Campaign:
    """The dates ``[starts_at, ends_at)`` and the services inside them.

    ``readings`` is the name once more, with readings over its kanji: ``{孤独|こどく}…``; so may the
    ``organizations`` be written, who answer together.
    """

    slug: str
    name: str
    zone: ZoneInfo
    starts_at: datetime
    ends_at: datetime
    services: tuple[Service, ...]
    languages: tuple[str, ...] = ("ja",)
    talk_grace_s: int = 1800
    readings: str = ""
    organizations: tuple[str, ...] = ()

    @property
    def name_with_readings(self) -> str:
        return self.readings or self.name

    def service(self, channel: Channel, audience: Audience) -> Service | None:
        for service in self.services:
            if (service.channel, service.audience) == (channel, audience):
                return service
        return None
