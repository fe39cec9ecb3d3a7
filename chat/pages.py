"""The visitor's pages. Every one is useful without JavaScript, keeps no session and is never stored."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chat import languages
from chat.actions.end import leave as leave_ticket
from chat.actions.open_ticket import TicketRequest, open_ticket
from chat.actions.services import ServicesSnapshot
from chat.actions.turned_away import Kind, gather
from chat.addresses import client_address
from chat.cards import both_ways
from chat.forms import EntryForm
from chat.page_parts import (
    FOR_EVERYBODY,
    LIVE,
    current_ticket,
    kind_when_down,
    page,
    readings,
    remember,
    same_origin,
    services_now,
    shown,
)
from chat.rules.admission import admit
from chat.rules.errors import ChatError, Refusal
from chat.rules.types import AUDIENCES, Audience
from chat.start_page import turns_in_s

SEEN = "seen"  # stands in the address that an open page looks anew at: the refusal its reader knows


@require_http_methods(["GET", "POST"])
@same_origin
@kind_when_down
async def entry(request: HttpRequest, audience: str) -> HttpResponse:
    """Take a visitor in: the form, or kind words and the alternatives where nobody can be taken."""
    if audience not in AUDIENCES:
        raise Http404
    ticket = await current_ticket(request)
    if ticket is not None and ticket.state in LIVE:
        # one visitor, one place: also on a second tap
        return HttpResponseRedirect(reverse("talk"), status=303)
    if request.method == "POST":
        context = _entry_context(await services_now(), audience)
        return await _enter(request, audience, EntryForm(audience, request.POST), context)
    return await show_entry(request, audience)


def _entry_context(snap: ServicesSnapshot, audience: Audience) -> dict[str, Any]:
    lanes = snap.campaign.languages if snap.campaign else ()
    context = shown(snap, audience)
    cards_open = context["open_cards"]
    return {
        **context,
        "audience": audience,
        "is_late": any(card.is_late for card in cards_open),
        "other_cards": [card for card in cards_open if card.channel != "chat"],
        "furigana": readings(audience),
        "turns_in_s": turns_in_s(snap),
        "spoken": languages.lane_for(languages.current(), lanes),
    }


def _count_at_door(snap: ServicesSnapshot, audience: Audience, refusal: Refusal) -> None:
    """Count who came to a closed door: most people never get as far as being refused by the form."""
    campaign = snap.campaign
    lanes = campaign.languages if campaign else ()
    lane = languages.lane_for(languages.current(), lanes) or languages.DEFAULT.lane
    gather(Kind(campaign.slug if campaign else None, audience, lane, refusal.code, asked=False))


def _is_still_here(request: HttpRequest, refusal: Refusal) -> bool:
    """Tell whether who asks was counted by this refusal before: the open page looks anew, or is reloaded.

    Nothing is kept to know it: the page's own looks say so in their address, a browser that reloads says it
    in Cache-Control (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch, "max-age=0").
    """
    if request.method != "GET":
        return False
    asked = {word.strip() for word in request.headers.get("Cache-Control", "").split(",")}
    return request.GET.get(SEEN) == refusal.code or bool(asked & {"max-age=0", "no-cache"})


async def show_entry(request: HttpRequest, audience: Audience, *, returning: str = "") -> HttpResponse:
    """Show the entry form, or why nobody can enter now. ``returning``: a phrase that the form hands on."""
    snap = await services_now()
    context = _entry_context(snap, audience)
    refusal = _refusal(snap, audience)
    if refusal is not None:
        if not _is_still_here(request, refusal):
            _count_at_door(snap, audience, refusal)
        return _refused(request, refusal, context)
    form = EntryForm(audience, initial={"returning": returning})
    return page(request, "chat/entry.html", {**context, "form": form, "is_return": bool(returning)})


def _refusal(snap: ServicesSnapshot, audience: Audience) -> Refusal | None:
    accepting = any(
        offered.accepting
        for offered in snap.services
        if (offered.state.channel, offered.state.audience) == ("chat", audience)
    )
    return admit(snap.campaign, audience, snap.now, accepting=accepting)


def _refused(
    request: HttpRequest, refusal: Refusal, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    campaign = context["campaign"]
    retry_at = refusal.retry_at.astimezone(campaign.zone) if refusal.retry_at and campaign else None
    look_at = f"{reverse('entry', args=[context['audience']])}?{SEEN}={refusal.code}"
    context = {**context, "code": refusal.code, "retry_at": retry_at, "look_at": look_at}
    return page(request, "chat/refused.html", context, status=status)


async def _enter(
    request: HttpRequest, audience: Audience, form: EntryForm, context: dict[str, Any]
) -> HttpResponse:
    context = {**context, "form": form}
    if not form.is_valid():
        return page(request, "chat/entry.html", context, status=400)
    lane = context["spoken"] or languages.DEFAULT.lane
    before = request.COOKIES.get(settings.VISITOR_COOKIE, "")  # of a ticket that has ended
    fields = {**form.cleaned_data, "returning": form.cleaned_data["returning"] or before}
    wish = TicketRequest(audience=audience, language=lane, **fields)
    try:
        opened = await open_ticket(wish, address=client_address(request))
    except ChatError as error:
        return _not_opened(request, error, context)
    return remember(HttpResponseRedirect(reverse("talk"), status=303), opened.token, request)


def _not_opened(request: HttpRequest, error: ChatError, context: dict[str, Any]) -> HttpResponse:
    if error.refusal is not None:
        return _refused(request, error.refusal, context, status=403)
    status = {"too_many": 429, "unavailable": 503}.get(error.code, 400)
    response = page(request, "chat/entry.html", {**context, "trouble": error.code}, status=status)
    if error.retry_after_s is not None:
        response["Retry-After"] = str(error.retry_after_s)
    return response


@require_GET
@kind_when_down
async def talk(request: HttpRequest) -> HttpResponse:
    """Show the waiting, the talk and its end: one page, which the socket drives."""
    ticket = await current_ticket(request)
    audience = cast(Audience, ticket.audience) if ticket else None
    context = {**shown(await services_now(), audience), "audience": audience}
    if ticket is None:
        return page(request, "chat/none.html", {**context, "furigana": readings()})
    opened, closed = both_ways([*context["open_cards"], *context["closed_cards"]])
    context |= {
        "open_cards_at_end": opened,
        "closed_cards_at_end": closed,
        # beside the talk itself; the page may stay open for hours
        "danger_cards": [card for card in opened if card.channel != "chat"],
        "furigana": readings(audience),
    }
    return page(request, "chat/talk.html", context)


@require_POST
@same_origin
@kind_when_down
async def leave(request: HttpRequest) -> HttpResponse:
    """End the wait or the talk, say thanks, and show what else is open."""
    ticket = await current_ticket(request)
    if ticket is not None:
        await leave_ticket(ticket.id)
    audience = cast(Audience, ticket.audience) if ticket else None
    context = {**shown(await services_now(), audience), "audience": audience, "furigana": readings(audience)}
    response = page(request, "chat/left.html", context)
    _forget(response)
    return response


@require_GET
async def close(request: HttpRequest) -> HttpResponse:
    """Quick exit: leave, wipe this site's traces from the browser, and show an empty page at once."""
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return HttpResponse(status=503)  # a browser that looks ahead must not end a talk
    try:
        ticket = await current_ticket(request)
        if ticket is not None and ticket.state in LIVE:
            await leave_ticket(ticket.id)
    except ChatError:
        pass  # the view is closed whatever happens; the sweeper ends what nobody looks at
    response = page(request, "chat/close.html")
    response["Clear-Site-Data"] = '"storage", "cache"'
    _forget(response)
    return response


@require_GET
async def close_rest(request: HttpRequest) -> HttpResponse:
    """Wipe once more, as an empty style sheet of the empty page.

    Chromium puts the page that was left into its back-forward cache after it has obeyed the empty
    page's own header; without JavaScript the back button would show the talk page again.
    """
    response = HttpResponse(content_type="text/css")
    response["Cache-Control"] = "no-store"
    response["Clear-Site-Data"] = '"storage", "cache"'
    return response


def _forget(response: HttpResponse) -> None:
    response.delete_cookie(settings.VISITOR_COOKIE, samesite="Strict")
    response.delete_cookie(settings.VISITOR_MAIL_COOKIE, samesite="Strict")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say kindly that there is no such page."""
    return page(request, "errors/404.html", FOR_EVERYBODY, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say kindly that something is wrong here, with the phone numbers."""
    return page(request, "errors/500.html", FOR_EVERYBODY, status=500)
