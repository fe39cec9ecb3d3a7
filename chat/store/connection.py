"""How a process reaches Redis: one server, the master that Sentinel names, or the one of a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from chat.store.cluster import Address, OwnerConnection, OwnerSSLConnection, SlotOwner
from chat.store.keys import DEFAULT_NAMESPACE, Keys

SOCKET_TIMEOUT_S = 2.0
HEALTH_CHECK_S = 15
POOL_SIZE = 50
POOL_WAIT_S = 5.0  # in a rush, commands queue here for a connection
PORTS = {"sentinel": 26379, "redis+cluster": 6379, "rediss+cluster": 6379}
FORMS = """Write redis://host:port/db, rediss://…, unix:///path, sentinel://host:port,host:port/service[/db]
or redis+cluster://host:port,host:port (rediss+cluster://… with TLS)."""


@dataclass(frozen=True, slots=True)
class Servers:
    """A URL that names several servers: Sentinels, or some of a cluster."""

    scheme: str
    hosts: tuple[Address, ...]
    login: dict[str, str]
    service: str = ""
    db: int = 0


def servers_of(url: str) -> Servers | None:
    """Read the forms that name several servers; None for any other. Raises ValueError for a broken one."""
    parts = urlsplit(url)
    port = PORTS.get(parts.scheme)
    if port is None:
        return None
    login, _, hosts = parts.netloc.rpartition("@")
    service, _, db = parts.path.strip("/").partition("/")
    is_sentinel = parts.scheme == "sentinel"
    if not hosts or is_sentinel != bool(service) or (db and not db.isdecimal()):
        raise ValueError(FORMS)
    user, _, password = login.partition(":")
    given = {"username": unquote(user), "password": unquote(password)}
    return Servers(
        scheme=parts.scheme,
        hosts=tuple(_address(host, port) for host in hosts.split(",")),
        login={name: value for name, value in given.items() if value},
        service=service,
        db=int(db or 0),
    )


def _address(text: str, port: int) -> Address:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError(FORMS)
    return parts.hostname, parts.port or port


def connect(url: str, *, decode_responses: bool = True, namespace: str = DEFAULT_NAMESPACE) -> Redis:
    """Make a client; nothing is sent before the first command.

    ``redis://``, ``rediss://``, ``unix://`` as in redis-py,
    ``sentinel://[user:password@]host[:port],host[:port]/service[/db]``, or
    ``redis+cluster://[user:password@]host[:port],host[:port]`` (``rediss+cluster://`` with TLS). The store
    needs answers as text. A dropped connection is replaced and the command sent once more; a slow answer is
    not asked for twice.
    """
    options = _connection_options() | {"decode_responses": decode_responses}
    servers = servers_of(url)
    if servers is None:
        pool = BlockingConnectionPool.from_url(url, max_connections=POOL_SIZE, timeout=POOL_WAIT_S, **options)
    elif servers.scheme == "sentinel":
        return _connect_by_sentinel(servers, options)
    else:
        pool = BlockingConnectionPool(
            max_connections=POOL_SIZE, timeout=POOL_WAIT_S, **owner_options(servers, namespace), **options
        )
    return Redis.from_pool(pool)


def _connection_options() -> dict[str, Any]:
    return {
        "protocol": 2,  # redis-py 8 would change it
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": SOCKET_TIMEOUT_S,
        "health_check_interval": HEALTH_CHECK_S,
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    }


def owner_options(servers: Servers, namespace: str) -> dict[str, Any]:
    """Give a pool what makes its connections lead to a cluster's owner of our keys."""
    is_secure = servers.scheme == "rediss+cluster"
    asking = {
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": SOCKET_TIMEOUT_S,
        "ssl": is_secure,
    }
    return {
        "connection_class": OwnerSSLConnection if is_secure else OwnerConnection,
        "owner": SlotOwner(servers.hosts, Keys(namespace).epoch, **asking, **servers.login),
        **servers.login,
    }


def _connect_by_sentinel(servers: Servers, options: dict[str, Any]) -> Redis:
    sentinel_class: Any = Sentinel  # it has no types
    sentinel = sentinel_class(
        servers.hosts,
        sentinel_kwargs={"socket_timeout": SOCKET_TIMEOUT_S, "decode_responses": True},
    )
    client: Redis = sentinel.master_for(
        servers.service,
        redis_class=_BehindSentinel,
        db=servers.db,
        max_connections=10_000,
        **servers.login,
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
