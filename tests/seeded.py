"""The rows of the seed campaign: loaded by its command once a worker, then put back as they were."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.core.management import call_command


def load(file: Path) -> None:
    """Fill the campaigns' tables, which are empty, from the file."""
    from chat.models import Campaign, ServiceRow

    if not _rows.cache_info().currsize:
        call_command("load_campaign", str(file), verbosity=0)
        _rows()
        return
    campaigns, services = _rows()
    Campaign.objects.bulk_create(Campaign(**row) for row in campaigns)
    ServiceRow.objects.bulk_create(ServiceRow(**row) for row in services)


@cache
def _rows() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    from chat.models import Campaign, ServiceRow

    return list(Campaign.objects.values()), list(ServiceRow.objects.order_by("pk").values())
