"""``/api/v1/poll`` and ``/api/v1/letters``: the socket's frames over HTTP. See ``chat.consumers.polling``."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from chat import access, runtime
from chat.actions.rebuild import ms
from chat.consumers.cookies import cookie_value
from chat.consumers.polling import MAX_FRAMES, Polled, poll, scope_of, send_letter
from chat.rules.errors import ChatError
from chat.store.errors import StoreDown
from chat.views import method_not_allowed, refusal_response
from notalone import clock

MINUTE_S = 60


class PollBody(msgspec.Struct, forbid_unknown_fields=True):
    """``hello`` as on the socket; ``mark`` as the last answer gave it."""

    hello: msgspec.Raw
    mark: Annotated[str, msgspec.Meta(max_length=64)] = ""


class LetterBody(msgspec.Struct, forbid_unknown_fields=True):
    """``frames`` as on the socket, in order."""

    hello: msgspec.Raw
    frames: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=MAX_FRAMES)]


@csrf_exempt
async def polls(request: HttpRequest) -> HttpResponse:
    """``POST /api/v1/poll``: wait for frames. The socket's own doors check Origin and token."""
    if request.method != "POST":
        return method_not_allowed("POST")
    try:
        body = _read(request, PollBody)
    except ChatError as error:
        return refusal_response(error)
    return _answer(await poll(_scope(request), bytes(body.hello).decode(), body.mark))


@csrf_exempt
async def letters(request: HttpRequest) -> HttpResponse:
    """``POST /api/v1/letters``: hand frames over and get their answers."""
    if request.method != "POST":
        return method_not_allowed("POST")
    try:
        body = _read(request, LetterBody)
        await _limit(request, body)
    except ChatError as error:
        return refusal_response(error)
    frames = [bytes(frame).decode() for frame in body.frames]
    return _answer(await send_letter(_scope(request), bytes(body.hello).decode(), frames))


def _scope(request: HttpRequest) -> dict[str, Any]:
    return scope_of(request.headers, request.scheme or "http")


async def _limit(request: HttpRequest, body: LetterBody) -> None:
    """Hold who says too much a minute: a socket counts for itself, letters are counted in Redis."""
    limit = settings.MESSAGES_PER_MINUTE
    token = _token(request, body)
    if not limit or not token:
        return
    try:
        wait_s = 0
        for _ in filter(_is_message, body.frames):
            wait_s = await runtime.current().counters.hit(
                f"letters:{access.token_hash(token).hex()[:32]}",
                limit=limit,
                window_s=MINUTE_S,
                now_ms=ms(clock.now()),
            )
    except StoreDown:
        return
    if wait_s:
        raise ChatError("too_many", retry_after_s=wait_s)


class _Kind(msgspec.Struct):
    type: str = ""


def _is_message(frame: msgspec.Raw) -> bool:
    try:
        return msgspec.json.decode(frame, type=_Kind).type == "message.send"
    except msgspec.MsgspecError:
        return False


class _HelloToken(msgspec.Struct):
    token: str | None = None


def _token(request: HttpRequest, body: LetterBody) -> str:
    try:
        hello = msgspec.json.decode(body.hello, type=_HelloToken)
    except msgspec.MsgspecError:
        return ""
    return hello.token or cookie_value(_scope(request), settings.VISITOR_COOKIE)


def _read(request: HttpRequest, kind: Any) -> Any:
    try:
        # as text: a msgspec.Raw of bytes would let through what is no UTF-8
        return msgspec.json.decode(request.body.decode(), type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, RequestDataTooBig):
        raise ChatError("invalid", field="body") from None


def _answer(polled: Polled) -> HttpResponse:
    data = {"frames": polled.frames, "mark": polled.mark, "closed": polled.closed}
    response = HttpResponse(msgspec.json.encode(data), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response
