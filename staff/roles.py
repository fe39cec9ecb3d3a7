"""Who may open which page. A supervisor is not a counselor; neither is the other."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from chat import db
from chat.models import Conversation
from staff import second_factor
from staff.models import User

Anyone = User | AnonymousUser
AsyncView = Callable[..., Coroutine[Any, Any, HttpResponse]]

DESK = frozenset({User.COUNSELOR})
OVERSIGHT = frozenset({User.SUPERVISOR})
BOARD = frozenset({User.SUPERVISOR, User.ADMINISTRATOR})


def has_role(user: Anyone, roles: frozenset[str]) -> bool:
    """Tell whether the user is signed in, active, and of one of these roles."""
    return isinstance(user, User) and user.is_active and user.role in roles


def is_counselor(user: Anyone) -> bool:
    """Tell whether the desk is this user's page."""
    return has_role(user, DESK)


def is_supervisor(user: Anyone) -> bool:
    """Tell whether the board is this user's page: a supervisor's, or an administrator's."""
    return has_role(user, BOARD)


def home_of(user: Anyone) -> str | None:
    """Name the URL of the user's own page; None when there is none for the role."""
    if is_counselor(user):
        return "staff_desk"
    return "staff_board" if is_supervisor(user) else None


def card_of(user: User) -> dict[str, object]:
    """Give what a page shows of the person signed in."""
    name = user.get_short_name() or user.username
    return {
        "id": str(user.pk),
        "name": name,
        "role": user.get_role_display(),
        "is_counselor": is_counselor(user),
        "is_overseer": has_role(user, OVERSIGHT),
    }


def refuse(request: HttpRequest, user: User) -> HttpResponse:
    """Answer 403 with the way to the user's own page."""
    home = home_of(user)
    context = {
        "me": card_of(user),
        "home": reverse(home) if home else "",
        "home_is_desk": home == "staff_desk",
    }
    return render(request, "staff/403.html", context, status=403)


async def signed_in(request: HttpRequest) -> User | None:
    """Give the staff member behind the request's session, once they are through (the gate asks too)."""
    user = await request.auser()
    if not isinstance(user, User) or not user.is_active:
        return None
    return user if second_factor.is_through(request.session, user) else None


def _holds_a_talk(user: User) -> bool:
    return Conversation.objects.filter(counselor__user=user, state=Conversation.OPEN).exists()


def desk_required(view: AsyncView) -> AsyncView:
    """Let counselors in, and a supervisor who has taken a talk over, while they hold it."""
    for_counselors = counselor_required(view)

    @wraps(view)
    async def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        user = await signed_in(request)
        if user is not None and user.role == User.SUPERVISOR and await db.run(_holds_a_talk, user):
            return await view(request, user, *args, **kwargs)
        return await for_counselors(request, *args, **kwargs)

    return guarded


def _required(roles: frozenset[str]) -> Callable[[AsyncView], AsyncView]:
    def decorate(view: AsyncView) -> AsyncView:
        @wraps(view)
        async def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            user = await signed_in(request)
            if user is None:
                return redirect_to_login(request.get_full_path(), reverse("account_login"))
            if not has_role(user, roles):
                return refuse(request, user)
            return await view(request, user, *args, **kwargs)

        return guarded

    return decorate


counselor_required = _required(DESK)
supervisor_required = _required(BOARD)
overseer_required = _required(OVERSIGHT)
talker_required = _required(DESK | OVERSIGHT)  # whoever has to do with what visitors say
