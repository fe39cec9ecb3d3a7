"""The lists of words to check: read, looked up at entry, and changed by supervisors with a history."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import transaction

from chat import db
from chat.models import CheckWordList
from chat.rules.check_words import CheckWords, Found, WordsFault, find, parse_words
from chat.rules.errors import ChatError
from chat.sealing import new_data_key, sealer
from notalone import clock
from notalone.env import ROOT

logger = logging.getLogger(__name__)

OnRecord = Callable[[uuid.UUID, bytes], None]  # with the version's id and its sealed note

_FOLDER = ROOT / "notalone" / "words"
_FRESH_S = 5.0
_lists: dict[str, tuple[float, CheckWords]] = {}


@dataclass(frozen=True, slots=True)
class WordsVersion:
    """One version of a list. ``id`` is None for the one that came with the software; so is ``by``."""

    id: uuid.UUID | None
    text: str
    note: str
    saved_at: datetime | None
    by: str | None


async def look(language: str, *texts: str) -> Found:
    """Look for words to check in what a visitor wrote. What can not be read now finds nothing more."""
    if not any(texts):
        return Found(0, ())
    return find(await _listed(language), *texts)


async def _listed(language: str) -> CheckWords:
    known = _lists.get(language)
    if known is not None and time.monotonic() - known[0] < _FRESH_S:
        return known[1]
    try:
        version = await db.run(read_newest, language)
        words = parse_words(version.text) if version.text else CheckWords()
    except (ChatError, WordsFault) as error:
        logger.warning("the list of words to check stays as it was: %s", type(error).__name__)
        words = known[1] if known is not None else parse_words(shipped(language))
    _lists[language] = (time.monotonic(), words)
    return words


def forget() -> None:
    """Read the lists again at the next entry."""
    _lists.clear()


@cache
def shipped(language: str) -> str:
    """Give the list that came with the software; empty when there is none for the language."""
    path = _FOLDER / f"check.{language}.txt"
    return path.read_text("utf-8") if language.isalnum() and path.is_file() else ""


def read_newest(language: str) -> WordsVersion:
    """Read the list that counts (a database thread's work)."""
    return read_history(language, 1)[0]


def read_history(language: str, limit: int) -> list[WordsVersion]:
    """Read the versions of a list, newest first; the one that came with the software is the last."""
    rows = CheckWordList.objects.select_related("by").filter(language=language).order_by("-saved_at", "-id")
    versions = []
    for row in rows[:limit]:
        opener = sealer(row.id, row.key_sealed)
        text, note = opener.open(row.text_sealed), opener.open(row.note_sealed)
        by = row.by.get_username() if row.by else None
        versions.append(WordsVersion(row.id, text, note, row.saved_at, by))
    if len(versions) < limit:
        versions.append(WordsVersion(None, shipped(language), "", None, None))
    return versions


async def save(
    language: str,
    text: str,
    note: str,
    *,
    by: int,
    based_on: uuid.UUID | None,
    on_record: OnRecord | None = None,
) -> bool:
    """Save a new version; false when another has been saved since ``based_on``, and nothing is changed.

    ``on_record`` is called within the transaction.

    Raises WordsFault for a list that can not be used, ChatError ``unavailable``.
    """
    parse_words(text)
    is_saved = await db.run(
        _save, language, text, note, by=by, based_on=based_on, now=clock.now(), on_record=on_record
    )
    forget()
    return is_saved


def _save(
    language: str,
    text: str,
    note: str,
    *,
    by: int,
    based_on: uuid.UUID | None,
    now: datetime,
    on_record: OnRecord | None,
) -> bool:
    with transaction.atomic():
        newest = (
            CheckWordList.objects.select_for_update()
            .filter(language=language)
            .order_by("-saved_at", "-id")
            .first()
        )
        if (newest.id if newest else None) != based_on:
            return False
        row = CheckWordList(language=language, saved_at=now, by_id=by)
        _, row.key_sealed = new_data_key(row.id)
        seal = sealer(row.id, row.key_sealed).seal
        row.text_sealed, row.note_sealed = seal(text), seal(note)
        row.save(force_insert=True)
        if on_record is not None:
            on_record(row.id, row.note_sealed)
    return True
