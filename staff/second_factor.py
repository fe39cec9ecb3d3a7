"""The second factor: who must show one, and whether a session's owner has.

The sign-in library asks for the factors that an account has; it does not insist that there is one. That
is done here: outside demo mode a session counts only after a one-time code, a passkey or a recovery code,
and an account without any has no way in but a new link (``staff.invitations``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.stages import LoginStage
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from staff.models import User

# the library's own note of how a session's owner has shown who they are
RECORDS, RECORDS_OF = "account_authentication_methods", "account_authentication_methods_user"
ENROLLING = "enrolling"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_demanded() -> bool:
    """Tell whether everybody must show a second factor: always, but in demo mode."""
    return bool(settings.STAFF_SECOND_FACTOR)


def is_through(session: Mapping[str, Any], user: User) -> bool:
    """Tell whether the session may act for the user: a second factor was shown, or none is demanded."""
    return not is_demanded() or any(record.get("method") == "mfa" for record in _records(session, user))


def is_enrolling(session: Mapping[str, Any], user: User) -> bool:
    """Tell whether the session came by a link, and may do nothing but set up a second factor."""
    return bool(session.get(ENROLLING) == str(user.pk))


def shown_again_at(session: Mapping[str, Any], user: User) -> float | None:
    """Give when (seconds since 1970, the real clock's) the user last showed anew who they are."""
    times = [record["at"] for record in _records(session, user) if record.get("reauthenticated")]
    return max(times, default=None)


def has_factor(user: User) -> bool:
    """Tell whether the account has a factor of its own; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists())


def _records(session: Mapping[str, Any], user: User) -> list[dict[str, Any]]:
    if session.get(RECORDS_OF) != str(user.pk):
        return []
    records = session.get(RECORDS)
    return records if isinstance(records, list) else []


class FactorStage(LoginStage):  # type: ignore[misc]  # allauth ships no types
    """The last step of signing in: an account without a factor is led to whoever can send a link."""

    key = "staff_factor"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if is_demanded() and not has_factor(self.login.user):
            return redirect("staff_no_factor"), False
        return None, True


@receiver(authenticator_added)
def _shown_by_setting_up(request: HttpRequest, user: User, authenticator: Authenticator, **_: object) -> None:
    """Who has just set up a factor has shown it: the code was checked, the key has signed."""
    if authenticator.type in FACTORS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
