"""Compressed pages for visitors, whose phones are slow at a month's end (ADR 0029)."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from functools import lru_cache

import brotli
from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

from notalone.middleware import is_staff

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

WORTH_IT = 600  # bytes: below that the headers weigh more
_TYPES = ("text/", "application/json", "image/svg+xml")
_LEVEL = 5  # of both: what is above costs more of the server than it saves of the line


class CompressionMiddleware:
    """Compress what visitors get, by brotli or else gzip.

    The staff's pages are left out: they hold secrets of a form beside words of others (BREACH). No page of a
    visitor's does: they have no such secret, and what others write stands on none of them but the talk's own.
    """

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = await self.get_response(request)
        if isinstance(response, HttpResponse) and not is_staff(request) and is_worth_it(response):
            patch_vary_headers(response, ["Accept-Encoding"])
            encoding = encoding_for(request.headers.get("Accept-Encoding", ""))
            if encoding:
                # what everybody gets is compressed once; somebody's own page is kept nowhere
                pack = _pack_once if "public" in response.get("Cache-Control", "") else _pack
                response.content = pack(response.content, encoding)
                response["Content-Encoding"] = encoding
                response["Content-Length"] = str(len(response.content))
        return response


def is_worth_it(response: HttpResponse) -> bool:
    """Tell whether an answer gets smaller, and may be changed."""
    return (
        len(response.content) >= WORTH_IT
        and not response.has_header("Content-Encoding")
        and response.get("Content-Type", "").startswith(_TYPES)
    )


def encoding_for(accepted: str) -> str:
    """Choose what an ``Accept-Encoding`` header allows: ``br``, ``gzip`` or nothing (RFC 9110, 12.5.3)."""
    offers = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        offers[name.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return next((name for name in ("br", "gzip") if offers.get(name, offers.get("*", False))), "")


def _pack(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        packed: bytes = brotli.compress(body, quality=_LEVEL)
        return packed
    return gzip.compress(body, _LEVEL, mtime=0)


_pack_once = lru_cache(maxsize=64)(_pack)
