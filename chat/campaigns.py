"""The campaign that counts now, read from the rows and kept for two seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from chat import db
from chat.models import Campaign as CampaignRow
from chat.models import ServiceRow, WindowOverride
from chat.rules.campaigns import choose_campaign, from_rows, windows_from
from chat.rules.errors import ChatError
from chat.rules.overrides import Override, with_overrides
from chat.rules.types import Audience, Campaign, Channel, DatedException

_FRESH_S = 2.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """Every campaign as a rule value, and the (slug, channel, audience) that a supervisor has stopped;
    in ``stopped_lanes`` the (slug, audience, language)."""

    campaigns: tuple[Campaign, ...] = ()
    stopped: frozenset[tuple[str, str, str]] = frozenset()
    stopped_lanes: frozenset[tuple[str, str, str]] = frozenset()

    def current(self, now: datetime) -> Campaign | None:
        return choose_campaign(self.campaigns, now)

    def named(self, slug: str) -> Campaign | None:
        return next((c for c in self.campaigns if c.slug == slug), None)

    def is_accepting(self, campaign: Campaign, channel: Channel, audience: Audience) -> bool:
        """Tell whether a service takes people; the chat, while one of its lanes does."""
        if (campaign.slug, channel, audience) in self.stopped:
            return False
        return channel != "chat" or any(
            (campaign.slug, audience, language) not in self.stopped_lanes for language in campaign.languages
        )

    def is_lane_accepting(self, campaign: Campaign, audience: Audience, language: str) -> bool:
        """Tell whether one lane of the chat takes people."""
        is_stopped = (campaign.slug, audience, language) in self.stopped_lanes
        return not is_stopped and (campaign.slug, "chat", audience) not in self.stopped


_loaded = Loaded()
_loaded_at = float("-inf")


def read() -> Loaded:
    """Read the rows (a database thread's work)."""
    campaigns = []
    in_order = Prefetch("services", ServiceRow.objects.order_by("pk"))  # as the campaign's file lists them
    stopped: set[tuple[str, str, str]] = set()
    stopped_lanes: set[tuple[str, str, str]] = set()
    overrides = _read_overrides()
    for row in CampaignRow.objects.prefetch_related(in_order):
        services = list(row.services.all())
        campaigns.append(
            from_rows(
                {
                    "slug": row.slug,
                    "name": row.name,
                    "zone": row.zone,
                    "starts_at": row.starts_at,
                    "ends_at": row.ends_at,
                    "languages": row.languages,
                    "talk_grace_s": row.talk_grace_s,
                    "readings": row.readings,
                    "organizations": row.organizations,
                },
                [
                    {
                        "channel": s.channel,
                        "audience": s.audience,
                        "windows": s.windows,
                        "exceptions": s.exceptions,
                        "phones": s.phones,
                        "url": s.url,
                        "max_waiting": s.max_waiting,
                        "max_wait_s": s.max_wait_s,
                        "stops_late": s.stops_late,
                    }
                    for s in services
                ],
            )
        )
        stopped |= {(row.slug, s.channel, s.audience) for s in services if not s.accepting}
        chats = [s for s in services if s.channel == "chat"]
        stopped_lanes |= {(row.slug, s.audience, spoken) for s in chats for spoken in s.stopped_languages}
    return Loaded(
        tuple(with_overrides(campaign, overrides) for campaign in campaigns),
        frozenset(stopped),
        frozenset(stopped_lanes),
    )


def _read_overrides() -> list[Override]:
    return [
        Override(
            row.campaign_id,
            "youth" if row.audience == "youth" else "general",
            DatedException(row.on, windows_from(row.windows)),
        )
        for row in WindowOverride.objects.all()
    ]


async def loaded() -> Loaded:
    """Give the campaigns, at most two seconds old. With the database down the last known stay.

    Raises ChatError ``unavailable`` when none were ever read.
    """
    global _loaded, _loaded_at  # noqa: PLW0603 — one cache a process
    if time.monotonic() - _loaded_at < _FRESH_S:
        return _loaded
    if _loaded.campaigns:
        _loaded_at = time.monotonic()  # who asks meanwhile takes what is known: one reading, not a crowd's
    try:
        _loaded = await db.run(read)
    except ChatError:
        if not _loaded.campaigns:
            raise
    _loaded_at = time.monotonic()
    return _loaded


def stale() -> None:
    """Read the rows at the next call; until then what is known stays at hand."""
    global _loaded_at  # noqa: PLW0603 — as above
    _loaded_at = float("-inf")


def at_hand() -> Loaded:
    """Give the campaigns as last read, without waiting: for the message path."""
    return _loaded


def forget() -> None:
    """Read again at the next call: after a change, and between tests."""
    global _loaded, _loaded_at
    _loaded, _loaded_at = Loaded(), float("-inf")
