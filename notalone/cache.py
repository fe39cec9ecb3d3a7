"""Django's cache on the Redis of the service, whatever form its URL has. Sign-in limits live here.

With Redis away nothing is cached and nobody is held: a counselor who can sign in matters more than a limit,
as a child who can enter does. The second factor is asked for in any case.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis, RedisError
from redis.cluster import ClusterNode, RedisCluster
from redis.sentinel import Sentinel

from chat.store.connection import SOCKET_TIMEOUT_S, Servers, servers_of

logger = logging.getLogger(__name__)

T = TypeVar("T")

AWAY_S = 5.0  # after a failure nobody waits for Redis for so long
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

    def _softly(self, work: Callable[..., T], instead: T, *args: Any, **kwargs: Any) -> T:
        if time.monotonic() < self._away_until:
            return instead
        try:
            return work(*args, **kwargs)
        except (RedisError, OSError) as error:
            Cache._away_until = time.monotonic() + AWAY_S  # for every thread's cache
            logger.warning("nothing is cached: %s", type(error).__name__)
            return instead

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._softly(super().add, True, *args, **kwargs)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._softly(super().get, default, key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._softly(super().set, None, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return self._softly(super().touch, False, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._softly(super().delete, False, *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return self._softly(super().get_many, {}, *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return self._softly(super().has_key, False, *args, **kwargs)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return self._softly(super().incr, delta, key, delta, version)

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        return self._softly(super().set_many, [], *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._softly(super().delete_many, None, *args, **kwargs)
