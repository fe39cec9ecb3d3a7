"""Rate limits that all processes share."""

from __future__ import annotations

import secrets

from chat.store.keys import DEFAULT_NAMESPACE, SALT_MS, Keys
from chat.store.scripts import Client, command, run


class Counters:
    """Sliding windows. The caller chooses keys that name nobody."""

    def __init__(self, redis: Client, namespace: str = DEFAULT_NAMESPACE) -> None:
        self._redis = redis
        self._keys = Keys(namespace)

    async def hit(self, key: str, *, limit: int, window_s: int, now_ms: int) -> int:
        """Count one try; return 0 when it is allowed, else the seconds until the next may be.

        At most ``limit`` are allowed in any ``window_s``; what is refused does not count. A limit of 0: none.
        """
        if limit <= 0:
            return 0
        return int(await run(self._redis, "counter_hit", self._keys.tag, key, limit, window_s * 1000, now_ms))

    async def wait_s(self, key: str, *, limit: int, window_s: int, now_ms: int) -> int:
        """Say what ``hit`` would return, without counting."""
        if limit <= 0:
            return 0
        words = (key, limit, window_s * 1000, now_ms, "look")
        return int(await run(self._redis, "counter_hit", self._keys.tag, *words))

    async def salt(self, day: str) -> str:
        """Return the random salt of a day, the same in all processes, made by whoever asks first.

        What was hashed with it can not be tried out once it is gone.
        """
        name = self._keys.salt(day)
        known = await command(self._redis, "GET", name)
        if known is None:
            await command(self._redis, "SET", name, secrets.token_hex(16), "PX", SALT_MS, "NX")
            known = await command(self._redis, "GET", name)
        return str(known)
