"""The form for a phone consultation: the same questions as a talk's end."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import fields
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
GROUND_WORDS = {
    "twice": _("二重に記録した"),
    "mistake": _("ほかの電話とまちがえた"),
    "asked": _("相談した人から、消してほしいと言われた"),
    "other": _("そのほか"),
}
NOTE_MAX, SERVICE_MAX, REASON_MAX = 2000, 200, 500
_BETWEEN = "、"  # topics are kept as one line
_EARLIEST = timedelta(days=14)  # what is older was not written down in time, or is a slip


class CallForm(forms.Form):
    """The questions. The call's time is the wall clock of ``zone``, and not after ``until``."""

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

    def __init__(self, data: Any, first: Mapping[str, Any], *, zone: ZoneInfo, until: datetime) -> None:
        super().__init__(data, initial=dict(first))
        self._zone, self._until = zone, until

    def clean_started_at(self) -> datetime:
        try:
            wall = datetime.fromisoformat(self.cleaned_data["started_at"]).replace(tzinfo=self._zone)
        except ValueError:
            raise forms.ValidationError(_("日付と時刻を入れてください。")) from None
        if not self._until - _EARLIEST <= wall <= self._until:
            raise forms.ValidationError(_("記録する前の二週間のうちの時刻を入れてください。"))
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
        given = self.cleaned_data | {"topic": _BETWEEN.join(self.cleaned_data["topic"])}
        return Call(**{field.name: given[field.name] for field in fields(Call)})


class PhoneForm(CallForm):
    """A call that has just been; until ``now``, at the latest."""

    form_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, zone: ZoneInfo, now: datetime) -> None:
        first = {"form_id": uuid.uuid4(), "started_at": _wall(now, zone), "audience": "general"}
        super().__init__(data, first, zone=zone, until=now)


class CorrectionForm(CallForm):
    """A call that is written down, with its ``words``. ``needs_reason``: it is another organization's."""

    reason = forms.CharField(max_length=REASON_MAX, required=False)

    def __init__(
        self, data: Any, row: PhoneConsultation, words: Mapping[str, str], *, needs_reason: bool
    ) -> None:
        zone = ZoneInfo(row.campaign.zone)
        first = {
            "audience": row.audience,
            "started_at": _wall(row.started_at, zone),
            "minutes": row.minutes,
            "outcome": row.outcome,
            "referral": row.referral,
            **words,
            "topic": [topic for topic in words.get("topic", "").split(_BETWEEN) if topic],
        }
        super().__init__(data, first, zone=zone, until=row.recorded_at)
        self.fields["reason"].required = needs_reason

    def clean_reason(self) -> str:
        return _fit(self.cleaned_data["reason"])


def _wall(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%dT%H:%M}"


def _fit(words: str) -> str:
    if not is_fit(words):
        raise forms.ValidationError(_("使えない文字が入っていました。"))
    return words
