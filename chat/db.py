"""Database work from async code: a bounded pool of threads of our own.

Django's thread-sensitive executor has one thread for the whole process, so one slow query
would hold every socket. Here each thread keeps its own connection, waiting for a free
thread is bounded, and a connection that was cut is replaced once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, current_thread
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from chat.alarms import FULL, raise_alarm
from chat.postgres import EXECUTIONS_UNTIL_PREPARED
from chat.rules.errors import ChatError

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

WAIT_S = 5.0
STATEMENT_WITHIN_MS = 2000
THREAD_NAME = "db"
RETRY_AFTER_S = 3

_pool: ThreadPoolExecutor | None = None
_places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def run(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run ``work`` in a database thread.

    ``work`` may run twice when its connection was cut, so it must be safe to repeat.
    Raises ChatError ``unavailable`` when the database is down, too slow or has no thread free.
    """
    places = _places_of(asyncio.get_running_loop())
    if places.locked():
        try:
            async with asyncio.timeout(WAIT_S):
                await places.acquire()
        except TimeoutError:
            raise_alarm("database", "busy")
            raise ChatError("unavailable", retry_after_s=RETRY_AFTER_S) from None
    else:
        await places.acquire()  # there is one, so this does not wait
    try:
        return await asyncio.get_running_loop().run_in_executor(
            _threads(), _with_fresh_connection, partial(work, *args, **kwargs)
        )
    finally:
        places.release()


def _with_fresh_connection(work: partial[T]) -> T:
    try:
        return _committed(work)
    except (OperationalError, InterfaceError):
        _drop_connections()
    try:
        return _committed(work)
    except (OperationalError, InterfaceError) as error:
        _drop_connections()
        raise_alarm("database", FULL if _is_full(error) else type(error.__cause__ or error).__name__)
        raise ChatError("unavailable", retry_after_s=RETRY_AFTER_S) from error


def _committed(work: partial[T]) -> T:
    """Do the work, and see that it left no transaction open: that would take along, uncommitted, whatever
    this thread writes from then on, and what was acked of it would be lost."""
    try:
        return work()
    finally:
        for connection in connections.all(initialized_only=True):
            if connection.connection is not None and not connection.autocommit:
                connection.in_atomic_block = False
                connection.close()
                logger.error(
                    "a transaction was left open, and is undone: %s", getattr(work.func, "__qualname__", "")
                )
                raise OperationalError("a transaction was left open")


def _is_full(error: Exception) -> bool:
    """Whether there is no room on the database's disk: SQLSTATE 53100, SQLITE_FULL."""
    cause = error.__cause__
    names = (getattr(cause, "sqlstate", None), getattr(cause, "sqlite_errorname", None))
    return "53100" in names or "SQLITE_FULL" in names


@receiver(connection_created)
def _bound_statements(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Keep one slow statement from holding a thread: here alone, since a migration may take its time. What is
    said again and again is planned once (``chat.postgres``)."""
    if connection.vendor == "postgresql" and current_thread().name.startswith(THREAD_NAME):
        connection.connection.prepare_threshold = EXECUTIONS_UNTIL_PREPARED
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET statement_timeout = {STATEMENT_WITHIN_MS}; SET lock_timeout = {STATEMENT_WITHIN_MS}"
            )


def _drop_connections() -> None:
    for connection in connections.all(initialized_only=True):
        connection.close()


def _threads() -> ThreadPoolExecutor:
    global _pool  # noqa: PLW0603 — one pool a process, made when it is first needed
    if _pool is None:
        _pool = ThreadPoolExecutor(settings.DB_THREADS, thread_name_prefix=THREAD_NAME)
    return _pool


def _places_of(loop: asyncio.AbstractEventLoop) -> asyncio.Semaphore:
    if loop not in _places:
        _places[loop] = asyncio.Semaphore(settings.DB_THREADS)
    return _places[loop]


def close() -> None:
    """Close every thread's connection and end the threads; the next ``run`` starts new ones."""
    global _pool  # noqa: PLW0603 — as above
    if _pool is None:
        return
    count = settings.DB_THREADS
    together = Barrier(count)  # keeps each task on a thread of its own

    def drop() -> None:
        together.wait(10)
        _drop_connections()

    for task in [_pool.submit(drop) for _ in range(count)]:
        task.result()
    _pool.shutdown()
    _pool = None
