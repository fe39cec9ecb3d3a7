"""The pages of phone consultations: writing one down, reading, correcting, deleting. They need no script."""

from __future__ import annotations

import uuid
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from chat import db
from chat.actions.services import snapshot
from chat.rules.errors import ChatError
from notalone import clock
from staff import phone
from staff.models import PhoneConsultation, User
from staff.pages import staff_page
from staff.phone_forms import (
    GROUND_WORDS,
    KIND_WORDS,
    OUTCOME_WORDS,
    REASON_MAX,
    CorrectionForm,
    PhoneForm,
)
from staff.roles import AsyncView, is_counselor, refuse, talker_required

DONE = ("written", "corrected", "deleted")


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
        return await _show(request, user, {"form": form})
    if not form.is_valid():
        return await _show(request, user, {"form": form}, status=400)
    form_id = form.cleaned_data["form_id"]
    await db.run(phone.write_down, user, campaign.slug, form_id, form.call(), clock.now())
    return _list_after("written")


def _or_not_found(view: AsyncView) -> AsyncView:
    """Answer 404 where a call is not there, or not within reach."""

    @wraps(view)
    async def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return await view(request, *args, **kwargs)
        except ChatError as error:
            if error.code == "not_found":
                raise Http404 from None
            raise

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@talker_required
@_or_not_found
async def phone_consultation(request: HttpRequest, user: User, call_id: uuid.UUID) -> HttpResponse:
    """Show one call with its words; where the reach needs a reason, ask for it first."""
    reason = _reason(request)
    try:
        row, words = await db.run(phone.read, user, call_id, reason)
    except ChatError as error:
        return _ask_reason(request, user, error)
    context = {"row": _row(row), "words": words, "reason": reason}
    return staff_page(request, user, "staff/phone_one.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@talker_required
@_or_not_found
async def correct_phone_consultation(request: HttpRequest, user: User, call_id: uuid.UUID) -> HttpResponse:
    """Show a call as a form, and take what it should have been."""
    if "started_at" not in request.POST:
        return await _begin_correction(request, user, call_id)
    found = await db.run(phone.door, user, call_id)
    row = found.row
    form = CorrectionForm(request.POST, row, {}, needs_reason=found.reach == "with_reason")
    seen = request.POST.get("seen", "")
    if not form.is_valid():
        return _correction_page(request, user, row, {"form": form, "seen": seen}, status=400)
    reason = form.cleaned_data["reason"]
    now = clock.now()
    done = await db.run(phone.correct, user, call_id, form.call(), seen=seen, reason=reason, now=now)
    if done is None:  # sending it once more means it
        row = (await db.run(phone.door, user, call_id)).row
        context = {"form": form, "seen": phone.version(row), "is_late": True}
        return _correction_page(request, user, row, context, status=409)
    return _list_after("corrected")


@require_http_methods(["GET", "HEAD", "POST"])
@talker_required
@_or_not_found
async def delete_phone_consultation(request: HttpRequest, user: User, call_id: uuid.UUID) -> HttpResponse:
    """Ask whether a call is to be deleted, and why; without a word of it."""
    found = await db.run(phone.door, user, call_id)
    ground = request.POST.get("ground", "")
    if request.method == "POST" and ground in phone.GROUNDS:
        await db.run(phone.delete, user, call_id, ground)
        return _list_after("deleted")
    is_sent = request.method == "POST"
    context = {"row": _row(found.row), "grounds": GROUND_WORDS.items(), "is_sent": is_sent}
    return staff_page(request, user, "staff/phone_delete.html", context, status=400 if is_sent else 200)


async def _begin_correction(request: HttpRequest, user: User, call_id: uuid.UUID) -> HttpResponse:
    reason = _reason(request)
    try:
        row, words = await db.run(phone.read, user, call_id, reason)
    except ChatError as error:
        return _ask_reason(request, user, error)
    reach = (await db.run(phone.door, user, call_id)).reach
    form = CorrectionForm(None, row, words, needs_reason=reach == "with_reason")
    form.initial["reason"] = reason
    return _correction_page(request, user, row, {"form": form, "seen": phone.version(row)})


def _correction_page(
    request: HttpRequest,
    user: User,
    row: PhoneConsultation,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    return staff_page(request, user, "staff/phone_correct.html", {"row": _row(row), **context}, status=status)


def _ask_reason(request: HttpRequest, user: User, error: ChatError) -> HttpResponse:
    if error.code != "reason_needed":
        raise error
    status = 400 if request.method == "POST" else 200
    return staff_page(request, user, "staff/phone_reason.html", {}, status=status)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:REASON_MAX]


def _list_after(done: str) -> HttpResponse:
    """Lead back to the list, which says what was done."""
    response = redirect("staff_phone")
    response["Location"] += f"?{done}"
    return response


async def _show(
    request: HttpRequest, user: User, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    rows = [_row(row) for row in await db.run(phone.newest, user)]
    done = next((one for one in DONE if request.method != "POST" and one in request.GET), "")
    return staff_page(
        request, user, "staff/phone.html", {"rows": rows, "done": done, **context}, status=status
    )


def _row(row: PhoneConsultation) -> dict[str, Any]:
    return {
        "id": row.id,
        "audience": row.audience,
        "started_at": row.started_at,
        "minutes": row.minutes,
        "outcome": OUTCOME_WORDS.get(row.outcome, row.outcome),
        "referral": KIND_WORDS.get(row.referral, ""),
        "corrected_at": row.corrected_at,
        "organization": row.organization.name,
        "by": row.recorded_by.get_short_name() or row.recorded_by.username,
    }
