"""What a report's numbers are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.actions.inquiry_desk import OUTCOMES as LETTER_OUTCOMES
from chat.languages import LANGUAGES
from staff.phone_forms import KIND_WORDS
from staff.phone_forms import OUTCOME_WORDS as CALL_OUTCOMES
from staff.report import AT_THE_DOOR, NOT_NOTED, OPEN
from staff.report_topics import NAMED
from staff.tally import Cell, Codes, Group, Place

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

Words = Mapping[str, "StrPromise"]
CHANNELS: Words = {"chat": _("チャット"), "mail": _("メール"), "phone": _("電話")}
AUDIENCES: Words = {"youth": _("18歳以下"), "general": _("一般")}
_ENDS: Words = {OPEN: _("まだ終わっていない"), NOT_NOTED: _("書かれていない")}
_TALK_OUTCOMES: Words = {**CALL_OUTCOMES, "broken_off": _("途中で返事がなくなった"), **_ENDS}
_LETTER_OUTCOMES: Words = {
    "listened": _("話を聞いた"),
    "informed": _("情報を伝えた"),
    "linked": _("面談・同行につないだ"),
    "referred": _("関係機関につないだ"),
    "no_answer": _("お返事のあと連絡がない"),
    "advertising": _("広告・いたずら"),
    "other": _("そのほか"),
    OPEN: _("まだ終わっていない"),
}
OUTCOMES: Mapping[str, Words] = {"chat": _TALK_OUTCOMES, "mail": _LETTER_OUTCOMES, "phone": CALL_OUTCOMES}
REASONS: Words = {
    "outside_window": _("受付時間の外だった"),
    "queue_closed": _("受付を止めていた"),
    "too_many": _("おなじところから続けて入ろうとした"),
    "unavailable": _("サービスが動いていなかった"),
    "campaign_not_started": _("期間の前だった"),
    "campaign_over": _("期間が終わっていた"),
    "expired": _("待つあいだに、もどってこなかった"),
    "window": _("待つあいだに、受付時間が終わった"),
    "campaign": _("待つあいだに、期間が終わった"),
    AT_THE_DOOR: _("しまった入り口を見て帰った（お断りの数には入りません）"),
    "other": _("そのほか"),
}
_LANGUAGE_NAMES = {language.code: language.name for language in LANGUAGES}


def codes(organizations: Mapping[str, str]) -> Codes:
    """Give the closed lists, with the organizations that there are."""
    return Codes(
        outcomes={
            "chat": tuple(_TALK_OUTCOMES),
            "mail": (*LETTER_OUTCOMES, OPEN),
            "phone": tuple(CALL_OUTCOMES),
        },
        referrals=dict.fromkeys(("chat", "phone"), tuple(KIND_WORDS)),
        topics=NAMED,
        organizations=(*organizations, ""),
    )


def place_words(place: Place) -> str:
    """Name a place in one line."""
    parts = [str(CHANNELS[place.channel]), audience_words(place), language_words(place)]
    return "・".join(part for part in parts if part)


def audience_words(place: Place) -> str:
    """Name whom a place is for."""
    return str(AUDIENCES.get(place.audience, ""))


def language_words(place: Place) -> str:
    """Name a language as its speakers do; nothing for the phone."""
    return _LANGUAGE_NAMES.get(place.language, gettext("そのほか")) if place.language else ""


def outcome_words(group: Group, code: str) -> str:
    """Name what came of a consultation."""
    return str(OUTCOMES[group.place.channel].get(code, _("そのほか")))


def reason_words(group: Group, code: str) -> str:
    """Name why somebody was turned away."""
    return str(REASONS.get(code, _("そのほか")))


def kind_words(group: Group, code: str) -> str:
    """Name the kind of help outside."""
    return str(KIND_WORDS.get(code, _("そのほか")))


def topic_words(group: Group, code: str) -> str:
    """Give a topic as the form has it, in Japanese."""
    return gettext("そのほか") if code == "other" else code


def cell_words(cell: Cell) -> str:
    """Write a number, or why there is none."""
    if cell == "few":
        return gettext("{small}未満").format(small=settings.REPORT_SMALL)
    if cell == "hidden":
        return gettext("出しません")
    return "—" if cell is None else str(cell)


def second_words(cell: Cell) -> str:
    """Write a wait's seconds, or why it is not told: of so few people, which is no number of minutes."""
    if cell == "few":
        return gettext("{small}人未満なので出しません").format(small=settings.REPORT_SMALL)
    return cell_words(cell)


def wait_words(cell: Cell) -> str:
    """Write seconds as minutes and seconds."""
    if not isinstance(cell, int):
        return second_words(cell)
    minutes, seconds = divmod(cell, 60)
    if not minutes:
        return gettext("{seconds}秒").format(seconds=seconds)
    return gettext("{minutes}分{seconds}秒").format(minutes=minutes, seconds=seconds)
