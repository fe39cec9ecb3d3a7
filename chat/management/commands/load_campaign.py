"""Load a campaign from its TOML file into the database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from chat.models import Campaign, ServiceRow
from chat.rules.campaigns import CampaignFault, parse_campaign, to_rows
from chat.rules.types import Campaign as CampaignValue


class Command(BaseCommand):
    """Write a campaign's rows. Loading a file again changes nothing but what the file changed.

    A supervisor's ``accepting`` switch is kept. A file with a fault changes nothing at all.
    """

    help = "Load a campaign from a TOML file (again and again, if you like)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.toml")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        campaign = parse(file)
        fields, services = to_rows(campaign)
        with transaction.atomic():
            row, _ = Campaign.objects.update_or_create(slug=fields.pop("slug"), defaults=fields)
            kept = []
            for service in services:
                key = {"channel": service.pop("channel"), "audience": service.pop("audience")}
                service_row, _ = ServiceRow.objects.update_or_create(campaign=row, **key, defaults=service)
                kept.append(service_row.pk)
            row.services.exclude(pk__in=kept).delete()
        starts_at, ends_at = (at.astimezone(campaign.zone) for at in (campaign.starts_at, campaign.ends_at))
        self.stdout.write(
            f"{campaign.slug}: {len(kept)} services, {starts_at:%F %R} to {ends_at:%F %R} {campaign.zone.key}"
        )


def parse(file: Path) -> CampaignValue:
    """Read a campaign file, or say with its name and line why it can not be loaded."""
    try:
        return parse_campaign(file.read_bytes().decode())
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CommandError(f"{file}:{line}: not UTF-8: save the file as UTF-8") from None
    except CampaignFault as fault:
        raise CommandError(f"{file}:{fault.line}: {fault.message}") from None
    except OSError as error:
        raise CommandError(f"{file}: can not be read: {error.strerror}") from None
