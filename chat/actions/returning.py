"""The way back from another device: a phrase is made, said, and leads to the ticket. Guessing is held.

A phrase is about 41 bits. What keeps guessing hopeless is the limit: so many tries from one address, and so
many wrong ones in the whole service; without Redis, which counts them, no phrase opens anything.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.db import transaction

from chat import access, db, runtime
from chat.actions.limits import address_key
from chat.actions.rebuild import ms
from chat.actions.wishes import visit_of
from chat.models import Inquiry, ReturnPhrase, ReturnToken, Ticket
from chat.rules.errors import ChatError
from chat.rules.pairing import KNOWN_FOR_S
from chat.rules.phrases import WORDS_IN_PHRASE, parse_phrase_words, phrase_of, plain_phrase
from chat.sealing import phrase_hashes
from chat.store.errors import StoreDown
from notalone import clock
from notalone.env import ROOT

LIVE = (Ticket.WAITING, Ticket.PAIRED)
MADE_AN_HOUR = 6  # of one ticket
TRIES = 10  # from one address
TRIES_WITHIN_S = 600
WRONG_AN_HOUR = 600  # in the whole service
HOUR_S = 3600
WRONG = "phrases:wrong"


@dataclass(frozen=True, slots=True)
class Returned:
    """Where a phrase leads. ``token`` is a key for this device; empty when the ticket has ended.
    ``is_inquiry``: it leads to a consultation by mail, and ``ticket`` is that one's id."""

    ticket: uuid.UUID
    audience: str
    token: str = ""
    is_inquiry: bool = False


@cache
def phrase_words() -> tuple[str, ...]:
    return parse_phrase_words((ROOT / "notalone" / "words" / "phrase.ja.txt").read_text("utf-8"))


async def make_phrase(ticket: Ticket) -> str:
    """Make a phrase for a ticket; one made before leads nowhere from now on.

    Raises ChatError ``not_found`` for a ticket that has ended long ago, ``too_many``, ``unavailable``.
    """
    now = clock.now()
    if not _is_open(ticket, now):
        raise ChatError("not_found")
    phrase = await _new_phrase(ticket.id, now)
    await db.run(_store, ticket.id, plain_phrase(phrase) or "", now)
    return phrase


async def make_inquiry_phrase(inquiry: uuid.UUID) -> str:
    """Make a phrase for a consultation by mail; one made before leads nowhere from now on.

    Raises ChatError ``too_many`` or ``unavailable``.
    """
    phrase = await _new_phrase(inquiry, clock.now())
    await db.run(_store_for_inquiry, inquiry, plain_phrase(phrase) or "")
    return phrase


async def _new_phrase(owner: uuid.UUID, now: datetime) -> str:
    await _count(f"phrases:made:{owner}", MADE_AN_HOUR, HOUR_S, now)
    words = phrase_words()
    return phrase_of(words, [secrets.randbelow(len(words)) for _ in range(WORDS_IN_PHRASE)])


def _store_for_inquiry(inquiry: uuid.UUID, plain: str) -> None:
    Inquiry.objects.filter(id=inquiry).update(phrase_hash=phrase_hashes(plain)[0])


def _store(ticket: uuid.UUID, plain: str, now: datetime) -> None:
    hashed = phrase_hashes(plain)[0]
    with transaction.atomic():
        ReturnPhrase.objects.update_or_create(
            ticket_id=ticket, defaults={"phrase_hash": hashed, "made_at": now}
        )


async def return_by_phrase(text: str, address: str) -> Returned:
    """Lead back by a phrase: a ticket that lives gets a key for this device, beside those it has.

    Raises ChatError ``not_found``, ``too_many`` or ``unavailable``.
    """
    found = await _behind(text, address)
    if isinstance(found, Inquiry):
        return Returned(found.id, found.audience, await db.run(access.token_again, found.id), is_inquiry=True)
    return await db.run(_open_for_device, found, clock.now())


async def visit_behind(returning: str, address: str) -> uuid.UUID | None:
    """Find the visit that a new entry goes on with, by an earlier token or a phrase.

    None for what leads nowhere, or can not be tried now: an entry never fails by it.
    """
    if not returning:
        return None
    ticket = await db.run(access.ticket_for_token, returning)
    if ticket is None and plain_phrase(returning) is not None:
        try:
            found = await _behind(returning, address)
        except ChatError:
            return None
        ticket = found if isinstance(found, Ticket) else None
    return visit_of(ticket) if ticket is not None else None


async def _behind(text: str, address: str) -> Ticket | Inquiry:
    now = clock.now()
    plain = plain_phrase(text)
    if plain is None:  # no phrase at all: nothing was guessed
        raise ChatError("not_found")
    counters = runtime.current().counters
    try:
        sender = f"phrases:from:{await address_key(address or 'unknown', now)}"
        await _count(sender, TRIES, TRIES_WITHIN_S, now)
        wait_s = await counters.wait_s(WRONG, limit=WRONG_AN_HOUR, window_s=HOUR_S, now_ms=ms(now))
    except StoreDown:
        raise ChatError("unavailable") from None
    if wait_s:
        raise ChatError("too_many", retry_after_s=wait_s)
    found = await db.run(_find, plain)
    if found is None or (isinstance(found, Ticket) and not _is_open(found, now)):
        await _count(WRONG, WRONG_AN_HOUR, HOUR_S, now)
        raise ChatError("not_found")
    return found


async def _count(key: str, limit: int, window_s: int, now: datetime) -> None:
    counters = runtime.current().counters
    try:
        wait_s = await counters.hit(key, limit=limit, window_s=window_s, now_ms=ms(now))
    except StoreDown:
        raise ChatError("unavailable") from None
    if wait_s:
        raise ChatError("too_many", retry_after_s=wait_s)


def _find(plain: str) -> Ticket | Inquiry | None:
    hashes = phrase_hashes(plain)
    ticket = Ticket.objects.filter(return_phrase__phrase_hash__in=hashes).first()
    return ticket or Inquiry.objects.filter(phrase_hash__in=hashes).first()


def _is_open(ticket: Ticket, now: datetime) -> bool:
    """A phrase leads to a ticket while that lives, and for half an hour more to a new one after it."""
    if ticket.state in LIVE or ticket.ended_at is None:
        return True
    return now - ticket.ended_at < timedelta(seconds=KNOWN_FOR_S)


def _open_for_device(ticket: Ticket, now: datetime) -> Returned:
    if ticket.state not in LIVE:
        return Returned(ticket.id, ticket.audience)
    token = access.new_token()
    ReturnToken.objects.create(ticket=ticket, token_hash=access.token_hash(token), made_at=now)
    return Returned(ticket.id, ticket.audience, token)


async def forget_phrases(now: datetime) -> None:
    """Erase the phrases that lead nowhere any more."""
    await db.run(_forget, now - timedelta(seconds=KNOWN_FOR_S))


def _forget(ended_before: datetime) -> None:
    ReturnPhrase.objects.filter(ticket__ended_at__lt=ended_before).delete()
