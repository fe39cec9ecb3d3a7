"""The supervisors' page of counts, and its file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from chat import campaigns, db
from chat.rules.types import Campaign
from notalone import clock
from staff import report, report_lines, report_words, tally, trail
from staff.models import Organization, User
from staff.pages import staff_page
from staff.reach import may_act_on_service
from staff.report_csv import to_csv
from staff.report_topics import count_topics
from staff.roles import overseer_required
from staff.tally import Report

ALL = "all"
_BEFORE = timedelta(days=60)  # refusals before the first day count for the campaign, too


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. ``day`` is None for all of the campaign; ``days`` can be asked for, newest first.
    ``is_unknown``: another day was asked for, and today is given."""

    campaign: Campaign
    day: date | None
    days: list[date]
    is_unknown: bool

    @property
    def name(self) -> str:
        return self.day.isoformat() if self.day else ALL


@dataclass(frozen=True, slots=True)
class Answer:
    """A report with the names that it needs. ``organization``: the slug of whose it is, None for all."""

    report: Report
    organizations: dict[str, str]
    organization: str | None


@require_safe
@overseer_required
async def show_report(request: HttpRequest, user: User) -> HttpResponse:
    """Show the counts of a day, or of the campaign."""
    asked = await _asked(request)
    if asked is None:
        return staff_page(request, user, "staff/report.html", {})
    answer = await db.run(_answer, user, asked)
    context = {
        "campaign": asked.campaign,
        "day": asked.name,
        "title": _title(asked),
        "days": [(day.isoformat(), date_format(day, "n/j (D)")) for day in asked.days],
        "is_unknown": asked.is_unknown,
        "made_at": clock.now(),
        "of": answer.organizations.get(answer.organization or "", ""),
        "small": settings.REPORT_SMALL,
        "has_topics": answer.report.topics is not None,
        "flows": [
            (
                report_words.CHANNELS[flow.place.channel],
                report_words.audience_words(flow.place),
                report_words.language_words(flow.place),
                {**report_lines.flow_numbers(flow), **report_lines.wait_numbers(flow)},
            )
            for flow in answer.report.flows
        ],
        "by_day": [
            (flow.day, report_words.CHANNELS[flow.place.channel], report_lines.flow_numbers(flow))
            for flow in answer.report.days
        ],
        "sections": report_lines.sections(answer.report, answer.organizations),
    }
    return staff_page(request, user, "staff/report.html", context)


@require_GET
@overseer_required
async def download_report(request: HttpRequest, user: User) -> HttpResponse:
    """Give the same as CSV; it goes on record."""
    asked = await _asked(request)
    if asked is None or asked.is_unknown:
        raise Http404
    answer = await db.run(_answer, user, asked)
    rows = list(report_lines.file_rows(answer.report, answer.organizations, asked.name))
    await db.run(_record, user, asked, answer.organization, len(rows))
    response = HttpResponse(to_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{asked.campaign.slug}-{asked.name}.csv"'
    add_never_cache_headers(response)
    return response


async def _asked(request: HttpRequest) -> Asked | None:
    """Read what is asked for; None while no campaign has begun."""
    now = clock.now()
    campaign = tally.begun((await campaigns.loaded()).campaigns, now)
    if campaign is None:
        return None
    days = tally.days_of(campaign, now)
    wanted = request.GET.get("day", "")
    if wanted == ALL:
        return Asked(campaign, None, days, is_unknown=False)
    day = next((day for day in days if day.isoformat() == wanted), None)
    return Asked(campaign, day or days[0], days, is_unknown=bool(wanted) and day is None)


def _answer(user: User, asked: Asked) -> Answer:
    """Count what is within the reader's reach (a database thread's work)."""
    organization = None if may_act_on_service(user) else user.organization_id or ""
    if asked.day is None:
        since, until = asked.campaign.starts_at - _BEFORE, clock.now() + timedelta(minutes=1)
    else:
        since, until = tally.bounds(asked.day, asked.campaign.zone)
    span = report.Span(asked.campaign.slug, since, until, asked.campaign.zone, organization)
    names = dict(Organization.objects.order_by("slug").values_list("slug", "name"))
    counted = report.count(span)
    counted.topics = count_topics(span)
    made = tally.report_of(
        counted,
        report_words.codes(names),
        is_whole=organization is None,
        small=settings.REPORT_SMALL,
        has_days=asked.day is None,
    )
    return Answer(made, names, organization)


def _record(user: User, asked: Asked, organization: str | None, rows: int) -> None:
    facts: dict[str, trail.Fact] = {
        "campaign": asked.campaign.slug,
        "day": asked.name,
        "organization": organization,
        "rows": rows,
    }
    with transaction.atomic():
        trail.record("report.download", user, facts)


def _title(asked: Asked) -> str:
    return date_format(asked.day, "Y/n/j (D)") if asked.day else _("期間のぜんぶ")
