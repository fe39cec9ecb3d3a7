"""Whose page opens the socket. Django's and Channels' own checks look at the host alone;
the origin is scheme, host and port."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host


class Origin(enum.Enum):
    """OWN: a page of this site. MISSING: no browser. FOREIGN: somebody else's page."""

    OWN = enum.auto()
    MISSING = enum.auto()
    FOREIGN = enum.auto()


_PORTS = {"http": 80, "https": 443}


def judge_origin(scope: Mapping[str, Any]) -> Origin:
    """Compare the ``Origin`` header with the host that was asked for (RFC 6454)."""
    headers = dict(scope["headers"])
    if b"origin" not in headers:
        return Origin.MISSING
    origin = headers[b"origin"].decode("latin1").lower()
    if origin in {trusted.lower() for trusted in settings.CSRF_TRUSTED_ORIGINS}:
        return Origin.OWN
    host = headers.get(b"host", b"").decode("latin1").lower()
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return Origin.FOREIGN
    return Origin.OWN if _triple(origin) == _triple(f"{_scheme(scope, headers)}://{host}") else Origin.FOREIGN


def _scheme(scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> str:
    if settings.SECURE_PROXY_SSL_HEADER:
        return "https" if headers.get(b"x-forwarded-proto") == b"https" else "http"
    return "https" if scope.get("scheme") in {"wss", "https"} else "http"


def _triple(origin: str) -> tuple[str, str | None, int | None] | None:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    return parts.scheme, parts.hostname, port or _PORTS.get(parts.scheme)
