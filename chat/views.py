"""The JSON API: what is open, and a ticket's beginning and end. No cookie is set or read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from chat import access, db
from chat.actions.end import leave
from chat.actions.open_ticket import MAX_NICKNAME, MAX_NOTE, MAX_TOPIC, TicketRequest, open_ticket
from chat.actions.returning import make_phrase, return_by_phrase
from chat.actions.services import Offered, snapshot
from chat.addresses import client_address
from chat.models import Ticket
from chat.rules.errors import Alternative, ChatError, Refusal
from chat.words import channel_label, error_words

STATUS = {
    "invalid": 400,
    "campaign_not_started": 403,
    "campaign_over": 403,
    "outside_window": 403,
    "queue_closed": 403,
    "not_found": 404,
    "too_many": 429,
    "unavailable": 503,
}
UNAVAILABLE_RETRY_S = 5


class TicketBody(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``POST /api/v1/tickets``."""

    audience: str
    consent: bool
    language: Annotated[str, msgspec.Meta(max_length=16)] = "ja"
    topic: Annotated[str, msgspec.Meta(max_length=MAX_TOPIC)] = ""
    note: Annotated[str, msgspec.Meta(max_length=MAX_NOTE)] = ""
    nickname: Annotated[str, msgspec.Meta(max_length=MAX_NICKNAME)] = ""
    urgency: Annotated[int, msgspec.Meta(ge=0, le=3)] = 0
    returning: Annotated[str, msgspec.Meta(max_length=300)] = ""


class ReturnBody(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``POST /api/v1/return``."""

    phrase: Annotated[str, msgspec.Meta(max_length=300)]


_decode = msgspec.json.Decoder(TicketBody).decode
_decode_return = msgspec.json.Decoder(ReturnBody).decode


async def services(request: HttpRequest) -> HttpResponse:
    """``GET /api/v1/services``."""
    if request.method not in {"GET", "HEAD"}:
        return method_not_allowed("GET")
    try:
        now = await snapshot()
    except ChatError as error:
        return refusal_response(error)
    campaign = now.campaign
    body = {
        "now": now.now,
        "campaign": {
            "slug": campaign.slug,
            "name": campaign.name,
            "phase": now.phase,
            "starts_at": campaign.starts_at,
            "ends_at": campaign.ends_at,
        }
        if campaign
        else None,
        "services": [_offered(one) for one in now.services],
    }
    response = _json(body)
    response["Cache-Control"] = "public, max-age=5"
    # Pages of schools and local governments may show what is open: this call alone, and it knows nobody.
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _offered(one: Offered) -> dict[str, Any]:
    state = one.state
    return {
        "channel": state.channel,
        "audience": state.audience,
        "is_open": state.is_open,
        "opens_at": state.opens_at,
        "closes_at": state.closes_at,
        "last_entry_at": state.last_entry_at,
        "next_opens_at": state.next_opens_at,
        "accepting": one.accepting,
    }


@csrf_exempt
async def tickets(request: HttpRequest) -> HttpResponse:
    """``POST /api/v1/tickets``."""
    if request.method != "POST":
        return method_not_allowed("POST")
    try:
        body = _read_body(request, _decode)
        opened = await open_ticket(
            TicketRequest(
                audience=body.audience,
                language=body.language,
                topic=body.topic,
                note=body.note,
                nickname=body.nickname,
                urgency=body.urgency,
                consent=body.consent,
                returning=body.returning,
            ),
            client_address(request),
        )
    except ChatError as error:
        return refusal_response(error)
    estimate = opened.estimate
    return _json(
        {
            "ticket": opened.ticket,
            "token": opened.token,
            "websocket": "/ws/visitor/",
            "state": opened.state,
            "position": opened.position,
            "estimate": {"low_s": estimate.low_s, "high_s": estimate.high_s, "by_close": estimate.by_close}
            if estimate
            else None,
        },
        status=201,
    )


@csrf_exempt
async def ticket(request: HttpRequest, ticket_id: str) -> HttpResponse:
    """``DELETE /api/v1/tickets/{ticket}``."""
    if request.method != "DELETE":
        return method_not_allowed("DELETE")
    try:
        await leave((await _own_ticket(request, ticket_id)).id)
    except ChatError as error:
        return refusal_response(error)
    return HttpResponse(status=204)


@csrf_exempt
async def ticket_phrase(request: HttpRequest, ticket_id: str) -> HttpResponse:
    """``POST /api/v1/tickets/{ticket}/phrase``."""
    if request.method != "POST":
        return method_not_allowed("POST")
    try:
        phrase = await make_phrase(await _own_ticket(request, ticket_id))
    except ChatError as error:
        return refusal_response(error)
    return unstored(_json({"phrase": phrase}, status=201))


@csrf_exempt
async def come_back(request: HttpRequest) -> HttpResponse:
    """``POST /api/v1/return``."""
    if request.method != "POST":
        return method_not_allowed("POST")
    try:
        body = _read_body(request, _decode_return)
        found = await return_by_phrase(body.phrase, client_address(request))
    except ChatError as error:
        return refusal_response(error)
    state = "live" if found.token else "ended"
    answer = {"state": state, "ticket": str(found.ticket), "audience": found.audience}
    if found.token:
        answer |= {"token": found.token, "websocket": "/ws/visitor/"}
    return unstored(_json(answer))


async def _own_ticket(request: HttpRequest, ticket_id: str) -> Ticket:
    """Find the ticket of a path, by the token in the header. Raises ChatError ``not_found``."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    found = await db.run(access.ticket_for, ticket_id, token.strip()) if is_bearer else None
    if found is None:
        raise ChatError("not_found")
    return found


def unstored(response: HttpResponse) -> HttpResponse:
    """Keep an answer that opens something out of every cache."""
    response["Cache-Control"] = "no-store"
    return response


Body = TypeVar("Body")


def _read_body(request: HttpRequest, decode: Callable[[bytes], Body]) -> Body:
    try:
        return decode(request.body)
    except msgspec.ValidationError as error:
        raise ChatError("invalid", field=_field_of(str(error))) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError, RequestDataTooBig):
        raise ChatError("invalid", field="body") from None


def _field_of(complaint: str) -> str:
    """Find the field in msgspec's words: ``… unknown field `x``` or ``… - at `$.x```."""
    parts = complaint.split("`")
    named = [part for part in parts[1::2] if part.startswith("$.")]
    if named:
        return named[-1].removeprefix("$.")
    if "field `" in complaint:
        return complaint.split("field `", 1)[1].split("`", 1)[0]
    return "body"


def refusal_response(error: ChatError) -> HttpResponse:
    """Give the JSON answer for what could not be done."""
    data: dict[str, Any] = {"code": error.code, "message": error_words(error)}
    if error.field:
        data["field"] = error.field
    retry_after_s = error.retry_after_s
    if error.code in {"too_many", "unavailable"}:
        retry_after_s = retry_after_s or UNAVAILABLE_RETRY_S
    if retry_after_s is not None:
        data["retry_after_s"] = retry_after_s
    if error.refusal is not None:
        data |= _refusal(error.refusal)
    response = _json({"error": data}, status=STATUS.get(error.code, 400))
    if retry_after_s is not None:
        response["Retry-After"] = str(retry_after_s)
    response["Cache-Control"] = "no-store"
    return response


def _refusal(refusal: Refusal) -> dict[str, Any]:
    data: dict[str, Any] = {"alternatives": [_alternative(one) for one in refusal.alternatives]}
    if refusal.retry_at is not None:
        data["retry_at"] = refusal.retry_at
    return data


def _alternative(one: Alternative) -> dict[str, Any]:
    data: dict[str, Any] = {
        "channel": one.channel,
        "label": channel_label(one.channel, one.audience),
        "is_open": one.is_open,
    }
    if one.url:
        data["url"] = one.url
    if one.phone:
        data["phone"] = one.phone
    return data


def method_not_allowed(allowed: str) -> HttpResponse:
    response = _json({"error": {"code": "invalid", "message": f"{allowed} で送ってください。"}}, status=405)
    response["Allow"] = allowed
    return response


def _json(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(
        msgspec.json.encode(body, enc_hook=_encode), content_type="application/json", status=status
    )


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise NotImplementedError(type(value).__name__)
