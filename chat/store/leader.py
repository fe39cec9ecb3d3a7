"""A lease for the one process that does a job which any could do."""

from __future__ import annotations

from chat.store.keys import DEFAULT_NAMESPACE, Keys
from chat.store.scripts import Client, run


async def lead(
    redis: Client, name: str, holder: str, ttl_ms: int, *, namespace: str = DEFAULT_NAMESPACE
) -> bool:
    """Take the lease, or renew it when it is ours; say whether ``holder`` leads for ``ttl_ms`` from now."""
    return bool(await run(redis, "leader_take", Keys(namespace).tag, name, holder, ttl_ms))


async def release(redis: Client, name: str, holder: str, *, namespace: str = DEFAULT_NAMESPACE) -> bool:
    """Give the lease up; false when it was not ours."""
    return bool(await run(redis, "leader_release", Keys(namespace).tag, name, holder))
