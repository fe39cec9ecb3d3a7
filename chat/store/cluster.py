"""Redis Cluster, as far as we need it: finding the one server that has our keys.

All keys of a service lie in one slot. So a cluster is a way to find a server, as Sentinel is, and all else is
as with a single one: the same client and pool, scripts, and listening (what is published on one server of a
cluster reaches them all).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis.asyncio import Connection, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import AskError, MovedError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError

Address = tuple[str, int]


class SlotOwner:
    """Knows who owns the slot of a key, and asks the cluster again when that may have changed."""

    def __init__(self, seeds: Sequence[Address], key: str, **options: Any) -> None:
        self._seeds = list(seeds)
        self._slot = key_slot(key.encode())
        self._options = options | {"retry": Retry(NoBackoff(), 0)}  # the next server is asked instead
        self._known: list[Address] = []
        self._address: Address | None = None

    async def address(self) -> Address:
        """Give the owner's address. Raises redis' ConnectionError when nobody of the cluster answers."""
        if self._address is None:
            self._address = await self._ask_around()
        return self._address

    def move(self, address: Address) -> None:
        """Take a server's word for who owns the slot now."""
        self._address = address

    def forget(self) -> None:
        """Ask again: the owner can not be reached, so another may have taken over."""
        self._address = None

    async def _ask_around(self) -> Address:
        for address in [*self._known, *self._seeds]:
            try:
                shares = await self._ask(address)
            except (RedisError, OSError):
                continue
            servers = [(server[0] or address[0], int(server[1])) for share in shares for server in share[2:]]
            self._known = sorted(set(servers))
            for first, last, owner, *_ in shares:
                if int(first) <= self._slot <= int(last):
                    return owner[0] or address[0], int(owner[1])
        raise RedisConnectionError("No server of the cluster says who owns the slot.")

    async def _ask(self, address: Address) -> list[Any]:
        host, port = address
        client = Redis(host=host, port=port, decode_responses=True, **self._options)
        try:
            execute: Any = client.execute_command
            shares: list[Any] = await execute("CLUSTER SLOTS")
        finally:
            await client.aclose()
        return shares


class OwnerConnection(Connection):
    """A connection to whoever owns the slot: looked for as it connects, and followed when it moves.

    ``owner`` is shared by the connections of a pool.
    """

    def __init__(self, *, owner: SlotOwner, **kwargs: Any) -> None:
        self._owner = owner
        super().__init__(**kwargs)

    async def _connect(self) -> None:
        self.host, self.port = await self._owner.address()
        try:
            await super()._connect()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        except BaseException:
            self._owner.forget()
            raise

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await super().read_response(*args, **kwargs)
        except MovedError as moved:
            self._owner.move((moved.host or self.host, moved.port))
            await self.disconnect()
            raise RedisConnectionError("the slot has moved") from moved
        except AskError as asked:  # it is on its way to another server: soon it will have moved
            raise RedisConnectionError("the slot is moving") from asked


class OwnerSSLConnection(OwnerConnection, SSLConnection):
    """The same, encrypted."""
