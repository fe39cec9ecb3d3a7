"""Hold a flood from one address without keeping any: a salted hash that changes daily, in Redis alone."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime

from django.conf import settings

from chat import runtime
from chat.actions.rebuild import ms
from chat.store.errors import StoreDown

HOUR_S = 3600


async def entry_wait_s(address: str, now: datetime) -> int:
    """Count an entry from an address; give the seconds until it may be, 0 when it may be now.

    With Redis away nobody is held: a child matters more than a flood.
    """
    if not settings.ENTRIES_PER_HOUR or not address:
        return 0
    try:
        return await runtime.current().counters.hit(
            await address_key(address, now),
            limit=settings.ENTRIES_PER_HOUR,
            window_s=HOUR_S,
            now_ms=ms(now),
        )
    except StoreDown:
        return 0


async def address_key(address: str, now: datetime) -> str:
    """Name an address without telling it. Raises StoreDown."""
    salt = await runtime.current().counters.salt(f"{now:%Y%m%d}")
    return hashlib.sha256((salt + network_of(address)).encode()).hexdigest()[:32]


def network_of(address: str) -> str:
    """Give what counts as one sender: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
