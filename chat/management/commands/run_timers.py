"""``manage.py run_timers``: the sweeper. Any number may run; the one with the lease works."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chat import runtime
from chat.actions.sweep import sweep
from chat.store import leader
from notalone import clock
from notalone.logging import configure

logger = logging.getLogger(__name__)

TICK_S = 1.0
LEASE_MS = 5_000
LONGEST_PAUSE_S = 10.0
LEASE = "sweeper"


class Command(BaseCommand):
    help = "Send reminders, expire, hand over and erase, every second, until SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        configure(settings.LOG_FORMAT)
        asyncio.run(run_until_told())


async def run_until_told() -> None:
    """Sweep until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(stop)


async def run(stop: asyncio.Event) -> None:
    """Sweep every second while this process leads; wait longer while a store is down."""
    holder = secrets.token_hex(8)
    pause = TICK_S
    while not stop.is_set():
        pause = TICK_S if await _tick(holder) else min(pause * 2, LONGEST_PAUSE_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
    await _leave(holder)


async def _tick(holder: str) -> bool:
    """Sweep once if this process leads; false when it failed."""
    try:
        redis = runtime.current().redis
        if await leader.lead(redis, LEASE, holder, LEASE_MS, namespace=settings.REDIS_NAMESPACE):
            await sweep(clock.now())
    except Exception as error:  # the sweeper outlives whatever fails: the next round may do
        logger.warning("the sweep failed: %s", type(error).__name__, exc_info=True)
        return False
    return True


async def _leave(holder: str) -> None:
    with contextlib.suppress(Exception):  # the lease runs out by itself
        redis = runtime.current().redis
        await leader.release(redis, LEASE, holder, namespace=settings.REDIS_NAMESPACE)
    with contextlib.suppress(Exception):
        await runtime.stop()
