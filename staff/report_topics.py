"""Topics are sealed with the words, so that the database can not sum them up: they are opened, counted and
forgotten. Only what the forms offer is counted by its name (a database thread's work)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator

import msgspec

from chat.forms import TOPICS
from chat.rules.types import AUDIENCES
from chat.sealing import SealBroken, Sealed, Sealer, open_data_key
from staff.report import Span, calls_of, letters_of, place_of, talks_of
from staff.tally import Place, topic_list

OPENED_MAX = 20_000  # some 16 µs each: a third of a second
CHUNK = 500
BETWEEN = "、"
_OF_AUDIENCE = {audience: tuple(topic.value for topic in TOPICS[audience]) for audience in AUDIENCES}
NAMED: dict[str, tuple[str, ...]] = {  # by staff.tally.topic_list
    **{audience: (*topics, "other") for audience, topics in _OF_AUDIENCE.items()},
    "phone": (*dict.fromkeys(topic for topics in _OF_AUDIENCE.values() for topic in topics), "other"),
}
_Row = tuple[Place, uuid.UUID, Sealed, Sealed]


class _Words(msgspec.Struct):
    topic: str = ""


def count_topics(span: Span) -> dict[Place, Counter[str]] | None:
    """Count the topics of the talks that began, of letters and of calls; None where they are too many."""
    parts = (talks_of(span), letters_of(span), calls_of(span))
    if sum(part.count() for part in parts) > OPENED_MAX:
        return None
    sums: dict[Place, Counter[str]] = {}
    for place, owner, key_sealed, words_sealed in _rows(span):
        found = sums.setdefault(place, Counter())
        found.update(topics_in(_open(owner, key_sealed, words_sealed), topic_list(place)))
    return sums


def topics_in(line: str, of: str) -> set[str]:
    """Name the topics of one line, each once; what the form does not offer is "other". ``of``: a list of
    ``NAMED``."""
    offered = NAMED.get(of, ())
    return {topic if topic in offered else "other" for topic in line.split(BETWEEN) if topic.strip()}


def _rows(span: Span) -> Iterator[_Row]:
    talks = talks_of(span).values_list(
        "ticket__audience", "ticket__language", "ticket_id", "ticket__key_sealed", "ticket__entry_sealed"
    )
    for audience, language, owner, key, words in talks.iterator(CHUNK):
        yield place_of("chat", audience, language), owner, key, words
    letters = letters_of(span).values_list("audience", "language", "id", "key_sealed", "entry_sealed")
    for audience, language, owner, key, words in letters.iterator(CHUNK):
        yield place_of("mail", audience, language), owner, key, words
    calls = calls_of(span).values_list("audience", "id", "key_sealed", "words_sealed")
    for audience, owner, key, words in calls.iterator(CHUNK):
        yield place_of("phone", audience), owner, key, words


def _open(owner: uuid.UUID, key_sealed: Sealed, words_sealed: Sealed) -> str:
    """Open without a trace: a key that was kept would push out one that a talk needs."""
    try:
        words = Sealer(open_data_key(bytes(key_sealed), owner), owner).open(words_sealed)
        return msgspec.json.decode(words, type=_Words).topic
    except (SealBroken, msgspec.DecodeError):
        return ""
