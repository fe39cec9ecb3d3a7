"""Words at rest are sealed: AES-256-GCM, one data key an owner, wrapped by a key ring.

The ring stands in ``NOTALONE_CONTENT_KEYS`` as ``name:hex,name:hex`` (32 bytes each); the first
key wraps, all of them unwrap, so a key can be changed without downtime. The owner's id (a
conversation's or a ticket's) is associated data: what is moved to another row does not open.
Without an owner's data key nothing of that owner can be read.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import uuid
from binascii import a2b_base64, b2a_base64
from collections import OrderedDict
from functools import lru_cache
from typing import NewType

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

logger = logging.getLogger(__name__)

DataKey = NewType("DataKey", bytes)
Sealed = bytes | memoryview  # the databases give one or the other

NONCE_BYTES = 12
EVENT = b"event"  # what the sealed bytes are for: a data key's wrapping does not open as an event
PHRASE = b"return phrase"
_CACHED_KEYS = 20_000


class SealBroken(Exception):
    """The bytes do not open: another owner's, another key's, or changed."""


@lru_cache(maxsize=4)
def _ring(text: str) -> OrderedDict[bytes, AESGCM]:
    return OrderedDict((name, AESGCM(key)) for name, key in _keys(text).items())


@lru_cache(maxsize=4)
def _keys(text: str) -> OrderedDict[bytes, bytes]:
    ring: OrderedDict[bytes, bytes] = OrderedDict()
    for part in text.split(","):
        name, _, secret = part.strip().partition(":")
        try:
            key = bytes.fromhex(secret)
        except ValueError:
            key = b""
        if not name or len(name) > 255 or len(key) != 32:
            raise ImproperlyConfigured(
                "NOTALONE_CONTENT_KEYS is name:hex,name:hex with 64 hexadecimal digits a key."
            )
        ring[name.encode()] = key
    return ring


def new_data_key(owner: uuid.UUID) -> tuple[DataKey, bytes]:
    """Make a data key; give it and its wrapped form, which alone is stored."""
    key = DataKey(AESGCM.generate_key(256))
    return key, wrap_data_key(key, owner)


def wrap_data_key(key: DataKey, owner: uuid.UUID) -> bytes:
    """Wrap a data key with the ring's first key."""
    name, wrapper = next(iter(_ring(settings.CONTENT_KEYS).items()))
    nonce = os.urandom(NONCE_BYTES)
    return bytes([len(name)]) + name + nonce + wrapper.encrypt(nonce, key, owner.bytes)


def current_wrapping() -> bytes:
    """Give the bytes with which everything begins that the ring's first key has wrapped."""
    name = next(iter(_ring(settings.CONTENT_KEYS)))
    return bytes([len(name)]) + name


def open_data_key(sealed: bytes, owner: uuid.UUID) -> DataKey:
    """Unwrap a data key. Raises SealBroken."""
    end = 1 + sealed[0] if sealed else 0
    wrapper = _ring(settings.CONTENT_KEYS).get(bytes(sealed[1:end]))
    if wrapper is None:
        raise SealBroken("its key is not in the ring")
    nonce = bytes(sealed[end : end + NONCE_BYTES])
    try:
        return DataKey(wrapper.decrypt(nonce, bytes(sealed[end + NONCE_BYTES :]), owner.bytes))
    except (InvalidTag, ValueError):
        raise SealBroken("the data key does not open") from None


def phrase_hashes(plain: str) -> list[bytes]:
    """Hash a return phrase, slowly, with a salt of each key of the ring; the first one is for storing.

    scrypt with 16 MiB, some 50 ms: who has the database and not the ring can try nothing, and who has both
    pays that for each try (ADR 0024).
    """
    salts = [hmac.digest(key, PHRASE, "sha256") for key in _keys(settings.CONTENT_KEYS).values()]
    return [hashlib.scrypt(plain.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32) for salt in salts]


def seal_for(purpose: bytes, data: bytes) -> str:
    """Seal something that has no data key of its own, with the ring's first key, as text.

    ``purpose`` is associated data: what was sealed for one thing does not open as another.
    """
    name, cipher = next(iter(_ring(settings.CONTENT_KEYS).items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = b2a_base64(nonce + cipher.encrypt(nonce, data, purpose), newline=False).decode()
    return f"{name.decode()}:{sealed}"


def open_for(purpose: bytes, text: str) -> bytes:
    """Open what ``seal_for`` gave. Raises SealBroken."""
    name, _, sealed = text.partition(":")
    cipher = _ring(settings.CONTENT_KEYS).get(name.encode())
    if cipher is None:
        raise SealBroken("its key is not in the ring")
    try:
        data = a2b_base64(sealed)
        return cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], purpose)
    except (InvalidTag, ValueError):
        raise SealBroken("it does not open") from None


def is_sealed_by_first_key(text: str) -> bool:
    """Tell whether ``seal_for`` gave this with the key that seals now."""
    return text.startswith(next(iter(_ring(settings.CONTENT_KEYS))).decode() + ":")


def seal_event(data: bytes) -> str:
    """Seal what goes to the other processes through Redis."""
    return seal_for(EVENT, data)


def open_event(text: str) -> bytes:
    """Open what another process sealed. Raises SealBroken."""
    return open_for(EVENT, text)


def nonces(count: int) -> list[bytes]:
    """Make random nonces at once. To ask the kernel for each lets the event loop's thread in each time, and
    who seals a batch waits for its turn again."""
    many = os.urandom(NONCE_BYTES * count)
    return [many[at : at + NONCE_BYTES] for at in range(0, len(many), NONCE_BYTES)]


class Sealer:
    """Seals and opens the texts of one owner."""

    __slots__ = ("_cipher", "_owner")

    def __init__(self, key: DataKey, owner: uuid.UUID) -> None:
        self._cipher = AESGCM(key)
        self._owner = owner.bytes

    def seal(self, text: str, nonce: bytes | None = None) -> bytes:
        """Seal a text. ``nonce``: one of ``nonces``, not used before; None: a new one."""
        nonce = nonce or os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), self._owner)

    def open(self, sealed: Sealed) -> str:
        """Raises SealBroken."""
        data = bytes(sealed)
        try:
            return self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], self._owner).decode()
        except (InvalidTag, ValueError):  # ValueError: too short, or no text
            raise SealBroken("the text does not open") from None


def open_entry(owner: uuid.UUID, key_sealed: Sealed, entry_sealed: Sealed) -> dict[str, str]:
    """Open the words of an entry, by field; none where they do not open, so that what else is known of it
    can be shown. That is said in the log once a process."""
    try:
        return msgspec.json.decode(sealer(owner, key_sealed).open(entry_sealed), type=dict[str, str])
    except (SealBroken, msgspec.DecodeError) as error:
        if owner not in _broken:
            _broken.add(owner)
            logger.error("the words of an entry do not open, and are left out: %s", type(error).__name__)
        return {}


_broken: set[uuid.UUID] = set()
_sealers: OrderedDict[uuid.UUID, tuple[bytes, Sealer]] = OrderedDict()


def sealer(owner: uuid.UUID, key_sealed: Sealed) -> Sealer:
    """Give the owner's sealer; unwrapped keys are kept in this process, the newest 20,000."""
    wrapped = bytes(key_sealed)
    known = _sealers.get(owner)
    if known is not None and known[0] == wrapped:
        return known[1]
    made = Sealer(open_data_key(wrapped, owner), owner)
    _sealers[owner] = (wrapped, made)
    if len(_sealers) > _CACHED_KEYS:
        _sealers.popitem(last=False)
    return made


def known_sealer(owner: uuid.UUID) -> Sealer | None:
    """Give the owner's sealer if this process has it at hand. A data key stays an owner's for ever."""
    known = _sealers.get(owner)
    return known[1] if known is not None else None
