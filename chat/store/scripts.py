"""How the Lua files reach Redis, and how its failures reach us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any, TypeAlias

from redis import exceptions as redis_errors
from redis.asyncio import Redis

from chat.alarms import raise_alarm
from chat.store.errors import QueueLost, StoreDown

Client: TypeAlias = Redis
Argument: TypeAlias = str | int

LUA = Path(__file__).parent / "lua"
SHARED = "_shared"

# Answers that mean "not now", alone or inside a script's error: "… user_script: 1: -OOM command not …".
_UNABLE = re.compile(
    r"(?:^|[\s-])(OOM|MISCONF|NOREPLICAS|READONLY|LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|UNKILLABLE)\s"
)
_UNREACHABLE = (
    redis_errors.ConnectionError,  # refused, cut, loading, wrong password, no free connection
    redis_errors.TimeoutError,
    redis_errors.OutOfMemoryError,
    redis_errors.ReadOnlyError,
    redis_errors.TryAgainError,
    redis_errors.ClusterError,
    redis_errors.RedisClusterException,
    OSError,  # TimeoutError of the event loop among them
)


@dataclass(frozen=True, slots=True)
class Script:
    """One verb, with the shared functions put before it."""

    name: str
    source: str
    sha: str


@cache
def script(name: str) -> Script:
    """Read ``lua/{name}.lua``, once a process."""
    source = "\n".join((LUA / f"{part}.lua").read_text("utf-8") for part in (SHARED, name))
    return Script(name, source, sha1(source.encode(), usedforsecurity=False).hexdigest())


@contextmanager
def translated() -> Iterator[None]:
    """Turn what redis-py raises into StoreDown and QueueLost; a fault of our own passes as it is."""
    try:
        yield
    except _UNREACHABLE as error:
        raise _down(type(error).__name__) from error
    except RuntimeError as error:
        if "handler is closed" not in str(error):  # uvloop's word for a connection that was cut
            raise
        raise _down(type(error).__name__) from error
    except redis_errors.ResponseError as error:
        if str(error).startswith("QUEUELOST"):
            raise QueueLost from None
        unable = _UNABLE.search(str(error))
        if unable:
            raise _down(unable[1]) from error
        raise


def _down(reason: str) -> StoreDown:
    raise_alarm("redis", reason)
    return StoreDown(reason)


async def command(redis: Client, *words: Argument) -> Any:
    """Run one plain command."""
    execute: Any = redis.execute_command
    with translated():
        return await execute(*words)


async def run(redis: Client, name: str, tag: str, *arguments: Argument) -> Any:
    """Run one verb on the keys of ``tag``, by its hash, and by its text where Redis has forgotten it.

    EVAL keeps the script, so a flushed or failed-over cache costs one round trip a script.
    """
    verb = script(name)
    execute: Any = redis.execute_command
    with translated():
        try:
            return await execute("EVALSHA", verb.sha, 1, tag, *arguments)
        except redis_errors.NoScriptError:
            return await execute("EVAL", verb.source, 1, tag, *arguments)
