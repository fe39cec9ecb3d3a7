"""What allauth asks us: who may sign up, how it speaks, and what counts as one address."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.actions.limits import network_of
from notalone import clock

SALT_KEPT_S = 48 * 3600


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts are given, never signed up for."""

    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _(
            "ユーザー名かパスワードが合いませんでした。大文字と小文字を確かめて、もう一度お試しください。"
        ),
        "too_many_login_attempts": _(
            "続けて何度か合わなかったため、少しお休みしています。5 分ほどして、もう一度お試しください。"
        ),
        "account_inactive": _("このアカウントは、いま使えません。所属の実施団体の担当者にお知らせください。"),
        "incorrect_password": _(
            "パスワードが合いませんでした。大文字と小文字を確かめて、もう一度お試しください。"
        ),
        "enter_current_password": _("いまのパスワードが合いませんでした。もう一度お試しください。"),
        "rate_limited": _("短いあいだに何度も試されました。5 分ほどして、もう一度お試しください。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return [*super().get_login_stages(), "staff.second_factor.FactorStage"]

    def get_client_ip(self, request: HttpRequest) -> str:
        """Give what the limits count by: a hash of the address with a salt that changes daily.

        The salt is in Redis alone and gone after two days, so no address is kept, nor can one be found.
        """
        key = f"staff-salt:{clock.now():%Y%m%d}"
        cache.add(key, secrets.token_hex(16), timeout=SALT_KEPT_S)
        address = network_of(super().get_client_ip(request))
        return hashlib.sha256(f"{cache.get(key)}{address}".encode()).hexdigest()[:32]

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count what did not fit by name and network: who guesses at a name elsewhere locks nobody out."""
        return (
            f"{super()._get_login_attempts_cache_key(request, **credentials)}:{self.get_client_ip(request)}"
        )

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """List the ways to show anew who one is, in our words."""
        words = {
            "reauthenticate": gettext("パスワードで確かめる"),
            "mfa_reauthenticate": gettext("アプリの番号か、予備の番号で確かめる"),
            "mfa_reauthenticate:webauthn": gettext("パスキーで確かめる"),
        }
        methods = super().get_reauthentication_methods(user)
        return [{**method, "description": words[method["id"]]} for method in methods]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        # the page that follows shows well enough that one has signed in or out
        if message_template not in {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}:
            super().add_message(request, level, message_template, *args, **kwargs)
