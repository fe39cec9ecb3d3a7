"""``manage.py run_timers``: the sweeper. Any number may run; the one with the lease works."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chat import runtime
from chat.actions.outgoing_mail import send_due
from chat.actions.sweep import sweep
from chat.store import leader
from notalone import clock
from notalone.logging import configure

logger = logging.getLogger(__name__)

TICK_S = 1.0
LEASE_MS = 5_000
LONGEST_PAUSE_S = 10.0
LEASE = "sweeper"
MAIL_LEASE = "outbox"


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
    """Do both jobs every second while this process leads in them: a slow mail server holds up no sweep."""
    await asyncio.gather(_work(LEASE, sweep, stop), _work(MAIL_LEASE, send_due, stop))
    with contextlib.suppress(Exception):
        await runtime.stop()


async def _work(lease: str, job: Callable[[datetime], Awaitable[None]], stop: asyncio.Event) -> None:
    """Do a job every second; wait longer while a store is down."""
    holder = secrets.token_hex(8)
    pause = TICK_S
    while not stop.is_set():
        pause = TICK_S if await _tick(lease, holder, job) else min(pause * 2, LONGEST_PAUSE_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
    with contextlib.suppress(Exception):  # the lease runs out by itself
        redis = runtime.current().redis
        await leader.release(redis, lease, holder, namespace=settings.REDIS_NAMESPACE)


async def _tick(lease: str, holder: str, job: Callable[[datetime], Awaitable[None]]) -> bool:
    """Do a job once if this process leads in it; false when it failed."""
    try:
        redis = runtime.current().redis
        if await leader.lead(redis, lease, holder, LEASE_MS, namespace=settings.REDIS_NAMESPACE):
            await job(clock.now())
    except Exception as error:  # the timers outlive whatever fails: the next round may do
        logger.warning("%s failed: %s", lease, type(error).__name__, exc_info=True)
        return False
    return True
