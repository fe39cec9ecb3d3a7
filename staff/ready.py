"""Ready sentences: how a list is written, which one counts for whom, and how it is saved.

A list is text, one sentence a line, under headings in brackets: ``[あいさつ]``, or ``[Greetings @en]``
for who talks in that language (Japanese unless said). ``\\n`` in a line is a line break in the sentence.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import transaction

from chat.rules.conversation import BODY_MAX, is_fit
from notalone.env import ROOT
from staff import trail
from staff.models import ReadySentences, User

MOST = 300
LANGUAGE = "ja"
_SHIPPED = ROOT / "notalone" / "words" / "ready.txt"
_HEADING = re.compile(r"\[\s*(?P<title>[^\]@]{1,40}?)\s*(?:@\s*(?P<language>[a-z-]{2,16})\s*)?\]")


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences under one heading."""

    title: str
    language: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a list, and in which line (from 1; 0: in all of it)."""

    code: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """The list that counts. ``id`` is None for the one that came with the software."""

    id: uuid.UUID | None
    text: str
    saved_at: datetime | None = None
    saved_by: str = ""


def parse(text: str) -> list[Group] | Fault:
    """Read a list, or say why it can not be used: ``unfit``, ``heading``, ``no_heading``, ``too_long``,
    ``too_many`` or ``empty``."""
    if not is_fit(text):
        return Fault("unfit")
    groups: list[Group] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line:
            continue
        if line.startswith("["):
            heading = _HEADING.fullmatch(line)
            if heading is None:
                return Fault("heading", number)
            groups.append(Group(heading["title"], heading["language"] or LANGUAGE, ()))
            continue
        sentence = line.replace("\\n", "\n")
        if not groups:
            return Fault("no_heading", number)
        if len(sentence) > BODY_MAX:
            return Fault("too_long", number)
        last = groups[-1]
        groups[-1] = Group(last.title, last.language, (*last.sentences, sentence))
    count = sum(len(group.sentences) for group in groups)
    if not count or count > MOST:
        return Fault("too_many" if count else "empty")
    return [group for group in groups if group.sentences]


@cache
def shipped() -> str:
    """Give the list that came with the software."""
    return _SHIPPED.read_text("utf-8")


def newest(organization: str | None) -> Version:
    """Read the list that an organization's supervisors change (a database thread's work)."""
    rows = ReadySentences.objects.select_related("saved_by").filter(organization_id=organization)
    row = rows.order_by("-saved_at", "-id").first()
    if row is not None:
        return Version(row.id, row.text, row.saved_at, row.saved_by.username if row.saved_by else "")
    return newest(None) if organization is not None else Version(None, shipped())


def sentences_for(organization: str | None) -> list[Group]:
    """Give what an organization's counselors may choose from: its own list, else everybody's, else the one
    that came with the software (a database thread's work)."""
    read = parse(newest(organization).text)
    return read if isinstance(read, list) else []


def save(user: User, text: str, *, based_on: uuid.UUID | None, now: datetime) -> bool:
    """Save a list for the user's organization, on record; false when another was saved since ``based_on``
    (a database thread's work)."""
    with transaction.atomic():
        rows = ReadySentences.objects.select_for_update().filter(organization_id=user.organization_id)
        last = rows.order_by("-saved_at", "-id").first()
        known = last.id if last is not None else newest(user.organization_id).id
        if known != based_on:
            return False
        row = ReadySentences.objects.create(
            organization_id=user.organization_id, text=text, saved_at=now, saved_by=user
        )
        facts: dict[str, trail.Fact] = {"version": str(row.id), "organization": user.organization_id}
        trail.record("ready_sentences.saved", user, facts)
    return True
