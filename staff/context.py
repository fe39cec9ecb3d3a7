"""What the staff's templates may count on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from staff import second_factor
from staff.roles import card_of


def me(request: HttpRequest) -> dict[str, Any]:
    """Give the languages to choose from; and ``me`` to pages of the sign-in library.

    Looked up when it is used: a page of ours, which is async, brings its own.
    """

    def card() -> dict[str, object] | None:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return None
        is_here = second_factor.is_through(request.session, user)
        return card_of(user) if is_here or second_factor.is_enrolling(request.session, user) else None

    return {"me": SimpleLazyObject(card), "other_languages": _other_languages}


def _other_languages() -> list[tuple[str, str]]:
    current = translation.get_language()
    return [(code, name) for code, name in settings.STAFF_LANGUAGES.items() if code != current]
