"""The entry form: what a visitor may say before the talk. Only the consent is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from chat.protocol import has_forbidden_characters
from chat.rules.types import Audience

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class Topic(NamedTuple):
    """``value`` is what the counselor reads, ``words`` the same with readings."""

    value: str
    words: StrPromise


TOPICS: dict[Audience, tuple[Topic, ...]] = {
    "youth": (
        Topic("学校", _("{学校|がっこう}")),
        Topic("友だち", _("{友|とも}だち")),
        Topic("いじめ", _("いじめ")),
        Topic("家族・家", _("{家族|かぞく}・{家|いえ}")),
        Topic("さびしい", _("さびしい")),
        Topic("こころ", _("こころ")),
        Topic("からだ", _("からだ")),
        Topic("恋愛・性", _("{恋愛|れんあい}・{性|せい}")),
        Topic("ネット・SNS", _("ネット・SNS")),
        Topic("お金", _("お{金|かね}")),
        Topic("うまく言えない", _("うまく{言|い}えない")),
    ),
    "general": (
        Topic("さびしい", _("さびしい")),
        Topic("家族", _("{家族|かぞく}")),
        Topic("人間関係", _("{人間関係|にんげんかんけい}")),
        Topic("仕事", _("{仕事|しごと}")),
        Topic("お金・暮らし", _("お{金|かね}・{暮|く}らし")),
        Topic("住まい", _("{住|す}まい")),
        Topic("こころ", _("こころ")),
        Topic("からだ・病気", _("からだ・{病気|びょうき}")),
        Topic("子育て・介護", _("{子育|こそだ}て・{介護|かいご}")),
        Topic("暴力", _("{暴力|ぼうりょく}")),
        Topic("うまく言えない", _("うまく{言|い}えない")),
    ),
}

URGENCIES: tuple[tuple[int, StrPromise], ...] = (
    (0, _("いまは ない")),
    (1, _("すこし ある")),
    (2, _("よく ある")),
    (3, _("いま とても{強|つよ}い")),
)

NOTE_MAX = 1000
NICKNAME_MAX = 40


class WordsField(forms.CharField):
    """Text as it was typed: a line break counts once, and characters that nobody can see are left out."""

    def to_python(self, value: object) -> str:
        text = str(value or "").replace("\r\n", "\n")
        if has_forbidden_characters(text):
            text = "".join(ch for ch in text if not has_forbidden_characters(ch))
        return super().to_python(text) or ""


class QuestionsForm(forms.Form):
    """What every form asks at the beginning. ``topic`` comes out as one line. Every word typed comes back
    with the form when a field is refused."""

    topic = forms.MultipleChoiceField(
        required=False,
        error_messages={"invalid_choice": _("もういちど、えらんでください。")},
    )
    nickname = WordsField(
        required=False,
        max_length=NICKNAME_MAX,
        error_messages={"max_length": _("40{字|じ}までです。すこし{短|みじか}くしてください。")},
    )
    urgency = forms.TypedChoiceField(
        required=False,
        coerce=int,
        choices=[(str(value), words) for value, words in URGENCIES],
        error_messages={"invalid_choice": _("もういちど、えらんでください。")},
    )
    returning = forms.CharField(required=False, max_length=300)
    consent = forms.BooleanField(
        error_messages={"required": _("{読|よ}んで、よければチェックを{入|い}れてください。")}
    )

    def __init__(self, audience: Audience, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        self.topics = TOPICS[audience]
        field = self.fields["topic"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(topic.value, topic.words) for topic in self.topics]

    def clean_topic(self) -> str:
        return "、".join(self.cleaned_data["topic"])

    def clean_urgency(self) -> int:
        return int(self.cleaned_data["urgency"] or 0)

    def chosen_topics(self) -> list[str]:
        """Give the topics ticked so far, to tick them again."""
        return list(self["topic"].value() or [])

    def chosen_urgency(self) -> str:
        """Give the urgency ticked so far, or nothing."""
        return str(self["urgency"].value() or "")


class EntryForm(QuestionsForm):
    """The way into the chat."""

    note = WordsField(
        required=False,
        max_length=NOTE_MAX,
        error_messages={"max_length": _("1000{字|じ}までです。すこし{短|みじか}くしてください。")},
    )
