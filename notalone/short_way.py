"""A short way for the one request that comes ten thousand times at once: the entry into the queue.

Django's own handler starts a thread for each request, for signals that only concern connections and caches
which the way to a ticket does not use. What it passes here is the same view and the same middleware, but for
the staff's; a test holds both ways side by side.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any, cast

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

PATH = "/api/v1/tickets"
# of settings.MIDDLEWARE; the others do nothing but on the staff's paths
MIDDLEWARE = (
    "notalone.middleware.SecurityHeadersMiddleware",
    "notalone.compression.CompressionMiddleware",
    "notalone.middleware.PathLanguageMiddleware",
)

Handler = Callable[[HttpRequest], Awaitable[HttpResponse]]


def with_short_way(application: Any, view: Any) -> Any:
    """Wrap an ASGI application so that ``POST PATH`` goes to ``view`` directly."""
    handle = _caught(view)
    for name in reversed(MIDDLEWARE):
        handle = _caught(import_string(name)(handle))

    async def by_short_way(scope: Any, receive: Any, send: Any) -> None:
        is_plain = not scope.get("root_path") and not scope.get("query_string")
        if not is_plain or scope["path"] != PATH or scope["method"] != "POST":
            await application(scope, receive, send)
            return
        body = await _read(receive)
        if body is not None:
            await _send(await handle(_request(scope, body)), send)

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


def _request(scope: Any, body: bytes) -> ASGIRequest:
    request = ASGIRequest(scope, BytesIO(body))
    if len(body) > _most_bytes():  # whatever its head said, or did not say
        request.META["CONTENT_LENGTH"] = str(len(body))
    return request


def _most_bytes() -> int:
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0


async def _send(response: HttpResponse, send: Any) -> None:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    if not response.has_header("Content-Length"):
        headers.append((b"Content-Length", str(len(response.content)).encode()))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
