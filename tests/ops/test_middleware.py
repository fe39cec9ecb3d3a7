"""Strict headers on every answer; sessions and CSRF for the staff's paths alone."""

import pytest
from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, RequestFactory

from notalone.headers import HEADERS
from notalone.middleware import SecurityHeadersMiddleware, staff_csrf, staff_session


async def answer(request: HttpRequest) -> HttpResponse:
    has_session = hasattr(request, "session")
    return HttpResponse("with a session" if has_session else "without")


@pytest.mark.parametrize("name", sorted(HEADERS))
async def test_every_answer_has_the_header(name: str) -> None:
    response = await SecurityHeadersMiddleware(answer)(RequestFactory().get("/"))
    assert response.headers[name] == HEADERS[name]


async def test_a_view_s_own_header_stands() -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Referrer-Policy": "no-referrer"})

    response = await SecurityHeadersMiddleware(view)(RequestFactory().get("/"))
    assert response.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(("secure", "is_there"), [(True, True), (False, False)])
async def test_browsers_are_kept_to_https_once_they_came_by_it(secure: bool, is_there: bool) -> None:
    response = await SecurityHeadersMiddleware(answer)(RequestFactory().get("/", secure=secure))
    assert ("Strict-Transport-Security" in response.headers) is is_there


def test_the_policy_allows_nothing_inline_and_no_other_host() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "//" not in policy
    assert policy.startswith("default-src 'none'; ")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/staff/", "with a session"),
        ("/admin/x", "without"),
        ("/", "without"),
        ("/staffing", "without"),
    ],
)
async def test_a_session_is_there_for_staff_alone(path: str, said: str) -> None:
    response = await staff_session(answer)(RequestFactory().get(path))
    assert response.content.decode() == said


@pytest.mark.parametrize(("path", "is_checked"), [("/staff/x", True), ("/ja/talk/leave/", False)])
async def test_csrf_is_checked_for_staff_alone(path: str, is_checked: bool) -> None:
    middleware = staff_csrf(answer)
    request = RequestFactory(enforce_csrf_checks=True).post(path)
    request._dont_enforce_csrf_checks = False  # type: ignore[attr-defined]
    await middleware(request)
    refusal = await middleware.process_view(request, answer, (), {})
    assert (refusal is not None and refusal.status_code == 403) is is_checked


def test_visitors_requests_never_wait_for_a_thread() -> None:
    for middleware in (SecurityHeadersMiddleware(answer), staff_session(answer), staff_csrf(answer)):
        assert iscoroutinefunction(middleware)
    assert iscoroutinefunction(staff_csrf(answer).process_view)


@pytest.mark.parametrize("path", ["/healthz", "/nowhere"])
async def test_no_cookie_comes_with_a_visitor_s_answer(async_client: AsyncClient, path: str) -> None:
    response = await async_client.get(path)
    assert not response.cookies
    assert response.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
