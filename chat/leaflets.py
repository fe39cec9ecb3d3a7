"""What a leaflet and a calendar say of a campaign: each service's days and hours, from its own data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import icalendar
import segno

from chat.cards import has_page, hours_text
from chat.rules.hours import intervals
from chat.rules.types import Audience, Campaign, Channel, Interval, Service
from chat.words import channel_label

_INSTANT = timedelta.resolution
_ORDER: tuple[Channel, ...] = ("phone", "chat", "mail")


@dataclass(frozen=True, slots=True)
class DatedHours:
    """What differs on one day. ``hours`` is empty where the service is closed all that day."""

    on: date
    hours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeafletService:
    """One service on the leaflet. ``hours`` is empty for the whole day; days are local."""

    channel: Channel
    hours: tuple[str, ...]
    first_day: date
    last_day: date
    exceptions: tuple[DatedHours, ...]
    phones: tuple[str, ...]

    @property
    def is_all_day(self) -> bool:
        return not self.hours


def leaflet_services(campaign: Campaign, audience: Audience) -> list[LeafletService]:
    """List the audience's services that open at all, phone first, then chat, then mail.

    A service that has no page yet (mail without a url) is left out.
    """
    mine = [service for service in campaign.services if service.audience == audience and has_page(service)]
    made = [_on_leaflet(campaign, service) for service in mine]
    return sorted((one for one in made if one), key=lambda one: _ORDER.index(one.channel))


def _on_leaflet(campaign: Campaign, service: Service) -> LeafletService | None:
    open_times = _open_times(campaign, service)
    if not open_times:
        return None
    return LeafletService(
        channel=service.channel,
        hours=tuple(hours_text(window) for window in service.windows if window.opens != window.closes),
        first_day=open_times[0].opens_at.astimezone(campaign.zone).date(),
        last_day=(open_times[-1].closes_at - _INSTANT).astimezone(campaign.zone).date(),
        exceptions=tuple(
            DatedHours(exception.on, tuple(hours_text(window) for window in exception.windows))
            for exception in sorted(service.exceptions, key=lambda exception: exception.on)
        ),
        phones=service.phones,
    )


def _open_times(campaign: Campaign, service: Service) -> list[Interval]:
    return list(intervals(campaign, service, campaign.starts_at, campaign.ends_at))


def code_svg(address: str) -> str:
    """Draw the code to scan as an SVG without styles: black on white, with its quiet zone."""
    svg: str = segno.make(address, error="m", micro=False).svg_inline(
        omitsize=True, svgclass="code", lineclass=None, dark="#000", light="#fff", border=4
    )
    return svg


def calendar(campaign: Campaign, audience: Audience, address: str, now: datetime) -> bytes:
    """Write the audience's open times as iCalendar (RFC 5545), each window an event.

    What is open without a break for the whole campaign is one event from its start to its end.
    ``address``: the page that an event leads to. The ids stay the same, so a calendar that is loaded
    again changes its events and doubles none.
    """
    made = icalendar.Calendar()
    made.add("prodid", "-//Notalone//campaign//JA")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", campaign.name)
    made.add("x-wr-timezone", campaign.zone.key)
    for service, opened in _all_open_times(campaign, audience):
        made.add_component(_event(campaign, service, opened, address, now))
    return bytes(made.to_ical())


def _all_open_times(campaign: Campaign, audience: Audience) -> Iterator[tuple[Service, Interval]]:
    for service in campaign.services:
        if service.audience == audience and has_page(service):
            for opened in _open_times(campaign, service):
                yield service, opened


def _event(
    campaign: Campaign, service: Service, opened: Interval, address: str, now: datetime
) -> icalendar.Event:
    event = icalendar.Event()
    words = channel_label(service.channel, service.audience)
    if service.phones:
        words += " " + " / ".join(service.phones)
    event.add("uid", f"{service.channel}-{service.audience}-{opened.opens_at:%Y%m%dT%H%M%SZ}@{campaign.slug}")
    event.add("dtstamp", now)
    event.add("dtstart", opened.opens_at)
    event.add("dtend", opened.closes_at)
    event.add("summary", words)
    event.add("description", f"{campaign.name}\n{address}")
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    return event
