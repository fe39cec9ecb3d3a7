"""Each route answers with the strict headers: pages, the API, what is refused and what is not there."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import AsyncClient
from django.urls import get_resolver

from notalone.headers import HEADERS, POLICY
from tests.staff.test_matrix import walk

pytestmark = pytest.mark.usefixtures("seed", "process")

SAMPLES: dict[str, Any] = {
    "SlugConverter": "youth",
    "UUIDConverter": uuid.uuid4(),
    "IntConverter": 1,
    "StringConverter": "x",
}
# what other sites may read, and no other header than this one
CROSS_ORIGIN = {"/api/v1/services": {"Cross-Origin-Resource-Policy": "cross-origin"}}


def paths() -> list[str]:
    """Give an address for each pattern of the site."""
    made = []
    for route, pattern in walk(get_resolver().url_patterns):
        path = "/" + route.lstrip("^/")
        for name, converter in pattern.pattern.converters.items():
            sample = str(SAMPLES[type(converter).__name__])
            path = re.sub(rf"<(?:\w+:)?{name}>", sample, path)
        made.append(path)
    return [*made, "/nothing/", "/static/nothing.js"]


def test_each_route_has_an_address_to_ask_for() -> None:
    assert not [path for path in paths() if "<" in path or "(" in path]
    assert {"/", "/ja/talk/", "/ja/mail/youth/", "/api/v1/services", "/staff/login/", "/healthz"} <= set(
        paths()
    )


@pytest.mark.parametrize("method", ["get", "post", "put"])
async def test_each_route_answers_with_the_same_strict_headers(method: str) -> None:
    browser = AsyncClient(raise_request_exception=False)
    for path in paths():
        response = await getattr(browser, method)(path)
        expected = {**HEADERS, **(CROSS_ORIGIN.get(path, {}) if method == "get" else {})}
        assert {name: response.get(name) for name in HEADERS} == expected, f"{method} {path}"


def test_no_string_becomes_markup_or_script() -> None:
    assert "require-trusted-types-for 'script'; trusted-types lit-html" in POLICY
