"""The visitor's pages of a consultation by mail: writing, and reading the answer on the site."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from chat import languages
from chat.actions.inquiries import InquiryRequest, Thread, open_inquiry, refusal_for, thread_for, write_more
from chat.actions.limits import entry_wait_s
from chat.actions.returning import make_inquiry_phrase
from chat.addresses import client_address
from chat.mail_forms import BodyForm, InquiryForm
from chat.page_parts import (
    audience_or_404,
    kind_when_down,
    page,
    readings,
    same_origin,
    services_now,
    shown,
)
from chat.rules.errors import ChatError
from chat.rules.types import Audience
from notalone import clock

STATUS = {"too_many": 429, "unavailable": 503}


@require_http_methods(["GET", "POST"])
@same_origin
@kind_when_down
async def write(request: HttpRequest, audience: str) -> HttpResponse:
    """Take a consultation by mail, or say kindly when one can be written."""
    of = audience_or_404(audience)
    snap = await services_now()
    context = {**shown(snap, of), "audience": of, "furigana": readings(of)}
    form = InquiryForm(of, request.POST) if request.method == "POST" else InquiryForm(of)
    refusal = refusal_for(snap.campaign, of, snap.now)
    if refusal is not None:
        retry_at = (
            refusal.retry_at.astimezone(snap.campaign.zone) if refusal.retry_at and snap.campaign else None
        )
        context |= {"code": refusal.code, "retry_at": retry_at, "kept": form.data.get("body", "")}
        return page(
            request, "chat/mail/refused.html", context, status=403 if request.method == "POST" else 200
        )
    context |= {"form": form, "can_mail": bool(settings.EMAIL_HOST)}
    if request.method == "GET":
        return page(request, "chat/mail/write.html", context)
    if form.is_from_a_program():
        return HttpResponseRedirect(reverse("mail-thread"), status=303)
    if not form.is_valid():
        return page(request, "chat/mail/write.html", context, status=400)
    try:
        await _hold_flood(request)
        token = await open_inquiry(_request(of, form.cleaned_data))
    except ChatError as error:
        return _trouble(request, "chat/mail/write.html", context, error)
    return remember_inquiry(HttpResponseRedirect(reverse("mail-thread"), status=303), token, request)


def _request(audience: Audience, words: dict[str, Any]) -> InquiryRequest:
    return InquiryRequest(
        form_id=words["form_id"],
        audience=audience,
        language=languages.current().code,
        body=words["body"],
        topic=words["topic"],
        nickname=words["nickname"],
        urgency=words["urgency"],
        address=words["address"],
        wants_words_in_mail=words["words_in_mail"],
    )


@require_http_methods(["GET", "POST"])
@same_origin
@kind_when_down
async def thread(request: HttpRequest) -> HttpResponse:
    """Show what was written and answered, and take more words."""
    token = request.COOKIES.get(settings.VISITOR_MAIL_COOKIE, "")
    found = await thread_for(token) if token else None
    if found is None:
        context = {**shown(await services_now()), "furigana": readings()}
        return page(request, "chat/mail/none.html", context)
    form = BodyForm(request.POST) if request.method == "POST" else BodyForm()
    context = await _thread_context(found, form)
    if request.method == "GET":
        return page(request, "chat/mail/thread.html", context)
    if not form.is_valid():
        return page(request, "chat/mail/thread.html", context, status=400)
    try:
        await _hold_flood(request)
        await write_more(token, form.cleaned_data["form_id"], form.cleaned_data["body"])
    except ChatError as error:
        return _trouble(request, "chat/mail/thread.html", context, error)
    return HttpResponseRedirect(reverse("mail-thread") + "#newest", status=303)


@require_POST
@same_origin
@kind_when_down
async def thread_phrase(request: HttpRequest) -> HttpResponse:
    """Show, this once, a phrase that leads here from another device; the one before leads nowhere then."""
    found = await thread_for(request.COOKIES.get(settings.VISITOR_MAIL_COOKIE, ""))
    if found is None:
        return HttpResponseRedirect(reverse("mail-thread"), status=303)
    context = await _thread_context(found, BodyForm())
    try:
        phrase = await make_inquiry_phrase(found.id)
    except ChatError as error:
        return _trouble(request, "chat/mail/thread.html", context, error)
    return page(request, "chat/mail/thread.html", {**context, "phrase": phrase})


async def _thread_context(found: Thread, form: BodyForm) -> dict[str, Any]:
    context = shown(await services_now(), found.audience)
    zone = context["now"].tzinfo
    return {
        **context,
        "lines": [replace(line, sent_at=line.sent_at.astimezone(zone)) for line in found.lines],
        "audience": found.audience,
        "thread": found,
        "form": form,
        "furigana": readings(found.audience),
    }


async def _hold_flood(request: HttpRequest) -> None:
    wait_s = await entry_wait_s(client_address(request), clock.now())
    if wait_s:
        raise ChatError("too_many", retry_after_s=wait_s)


def _trouble(request: HttpRequest, template: str, context: dict[str, Any], error: ChatError) -> HttpResponse:
    response = page(request, template, {**context, "trouble": error.code}, status=STATUS.get(error.code, 400))
    if error.retry_after_s is not None:
        response["Retry-After"] = str(error.retry_after_s)
    return response


def remember_inquiry(response: HttpResponse, token: str, request: HttpRequest) -> HttpResponse:
    """Give this browser the key to a consultation by mail."""
    response.set_cookie(
        settings.VISITOR_MAIL_COOKIE,
        token,
        max_age=settings.MAIL_COOKIE_S,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure(),
    )
    return response
