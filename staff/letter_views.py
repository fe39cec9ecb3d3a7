"""The supervisors' pages of consultations by mail: what waits, for how long, and reading one, on record."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_safe

from chat import db
from chat.rules.errors import ChatError
from notalone import clock
from staff import letters
from staff.models import User
from staff.roles import card_of, overseer_required

REASON_MAX = 500


@require_safe
@overseer_required
async def all_letters(request: HttpRequest, user: User) -> HttpResponse:
    """List the letters, without a word of them."""
    rows = await db.run(letters.letters, user, clock.now())
    return _page(request, user, "staff/letters.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@overseer_required
async def one_letter(request: HttpRequest, user: User, letter_id: uuid.UUID) -> HttpResponse:
    """Show a letter; where the reach needs a reason, ask for it first."""
    reason = request.POST.get("reason", "").strip()[:REASON_MAX]
    try:
        letter = await db.run(letters.read, user, letter_id, reason, clock.now())
    except ChatError as error:
        if error.code == "not_found":
            raise Http404 from None
        if error.code != "reason_needed":
            raise
        status = 400 if request.method == "POST" else 200
        return _page(request, user, "staff/letter.html", {"asks_reason": True}, status=status)
    return _page(request, user, "staff/letter.html", {"letter": letter})


def _page(
    request: HttpRequest, user: User, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    response = render(request, template, {"me": card_of(user), **context}, status=status)
    add_never_cache_headers(response)
    return response
