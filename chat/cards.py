"""The services as the pages show them: in the campaign's own zone, open ones first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from chat.actions.services import Offered
from chat.languages import DEFAULT, current
from chat.rules.types import Audience, Campaign, Channel, DailyWindow, Service

_ORDER = {"chat": 0, "phone": 1, "mail": 2}
_AUDIENCE_ORDER = {"youth": 0, "general": 1}
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Card:
    """One service. Instants are in the campaign's zone; ``hours`` is empty for the whole day.

    ``is_late``: who enters now may not be served before closing. ``is_hidden``: for a page that stays
    open, which shows it when the service turns over.
    """

    channel: Channel
    audience: Audience
    is_open: bool
    is_stopped: bool
    hours: tuple[str, ...]
    closes_at: datetime | None
    next_opens_at: datetime | None
    phones: tuple[str, ...]
    url: str
    is_hidden: bool = False
    is_late: bool = False

    @property
    def is_all_day(self) -> bool:
        return not self.hours


def cards(campaign: Campaign, services: Iterable[Offered]) -> list[Card]:
    """Make the cards: open before closed, then chat, phone, mail, then youth before general.

    A service that has no page yet (mail without a url) is left out: no dead links.
    """
    made = []
    for offered in services:
        state = offered.state
        service = campaign.service(state.channel, state.audience)
        if service is None or not has_page(service):
            continue
        made.append(_card(campaign.zone, service, offered))
    return sorted(made, key=lambda c: (not c.is_open, _ORDER[c.channel], _AUDIENCE_ORDER[c.audience]))


def both_ways(made: Iterable[Card]) -> tuple[list[Card], list[Card]]:
    """Give each card as it looks open and as it looks closed; the one that is not so now is hidden."""
    each = list(made)
    opened = [card if card.is_open else replace(card, is_open=True, is_hidden=True) for card in each]
    closed = [replace(card, is_open=False, is_hidden=True) if card.is_open else card for card in each]
    return opened, closed


def _card(zone: ZoneInfo, service: Service, offered: Offered) -> Card:
    state = offered.state
    return Card(
        channel=state.channel,
        audience=state.audience,
        is_open=offered.accepting,
        is_stopped=state.is_open and not offered.accepting,
        hours=tuple(hours_text(window) for window in service.windows if window.opens != window.closes),
        closes_at=_local(state.closes_at, zone) if state.is_open else None,
        next_opens_at=_local(state.next_opens_at, zone),
        phones=service.phones,
        url=_in_language(service.url),
        is_late=offered.is_late,
    )


def has_page(service: Service) -> bool:
    """Tell whether people can reach the service: mail needs a page of its own."""
    return service.channel != "mail" or bool(service.url)


def hours_text(window: DailyWindow) -> str:
    """Show a window: ``16:00〜22:00``; midnight at its end is ``24:00``."""
    closes = "24:00" if window.closes == _MIDNIGHT else f"{window.closes:%H:%M}"
    return f"{window.opens:%H:%M}〜{closes}"


def _in_language(url: str) -> str:
    """Turn a path of ours into the same page's in the reader's language."""
    prefix = f"/{DEFAULT.code}/"
    return f"/{current().code}/{url.removeprefix(prefix)}" if url.startswith(prefix) else url


def _local(instant: datetime | None, zone: ZoneInfo) -> datetime | None:
    return instant.astimezone(zone) if instant else None
