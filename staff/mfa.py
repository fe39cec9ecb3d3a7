"""The second factors themselves: sealed at rest, good once, and never the last one away."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import sealing
from staff import invitations, second_factor, trail
from staff.models import User
from staff.session_store import SessionStore

SECRET = b"staff-secret"  # what the sealed bytes are for
LAST_STEP = "last_step"


class StaffMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """How the library keeps secrets, names us to people, and what it may take away."""

    error_messages = {  # noqa: RUF012 — as the library writes it
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("番号が合いませんでした。アプリに出ている、いまの番号をもう一度お試しください。"),
        "cannot_delete_authenticator": _("これが最後の方法です。先に、もうひとつの方法を加えてください。"),
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal_for(SECRET, text.encode())

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.open_for(SECRET, encrypted_text).decode()

    def get_totp_issuer(self) -> str:
        return "Notalone"

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("パスキー {number}").format(number=count + 1)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not is_last(authenticator)


def is_last(authenticator: Authenticator) -> bool:
    """Tell whether the account would have no factor without this one, though it must have one."""
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=second_factor.FACTORS)
    return second_factor.is_demanded() and not others.exclude(pk=authenticator.pk).exists()


class OnceOnly:
    """Takes a one-time code once, whatever becomes of Redis, where the library notes it for 30 s alone.

    That makes room to take the code of the step before or after: clocks of phones are off, and people slow.
    """

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]  # of the form beside
        if self.authenticator.type == Authenticator.Type.TOTP and not _use_step(self.authenticator.pk, code):
            raise StaffMFAAdapter().validation_error("incorrect_code")
        return code


class StaffAuthenticateForm(OnceOnly, AuthenticateForm):  # type: ignore[misc]  # as above
    pass


class StaffReauthenticateForm(OnceOnly, ReauthenticateForm):  # type: ignore[misc]  # as above
    pass


def _use_step(key: int, code: str) -> bool:
    """Note the step that a right code is of; false when it, or a later one, was used before."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=key)
        secret = StaffMFAAdapter().decrypt(row.data["secret"])
        digits = "".join(code.split())
        steps = [
            step
            for step in yield_hotp_counters_from_time()
            if format_hotp_value(hotp_value(secret, step)) == digits
        ]
        if not steps or max(steps) <= row.data.get(LAST_STEP, -1):
            return False
        row.data[LAST_STEP] = max(steps)
        row.save(update_fields=["data"])
    return True


# --- what happens to factors is on record ---


@receiver(authenticator_added)
def _added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    with transaction.atomic():
        trail.record("factor.added", user, {"kind": str(authenticator.type)})
    if authenticator.type in second_factor.FACTORS:
        invitations.finish(user)
        request.session.pop(second_factor.ENROLLING, None)


@receiver(authenticator_removed)
def _removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    with transaction.atomic():
        trail.record("factor.removed", user, {"kind": str(authenticator.type)})


@receiver(authenticator_reset)
def _reset(user: User, authenticator: Authenticator, **_: Any) -> None:
    with transaction.atomic():
        trail.record("factor.renewed", user, {"kind": str(authenticator.type)})


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    """A link is used up now, if that was not written when the factor was set up; and sessions that nobody
    ended are taken away: people come and go by shifts."""
    if second_factor.is_demanded() and second_factor.is_through(request.session, user):
        invitations.finish(user)
    SessionStore.clear_expired()
