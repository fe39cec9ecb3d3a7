"""Who a socket belongs to: the session cookie, read in a database thread of our own."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import constant_time_compare

from chat import db
from chat.consumers.cookies import cookie_value
from chat.models import Counselor
from notalone import clock
from staff import second_factor
from staff.models import StaffSession, User
from staff.session_store import expires_at


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-in member of staff. ``counselor``: None for who does not talk with visitors.

    ``role``, ``organization_id`` and ``is_service_wide`` are what ``staff.reach`` decides by.
    """

    id: str
    name: str
    role: str
    organization: str
    organization_id: str | None
    is_service_wide: bool
    counselor: uuid.UUID | None

    @property
    def is_supervisor(self) -> bool:
        return self.role in {User.SUPERVISOR, User.ADMINISTRATOR}


async def member_of(scope: Any) -> Member | None:
    """Give who the session cookie belongs to, or None. Raises ChatError ``unavailable``."""
    key = _key_of(scope)
    return await db.run(_member, key) if key else None


async def touch(scope: Any) -> None:
    """Note a human act at a socket: the session ends 30 minutes after the last one.

    Raises ChatError ``unavailable``.
    """
    await db.run(_touch, _key_of(scope))


async def shown_again_at(scope: Any) -> float | None:
    """Give when (seconds since 1970, the real clock's) the session's owner last showed who they are."""
    return await db.run(_shown_again_at, _key_of(scope))


def _key_of(scope: Any) -> str:
    return cookie_value(scope, settings.SESSION_COOKIE_NAME)


def _session(key: str) -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


def _member(session_key: str) -> Member | None:
    session = _session(session_key)
    user = _user_of(session)
    if user is None or not second_factor.is_through(session, user):
        return None
    talks = user.role in {User.COUNSELOR, User.SUPERVISOR}  # a supervisor who has taken a talk over
    counselor = Counselor.objects.filter(user=user).first() if talks else None
    if user.role == User.COUNSELOR and counselor is None:
        return None
    return Member(
        id=str(user.id),
        name=counselor.name if counselor else user.get_full_name() or user.username,
        role=user.role,
        organization=user.organization.name if user.organization else "",
        organization_id=user.organization_id,
        is_service_wide=user.is_service_wide,
        counselor=counselor.id if counselor else None,
    )


def _user_of(session: Any) -> User | None:
    user_id = session.get(SESSION_KEY)
    if user_id is None or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = User.objects.select_related("organization").filter(id=user_id, is_active=True).first()
    return user if user is not None and _is_fresh(user, session.get(HASH_SESSION_KEY, "")) else None


def _is_fresh(user: User, session_hash: str) -> bool:
    """A changed password ends every session."""
    return constant_time_compare(session_hash, user.get_session_auth_hash())


def _touch(key: str) -> None:
    now = clock.now()
    row = StaffSession.objects.filter(session_key=key, expire_date__gt=now).first()
    if row is not None:  # one that has ended stays so
        rows = StaffSession.objects.filter(session_key=key, expire_date__gt=now)
        rows.update(expire_date=expires_at(row.started_at, now))


def _shown_again_at(key: str) -> float | None:
    session = _session(key)
    user = _user_of(session)
    return second_factor.shown_again_at(session, user) if user is not None else None
