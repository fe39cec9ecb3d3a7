"""The entry's short way answers as Django's own does: the same status, headers and words."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import brotli
import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from chat import views
from chat.actions.open_ticket import TicketRequest, open_ticket
from chat.models import Ticket
from notalone.asgi import application, django_application
from notalone.headers import HEADERS
from notalone.short_way import LONG_WAY, MIDDLEWARE, PATH, with_short_way
from tests.ops.test_headers import paths

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

GOOD = json.dumps({"audience": "youth", "consent": True}).encode()
LONG = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
Headers = Sequence[tuple[bytes, bytes]]


async def ask(
    app: Any, *parts: bytes, headers: Headers = (), **scope: Any
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Send a body in parts; give status, headers and body."""
    asked = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": PATH,
        "query_string": b"",
        "scheme": "http",
        "client": ["203.0.113.7", 40000],
        "headers": list(headers),
        **scope,
    }
    line = ApplicationCommunicator(app, asked)
    for number, part in enumerate(parts, 1):
        await line.send_input({"type": "http.request", "body": part, "more_body": number < len(parts)})
    start = await line.receive_output(10)
    body = b""
    while (event := await line.receive_output(10)).get("more_body"):
        body += event.get("body", b"")
    await line.wait()
    found = {name.lower(): value for name, value in start["headers"]}
    return start["status"], found, body + event.get("body", b"")


def shape(body: bytes) -> Any:
    told = json.loads(body)
    return told if "error" in told else sorted(told)


@pytest.mark.parametrize(
    ("parts", "headers"),
    [
        ((GOOD,), ()),
        ((GOOD[:5], GOOD[5:]), ()),
        ((GOOD,), ((b"x-forwarded-proto", b"https"),)),
        ((b"",), ()),
        ((b"{",), ()),
        ((b'{"audience":"adult","consent":true}',), ()),
        ((b'{"audience":"youth","consent":true,"x":1}',), ()),
        ((GOOD + b" " * LONG,), ((b"content-length", str(LONG + len(GOOD)).encode()),)),
    ],
)
async def test_both_ways_answer_alike(parts: tuple[bytes, ...], headers: Headers) -> None:
    status, told, body = await ask(application, *parts, headers=headers)
    django_status, django_told, django_body = await ask(django_application, *parts, headers=headers)

    assert status == django_status
    assert told.pop(b"content-length") == str(len(body)).encode()
    assert told == django_told
    assert shape(body) == shape(django_body)


async def test_a_refusal_is_the_same_on_both(set_clock: Callable[[str], None]) -> None:
    set_clock("2024-12-28 03:00")
    status, told, body = await ask(application, GOOD)
    django_status, django_told, django_body = await ask(django_application, GOOD)

    told.pop(b"content-length")
    assert (status, told, body) == (django_status, django_told, django_body)
    assert status == 403


async def test_what_is_long_is_compressed() -> None:
    async def view(_: HttpRequest) -> HttpResponse:
        return HttpResponse(b"[" + b"1," * 1000 + b"1]", content_type="application/json")

    app = with_short_way(django_application, view)
    _, told, body = await ask(app, GOOD, headers=[(b"accept-encoding", b"br")])
    assert (told[b"content-encoding"], told[b"vary"]) == (b"br", b"Accept-Encoding")
    assert told[b"content-length"] == str(len(body)).encode()
    assert len(json.loads(brotli.decompress(body))) == 1001


async def test_https_is_kept_and_every_strict_header_is_there() -> None:
    _, told, _ = await ask(application, GOOD, scheme="https")
    assert told[b"strict-transport-security"] == b"max-age=31536000"
    assert {name: told[name.lower().encode()].decode() for name in HEADERS} == HEADERS


async def test_a_body_that_does_not_say_how_long_it_is_is_bounded() -> None:
    parts = [b" " * 40_000] * 20 + [GOOD]
    status, _, body = await ask(application, *parts)
    assert (status, json.loads(body)["error"]["field"]) == (400, "body")
    assert not await Ticket.objects.aexists()


async def test_who_goes_before_the_body_has_come_opens_nothing() -> None:
    line = ApplicationCommunicator(
        application,
        {"type": "http", "method": "POST", "path": PATH, "query_string": b"", "headers": []},
    )
    await line.send_input({"type": "http.request", "body": GOOD[:5], "more_body": True})
    await line.send_input({"type": "http.disconnect"})
    await line.wait()
    assert await line.receive_nothing()
    assert not await Ticket.objects.aexists()


async def test_what_fails_is_answered_kindly_and_strictly(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any) -> None:
        raise ValueError("unforeseen")

    monkeypatch.setattr("chat.views.open_ticket", fail)
    status, told, body = await ask(application, GOOD)
    django_status, django_told, django_body = await ask(django_application, GOOD)
    told.pop(b"content-length")
    assert (status, told, body) == (django_status, django_told, django_body)
    assert status == 500


FORM = b"consent=on&note=&nickname=&urgency=0"
FORM_HEADERS = ((b"content-type", b"application/x-www-form-urlencoded"), (b"sec-fetch-site", b"same-origin"))


async def both(*parts: bytes, **asked: Any) -> tuple[int, dict[bytes, bytes]]:
    """Ask by both ways; see that they answer alike, and give status and headers."""
    status, told, body = await ask(application, *parts, **asked)
    django_status, django_told, django_body = await ask(django_application, *parts, **asked)
    length = told.pop(b"content-length", None)
    if b"content-length" not in django_told:
        assert length == (None if status == 204 else str(len(body)).encode())
    django_told.pop(b"content-length", None)
    assert (status, told.keys()) == (django_status, django_told.keys()), asked
    cookies = [one.pop(b"set-cookie", b"").partition(b"=") for one in (told, django_told)]
    assert cookies[0][0] == cookies[1][0]
    assert told == django_told, asked
    assert bool(body) == bool(django_body)
    return status, told


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
async def test_every_path_answers_alike_by_both_ways(method: str) -> None:
    for path in (path for path in paths() if not path.startswith(LONG_WAY)):
        await both(b"", path=path, method=method)


async def test_the_form_leads_on_with_a_cookie_by_both_ways() -> None:
    status, told = await both(FORM, path="/ja/chat/youth/", headers=FORM_HEADERS)
    assert (status, told[b"location"]) == (303, b"/ja/talk/")
    status, _ = await both(
        FORM.replace(b"urgency=0", b"urgency=9"), path="/ja/chat/youth/", headers=FORM_HEADERS
    )
    assert status == 400


async def test_a_form_far_too_long_is_refused_by_both_ways() -> None:
    body = FORM + b"&note=" + b"x" * LONG
    headers = (*FORM_HEADERS, (b"content-length", str(len(body)).encode()))
    status, _ = await both(body, path="/ja/chat/youth/", headers=headers)
    assert status in {400, 413}


async def test_who_leaves_is_answered_without_a_body() -> None:
    opened = [await open_ticket(TicketRequest("youth", consent=True)) for _ in range(2)]
    for app, one in zip((application, django_application), opened, strict=True):
        headers = [(b"authorization", f"Bearer {one.token}".encode())]
        status, told, body = await ask(
            app, b"", path=f"{PATH}/{one.ticket}", method="DELETE", headers=headers
        )
        assert (status, body) == (204, b"")
        assert b"content-length" not in told


async def test_a_query_that_can_not_be_read_is_refused_by_both_ways() -> None:
    status, _ = await both(b"", path="/ja/", method="GET", query_string=b"a=\xff")
    assert status == 400


@pytest.mark.parametrize("path", ["/staff/login/", "/api/v1/poll", "/api/v1/letters"])
async def test_what_needs_it_goes_django_s_own_way(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def django(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])

    app = with_short_way(django, views.tickets)
    await app({"type": "http", "path": path, "method": "GET"}, None, None)
    await app({"type": "http", "path": PATH, "method": "POST", "root_path": "/x"}, None, None)
    assert seen == [path, PATH]


def test_what_it_leaves_out_is_the_staff_s() -> None:
    left_out = [name for name in settings.MIDDLEWARE if name not in MIDDLEWARE]
    assert [name for name in settings.MIDDLEWARE if name in MIDDLEWARE] == list(MIDDLEWARE)
    assert left_out == [
        "notalone.middleware.staff_session",
        "notalone.middleware.staff_csrf",
        "notalone.middleware.staff_auth",
        "notalone.middleware.staff_messages",
        "staff.gate.GateMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ]
