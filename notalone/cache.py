"""Django's cache on the Redis of the service, whatever form its URL has. Sign-in limits live here."""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis
from redis.cluster import ClusterNode, RedisCluster
from redis.sentinel import Sentinel

from chat.store.connection import SOCKET_TIMEOUT_S, Servers, servers_of

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

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = partial(CacheClient, prefix=self.key_prefix)
