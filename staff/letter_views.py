"""The supervisors' pages of consultations by mail: what waits, for how long, and reading one, on record."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from chat import db
from chat.rules.errors import ChatError
from notalone import clock
from staff import letters
from staff.models import User
from staff.pages import staff_page
from staff.roles import overseer_required

REASON_MAX = 500


@require_safe
@overseer_required
async def all_letters(request: HttpRequest, user: User) -> HttpResponse:
    """List the letters, without a word of them."""
    rows = await db.run(letters.letters, user, clock.now())
    return staff_page(request, user, "staff/letters.html", {"rows": rows})


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
        return staff_page(request, user, "staff/letter.html", {"asks_reason": True}, status=status)
    return staff_page(request, user, "staff/letter.html", {"letter": letter})
