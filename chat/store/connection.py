"""How a process reaches Redis."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

SOCKET_TIMEOUT_S = 2.0
HEALTH_CHECK_S = 15
POOL_SIZE = 50
POOL_WAIT_S = 5.0  # in a rush, commands queue here for a connection
SENTINEL_PORT = 26379


def connect(url: str, *, decode_responses: bool = True) -> Redis:
    """Make a client; nothing is sent before the first command.

    ``redis://``, ``rediss://``, ``unix://`` as in redis-py, or
    ``sentinel://[user:password@]host[:port],host[:port]/service[/db]``. The store needs answers as text.
    A dropped connection is replaced and the command sent once more; a slow answer is not asked for twice.
    """
    options = _connection_options() | {"decode_responses": decode_responses}
    if url.startswith("sentinel://"):
        return _connect_by_sentinel(url, options)
    pool = BlockingConnectionPool.from_url(url, max_connections=POOL_SIZE, timeout=POOL_WAIT_S, **options)
    return Redis.from_pool(pool)


def _connection_options() -> dict[str, Any]:
    return {
        "protocol": 2,  # redis-py 8 would change it
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": SOCKET_TIMEOUT_S,
        "health_check_interval": HEALTH_CHECK_S,
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    }


def _connect_by_sentinel(url: str, options: dict[str, Any]) -> Redis:
    parts = urlsplit(url)
    path = parts.path.strip("/").split("/")
    login, _, hosts = parts.netloc.rpartition("@")
    if not hosts or not path[0] or len(path) > 2:
        raise ValueError("Write sentinel://host:port,host:port/service or …/service/db.")
    user, _, password = login.partition(":")
    if login:
        options |= {"username": unquote(user) or None, "password": unquote(password) or None}
    sentinel_class: Any = Sentinel  # it has no types
    sentinel = sentinel_class(
        [_host_and_port(host) for host in hosts.split(",")],
        sentinel_kwargs={"socket_timeout": SOCKET_TIMEOUT_S, "decode_responses": True},
    )
    client: Redis = sentinel.master_for(
        path[0],
        redis_class=_BehindSentinel,
        db=int(path[1]) if len(path) == 2 else 0,
        max_connections=10_000,
        **options,
    )
    return client


class _BehindSentinel(Redis):
    """redis-py leaves the connections to the sentinels open."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        pool: Any = self.connection_pool
        for sentinel in pool.sentinel_manager.sentinels:
            await sentinel.aclose()


def _host_and_port(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError("A sentinel is written host:port.")
    return parts.hostname, parts.port or SENTINEL_PORT
