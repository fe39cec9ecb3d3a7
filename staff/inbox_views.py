"""The inbox of consultations by mail: plain pages that need no script."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from chat import db
from chat.actions import inquiry_desk
from chat.actions.inquiry_desk import Reader
from chat.models import Counselor
from chat.rules.errors import ChatError
from staff.models import User
from staff.pages import staff_page
from staff.roles import counselor_required


@require_safe
@counselor_required
async def inbox(request: HttpRequest, user: User) -> HttpResponse:
    """Show what waits for an answer."""
    reader = await _reader(user)
    rows = await db.run(inquiry_desk.inbox, reader)
    return staff_page(request, user, "staff/inbox.html", {"rows": rows})


@require_safe
@counselor_required
async def inquiry(request: HttpRequest, user: User, inquiry_id: uuid.UUID) -> HttpResponse:
    """Show one consultation."""
    return await _show(request, user, inquiry_id, {})


@require_POST
@counselor_required
async def act(request: HttpRequest, user: User, inquiry_id: uuid.UUID, verb: str) -> HttpResponse:
    """Do one thing with a consultation. What was typed is shown again when it can not be done."""
    reader = await _reader(user)
    body = request.POST.get("body", "").replace("\r\n", "\n")
    do = _VERBS.get(verb)
    if do is None:
        raise Http404
    asked = Asked(reader, inquiry_id, body, request.POST, await db.run(_needs_second_reader, user))
    try:
        await db.run(do, asked)
    except ChatError as error:
        if error.code == "unavailable":
            raise
        if verb == "claim":
            return redirect("staff_inbox")
        return await _show(request, user, inquiry_id, {"trouble": error.code, "typed": body}, status=409)
    leaves = verb in {"hand-over", "close"}
    return redirect("staff_inbox") if leaves else redirect("staff_inquiry", inquiry_id=inquiry_id)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for. ``body``: the words typed; ``form``: everything that was sent."""

    reader: Reader
    inquiry_id: uuid.UUID
    body: str
    form: QueryDict
    needs_second_reader: bool


def _hand_over(asked: Asked) -> None:
    to_everybody = asked.form.get("to") == "everybody"
    inquiry_desk.hand_over(asked.reader, asked.inquiry_id, to_everybody=to_everybody)


def _save_draft(asked: Asked, *, offer: bool) -> None:
    inquiry_desk.save_draft(asked.reader, asked.inquiry_id, asked.body, offer=offer)


def _answer(asked: Asked) -> None:
    inquiry_desk.answer(
        asked.reader,
        asked.inquiry_id,
        asked.body,
        _form_id(asked.form),
        needs_second_reader=asked.needs_second_reader,
    )


_VERBS: dict[str, Callable[[Asked], None]] = {
    "claim": lambda asked: inquiry_desk.claim(asked.reader, asked.inquiry_id),
    "hand-over": _hand_over,
    "draft": partial(_save_draft, offer=False),
    "offer": partial(_save_draft, offer=True),
    "agree": lambda asked: inquiry_desk.agree(asked.reader, asked.inquiry_id, asked.body),
    "answer": _answer,
    "close": lambda asked: inquiry_desk.close(
        asked.reader, asked.inquiry_id, str(asked.form.get("outcome", ""))
    ),
}


def _form_id(form: QueryDict) -> uuid.UUID:
    try:
        return uuid.UUID(str(form.get("form_id", "")))
    except ValueError:
        return uuid.uuid4()


def _needs_second_reader(user: User) -> bool:
    return user.organization is not None and user.organization.needs_second_reader


async def _show(
    request: HttpRequest, user: User, inquiry_id: uuid.UUID, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    opened = await db.run(inquiry_desk.opened, await _reader(user), inquiry_id)
    if opened is None:
        raise Http404
    context = {
        "inquiry": opened,
        "form_id": uuid.uuid4(),
        "needs_second_reader": await db.run(_needs_second_reader, user),
        **more,
    }
    return staff_page(request, user, "staff/inquiry.html", context, status=status)


async def _reader(user: User) -> Reader:
    counselor = await db.run(Counselor.objects.filter(user=user).first)
    if counselor is None:
        raise Http404
    return Reader(counselor.id, user.organization_id or "")
