"""The staff's pages: thin shells that the scripts fill through ``/ws/staff/``."""

from __future__ import annotations

from allauth.account.views import LogoutView
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from chat.control import revoke
from staff.models import User
from staff.roles import card_of, desk_required, home_of, refuse, signed_in, supervisor_required


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
    """Show the counselor's desk."""
    return _shell(request, user, "staff/desk.html")


@require_safe
@supervisor_required
async def board(request: HttpRequest, user: User) -> HttpResponse:
    """Show the supervisor's board."""
    return _shell(request, user, "staff/board.html")


_sign_out = LogoutView.as_view(template_name="staff/logout.html")


async def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask, and at POST end the session and the sockets that it had opened."""
    user = await request.auser()
    response: HttpResponse = await sync_to_async(_sign_out)(request)
    if user.is_authenticated and request.method == "POST":
        await revoke(str(user.pk))
    return response


def _shell(request: HttpRequest, user: User, template: str) -> HttpResponse:
    context = {
        "me": card_of(user),
        "login_url": reverse("account_login"),
    }
    response = render(request, template, context)
    add_never_cache_headers(response)  # the back button after signing out shows nothing
    return response


def too_many(request: HttpRequest) -> HttpResponse:
    """Say kindly that somebody tries too often."""
    return render(request, "staff/too_many.html", status=429)
