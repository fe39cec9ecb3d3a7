"""Campaigns for the tests of the rules."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from chat.rules.campaigns import parse_campaign
from chat.rules.types import Audience, Campaign, Channel, DailyWindow, DatedException, Service

SEED_FILE = Path(__file__).parents[2] / "notalone/campaigns/2024-new-year.toml"
SEED = parse_campaign(SEED_FILE.read_text(encoding="utf-8"))
JST = ZoneInfo("Asia/Tokyo")
SECOND = timedelta(seconds=1)


def jst(text: str) -> datetime:
    """Read ``2024-12-28 16:30`` as an instant of Japan."""
    return datetime.fromisoformat(text).replace(tzinfo=JST).astimezone(UTC)


def windows(*texts: str) -> tuple[DailyWindow, ...]:
    """Read ``22:00-02:00``; ``00:00-00:00`` is the whole day."""
    halves = [text.split("-") for text in texts]
    return tuple(
        DailyWindow(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in halves
    )


def one_service(
    daily: Iterable[str],
    exceptions: dict[str, Iterable[str]] | None = None,
    *,
    zone: str = "Asia/Tokyo",
    starts: str = "2024-12-25 10:00",
    ends: str = "2025-01-04 10:00",
    channel: Channel = "chat",
    audience: Audience = "youth",
    grace_s: int = 1800,
) -> tuple[Campaign, Service]:
    """Make a campaign of one service; ``starts`` and ``ends`` are local."""
    dated = [
        DatedException(date.fromisoformat(on), windows(*texts)) for on, texts in (exceptions or {}).items()
    ]
    service = Service(channel, audience, windows(*daily), tuple(dated))
    starts_at, ends_at = (
        datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for text in (starts, ends)
    )
    campaign = Campaign("test", "Test", ZoneInfo(zone), starts_at, ends_at, (service,), talk_grace_s=grace_s)
    return campaign, service
