"""The staff's pages: thin shells that the scripts fill through ``/ws/staff/``."""

from __future__ import annotations

import json
from dataclasses import asdict

from allauth.account.views import LogoutView
from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from chat import db
from chat.control import revoke
from notalone.middleware import STAFF_PREFIX
from staff.models import User
from staff.pages import staff_page
from staff.ready import sentences_for
from staff.roles import desk_required, home_of, refuse, signed_in, supervisor_required

LANGUAGE_KEPT_S = 365 * 24 * 3600


@require_safe
async def home(request: HttpRequest) -> HttpResponse:
    """Lead to the page of the user's role: the desk, the board, or kind words where there is neither."""
    user = await signed_in(request)
    if user is None:
        return redirect("account_login")
    name = home_of(user)
    return redirect(name) if name else refuse(request, user)


@require_safe
@desk_required
async def desk(request: HttpRequest, user: User) -> HttpResponse:
    """Show the counselor's desk, with the ready sentences of the organization."""
    groups = await db.run(sentences_for, user.organization_id)
    return _shell(request, user, "staff/desk.html", ready=json.dumps([asdict(group) for group in groups]))


@require_safe
@supervisor_required
async def board(request: HttpRequest, user: User) -> HttpResponse:
    """Show the supervisor's board."""
    return _shell(request, user, "staff/board.html")


@require_POST
async def choose_language(request: HttpRequest) -> HttpResponse:
    """Speak Japanese or English to this browser from now on, and lead back to the page."""
    code, page = request.POST.get("language", ""), request.POST.get("next", "")
    if code not in settings.STAFF_LANGUAGES:
        return HttpResponseBadRequest()
    is_own = url_has_allowed_host_and_scheme(page, None) and page.startswith(STAFF_PREFIX)
    response = redirect(page if is_own else "staff_home")
    response.set_cookie(
        settings.STAFF_LANGUAGE_COOKIE,
        code,
        max_age=LANGUAGE_KEPT_S,
        path=STAFF_PREFIX,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


_sign_out = LogoutView.as_view(template_name="staff/logout.html")


async def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask, and at POST end the session and the sockets that it had opened."""
    user = await request.auser()
    response: HttpResponse = await sync_to_async(_sign_out)(request)
    if user.is_authenticated and request.method == "POST":
        await revoke(str(user.pk))
    return response


def _shell(request: HttpRequest, user: User, template: str, **more: object) -> HttpResponse:
    return staff_page(request, user, template, {"login_url": reverse("account_login"), **more})


def too_many(request: HttpRequest) -> HttpResponse:
    """Say kindly that somebody tries too often."""
    return render(request, "staff/too_many.html", status=429)
