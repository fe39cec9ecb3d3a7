"""A socket's frames on their way out, where the server's quick way fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from chat.consumers.outbox import Outbox
from notalone.websocket_frames import EXTENSION


async def nobody(_: Any) -> None:
    raise AssertionError


async def test_a_line_that_breaks_in_the_quick_way_is_given_up() -> None:
    is_stuck = asyncio.Event()

    def broken(_: Sequence[bytes]) -> bool:
        raise RuntimeError

    outbox = Outbox({"extensions": {EXTENSION: broken}}, nobody, is_stuck.set)
    outbox.put(b"{}")
    async with asyncio.timeout(10):
        await is_stuck.wait()
