"""The short sentences that the API and the pages share."""

from __future__ import annotations

from chat.rules.errors import ChatError
from chat.rules.types import Audience, Channel

_CHANNELS: dict[Channel, str] = {"phone": "電話", "chat": "チャット", "mail": "メール"}
_AUDIENCES: dict[Audience, str] = {"youth": "18歳以下の方", "general": "一般の方"}

_ERRORS = {
    "invalid": "入力を確かめて、もういちど送ってください。",
    "not_found": "見つかりませんでした。はじめから、もういちどお試しください。",
    "too_many": (
        "短いあいだに何度も届いています。少し待ってから、もういちどお試しください。"
        "お急ぎのときは #9999 へお電話ください。"
    ),
    "unavailable": (
        "いま、つながりにくくなっています。少し待ってから、もういちどお試しください。電話 #9999 も使えます。"
    ),
    "campaign_not_started": "チャット相談は、まだ始まっていません。",
    "campaign_over": "この期間の相談は、終わりました。",
    "outside_window": "いまは、チャット相談の受付時間ではありません。",
    "queue_closed": "いまは、新しい受付をお休みしています。",
}


def channel_label(channel: Channel, audience: Audience) -> str:
    """Name a service: 「電話（18歳以下の方）」."""
    return f"{_CHANNELS[channel]}（{_AUDIENCES[audience]}）"


def error_words(error: ChatError) -> str:
    """Say kindly what could not be done, and what to do next."""
    return _ERRORS.get(error.code, _ERRORS["unavailable"])
