"""The staff's own forms: joining by a link, inviting, and changing rights."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from staff.models import Invitation, Organization, User
from staff.reach import Place, is_sound, may_look_after

NAME_CHARS = 40
EMPTY = _("ここに入力してください。")


class JoinForm(forms.Form):
    """What the invited choose. Whose account exists already keeps its user name."""

    username = forms.CharField(
        max_length=150, validators=User._meta.get_field("username").validators, required=False
    )
    name = forms.CharField(max_length=NAME_CHARS)
    password = forms.CharField(strip=False, max_length=200)
    again = forms.CharField(strip=False, max_length=200)

    def __init__(self, data: Any, invitation: Invitation) -> None:
        super().__init__(data, initial={"name": invitation.member.first_name if invitation.member else ""})
        self.invitation = invitation
        for field in self.fields.values():
            field.error_messages["required"] = EMPTY

    def clean_username(self) -> str:
        member = self.invitation.member
        if member is not None:
            return member.username
        username: str = self.cleaned_data["username"]
        if not username:
            raise forms.ValidationError(EMPTY)
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("このユーザー名は使われています。ほかの名前にしてください。"))
        return username

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        password = given.get("password")
        if password and given.get("again") != password:
            self.add_error("again", _("ふたつのパスワードが同じではありません。もう一度入力してください。"))
        if password:
            somebody = User(username=given.get("username", ""), first_name=given.get("name", ""))
            try:
                validate_password(password, somebody)
            except forms.ValidationError as faults:
                self.add_error("password", faults)
        return given


class PlaceForm(forms.Form):
    """A role with its reach. An administrator chooses; a supervisor gives the one place they can."""

    role = forms.ChoiceField(choices=User._meta.get_field("role").choices or [])
    organization = forms.ModelChoiceField(Organization.objects.order_by("name"), required=False)
    is_service_wide = forms.BooleanField(required=False)

    def __init__(self, data: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.actor = actor
        self.is_fixed = actor.role != User.ADMINISTRATOR
        if self.is_fixed:
            self.fields.clear()

    def place(self) -> Place:
        """Give the chosen place; only of a form that is valid."""
        if self.is_fixed:
            return Place(User.COUNSELOR, self.actor.organization_id)
        organization = self.cleaned_data["organization"]
        return Place(
            self.cleaned_data["role"],
            organization.pk if organization else None,
            self.cleaned_data["is_service_wide"],
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.is_fixed:
            if not may_look_after(self.actor, self.place()):
                raise forms.ValidationError(_("所属の実施団体がないため、招くことができません。"))
        elif given.get("role") and not is_sound(self._chosen(given)):
            raise forms.ValidationError(
                _(
                    "相談員と、ひとつの団体のスーパーバイザーには、実施団体を選んでください。"
                    "全体を見られるのは、スーパーバイザーだけです。"
                )
            )
        return given

    def _chosen(self, given: dict[str, Any]) -> Place:
        organization = given.get("organization")
        return Place(given["role"], organization.pk if organization else None, given["is_service_wide"])


class RightsForm(PlaceForm):
    """A place, and whether the account is open at all."""

    is_active = forms.BooleanField(required=False)

    def __init__(self, data: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(data, actor, **kwargs)
        if self.is_fixed:
            self.fields["is_active"] = forms.BooleanField(required=False)
