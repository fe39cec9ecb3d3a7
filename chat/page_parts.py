"""What the visitor's pages are made of: the guards before them, and what every one of them shows."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from chat import db, languages
from chat.access import ticket_for_token
from chat.actions.services import ServicesSnapshot, snapshot
from chat.cards import Card, cards
from chat.models import Ticket
from chat.rules.errors import ChatError
from chat.rules.types import AUDIENCES, Audience
from notalone import clock

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponse]]
LIVE = (Ticket.WAITING, Ticket.PAIRED)
FOR_EVERYBODY = {"furigana": True}  # who may be a child gets the readings


def same_origin(view: View[P]) -> View[P]:
    """Refuse a form that another site sent, without any cookie to compare.

    The browser says where a request comes from: Sec-Fetch-Site, or else Origin. A request with
    neither comes from no current browser's form, so nobody was tricked into it (the rule of Go's
    CrossOriginProtection, https://go.dev/issue/73626).
    """

    @wraps(view)
    async def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST" and not is_same_origin(request):
            return page(request, "errors/403.html", FOR_EVERYBODY, status=403)
        return await view(request, *args, **kwargs)

    return guarded


def is_same_origin(request: HttpRequest) -> bool:
    """Tell whether a request comes from a page of this site, or from no page at all."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.get_host()


def kind_when_down(view: View[P]) -> View[P]:
    """Answer with the phone numbers, and when to come again, where a store is down."""

    @wraps(view)
    async def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return await view(request, *args, **kwargs)
        except ChatError as error:
            if error.code != "unavailable":
                raise
            response = page(request, "errors/503.html", FOR_EVERYBODY, status=503)
            response["Retry-After"] = str(error.retry_after_s or 5)
            return response

    return guarded


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page that no cache and no history keeps."""
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    # Nothing goes to other sites; with "no-referrer" old Safari would send a form's Origin as "null".
    response["Referrer-Policy"] = "same-origin"
    return response


async def current_ticket(request: HttpRequest) -> Ticket | None:
    """Find the ticket of this browser's cookie."""
    token = request.COOKIES.get(settings.VISITOR_COOKIE, "")
    return await db.run(ticket_for_token, token) if token else None


def audience_or_404(text: str) -> Audience:
    """Read the audience that stands in a path. Raises Http404."""
    for audience in AUDIENCES:
        if text == audience:
            return audience
    raise Http404


def readings(audience: Audience | None = None) -> bool:
    """Tell whether a page sets readings at first: for youth, where the audience is not known, and in easy
    Japanese."""
    language = languages.current()
    return language.html == "ja" and (audience != "general" or language.code != languages.DEFAULT.code)


async def services_now() -> ServicesSnapshot:
    """Tell what is open to who reads the page's language. Raises ChatError ``unavailable``."""
    return await snapshot(clock.now(), languages.current().lane)


def shown(snap: ServicesSnapshot, audience: Audience | None = None) -> dict[str, Any]:
    """Give what a template needs to show the services, of one audience or of all."""
    made = cards(snap.campaign, snap.services) if snap.campaign else []
    mine: list[Card] = [card for card in made if audience in {None, card.audience}]
    opened = [card for card in mine if card.is_open]
    return {
        "campaign": snap.campaign,
        "phase": snap.phase,
        "now": snap.now.astimezone(snap.campaign.zone) if snap.campaign else snap.now,
        "starts_at": snap.campaign.starts_at.astimezone(snap.campaign.zone) if snap.campaign else None,
        "ends_at": snap.campaign.ends_at.astimezone(snap.campaign.zone) if snap.campaign else None,
        "open_cards": opened,
        "danger_cards": sorted(opened, key=lambda card: card.channel != "phone"),  # a voice first
        "closed_cards": [card for card in mine if not card.is_open],
    }


def remember(response: HttpResponse, token: str, request: HttpRequest) -> HttpResponse:
    """Let this browser find the ticket again, until it is closed."""
    response.set_cookie(
        settings.VISITOR_COOKIE, token, httponly=True, samesite="Strict", secure=request.is_secure()
    )
    return response
