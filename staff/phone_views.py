"""The pages of phone consultations: writing one down, and reading it again. They need no script."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from chat import db
from chat.actions.services import snapshot
from chat.rules.errors import ChatError
from notalone import clock
from staff import phone
from staff.models import PhoneConsultation, User
from staff.pages import staff_page
from staff.phone_forms import KIND_WORDS, OUTCOME_WORDS, PhoneForm
from staff.roles import is_counselor, refuse, talker_required


@require_http_methods(["GET", "HEAD", "POST"])
@talker_required
async def phone_consultations(request: HttpRequest, user: User) -> HttpResponse:
    """List the calls within reach; take a new one from a counselor."""
    campaign = (await snapshot()).campaign
    if request.method == "POST" and not is_counselor(user):
        return refuse(request, user)
    if campaign is None or not is_counselor(user):
        return await _show(request, user, {"form": None}, status=409 if request.method == "POST" else 200)
    data = request.POST if request.method == "POST" else None
    form = PhoneForm(data, zone=campaign.zone, now=clock.now())
    if data is None:
        return await _show(request, user, {"form": form, "is_written": "written" in request.GET})
    if not form.is_valid():
        return await _show(request, user, {"form": form}, status=400)
    await db.run(phone.write_down, user, campaign.slug, form.call(), clock.now())
    response = redirect("staff_phone")
    response["Location"] += "?written"
    return response


@require_safe
@talker_required
async def phone_consultation(request: HttpRequest, user: User, call_id: uuid.UUID) -> HttpResponse:
    """Show one call with its words."""
    try:
        row, words = await db.run(phone.read, user, call_id)
    except ChatError as error:
        if error.code == "not_found":
            raise Http404 from None
        raise
    return staff_page(request, user, "staff/phone_one.html", {"row": _row(row), "words": words})


async def _show(
    request: HttpRequest, user: User, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    rows = [_row(row) for row in await db.run(phone.newest, user)]
    return staff_page(request, user, "staff/phone.html", {"rows": rows, **context}, status=status)


def _row(row: PhoneConsultation) -> dict[str, Any]:
    return {
        "id": row.id,
        "audience": row.audience,
        "started_at": row.started_at,
        "minutes": row.minutes,
        "outcome": OUTCOME_WORDS.get(row.outcome, row.outcome),
        "referral": KIND_WORDS.get(row.referral, ""),
        "by": row.recorded_by.get_short_name() or row.recorded_by.username,
    }
