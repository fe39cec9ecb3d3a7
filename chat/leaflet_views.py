"""For schools and local governments: leaflets, calendars, and a button for their own pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from chat.actions.services import snapshot
from chat.leaflets import calendar, code_svg, leaflet_services
from chat.page_parts import audience_or_404, kind_when_down
from chat.rules.types import AUDIENCES, Audience, Campaign
from notalone import clock

CACHE_S = 300


@require_GET
@kind_when_down
async def leaflet(request: HttpRequest, audience: str) -> HttpResponse:
    """Show one leaflet, which prints on one A4."""
    of = audience_or_404(audience)
    campaign = await _campaign()
    context = {**leaflet_context(campaign, of, _start_page(request)), "is_page": True}
    return _cached(HttpResponse(render_to_string("chat/leaflets/leaflet.html", context, request)))


@require_GET
@kind_when_down
async def leaflet_pdf(request: HttpRequest, audience: str) -> HttpResponse:
    """Give the leaflet that ``manage.py write_leaflets`` made."""
    path = pdf_path(await _campaign(), audience_or_404(audience))
    if not path.exists():
        raise Http404
    response = HttpResponse(path.read_bytes(), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{path.name}"'
    return _cached(response)


@require_GET
@kind_when_down
async def campaign_calendar(request: HttpRequest, audience: str) -> HttpResponse:
    """Give the audience's open times as iCalendar."""
    campaign = await _campaign()
    content = calendar(campaign, audience_or_404(audience), _start_page(request), clock.now())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{campaign.slug}-{audience}.ics"'
    return _cached(response)


@require_GET
@kind_when_down
async def for_schools(request: HttpRequest) -> HttpResponse:
    """Show what others may print and put on their own pages."""
    campaign = await _campaign()
    context = {
        "campaign": campaign,
        "starts_at": campaign.starts_at.astimezone(campaign.zone),
        "ends_at": campaign.ends_at.astimezone(campaign.zone),
        "leaflets": [
            {
                "audience": audience,
                "has_pdf": pdf_path(campaign, audience).exists(),
                "snippet": _snippet(request, audience),
            }
            for audience in AUDIENCES
        ],
    }
    return _cached(HttpResponse(render_to_string("chat/leaflets/for_schools.html", context, request)))


def leaflet_context(campaign: Campaign, audience: Audience, address: str) -> dict[str, Any]:
    """Give what the leaflet's template needs. ``address``: the page that its code leads to."""
    return {
        "campaign": campaign,
        "audience": audience,
        "furigana": audience == "youth",
        "starts_at": campaign.starts_at.astimezone(campaign.zone),
        "ends_at": campaign.ends_at.astimezone(campaign.zone),
        "services": leaflet_services(campaign, audience),
        "address": address,
        "code": mark_safe(code_svg(address)),  # noqa: S308 — drawn by us, from an address of ours
    }


def pdf_path(campaign: Campaign, audience: Audience) -> Path:
    """Name the file that the command writes and the page gives out."""
    return Path(settings.DATA_FOLDER) / "leaflets" / f"{campaign.slug}-{audience}.pdf"


def _snippet(request: HttpRequest, audience: Audience) -> str:
    services = request.build_absolute_uri(reverse("api-services"))
    context = {"start": _start_page(request), "services": services, "audience": audience}
    return render_to_string("chat/leaflets/snippet.html", context).strip()


def _start_page(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("root"))


async def _campaign() -> Campaign:
    campaign = (await snapshot()).campaign
    if campaign is None:
        raise Http404
    return campaign


def _cached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = f"public, max-age={CACHE_S}"
    return response
