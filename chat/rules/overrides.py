"""A window of one day that a supervisor lets end at another time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from chat.rules.hours import instant_of, state_of
from chat.rules.types import Audience, Campaign, DailyWindow, DatedException, Interval, Service

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Override:
    """Replaces the chat's windows that start on one local date, whatever the campaign's file says."""

    campaign: str
    audience: Audience
    exception: DatedException


def with_overrides(campaign: Campaign, overrides: Iterable[Override]) -> Campaign:
    """Give the campaign as supervisors have changed it."""
    for one in overrides:
        if one.campaign == campaign.slug:
            services = tuple(_overridden(service, one) for service in campaign.services)
            campaign = replace(campaign, services=services)
    return campaign


def _overridden(service: Service, one: Override) -> Service:
    if (service.channel, service.audience) != ("chat", one.audience):
        return service
    others = tuple(e for e in service.exceptions if e.on != one.exception.on)
    return replace(service, exceptions=(*others, one.exception))


def ending_at(
    campaign: Campaign, audience: Audience, now: datetime, closes_at: datetime
) -> DatedException | None:
    """Give the day's windows with the one that is open now, or next today, ending at ``closes_at``.

    None when there is none today, or it can not end then: not after now and after its own opening, a day
    or more after that, with seconds, or after the campaign. Windows that it grows over are gone.
    """
    service = campaign.service("chat", audience)
    today = now.astimezone(campaign.zone).date()
    if (
        service is None
        or not now < closes_at <= campaign.ends_at
        or closes_at.second
        or closes_at.microsecond
    ):
        return None
    state = state_of(campaign, service, now)
    if state.opens_at is None:
        return None
    on = max(state.opens_at.astimezone(campaign.zone).date(), today - _DAY if state.is_open else today)
    if on > today:
        return None
    for day in (on, today):
        found = _ending(campaign, service, day, now, closes_at.astimezone(UTC))
        if found is not None:
            return found
    return None


def _ending(
    campaign: Campaign, service: Service, on: date, now: datetime, closes_at: datetime
) -> DatedException | None:
    spans = [
        (window, _span(campaign, window, on))
        for window in sorted(_windows_on(service, on), key=lambda window: window.opens)
    ]
    chosen = next((index for index, (_, span) in enumerate(spans) if span.closes_at > now), None)
    if chosen is None:
        return None
    window, span = spans[chosen]
    if not span.opens_at < closes_at < span.opens_at + _DAY:
        return None
    ends = DailyWindow(window.opens, closes_at.astimezone(campaign.zone).time())
    later = [w for w, other in spans[chosen + 1 :] if other.opens_at >= closes_at]
    return DatedException(on, (*(w for w, _ in spans[:chosen]), ends, *later))


def _windows_on(service: Service, on: date) -> tuple[DailyWindow, ...]:
    return next((e.windows for e in service.exceptions if e.on == on), service.windows)


def _span(campaign: Campaign, window: DailyWindow, on: date) -> Interval:
    closing_day = on if window.closes > window.opens else on + _DAY
    return Interval(
        instant_of(campaign.zone, datetime.combine(on, window.opens)),
        instant_of(campaign.zone, datetime.combine(closing_day, window.closes), closing=True),
    )
