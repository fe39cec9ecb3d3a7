"""Where the staff's sessions are kept, and for how long: 30 minutes without an act, 12 hours in all.

As Django's own store, by the service's clock, and with the person in a column: to end everything that
somebody has open takes one statement.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from notalone import clock
from staff.models import StaffSession

STARTED = "started_at"


def expires_at(started_at: datetime, now: datetime) -> datetime:
    """Say when a session ends that is used now and never again."""
    return min(
        now + timedelta(seconds=settings.SESSION_COOKIE_AGE),
        started_at + timedelta(seconds=settings.STAFF_SESSION_S),
    )


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    def _get_session_from_db(self) -> StaffSession | None:
        row = StaffSession.objects.filter(session_key=self.session_key, expire_date__gt=clock.now()).first()
        if row is None:
            self._session_key = None
        return row

    async def _aget_session_from_db(self) -> StaffSession | None:
        rows = StaffSession.objects.filter(session_key=self.session_key, expire_date__gt=clock.now())
        row = await rows.afirst()
        if row is None:
            self._session_key = None
        return row

    def create_model_instance(self, data: dict[str, Any]) -> StaffSession:
        return self._row(self._get_or_create_session_key(), data)  # type: ignore[attr-defined]  # Django's own

    async def acreate_model_instance(self, data: dict[str, Any]) -> StaffSession:
        key = await self._aget_or_create_session_key()  # type: ignore[attr-defined]  # as above
        return self._row(key, data)

    def _row(self, key: str, data: dict[str, Any]) -> StaffSession:
        now = clock.now()
        started_at = datetime.fromisoformat(data.setdefault(STARTED, now.isoformat()))
        return StaffSession(
            session_key=key,
            session_data=self.encode(data),
            expire_date=expires_at(started_at, now),
            started_at=started_at,
            user_id=data.get(SESSION_KEY),
        )

    @classmethod
    def clear_expired(cls) -> None:
        StaffSession.objects.filter(expire_date__lte=clock.now()).delete()
