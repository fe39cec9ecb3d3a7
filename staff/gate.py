"""The gate before every page below ``/staff/``: closed unless a name stands here.

A view can forget to ask who is there; the gate can not. What stands open needs no account, what is for
enrolling needs a session that came by a link, and everything else a session that is through
(``staff.second_factor``). Roles are asked for by each view (``staff.roles``).
"""

from __future__ import annotations

from typing import Any

from asgiref.sync import markcoroutinefunction
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from notalone.middleware import GetResponse, is_staff
from staff import second_factor
from staff.models import User

OPEN = frozenset(
    {
        "staff_home",  # leads on, or to the sign-in
        "staff_language",  # asked for at the sign-in already
        "account_login",
        "account_logout",
        "account_inactive",
        "mfa_authenticate",  # asks for a sign-in under way
        "staff_no_factor",
        "staff_invited",
        "staff_join",  # asks for a link
    }
)
ENROLLING = frozenset({"mfa_index", "mfa_activate_totp", "mfa_add_webauthn"})


class GateMiddleware:
    async_capable = True
    sync_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return await self.get_response(request)

    async def process_view(self, request: HttpRequest, *_: Any) -> HttpResponseBase | None:
        """Give an answer in the view's place, or None to let it answer."""
        name = request.resolver_match.url_name if request.resolver_match else None
        if not is_staff(request) or name in OPEN:
            return None
        user = await request.auser()
        if not isinstance(user, User) or not user.is_active:
            return redirect_to_login(request.get_full_path(), reverse("account_login"))
        if second_factor.is_through(request.session, user):
            return None
        if not second_factor.is_enrolling(request.session, user):
            return redirect("staff_no_factor")
        return None if name in ENROLLING else redirect("mfa_index")
