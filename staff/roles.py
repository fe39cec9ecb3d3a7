"""Who may open which page. A supervisor is not a counselor; neither is the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from staff.models import User

Anyone = User | AnonymousUser
AsyncView = Callable[..., Awaitable[HttpResponse]]

HOMES = {User.COUNSELOR: "staff_desk", User.SUPERVISOR: "staff_board"}


def has_role(user: Anyone, role: str) -> bool:
    """Tell whether the user is signed in, active, and of exactly this role."""
    return isinstance(user, User) and user.is_active and user.role == role


def is_counselor(user: Anyone) -> bool:
    """Tell whether the desk is this user's page."""
    return has_role(user, User.COUNSELOR)


def is_supervisor(user: Anyone) -> bool:
    """Tell whether the board is this user's page."""
    return has_role(user, User.SUPERVISOR)


def home_of(user: Anyone) -> str | None:
    """Name the URL of the user's own page; None when there is none for the role."""
    for role, name in HOMES.items():
        if has_role(user, role):
            return name
    return None


def card_of(user: User) -> dict[str, str]:
    """Give what a page shows of the person signed in."""
    name = user.get_short_name() or user.username
    return {"id": str(user.pk), "name": name, "role": user.get_role_display()}


def refuse(request: HttpRequest, user: User) -> HttpResponse:
    """Answer 403 with the way to the user's own page."""
    home = home_of(user)
    context = {
        "me": card_of(user),
        "home": reverse(home) if home else "",
        "home_is_desk": home == HOMES[User.COUNSELOR],
    }
    return render(request, "staff/403.html", context, status=403)


async def signed_in(request: HttpRequest) -> User | None:
    """Give the staff member behind the request's session."""
    user = await request.auser()
    return user if isinstance(user, User) and user.is_active else None


def _required(role: str) -> Callable[[AsyncView], AsyncView]:
    def decorate(view: AsyncView) -> AsyncView:
        @wraps(view)
        async def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            user = await signed_in(request)
            if user is None:
                return redirect_to_login(request.get_full_path(), reverse("account_login"))
            if not has_role(user, role):
                return refuse(request, user)
            return await view(request, user, *args, **kwargs)

        return guarded

    return decorate


counselor_required = _required(User.COUNSELOR)
supervisor_required = _required(User.SUPERVISOR)
