"""The session behind a socket of the staff: a person's acts move its end on, and the socket ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from chat import runtime
from chat.protocol import CloseCode
from chat.rules.errors import ChatError
from notalone import clock
from staff.sessions import Member, member_of, touch

CHECK_EVERY_S = 60.0
TOUCH_EVERY_S = 60.0


class Socket(Protocol):
    scope: Any
    member: Member | None

    def spawn(self, work: Coroutine[Any, Any, None]) -> None: ...
    def end(self, code: CloseCode) -> Coroutine[Any, Any, None]: ...


class Rights:
    """What one socket may still do."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._touched_at: datetime | None = None

    def note_act(self) -> None:
        """Move the session's end on, once a minute at most."""
        now = clock.now()
        if self._touched_at is None or (now - self._touched_at).total_seconds() >= TOUCH_EVERY_S:
            self._touched_at = now
            self._socket.spawn(touch(self._socket.scope))

    async def watch(self) -> None:
        """Signing out, or losing a right, ends the socket: by an event, and looked at every minute."""
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            try:
                await self.look()
            except ChatError:  # the database is away: look again in a minute
                continue

    async def look(self) -> None:
        """End the socket where its member is another than at the hello. Raises ChatError ``unavailable``."""
        known = self._socket.member
        member = await member_of(self._socket.scope)
        if member is not None and known is not None:  # who has taken over elsewhere has a desk since
            member = replace(member, counselor=known.counselor or None)
        if member != known:
            code = CloseCode.BAD_CREDENTIALS if member is None else CloseCode.NOT_ALLOWED
            runtime.current().beside(self._socket.end(code))
