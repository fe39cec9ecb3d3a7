"""The way back from another device, as pages: say the phrase, and show one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from chat.actions.returning import make_phrase, return_by_phrase
from chat.addresses import client_address
from chat.mail_pages import remember_inquiry
from chat.page_parts import current_ticket, kind_when_down, page, remember, same_origin, services_now, shown
from chat.pages import show_entry
from chat.rules.errors import ChatError
from chat.rules.types import AUDIENCES
from chat.words import error_words

STATUS = {"not_found": 404, "too_many": 429, "unavailable": 503}


@require_http_methods(["GET", "POST"])
@same_origin
@kind_when_down
async def come_back(request: HttpRequest) -> HttpResponse:
    """Lead back to the talk of another device by its phrase, or to a new entry when that talk has ended."""
    if request.method != "POST":
        return await _ask(request)
    phrase = request.POST.get("phrase", "")
    try:
        found = await return_by_phrase(phrase, client_address(request))
    except ChatError as error:
        if error.code not in {"not_found", "too_many"}:
            raise
        return await _ask(request, phrase, error)
    if found.is_inquiry:
        return remember_inquiry(
            HttpResponseRedirect(reverse("mail-thread"), status=303), found.token, request
        )
    if found.token:
        return remember(HttpResponseRedirect(reverse("talk"), status=303), found.token, request)
    audience = next(one for one in AUDIENCES if one == found.audience)
    return await show_entry(request, audience, returning=phrase)


async def _ask(request: HttpRequest, phrase: str = "", error: ChatError | None = None) -> HttpResponse:
    context = {**shown(await services_now()), "furigana": True, "phrase": phrase}
    if error is None:
        return page(request, "chat/return.html", context)
    response = page(
        request, "chat/return.html", {**context, "trouble": error.code}, status=STATUS[error.code]
    )
    if error.retry_after_s is not None:
        response["Retry-After"] = str(error.retry_after_s)
    return response


@require_POST
@same_origin
async def phrase(request: HttpRequest) -> HttpResponse:
    """Make a phrase for this browser's ticket, for the talk page's script."""
    try:
        ticket = await current_ticket(request)
        if ticket is None:
            raise ChatError("not_found")
        answer = JsonResponse({"phrase": await make_phrase(ticket)}, status=201)
    except ChatError as error:
        words = {"error": {"code": error.code, "message": error_words(error)}}
        answer = JsonResponse(words, status=STATUS.get(error.code, 400))
    answer["Cache-Control"] = "no-store"
    return answer
