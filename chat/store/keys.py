"""Every key in Redis: its name, its type, how long it lives. ``docs/redis.md`` says what each holds.

All keys of one service share one hash tag, ``{namespace}``, so that a script may touch them together
on Redis Cluster. The scripts are handed the tag alone and build the same names from it
(``lua/_shared.lua``); a test compares what they leave in Redis with this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DEFAULT_NAMESPACE = "na"

# How long, in milliseconds.
CLAIM_MS = 10_000  # a pairing that nobody commits goes back after this
LEASE_MS = 30_000  # a counselor without a heartbeat takes no new work after this
CALL_MS = 60_000  # how long a call of `pair` or `confirm` can be repeated and is recognized
REBUILD_LOCK_MS = 10_000  # renewed with each chunk that is written
HELD_MARGIN_MS = 15_000  # a claim's length and the difference of two clocks: what was assigned this shortly
# before the database was read may not have been in it yet
READY_MS = 60_000  # what a look at the server's health leaves
SALT_MS = 48 * 3600 * 1000  # a day's salt outlives its day in every time zone, and no more


@dataclass(frozen=True, slots=True)
class KeyKind:
    """One row of the table. ``name`` follows the tag; ``<…>`` is filled in. ``expires``: has a TTL."""

    name: str
    kind: Literal["string", "hash", "set", "zset", "list"]
    expires: bool = False


KEY_KINDS = (
    KeyKind("epoch", "string"),
    KeyKind("rebuild", "string", expires=True),
    KeyKind("lanes", "set"),
    KeyKind("lane:<lane>", "zset"),
    KeyKind("opened:<lane>", "zset"),
    KeyKind("free:<lane>", "zset"),
    KeyKind("wishes", "hash"),
    KeyKind("claims", "zset"),
    KeyKind("claim:<ticket>", "hash"),
    KeyKind("call:<call>:<n>", "string", expires=True),
    KeyKind("holder", "hash"),
    KeyKind("held:<counselor>", "zset"),
    KeyKind("counselors", "set"),
    KeyKind("counselor:<counselor>", "hash"),
    KeyKind("leases", "zset"),
    KeyKind("seen", "zset"),
    KeyKind("hits:<key>", "list", expires=True),
    KeyKind("salt:<day>", "string", expires=True),
    KeyKind("leader:<name>", "string", expires=True),
    KeyKind("ready", "string", expires=True),
)


class Keys:
    """The names that Python needs; the scripts build the others from ``tag``."""

    def __init__(self, namespace: str = DEFAULT_NAMESPACE) -> None:
        if not namespace or set(namespace) & set("{}: "):
            raise ValueError("A namespace is one word without braces, colons or spaces.")
        self.tag = f"{{{namespace}}}"
        self.epoch = f"{self.tag}:epoch"
        self.ready = f"{self.tag}:ready"
        self.seen = f"{self.tag}:seen"
        self.holder = f"{self.tag}:holder"

    def held(self, counselor: str) -> str:
        return f"{self.tag}:held:{counselor}"

    def hits(self, key: str) -> str:
        return f"{self.tag}:hits:{key}"

    def salt(self, day: str) -> str:
        return f"{self.tag}:salt:{day}"

    def leader(self, name: str) -> str:
        return f"{self.tag}:leader:{name}"
