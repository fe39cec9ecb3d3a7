"""Write the leaflets as PDF: one A4 for each audience, from the campaign's own data."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib.staticfiles import finders
from django.core.management.base import BaseCommand, CommandError
from django.template.loader import render_to_string

from chat import campaigns
from chat.leaflet_views import leaflet_context, pdf_path
from chat.rules.types import AUDIENCES, Campaign
from notalone import clock


class Command(BaseCommand):
    """Write ``leaflets/SLUG-AUDIENCE.pdf`` into the data folder, where the web processes give them out."""

    help = "Write the campaign's leaflets as PDF (needs the extra: pip install 'notalone[print]')."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("site", metavar="https://SITE/", help="where the code to scan leads to")
        parser.add_argument("--campaign", metavar="SLUG", help="not the campaign that counts now")

    def handle(self, *args: Any, site: str, campaign: str | None, **options: Any) -> None:
        try:
            from weasyprint import CSS, HTML  # an extra, and heavy: only where leaflets are made
        except (ImportError, OSError) as error:
            raise CommandError(
                "WeasyPrint is missing: pip install 'notalone[print]', and on Debian "
                "apt-get install libpango-1.0-0 libpangoft2-1.0-0"
            ) from error
        chosen = _choose(campaign)
        style = CSS(filename=str(finders.find("chat/leaflet.css")))
        for audience in AUDIENCES:
            html = render_to_string("chat/leaflets/leaflet.html", leaflet_context(chosen, audience, site))
            document = HTML(string=html, base_url=site, url_fetcher=_fetch_nothing).render(
                stylesheets=[style]
            )
            if len(document.pages) != 1:
                raise CommandError(
                    f"{audience}: {len(document.pages)} pages instead of one; nothing was written"
                )
            path = pdf_path(chosen, audience)
            path.parent.mkdir(parents=True, exist_ok=True)
            document.write_pdf(path)
            self.stdout.write(str(path))


def _choose(slug: str | None) -> Campaign:
    loaded = async_to_sync(campaigns.loaded)()
    chosen = loaded.named(slug) if slug else loaded.current(clock.now())
    if chosen is None:
        raise CommandError("no such campaign is loaded: manage.py load_campaign FILE.toml")
    return chosen


def _fetch_nothing(url: str, *_: Any, **__: Any) -> Any:
    raise ValueError(f"a leaflet loads nothing: {url}")
