"""Django's cache on the Redis of the service, whatever form its URL has. Sign-in limits live here.

With Redis away each process keeps its own, so nobody is held and the limits hold, each process's for itself.
The second factor is asked for in any case, and its codes are good once by the database.
"""

from __future__ import annotations

import logging
import time
from functools import cached_property, partial
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis, RedisError
from redis.cluster import ClusterNode, RedisCluster
from redis.sentinel import Sentinel

from chat.store.connection import SOCKET_TIMEOUT_S, Servers, servers_of

logger = logging.getLogger(__name__)

AWAY_S = 5.0  # after a failure nobody waits for Redis for so long
OWN_ENTRIES = 20_000  # a flood of names must not push out what counts one of them
TIMEOUTS = {"socket_timeout": SOCKET_TIMEOUT_S, "socket_connect_timeout": SOCKET_TIMEOUT_S}


class CacheClient(RedisCacheClient):
    """Finds the server as the store does, and never waits for it longer than two seconds."""

    def __init__(self, servers: list[str], *, prefix: str, **options: Any) -> None:
        super().__init__(servers, **options)
        self._url = servers[0]
        self._prefix = prefix

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return self._found

    @cached_property
    def _found(self) -> Any:
        servers = servers_of(self._url)
        if servers is None:
            return Redis.from_url(self._url, **TIMEOUTS)
        return _by_sentinel(servers) if servers.scheme == "sentinel" else _in_cluster(servers)

    def clear(self) -> bool:
        """Remove what the cache wrote, and nothing of the queue's."""
        for key in self._found.scan_iter(match=f"{self._prefix}:*", count=500):
            self._found.delete(key)
        return True


def _by_sentinel(servers: Servers) -> Any:
    sentinel_class: Any = Sentinel  # it has no types
    sentinel = sentinel_class(servers.hosts, sentinel_kwargs=TIMEOUTS)
    return sentinel.master_for(servers.service, db=servers.db, **servers.login, **TIMEOUTS)


def _in_cluster(servers: Servers) -> Any:
    cluster_class: Any = RedisCluster  # as above
    node_class: Any = ClusterNode
    return cluster_class(
        startup_nodes=[node_class(host, port) for host, port in servers.hosts],
        ssl=servers.scheme == "rediss+cluster",
        **servers.login,
        **TIMEOUTS,
    )


class Cache(RedisCache):
    """``KEY_PREFIX`` begins with the hash tag, so all keys lie in one slot."""

    _away_until = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = partial(CacheClient, prefix=self.key_prefix)
        self._own = LocMemCache("while Redis is away", {"OPTIONS": {"MAX_ENTRIES": OWN_ENTRIES}})

    def _ask(self, what: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._away_until:
            try:
                return getattr(super(), what)(*args, **kwargs)
            except (RedisError, OSError) as error:
                Cache._away_until = time.monotonic() + AWAY_S  # for every thread's cache
                logger.warning("each process has a cache of its own: %s", type(error).__name__)
        return getattr(self._own, what)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask("add", *args, **kwargs))

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._ask("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask("touch", *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask("delete", *args, **kwargs))

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        found: dict[Any, Any] = self._ask("get_many", *args, **kwargs)
        return found

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask("has_key", *args, **kwargs))

    def incr(self, *args: Any, **kwargs: Any) -> int:
        return int(self._ask("incr", *args, **kwargs))

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        unset: list[Any] = self._ask("set_many", *args, **kwargs)
        return unset

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._ask("delete_many", *args, **kwargs)

    def clear(self) -> None:
        self._own.clear()
        self._ask("clear")
