"""Sessions of the staff. A row knows whose it is, so that all of a person's can be ended at once."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class StaffSession(AbstractBaseSession):
    """``expire_date`` moves on with every human act; ``started_at`` does not."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="sessions"
    )  # None until somebody has signed in
    started_at = models.DateTimeField()

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"
        verbose_name_plural = "sessions"

    @classmethod
    def get_session_store_class(cls) -> type:
        from staff.session_store import SessionStore

        return SessionStore
