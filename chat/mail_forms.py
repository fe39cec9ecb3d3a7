"""The forms of a consultation by mail."""

from __future__ import annotations

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from chat.forms import QuestionsForm, WordsField
from chat.rules.inquiries import BODY_MAX


class BodyForm(forms.Form):
    """Words, and the form's own id, so that sending it twice is sending it once. ``website`` is shown to
    programs alone: whoever fills it in is none of the people this is for."""

    form_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    website = forms.CharField(required=False)
    body = WordsField(
        max_length=BODY_MAX,
        error_messages={
            "required": _("{伝|つた}えたいことを、ひとことでも{書|か}いてください。"),
            "max_length": _("4000{字|じ}までです。すこし{短|みじか}くしてください。"),
        },
    )

    def is_from_a_program(self) -> bool:
        """Tell whether the field that nobody sees was filled in."""
        return bool(self.data.get("website"))


class InquiryForm(BodyForm, QuestionsForm):
    """The entry's questions, the words themselves, and where an answer may go."""

    reply = forms.ChoiceField(choices=[("site", "site"), ("mail", "mail")], required=False)
    address = forms.EmailField(
        required=False,
        max_length=200,
        error_messages={
            "invalid": _(
                "メールアドレスを、もういちど{見|み}てください。{書|か}いたことばは{残|のこ}っています。"
            ),
            "max_length": _("メールアドレスが{長|なが}すぎます。もういちど{見|み}てください。"),
        },
    )
    words_in_mail = forms.BooleanField(required=False)

    def clean(self) -> dict[str, object]:
        words = super().clean() or {}
        if words.get("reply") == "mail" and not words.get("address") and "address" not in self.errors:
            self.add_error("address", _("お{返事|へんじ}を{送|おく}るメールアドレスを{書|か}いてください。"))
        if words.get("reply") != "mail":
            words["address"] = ""
        return words
