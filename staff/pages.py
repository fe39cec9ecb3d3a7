"""A page of the staff's: with who is signed in at its top, and kept by no cache."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from staff.models import User
from staff.roles import card_of


def staff_page(
    request: HttpRequest, user: User, template: str, context: Mapping[str, object], *, status: int = 200
) -> HttpResponse:
    """Give a page to the person signed in. The back button after signing out shows nothing of it."""
    response = render(request, template, {"me": card_of(user), **context}, status=status)
    add_never_cache_headers(response)
    return response
