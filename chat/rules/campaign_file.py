"""Read a campaign from TOML, strictly: each fault names its line and what to write instead."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, TypeVar, cast, get_origin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chat.rules.hours import instant_of
from chat.rules.readings import without_readings
from chat.rules.types import AUDIENCES, CHANNELS, Campaign, DailyWindow, DatedException, LaneLimits, Service

Value = TypeVar("Value")
Step = str | int

_DAY_MINUTES = 24 * 60
_CAMPAIGN_KEYS = (
    "slug", "name", "name_with_readings", "zone", "starts_at", "ends_at", "languages", "talk_grace_minutes",
    "organizations", "services",
)  # fmt: skip
_LIMIT_KEYS = ("max_waiting", "max_wait_minutes", "stops_late")
_SERVICE_KEYS = ("channel", "audience", "windows", "exceptions", "phones", "url", *_LIMIT_KEYS)
_WRITE_WINDOWS = 'windows such as ["10:00-16:00"] or ["00:00-24:00"]'
_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_PHONE = re.compile(r"[#*+]?[0-9][0-9-]{0,30}")
_NAME = re.compile(r"[^\x00-\x1f\x7f]*[^\x00-\x1f\x7f\s][^\x00-\x1f\x7f]*")
_URL = re.compile(r"(/(?![/\\])|https://)[!-~]*")


class CampaignFault(Exception):
    """A campaign file that can not be loaded. ``line`` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


def parse_campaign(text: str) -> Campaign:
    """Read a campaign from the text of its TOML file; a fault in it raises CampaignFault."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CampaignFault(_syntax_line(text, str(error)), f"not valid TOML: {error}") from None
    return _campaign(_Table(text, tree, ()))


class _Table:
    """One table of the file, and the way to it."""

    def __init__(self, text: str, values: dict[str, Any], path: tuple[Step, ...]) -> None:
        self.text = text
        self.values = values
        self.path = path

    def fault(self, message: str, *steps: Step) -> CampaignFault:
        return CampaignFault(_line_of(self.text, (*self.path, *steps)), message)

    def only(self, *known: str) -> None:
        for key in self.values:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1, cutoff=0.75)
                instead = f"write “{near[0]}”" if near else f"known here are {', '.join(known)}"
                raise self.fault(f"unknown key “{key}”: {instead}", key)

    def take(self, key: str, kind: type[Value], write: str, default: Value | None = None) -> Value:
        value = self.values.get(key, default)
        if value is None:
            raise self.fault(f"“{key}” is missing: write {write}")
        if type(value) is not (get_origin(kind) or kind):  # exactly: a bool is an int, a date-time a date
            raise self.fault(f"“{key}” is of the wrong kind: write {write}", key)
        return cast(Value, value)

    def word(
        self, key: str, allowed: re.Pattern[str], longest: int, write: str, default: str | None = None
    ) -> str:
        value = self.take(key, str, write, default)
        if value != default and (len(value) > longest or not allowed.fullmatch(value)):
            raise self.fault(f"“{value}” can not be the {key}: write {write}", key)
        return value

    def words(
        self, key: str, allowed: re.Pattern[str], longest: int, write: str, default: list[Any]
    ) -> tuple[str, ...]:
        values = self.take(key, list[Any], write, default)
        for index, value in enumerate(values):
            if not isinstance(value, str) or len(value) > longest or not allowed.fullmatch(value):
                raise self.fault(f"{value!r} can not stand in {key}: write {write}", key, index)
            if value in values[:index]:
                raise self.fault(f"“{value}” stands twice in {key}: write it once", key, index)
        return tuple(values)

    def tables(self, key: str) -> list[_Table]:
        write = f"each as a table [[{'services.' if self.path else ''}{key}]]"
        values = self.take(key, list[Any], write, [])
        for index, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.fault(f"“{key}” is of the wrong kind: write {write}", key, index)
        return [_Table(self.text, value, (*self.path, key, index)) for index, value in enumerate(values)]


def _campaign(table: _Table) -> Campaign:
    table.only(*_CAMPAIGN_KEYS)
    slug = table.word("slug", _SLUG, 50, "small letters, digits and hyphens, such as 2024-new-year")
    name = table.word("name", _NAME, 200, "one line of up to 200 characters")
    zone = _zone(table)
    starts_at = _edge(table, "starts_at", zone)
    ends_at = _edge(table, "ends_at", zone)
    if ends_at <= starts_at:
        raise table.fault("the campaign ends before it starts: write a later ends_at", "ends_at")
    grace = table.take("talk_grace_minutes", int, "whole minutes, such as 30", 30)
    if not 0 <= grace <= _DAY_MINUTES:
        raise table.fault(f"{grace} minutes of grace: write 0 to {_DAY_MINUTES}", "talk_grace_minutes")
    languages = table.words("languages", _LANGUAGE, 16, 'codes such as ["ja", "en"]', ["ja"])
    if not languages:
        raise table.fault('no language: write codes such as ["ja"]', "languages")
    first = starts_at.astimezone(zone).date()
    last = (ends_at - timedelta.resolution).astimezone(zone).date()
    services = _services(table, first, last)
    return Campaign(
        slug, name, zone, starts_at, ends_at, services, languages, grace * 60,
        readings=_readings(table, name),
        organizations=table.words("organizations", _NAME, 200, "names of one line each", []),
    )  # fmt: skip


def _readings(table: _Table, name: str) -> str:
    write = "the name once more, as {漢字|かんじ} where it has kanji"
    readings = table.word("name_with_readings", _NAME, 600, write, "")
    if readings and without_readings(readings) != name:
        raise table.fault(
            f"“{without_readings(readings)}” is not the name: write {write}", "name_with_readings"
        )
    return readings


def _zone(table: _Table) -> ZoneInfo:
    write = 'a name from the IANA list, such as "Asia/Tokyo"'
    name = table.take("zone", str, write)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Asia" is a folder of the list
        raise table.fault(f"unknown zone “{name}”: write {write}", "zone") from None


def _edge(table: _Table, key: str, zone: ZoneInfo) -> datetime:
    """The campaign's local date-times follow the rules of its windows where clocks are changed."""
    value = table.take(key, datetime, "a date and time without quotes, such as 2024-12-25T10:00:00")
    if not 2000 <= value.year < 3000:
        raise table.fault(f"the year {value.year} can not be meant: write one from 2000 to 2999", key)
    return value.astimezone(UTC) if value.tzinfo else instant_of(zone, value, closing=key == "ends_at")


def _services(table: _Table, first: date, last: date) -> tuple[Service, ...]:
    tables = table.tables("services")
    if not tables:
        raise table.fault("no service: write each as a table [[services]]", "services")
    services = [_service(each, first, last) for each in tables]
    names = [f"{service.channel} for {service.audience}" for service in services]
    _refuse_twins(tables, names, "service", "channel")
    return tuple(services)


def _service(table: _Table, first: date, last: date) -> Service:
    table.only(*_SERVICE_KEYS)
    tables = table.tables("exceptions")
    exceptions = [_exception(each, first, last) for each in tables]
    _refuse_twins(tables, [str(exception.on) for exception in exceptions], "exception on", "on")
    return Service(
        channel=_choice(table, "channel", CHANNELS),
        audience=_choice(table, "audience", AUDIENCES),
        windows=_windows(table, daily=True),
        exceptions=tuple(exceptions),
        phones=table.words("phones", _PHONE, 32, 'numbers such as ["#9999", "0120-494949"]', []),
        url=table.word("url", _URL, 200, 'a path of this site such as "/ja/mail/", or "https://…"', ""),
        limits=_limits(table),
    )


def _limits(table: _Table) -> LaneLimits:
    for key in _LIMIT_KEYS:
        if key in table.values and table.values.get("channel") != "chat":
            raise table.fault(f"“{key}” is for a chat's lane: leave it out", key)
    waiting = _limit(table, "max_waiting", 100_000)
    minutes = _limit(table, "max_wait_minutes", _DAY_MINUTES)
    stops_late = table.take("stops_late", bool, "true or false", False)
    return LaneLimits(waiting, minutes and minutes * 60, stops_late)


def _limit(table: _Table, key: str, most: int) -> int | None:
    if key not in table.values:
        return None
    value = table.take(key, int, f"a whole number from 1 to {most}")
    if not 1 <= value <= most:
        raise table.fault(f"{value} can not be the {key}: write 1 to {most}", key)
    return value


def _choice(table: _Table, key: str, choices: tuple[Value, ...]) -> Value:
    write = " or ".join(f'"{choice}"' for choice in choices)
    value = table.take(key, str, write)
    for choice in choices:
        if choice == value:
            return choice
    raise table.fault(f"unknown {key} “{value}”: write {write}", key)


def _exception(table: _Table, first: date, last: date) -> DatedException:
    table.only("on", "windows")
    on = table.take("on", date, "a date without quotes, such as 2024-12-31")
    if not first <= on <= last:
        raise table.fault(f"{on} is outside the campaign: write a date from {first} to {last}", "on")
    return DatedException(on, _windows(table, daily=False))


def _refuse_twins(tables: Sequence[_Table], names: Sequence[str], what: str, key: str) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise tables[index].fault(f"duplicate {what} {name}: write it once", key)


def _windows(table: _Table, *, daily: bool) -> tuple[DailyWindow, ...]:
    """Read windows such as ``"22:00-02:00"``; they may touch, but not overlap."""
    values = table.take("windows", list[Any], _WRITE_WINDOWS)
    spans = sorted((*_minutes(table, index, value), index) for index, value in enumerate(values))
    again = [(opens + _DAY_MINUTES, closes, index) for opens, closes, index in spans[:1] if daily]
    for (_, closes, one), (opens, _, other) in pairwise(spans + again):
        if opens < closes:
            both = f"“{values[one]}” and “{values[other]}” overlap"
            raise table.fault(f"{both}: write windows that touch at most", "windows", max(one, other))
    return tuple(DailyWindow(_time(opens), _time(closes)) for opens, closes, _ in spans)


def _minutes(table: _Table, index: int, value: Any) -> tuple[int, int]:
    """Read one window in minutes from the midnight before it opens."""
    found = _WINDOW.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise table.fault(f"bad time {value!r}: write {_WRITE_WINDOWS}", "windows", index)
    opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if closes > _DAY_MINUTES:
        raise table.fault(f"bad time “{value}”: no day is longer than 24:00", "windows", index)
    if opens == closes:
        whole = "write “00:00-24:00” for the whole day"
        raise table.fault(f"“{value}” ends when it starts: {whole}", "windows", index)
    return opens, closes if closes > opens else closes + _DAY_MINUTES


def _time(minutes: int) -> time:
    return time(minutes % _DAY_MINUTES // 60, minutes % 60)


def _syntax_line(text: str, message: str) -> int:
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else text.rstrip("\n").count("\n") + 1


def _line_of(text: str, path: tuple[Step, ...]) -> int:
    """Find where a value is written: after the longest part of the file that stands without it.

    The parser itself is asked, line by line, so that no form of TOML can mislead us. An item of an
    array that runs over several lines is then sought by its words. The whole file is at line 1.
    """
    if not path:
        return 1
    lines = text.split("\n")
    before = 0
    for count in range(1, len(lines) + 1):
        try:
            tree = tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue
        found, value = _look_up(tree, path)
        if found:
            item = value if isinstance(value, str) and isinstance(path[-1], int) else ""
            return next((n + 1 for n in range(before, count) if item in lines[n]), before + 1)
        before = count
    return 1


def _look_up(tree: Any, path: tuple[Step, ...]) -> tuple[bool, Any]:
    for step in path:
        try:
            tree = tree[step]
        except (KeyError, IndexError):
            return False, None
    return True, tree
