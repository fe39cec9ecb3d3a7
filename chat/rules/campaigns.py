"""Which campaign counts now, and how one is kept: as rows, or as a TOML file (campaign_file)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from chat.rules.campaign_file import CampaignFault, parse_campaign
from chat.rules.types import Campaign, DailyWindow, DatedException, LaneLimits, Service

__all__ = ["CampaignFault", "choose_campaign", "from_rows", "parse_campaign", "to_rows"]


def choose_campaign(campaigns: Sequence[Campaign], now: datetime) -> Campaign | None:
    """Choose the campaign that runs; else the next to start; else the last that ended.

    Of several that run, the one that started last counts.
    """
    begun = [campaign for campaign in campaigns if campaign.starts_at <= now]
    running = [campaign for campaign in begun if now < campaign.ends_at]
    if running:
        return max(running, key=lambda campaign: (campaign.starts_at, campaign.slug))
    if len(begun) < len(campaigns):
        ahead = [campaign for campaign in campaigns if campaign.starts_at > now]
        return min(ahead, key=lambda campaign: (campaign.starts_at, campaign.slug))
    return max(begun, key=lambda campaign: (campaign.ends_at, campaign.slug), default=None)


def from_rows(campaign: Mapping[str, Any], services: Iterable[Mapping[str, Any]]) -> Campaign:
    """Build a campaign from its rows' fields, as ``QuerySet.values()`` gives them; others are ignored."""
    return Campaign(
        slug=campaign["slug"],
        name=campaign["name"],
        zone=ZoneInfo(campaign["zone"]),
        starts_at=campaign["starts_at"].astimezone(UTC),
        ends_at=campaign["ends_at"].astimezone(UTC),
        services=tuple(_service(row) for row in services),
        languages=tuple(campaign["languages"]),
        talk_grace_s=campaign["talk_grace_s"],
        readings=campaign["readings"],
        organizations=tuple(campaign["organizations"]),
    )


def to_rows(campaign: Campaign) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Turn a campaign into its rows' fields: what ``from_rows`` reads."""
    fields = {
        "slug": campaign.slug,
        "name": campaign.name,
        "zone": campaign.zone.key,
        "starts_at": campaign.starts_at,
        "ends_at": campaign.ends_at,
        "languages": list(campaign.languages),
        "talk_grace_s": campaign.talk_grace_s,
        "readings": campaign.readings,
        "organizations": list(campaign.organizations),
    }
    services = [
        {
            "channel": service.channel,
            "audience": service.audience,
            "windows": pairs_of(service.windows),
            "exceptions": {
                exception.on.isoformat(): pairs_of(exception.windows) for exception in service.exceptions
            },
            "phones": list(service.phones),
            "url": service.url,
            "max_waiting": service.limits.max_waiting,
            "max_wait_s": service.limits.max_wait_s,
            "stops_late": service.limits.stops_late,
        }
        for service in campaign.services
    ]
    return fields, services


def _service(row: Mapping[str, Any]) -> Service:
    return Service(
        channel=row["channel"],
        audience=row["audience"],
        windows=windows_from(row["windows"]),
        exceptions=tuple(
            DatedException(date.fromisoformat(on), windows_from(pairs))
            for on, pairs in row["exceptions"].items()
        ),
        phones=tuple(row["phones"]),
        url=row["url"],
        limits=LaneLimits(row["max_waiting"], row["max_wait_s"], row["stops_late"]),
    )


def windows_from(pairs: Iterable[Sequence[str]]) -> tuple[DailyWindow, ...]:
    """Read windows as a row keeps them: ``[["16:00", "22:00"], …]``."""
    return tuple(
        DailyWindow(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in pairs
    )


def pairs_of(windows: Iterable[DailyWindow]) -> list[list[str]]:
    """Write windows as a row keeps them."""
    return [[f"{window.opens:%H:%M}", f"{window.closes:%H:%M}"] for window in windows]
