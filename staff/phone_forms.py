"""The form for a phone consultation: the same questions as a talk's end."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from chat.forms import TOPICS
from chat.rules.conversation import is_fit
from chat.rules.types import AUDIENCES
from staff.models import PhoneConsultation
from staff.models.emergencies import KINDS
from staff.phone import Call

ALL_TOPICS = tuple(dict.fromkeys(topic.value for audience in AUDIENCES for topic in TOPICS[audience]))
OUTCOME_WORDS = {
    "listened": _("気持ちを聴いた"),
    "sorted": _("気持ちの整理を手伝った"),
    "informed": _("制度や窓口を案内した"),
    "referral": _("つなぎ支援につなげる"),
    "broken_off": _("途中で切れた"),
    "other": _("そのほか"),
}
KIND_WORDS = {
    "local_government": _("自治体"),
    "self_reliance": _("自立相談支援機関"),
    "welfare_office": _("福祉事務所"),
    "police": _("警察"),
    "child_guidance": _("児童相談所"),
    "other": _("そのほか"),
}
NOTE_MAX, SERVICE_MAX = 2000, 200
_EARLIEST = timedelta(days=14)  # what is older was not written down in time, or is a slip


class PhoneForm(forms.Form):
    """``zone`` and ``now``: the call's time is the campaign's wall clock, and not in the future."""

    form_id = forms.UUIDField(widget=forms.HiddenInput)
    audience = forms.ChoiceField(choices=[("general", _("一般")), ("youth", _("18歳以下"))])
    started_at = forms.CharField()
    minutes = forms.IntegerField(min_value=1, max_value=600)
    topic = forms.MultipleChoiceField(choices=[(topic, topic) for topic in ALL_TOPICS], required=False)
    outcome = forms.ChoiceField(choices=[(code, OUTCOME_WORDS[code]) for code in PhoneConsultation.OUTCOMES])
    referral = forms.ChoiceField(
        choices=[("", _("なし")), *((code, KIND_WORDS[code]) for code, _ja in KINDS)], required=False
    )
    service = forms.CharField(max_length=SERVICE_MAX, required=False)
    note = forms.CharField(max_length=NOTE_MAX, required=False, widget=forms.Textarea)

    def __init__(self, data: Any = None, *, zone: ZoneInfo, now: datetime) -> None:
        first = {
            "form_id": uuid.uuid4(),
            "started_at": f"{now.astimezone(zone):%Y-%m-%dT%H:%M}",
            "audience": "general",
        }
        super().__init__(data, initial=first)
        self._zone, self._now = zone, now

    def clean_started_at(self) -> datetime:
        try:
            wall = datetime.fromisoformat(self.cleaned_data["started_at"]).replace(tzinfo=self._zone)
        except ValueError:
            raise forms.ValidationError(_("日付と時刻を入れてください。")) from None
        if not self._now - _EARLIEST <= wall <= self._now:
            raise forms.ValidationError(_("この二週間のうちの時刻を入れてください。"))
        return wall

    def clean_note(self) -> str:
        return _fit(self.cleaned_data["note"].replace("\r\n", "\n"))

    def clean_service(self) -> str:
        return _fit(self.cleaned_data["service"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        given = self.cleaned_data
        if given.get("outcome") == "referral" and not given.get("referral"):
            self.add_error("referral", _("どこにつなぐかを選んでください。"))
        return given

    def call(self) -> Call:
        """Give what was written, once the form is valid."""
        given = self.cleaned_data
        return Call(**{**given, "topic": "、".join(given["topic"])})


def _fit(words: str) -> str:
    if not is_fit(words):
        raise forms.ValidationError(_("使えない文字が入っていました。"))
    return words
