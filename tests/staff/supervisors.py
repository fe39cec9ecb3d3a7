"""Supervisors before their sockets."""

from __future__ import annotations

import time
import uuid
from typing import Any

from django.conf import settings

from chat.db import run
from staff import second_factor
from staff.models import User
from staff.session_store import SessionStore
from tests.sockets import OWN, Peer, available, enter, knock, make_member, member, session_cookie

REASON = "相談員に頼まれたため"


def make_supervisor(username: str, organization: str, *, is_wide: bool) -> User:
    user = make_member(username, User.SUPERVISOR, organization)
    user.is_service_wide = is_wide
    user.save()
    return user


async def supervisor(username: str = "sara", organization: str = "org-a", *, is_wide: bool = True) -> User:
    return await run(make_supervisor, username, organization, is_wide=is_wide)


def shown_cookie(user: User, shown_at: float | None = None) -> str:
    """Sign somebody in who has just shown anew who they are (or then)."""
    cookie = session_cookie(user)
    session = SessionStore(cookie.removeprefix(f"{settings.SESSION_COOKIE_NAME}="))
    at = time.time() if shown_at is None else shown_at
    session[second_factor.RECORDS] = [{"method": "password", "at": at, "reauthenticated": True}]
    session[second_factor.RECORDS_OF] = str(user.pk)
    session.save()
    return cookie


async def board(user: User, *, shown_at: float | None = None) -> Peer:
    """Connect a supervisor who has shown anew who they are."""
    cookie = await run(shown_cookie, user, shown_at)
    peer = await knock("/ws/staff/", cookie=cookie, origin=OWN)
    await peer.send("hello", v=1, cursors={})
    await peer.take("welcome")
    return peer


async def act(peer: Peer, kind: str, /, **fields: Any) -> dict[str, Any]:
    """Do something and wait until it is done; give the answer, ``done`` or ``error``."""
    mark = uuid.uuid4().hex
    await peer.send(kind, id=mark, **fields)
    while True:
        for frame in list(peer.kept):
            if frame["type"] in {"done", "error"} and mark in {frame.get("id"), frame.get("ref")}:
                peer.kept.remove(frame)
                return frame
        peer.kept.append(await peer._next())


async def talk(organization: str = "org-a", username: str = "carla", **fields: Any) -> tuple[Peer, str, str]:
    """Pair a visitor with a counselor; give the counselor's desk, the talk and the visitor's token."""
    desk = await available(await member(username, organization=organization))
    opened = await enter(**fields)
    conversation = (await desk.take("assigned"))["conversation"]
    await desk.send("assignment.confirm", conversation=conversation)
    return desk, conversation, opened.token
