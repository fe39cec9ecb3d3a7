"""The audit trail's chain: how an entry is hashed, written and checked.

``hash(n) = SHA-256(hash(n-1) + canonical(n))``, with 32 zero bytes before the first. An entry is written
in the transaction of the act that it tells of, so that neither is there without the other. The chain
shows a change, another order and a hole; that the end was cut off shows by the head's row, and, where
that was changed as well, by an anchor that was kept elsewhere (``manage.py verify_audit``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC

from django.core.signing import BadSignature, Signer
from django.db import connection

from notalone import clock
from staff.models import AuditEntry, AuditHead, User

START = bytes(32)
BATCH = 1000
Fact = str | int | bool | None


def record(
    act: str,
    actor: User | None,
    facts: Mapping[str, Fact] | None = None,
    *,
    why: str = "",
    why_sealed: bytes | None = None,
) -> AuditEntry:
    """Add an entry, within the transaction of its act (a database thread's work).

    ``actor`` is None where the service itself acts, or somebody at its command line. The head is locked
    until the transaction ends: record last, so that others wait for little.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an audit entry is written in the transaction of its act")
    head = _locked_head()
    entry = AuditEntry(
        seq=head.seq + 1,
        at=clock.now(),
        actor=str(actor.pk) if actor else "",
        actor_name=actor.username if actor else "",
        act=act,
        facts=dict(facts or {}),
        why=why,
        why_sealed=why_sealed,
        before=bytes(head.hash),
    )
    entry.hash = hash_of(entry)
    entry.save()
    AuditHead.objects.filter(pk=head.pk).update(seq=entry.seq, hash=entry.hash)
    return entry


def _locked_head() -> AuditHead:
    head = AuditHead.objects.select_for_update().first()
    if head is None:
        AuditHead.objects.bulk_create([AuditHead(hash=START)], ignore_conflicts=True)
        head = AuditHead.objects.select_for_update().get()
    return head


def hash_of(entry: AuditEntry) -> bytes:
    """Give the hash that an entry must have."""
    return hashlib.sha256(bytes(entry.before) + canonical(entry)).digest()


def canonical(entry: AuditEntry) -> bytes:
    """Encode everything but the hashes: one JSON array, sorted keys, UTF-8, no spaces, time in UTC to the
    microsecond, sealed bytes in hexadecimal."""
    sealed = bytes(entry.why_sealed).hex() if entry.why_sealed is not None else None
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [entry.seq, at, entry.actor, entry.actor_name, entry.act, entry.facts, entry.why, sealed]
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


# --- checking ---


@dataclass(frozen=True, slots=True)
class Anchor:
    """How the trail stood once: ``seq`` entries, the last with this hash."""

    seq: int
    hash: bytes

    def __str__(self) -> str:
        return _signer().sign(f"notalone-audit 1 {self.seq} {self.hash.hex()}")


class AnchorIsForged(Exception):
    """The line is none that this service signed."""


def read_anchor(line: str) -> Anchor:
    """Read a line that ``str(anchor)`` gave. Raises AnchorIsForged."""
    try:
        name, version, seq, digest = _signer().unsign(line.strip()).split(" ")
        if (name, version) != ("notalone-audit", "1"):
            raise AnchorIsForged
        return Anchor(int(seq), bytes.fromhex(digest))
    except (BadSignature, ValueError):
        raise AnchorIsForged from None


def _signer() -> Signer:
    return Signer(salt="notalone.audit.anchor", sep=" ")


def head() -> Anchor:
    """Give how the trail stands now."""
    row = AuditHead.objects.first()
    return Anchor(row.seq, bytes(row.hash)) if row else Anchor(0, START)


def faults(anchors: tuple[Anchor, ...] = ()) -> Iterator[str]:
    """Tell what is wrong with the trail, place by place; nothing when it is whole.

    What is written meanwhile is left for the next time.
    """
    top = head()
    known = {anchor.seq: anchor.hash for anchor in (*anchors, top) if anchor.seq}
    newest = max(known, default=0)
    before, seq = START, 0
    for entry in AuditEntry.objects.filter(seq__lte=newest).order_by("seq").iterator(BATCH):
        if entry.seq != seq + 1:
            yield f"entries {seq + 1} to {entry.seq - 1} are missing"
        elif bytes(entry.before) != before:
            yield f"entry {entry.seq} does not follow the one before it"
        if bytes(entry.hash) != hash_of(entry):
            yield f"entry {entry.seq} was changed"
        before, seq = bytes(entry.hash), entry.seq
        if known.pop(seq, before) != before:
            yield f"entry {seq} is not the one that an anchor or the head knows"
    if seq < newest:
        yield f"the end is cut off: {newest} entries were written, {seq} are here"
    last = AuditEntry.objects.order_by("seq").last()
    if last is not None and last.seq > head().seq:
        yield f"entries after {head().seq} were not written by the service"
