"""The list of ready sentences, as an organization's supervisors read and change it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chat import control, db
from chat.access import uuid_of
from notalone import clock
from staff import ready
from staff.models import User
from staff.pages import staff_page
from staff.roles import supervisor_required

LONGEST = 60_000
CHANGED_MEANWHILE = _(
    "そのあいだに、ほかの人がこのリストを変えました。新しい内容を別の画面で見て、もういちど直してください。"
)
FAULTS = {
    "unfit": _("使えない文字が入っていました。"),
    "heading": _("見出しは [あいさつ] のように、角かっこで囲んで書いてください。"),
    "no_heading": _("この行の上に、[あいさつ] のような見出しを書いてください。"),
    "too_long": _("一つの文例は 2,000 文字までです。"),
    "too_many": _("文例は 300 までです。"),
    "empty": _("見出しの下に、文例を一つは書いてください。"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@supervisor_required
async def ready_sentences(request: HttpRequest, user: User) -> HttpResponse:
    """Show the list; save a changed one when it can be used."""
    if request.method != "POST":
        return await _show(request, user, {})
    text = request.POST.get("text", "").replace("\r\n", "\n")[:LONGEST]
    typed = {"text": text, "based_on": request.POST.get("based_on", "")}
    read = ready.parse(text)
    if isinstance(read, ready.Fault):
        told = {"fault": FAULTS[read.code], "fault_line": read.line}
        return await _show(request, user, {**typed, **told}, status=400)
    based_on = uuid_of(typed["based_on"])
    if await db.run(ready.save, user, text, based_on=based_on, now=clock.now()):
        await control.ready_changed(user.organization_id or "")
        return redirect("staff_ready_sentences")
    return await _show(request, user, {**typed, "fault": CHANGED_MEANWHILE}, status=409)


async def _show(
    request: HttpRequest, user: User, shown: dict[str, object], *, status: int = 200
) -> HttpResponse:
    version = await db.run(ready.newest, user.organization_id)
    context = {
        "text": version.text,
        "based_on": version.id or "",
        "version": version,
        **shown,
    }
    return staff_page(request, user, "staff/ready_sentences.html", context, status=status)
