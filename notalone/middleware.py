"""Middleware: strict headers for every answer; Django's sessions and sign-in for the staff's paths alone.

A sync middleware under ASGI costs each request a hop to a thread and back. Visitors have no
session and no account, so their requests pass through async-capable code only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import markcoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.module_loading import import_string

from notalone.headers import HEADERS

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

STAFF_PREFIX = "/staff/"


class SecurityHeadersMiddleware:
    """Put the strict headers on every answer; a view's own value stands."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = await self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def staff_only(path: str) -> Callable[[GetResponse], Any]:
    """Make a middleware that runs the one at ``path`` for the staff's requests and no others."""

    class StaffOnly:
        async_capable = True
        sync_capable = False

        def __init__(self, get_response: GetResponse) -> None:
            self.get_response = get_response
            self.inner = import_string(path)(get_response)
            if hasattr(self.inner, "process_view"):
                self.process_view = self._process_view
            if hasattr(self.inner, "process_exception"):
                self.process_exception = self._process_exception
            markcoroutinefunction(self)

        async def __call__(self, request: HttpRequest) -> HttpResponseBase:
            if is_staff(request):
                return await cast(Awaitable[HttpResponseBase], self.inner(request))
            return await self.get_response(request)

        async def _process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
            if not is_staff(request):
                return None
            answer = await sync_to_async(self.inner.process_view)(request, *view)
            return cast(HttpResponseBase | None, answer)

        # Django calls this one in a sync context always.
        def _process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
            if not is_staff(request):
                return None
            return cast(HttpResponseBase | None, self.inner.process_exception(request, error))

    return StaffOnly


def is_staff(request: HttpRequest) -> bool:
    """Tell whether a request is for the staff's side."""
    return request.path_info.startswith(STAFF_PREFIX)


staff_session = staff_only("django.contrib.sessions.middleware.SessionMiddleware")
staff_csrf = staff_only("django.middleware.csrf.CsrfViewMiddleware")
staff_auth = staff_only("django.contrib.auth.middleware.AuthenticationMiddleware")
staff_messages = staff_only("django.contrib.messages.middleware.MessageMiddleware")


class PathLanguageMiddleware:
    """Speak the language that the path begins with, as ``/en/…``; to staff the one they chose; the site's
    own elsewhere.

    Django's own does the same in a thread, and asks headers too: here a visitor's address alone says it.
    """

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._codes = {code for code, _ in settings.LANGUAGES}
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        code = self._code(request)
        with translation.override(code):
            request.LANGUAGE_CODE = code
            return await self.get_response(request)

    def _code(self, request: HttpRequest) -> str:
        if is_staff(request):
            code = request.COOKIES.get(settings.STAFF_LANGUAGE_COOKIE, "")
            return code if code in settings.STAFF_LANGUAGES else settings.LANGUAGE_CODE
        code = request.path_info.split("/", 2)[1]
        return code if code in self._codes else settings.LANGUAGE_CODE
