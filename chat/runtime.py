"""What one process has running: its Redis, queue, hub and committer, and the sockets it holds.

Made when it is first needed, one for each event loop: Daphne tells nobody when its loop starts,
and each test has a loop of its own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary, ref

import redis.asyncio
from django.conf import settings

from chat.committer import Committer
from chat.hub import Hub
from chat.protocol import CloseCode
from chat.store.connection import connect
from chat.store.counters import Counters
from chat.store.presence import Presence
from chat.store.queue import Queue
from chat.tasks import end_tasks

T = TypeVar("T")

DRAIN_WITHIN_S = 20.0


class Socket(Protocol):
    """What the process can ask of each of its sockets."""

    async def end(self, code: CloseCode) -> None: ...


@dataclass(eq=False)
class Runtime:
    """One process's parts. ``stoppers`` run, newest first, when it ends."""

    redis: redis.asyncio.Redis
    queue: Queue
    presence: Presence
    counters: Counters
    hub: Hub
    committer: Committer
    sockets: set[Socket] = field(default_factory=set)
    ticker: object = None  # chat.ticker's and staff.live's own: they stand above this module
    board: object = None
    turned_away: Counter[Any] = field(default_factory=Counter)  # chat.actions.turned_away's own
    stoppers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def beside(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run something that outlives the socket that asked for it, but not the process."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def stop(self) -> None:
        """Commit what is queued, then end the tasks and connections."""
        await self.committer.drain()
        await end_tasks(self.tasks)
        for stopper in reversed(self.stoppers):
            await stopper()
        self.stoppers.clear()
        await self.hub.stop()
        await self.redis.aclose()


_runtimes: WeakKeyDictionary[asyncio.AbstractEventLoop, Runtime] = WeakKeyDictionary()
_latest: tuple[ref[asyncio.AbstractEventLoop], Runtime] | None = None
_is_draining = False


def current() -> Runtime:
    """Give the running loop's parts, making them the first time."""
    global _latest  # noqa: PLW0603 — looking into a weak dictionary costs more than the rest of a send
    loop = asyncio.get_running_loop()
    if _latest is not None and _latest[0]() is loop:
        return _latest[1]
    runtime = _runtimes.get(loop)
    if runtime is None:
        runtime = _runtimes[loop] = _make()
        runtime.hub.start()
    _latest = ref(loop), runtime
    return runtime


def at_hand() -> Runtime | None:
    """Give the running loop's parts if it has any. A loop of one call, such as Django makes where sync code
    calls async, is to have none: nobody would stop them."""
    return _runtimes.get(asyncio.get_running_loop())


def _make() -> Runtime:
    namespace = settings.REDIS_NAMESPACE
    client = connect(settings.REDIS_URL, namespace=namespace)
    return Runtime(
        redis=client,
        queue=Queue(client, namespace),
        presence=Presence(client, namespace),
        counters=Counters(client, namespace),
        hub=Hub(client, namespace),
        committer=Committer(),
    )


def is_draining() -> bool:
    """Tell whether this process is on its way out and wants no new work."""
    return _is_draining


async def drain() -> None:
    """Go away: tell every socket, spread over some seconds, commit what is queued, then stop."""
    global _is_draining  # noqa: PLW0603 — a process ends once
    _is_draining = True
    await stop(spread_s=DRAIN_WITHIN_S / 4)


async def stop(*, spread_s: float = 0.0) -> None:
    """End this loop's sockets, over ``spread_s`` seconds at most, and then its parts."""
    global _latest  # noqa: PLW0603 — as above
    loop = asyncio.get_running_loop()
    parts = _runtimes.get(loop)
    if parts is None:
        return
    sockets = list(parts.sockets)
    pause = min(spread_s / max(1, len(sockets)), 0.05)
    endings = []
    for socket in sockets:
        endings.append(asyncio.create_task(socket.end(CloseCode.GOING_AWAY)))
        await asyncio.sleep(pause)
    if endings:
        await asyncio.wait(endings, timeout=DRAIN_WITHIN_S / 2)
    await parts.stop()
    _latest = None
    _runtimes.pop(loop, None)
