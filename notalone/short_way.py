"""A short way for visitors' requests, which come ten thousand at once.

Django's own handler starts a thread for each request and waits for it, for signals that only concern
connections and caches which no visitor's page or call uses: all that they ask the database goes by
``chat.db``. That costs more than the rest of an answer. What is passed here is the same middleware and the
same view; for the entry into the queue, which comes most at once, without what is the staff's alone. A test
holds both ways side by side.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any, cast

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

PATH = "/api/v1/tickets"
# The staff's pages use sessions and the database by Django's ways; what waits for news ends with its reader.
LONG_WAY = ("/staff/", "/api/v1/poll", "/api/v1/letters")
# of settings.MIDDLEWARE; the others do nothing but on the staff's paths
MIDDLEWARE = (
    "notalone.middleware.SecurityHeadersMiddleware",
    "notalone.compression.CompressionMiddleware",
    "notalone.middleware.PathLanguageMiddleware",
)

_WITHOUT_BODY = {204, 304}  # RFC 9110, 8.6

Handler = Callable[[HttpRequest], Awaitable[HttpResponse]]


def with_short_way(django: ASGIHandler, view: Any) -> Any:
    """Wrap Django so that visitors' requests go to their views directly; ``POST PATH`` to ``view``."""
    handle = _caught(view)
    for name in reversed(MIDDLEWARE):
        handle = _caught(import_string(name)(handle))

    async def by_short_way(scope: Any, receive: Any, send: Any) -> None:
        if scope.get("root_path") or scope["path"].startswith(LONG_WAY):
            await django(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            return
        request, response = django.create_request(scope, BytesIO(body))
        if request is not None:
            if len(body) > _most_bytes():  # whatever its head said, or did not say
                request.META["CONTENT_LENGTH"] = str(len(body))
            is_entry = scope["path"] == PATH and scope["method"] == "POST"
            response = await (handle(request) if is_entry else django.get_response_async(request))
        if isinstance(response, HttpResponse):
            await _send(response, send)
        elif response is not None:
            await django.send_response(response, send)

    return by_short_way


def _caught(handle: Any) -> Handler:
    return cast(Handler, convert_exception_to_response(handle))


async def _read(receive: Any) -> bytes | None:
    """Read a body, and of one that is too long no more than shows that; None when the peer has gone."""
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return None
        if len(body) <= _most_bytes():
            body += event.get("body", b"")
        if not event.get("more_body", False):
            return bytes(body)


def _most_bytes() -> int:
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0


async def _send(response: HttpResponse, send: Any) -> None:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    cookies = [cookie.output(header="").strip() for cookie in response.cookies.values()]
    headers += [(b"Set-Cookie", cookie.encode("ascii")) for cookie in cookies]
    if not response.has_header("Content-Length") and response.status_code not in _WITHOUT_BODY:
        headers.append((b"Content-Length", str(len(response.content)).encode()))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
