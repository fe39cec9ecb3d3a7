from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

from hypothesis import given

from chat.rules.campaigns import choose_campaign, from_rows, to_rows
from chat.rules.types import Campaign
from tests.rules.campaign_makers import SECOND, SEED, jst, one_service
from tests.rules.test_hours import campaigns


def dated(slug: str, starts: str, ends: str) -> Campaign:
    return replace(SEED, slug=slug, starts_at=jst(starts), ends_at=jst(ends))


SUMMER = dated("summer", "2024-08-25 10:00", "2024-09-04 10:00")
WINTER = dated("winter", "2024-12-25 10:00", "2025-01-04 10:00")
SPRING = dated("spring", "2025-03-01 10:00", "2025-03-08 10:00")
THREE = [SPRING, SUMMER, WINTER]


def test_the_campaign_that_runs_is_chosen() -> None:
    assert choose_campaign(THREE, WINTER.starts_at) is WINTER
    assert choose_campaign(THREE, WINTER.ends_at - SECOND) is WINTER


def test_between_campaigns_the_next_is_chosen() -> None:
    assert choose_campaign(THREE, jst("2024-10-01 00:00")) is WINTER
    assert choose_campaign(THREE, WINTER.ends_at) is SPRING


def test_before_all_campaigns_the_first_is_chosen() -> None:
    assert choose_campaign(THREE, jst("2024-01-01 00:00")) is SUMMER


def test_after_all_campaigns_the_last_is_chosen() -> None:
    assert choose_campaign(THREE, jst("2026-01-01 00:00")) is SPRING


def test_of_two_that_run_the_later_start_is_chosen() -> None:
    long = dated("long", "2024-12-01 00:00", "2025-02-01 00:00")
    assert choose_campaign([WINTER, long], jst("2024-12-30 00:00")) is WINTER


def test_without_campaigns_none_is_chosen() -> None:
    assert choose_campaign([], jst("2024-12-30 00:00")) is None


def test_the_seed_survives_its_rows() -> None:
    assert from_rows(*to_rows(SEED)) == SEED


@given(campaigns())
def test_any_campaign_survives_its_rows(campaign: Campaign) -> None:
    assert from_rows(*to_rows(campaign)) == campaign


def test_rows_are_plain() -> None:
    campaign, _ = one_service(
        ["16:00-22:00", "22:00-00:00"], {"2024-12-31": ["16:00-20:00"], "2025-01-01": []}
    )
    fields, (service,) = to_rows(campaign)
    assert fields["zone"] == "Asia/Tokyo"
    assert service["windows"] == [["16:00", "22:00"], ["22:00", "00:00"]]
    assert service["exceptions"] == {"2024-12-31": [["16:00", "20:00"]], "2025-01-01": []}


def test_other_columns_and_zones_of_rows_do_not_matter() -> None:
    fields, services = to_rows(SEED)
    fields |= {"pk": 1, "starts_at": SEED.starts_at.astimezone(ZoneInfo("Asia/Tokyo"))}
    found = from_rows(fields, [service | {"id": 7, "accepting": False} for service in services])
    assert found == SEED
    assert found.starts_at.tzinfo is UTC
