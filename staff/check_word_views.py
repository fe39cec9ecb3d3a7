"""The list of words to check, as supervisors read, try and change it."""

from __future__ import annotations

import uuid
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chat import db
from chat.access import uuid_of
from chat.actions.check_words import read_history, save
from chat.rules.check_words import WordsFault, find, parse_words
from chat.rules.conversation import is_fit
from chat.rules.pairing import boost_ms
from staff import trail
from staff.models import User
from staff.pages import staff_page
from staff.roles import supervisor_required

LANGUAGE = "ja"
SHOWN = 20
LONGEST = 20_000
CHANGED_MEANWHILE = _(
    "そのあいだに、ほかの人がこのリストを変えました。下の履歴を見て、もういちど直してください。"
)
FAULTS = {
    "unknown_head": _("見出しは [3]、[2]、[1]、[except] のどれかです。"),
    "no_head": _("この行の上に、[3] のような見出しを書いてください。"),
    "too_short": _("一文字のことばは、ほかのことばの中にも出てきてしまいます。二文字以上で書いてください。"),
    "too_long": _("ことばは 40 文字までです。"),
    "twice": _("同じことばが、ほかの行にもあります。どちらか一つにしてください。"),
    "too_many": _("ことばは 500 までです。"),
    "empty": _("[3]、[2]、[1] のどれかの下に、ことばを一つは書いてください。"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@supervisor_required
async def check_words(request: HttpRequest, user: User) -> HttpResponse:
    """Show the list and its history; try a sentence on a changed one; save it when it can be used."""
    if request.method != "POST":
        return await _show(request, user, {})
    typed = {
        "text": request.POST.get("text", "").replace("\r\n", "\n")[:LONGEST],
        "note": request.POST.get("note", "").strip()[:200],
        "sample": request.POST.get("sample", "")[:1000],
    }
    if "try" in request.POST:
        told = _fault_of(typed) or _tried(typed)
        return await _show(request, user, {**typed, **told}, status=200 if "is_tried" in told else 400)
    told = _fault_of(typed) or _note_fault(typed)
    if told:
        return await _show(request, user, {**typed, **told}, status=400)
    based_on = uuid_of(request.POST.get("based_on", ""))
    record = partial(_record, user)
    if await save(LANGUAGE, typed["text"], typed["note"], by=user.pk, based_on=based_on, on_record=record):
        return redirect("staff_check_words")
    return await _show(request, user, {**typed, "trouble": CHANGED_MEANWHILE}, status=409)


def _fault_of(typed: dict[str, str]) -> dict[str, object]:
    if not all(is_fit(words) for words in typed.values()):
        return {"trouble": _("使えない文字が入っていました。")}
    try:
        parse_words(typed["text"])
    except WordsFault as fault:
        return {"fault": FAULTS[fault.code], "fault_line": fault.line, "fault_word": fault.word}
    return {}


def _note_fault(typed: dict[str, str]) -> dict[str, object]:
    return {} if typed["note"] else {"trouble": _("なぜ変えるのかを、ひとこと書いてください。")}


def _tried(typed: dict[str, str]) -> dict[str, object]:
    found = find(parse_words(typed["text"]), typed["sample"])
    return {"is_tried": True, "found": found.words, "minutes": boost_ms(found.level) // 60_000}


def _record(user: User, version: uuid.UUID, note_sealed: bytes) -> None:
    facts: dict[str, trail.Fact] = {"language": LANGUAGE, "version": str(version)}
    trail.record("check_words.saved", user, facts, why_sealed=note_sealed)


async def _show(
    request: HttpRequest, user: User, shown: dict[str, object], *, status: int = 200
) -> HttpResponse:
    history = await db.run(read_history, LANGUAGE, SHOWN)
    newest = history[0]
    context = {
        "text": newest.text,
        "based_on": newest.id or "",
        "history": history,
        **shown,
    }
    return staff_page(request, user, "staff/check_words.html", context, status=status)
