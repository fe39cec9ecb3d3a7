"""Ending tasks for sure."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

ASK_AGAIN_S = 0.1


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they are over.

    A client library can swallow a cancellation that comes together with its own time limit
    (redis-py does, now and then), so it is asked again until it is heard.
    """
    everyone = list(tasks)
    pending = {task for task in everyone if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=ASK_AGAIN_S)
    for task in everyone:
        if not task.cancelled():
            task.exception()  # looked at: asyncio would report one that nobody asked for
