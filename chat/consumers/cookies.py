"""One cookie of a socket's handshake."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any


def cookie_value(scope: Mapping[str, Any], name: str) -> str:
    """Read a cookie; empty when it is missing or can not be read."""
    try:
        jar = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin1"))
    except CookieError:
        return ""
    morsel = jar.get(name)
    return morsel.value if morsel else ""
