"""What allauth asks us: who may sign up, and how it speaks."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts are given, never signed up for."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": (
            "ユーザー名かパスワードが合いませんでした。大文字と小文字を確かめて、もう一度お試しください。"
        ),
        "too_many_login_attempts": (
            "続けて何度か合わなかったため、少しお休みしています。5 分ほどして、もう一度お試しください。"
        ),
        "account_inactive": "このアカウントは、いま使えません。所属の実施団体の担当者にお知らせください。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        # the page that follows shows well enough that one has signed in or out
        if message_template not in {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}:
            super().add_message(request, level, message_template, *args, **kwargs)
