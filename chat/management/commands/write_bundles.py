"""``manage.py write_bundles``: what ``make bundles`` runs."""

from __future__ import annotations

import subprocess

from django.core.management.base import BaseCommand, CommandError

from chat import bundles


class Command(BaseCommand):
    help = "Make one script and one style sheet for each visitor's page."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        try:
            written = bundles.write()
        except FileNotFoundError:
            raise CommandError("esbuild is not there: run `make bundles`, which installs it.") from None
        except subprocess.CalledProcessError as error:
            raise CommandError(error.stderr.decode()) from error
        for path in written:
            self.stdout.write(str(path.relative_to(bundles.ROOT)))
