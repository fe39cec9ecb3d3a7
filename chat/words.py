"""The short sentences that the API and the pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from chat.rules.errors import ChatError
from chat.rules.types import Audience, Channel

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_CHANNELS: dict[Channel, StrPromise] = {"phone": _("電話"), "chat": _("チャット"), "mail": _("メール")}
_AUDIENCES: dict[Audience, StrPromise] = {"youth": _("18歳以下の方"), "general": _("一般の方")}

_ERRORS = {
    "invalid": _("入力を確かめて、もういちど送ってください。"),
    "not_found": _("見つかりませんでした。はじめから、もういちどお試しください。"),
    "too_many": _(
        "短いあいだに何度も届いています。少し待ってから、もういちどお試しください。"
        "お急ぎのときは #9999 へお電話ください。"
    ),
    "unavailable": _(
        "いま、つながりにくくなっています。少し待ってから、もういちどお試しください。電話 #9999 も使えます。"
    ),
    "campaign_not_started": _("チャット相談は、まだ始まっていません。"),
    "campaign_over": _("この期間の相談は、終わりました。"),
    "outside_window": _("いまは、チャット相談の受付時間ではありません。"),
    "queue_closed": _("いまは、新しい受付をお休みしています。"),
}


def channel_label(channel: Channel, audience: Audience) -> str:
    """Name a service: 「電話（18歳以下の方）」."""
    return f"{_CHANNELS[channel]}（{_AUDIENCES[audience]}）"


def error_words(error: ChatError) -> str:
    """Say kindly what could not be done, and what to do next."""
    return str(_ERRORS.get(error.code, _ERRORS["unavailable"]))
