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
from staff.models import User


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-in member of staff. ``counselor``: None for who does not talk with visitors."""

    id: str
    name: str
    role: str
    organization: str
    counselor: uuid.UUID | None

    @property
    def is_supervisor(self) -> bool:
        return self.role in {User.SUPERVISOR, User.ADMINISTRATOR}


async def member_of(scope: Any) -> Member | None:
    """Give who the session cookie belongs to, or None. Raises ChatError ``unavailable``."""
    session_key = cookie_value(scope, settings.SESSION_COOKIE_NAME)
    return await db.run(_member, session_key) if session_key else None


def _member(session_key: str) -> Member | None:
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user_id = session.get(SESSION_KEY)
    if user_id is None or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = User.objects.select_related("organization").filter(id=user_id, is_active=True).first()
    if user is None or not _is_fresh(user, session.get(HASH_SESSION_KEY, "")):
        return None
    counselor = Counselor.objects.filter(user=user).first() if user.role == User.COUNSELOR else None
    if user.role == User.COUNSELOR and counselor is None:
        return None
    return Member(
        id=str(user.id),
        name=counselor.name if counselor else user.get_full_name() or user.username,
        role=user.role,
        organization=user.organization.name if user.organization else "",
        counselor=counselor.id if counselor else None,
    )


def _is_fresh(user: User, session_hash: str) -> bool:
    """A changed password ends every session."""
    return constant_time_compare(session_hash, user.get_session_auth_hash())
