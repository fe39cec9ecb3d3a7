"""Ids that sort by time, so that new rows sit side by side in their index."""

import secrets
import time
import uuid


def new_id() -> uuid.UUID:
    """Make a UUID of version 7 (RFC 9562): 48 bits of milliseconds, then 74 random bits.

    The wall clock only orders the ids; no rule reads it back.
    """
    stamp = time.time_ns() // 1_000_000
    rand = secrets.randbits(74)
    value = (stamp & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | (rand >> 62) << 64
    value |= 0b10 << 62 | rand & ((1 << 62) - 1)
    return uuid.UUID(int=value)
