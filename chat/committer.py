"""Group commit: what arrives while one batch is being committed makes the next batch.

The next one is on its way to the database before the last one is answered, so both work at the same time.

``seq`` is allotted under the conversations' row locks, taken in id order, so two processes
can not deadlock; a second row of the same (conversation, id) is answered with the first
one's ``seq``. A draft is answered after the commit, never before.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from django.db import connection, transaction

from chat import db, postgres_commit
from chat.models import Conversation, Message
from chat.rules.errors import ChatError, ErrorCode
from chat.sealing import Sealer, known_sealer, nonces, sealer
from notalone import metrics

logger = logging.getLogger(__name__)

MAX_BATCH = 200


class Draft(msgspec.Struct, frozen=True):
    """A message on its way in. ``client_id`` is the UUID that its sender chose, in the usual writing;
    ``author`` the counselor's id, None for the visitor. ``is_late``: its hours are over, so it is answered
    when it had been stored before, and refused when it is new."""

    conversation: uuid.UUID
    client_id: str
    sender: str
    author: uuid.UUID | None
    body: str
    sent_at: datetime
    is_late: bool = False


class Posted(msgspec.Struct, frozen=True):
    """A committed message. ``is_new`` is false when this id had been stored before."""

    seq: int
    sent_at: datetime
    is_new: bool


Outcome = Posted | ErrorCode
Done = Callable[[Outcome], None]
_Queued = tuple[Draft, Done, float]  # and when it came
_Batch = tuple[list[_Queued], asyncio.Task[Sequence[Outcome]]]


class Committer:
    """Commit drafts in the order in which they came: one that could not be stored takes along those that
    its writer sent after it, so that all can be sent again in order."""

    def __init__(self) -> None:
        self._waiting: list[_Queued] = []
        self._task: asyncio.Task[None] | None = None
        self._posted_count = self._answered_count = 0
        self._is_batch_done = asyncio.Event()

    def post(self, draft: Draft, done: Done) -> None:
        """Queue a draft. ``done`` is called once, after the commit, and is not to raise or to wait; it
        is given the Posted, or ``not_paired``, ``conversation_closed``, ``not_found`` or ``unavailable``.
        After ``unavailable`` the message may or may not be stored, and sending it again is safe."""
        self._waiting.append((draft, done, time.monotonic()))
        self._posted_count += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._commit_all())

    async def drain(self) -> None:
        """Wait until everything queued is committed or refused."""
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def settle(self) -> None:
        """Wait until everything that is queued by now is committed or refused, and answered."""
        goal = self._posted_count
        while self._answered_count < goal:
            await self._is_batch_done.wait()

    async def _commit_all(self) -> None:
        under_way = self._begin()
        while under_way is not None:
            batch, storing = under_way
            outcomes = await storing
            unstored = {
                (queued[0].conversation, queued[0].sender)
                for queued, outcome in zip(batch, outcomes, strict=True)
                if outcome == "unavailable"
            }
            under_way = None if unstored else self._begin()
            if under_way is not None:
                await asyncio.sleep(0)  # it goes to its thread in this turn of the loop
            for queued, outcome in zip(batch, outcomes, strict=True):
                self._answer(queued, outcome)
            if unstored:
                self._refuse_what_follows(unstored)
            self._is_batch_done.set()
            self._is_batch_done = asyncio.Event()
            under_way = under_way or self._begin()

    def _begin(self) -> _Batch | None:
        """Begin to store what waits, if something does."""
        if not self._waiting:
            return None
        batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
        return batch, asyncio.create_task(_outcomes([draft for draft, _, _ in batch]))

    def _answer(self, queued: _Queued, outcome: Outcome) -> None:
        _, done, began = queued
        metrics.COMMIT_SECONDS.observe(time.monotonic() - began)
        self._answered_count += 1
        try:
            done(outcome)
        except Exception:  # one socket's fault must not keep the others from their answers
            logger.exception("an answer failed")

    def _refuse_what_follows(self, unstored: set[tuple[uuid.UUID, str]]) -> None:
        """Refuse what stands behind a message that could not be stored: it must not get before it."""
        kept: list[_Queued] = []
        refused: list[_Queued] = []
        for queued in self._waiting:
            draft = queued[0]
            (refused if (draft.conversation, draft.sender) in unstored else kept).append(queued)
        self._waiting = kept
        for queued in refused:
            self._answer(queued, "unavailable")


async def _outcomes(drafts: Sequence[Draft]) -> Sequence[Outcome]:
    try:
        return await db.run(commit, drafts)
    except ChatError as error:
        return [error.code] * len(drafts)
    except Exception:  # one bad draft must not take the others along
        if len(drafts) == 1:
            logger.exception("a message could not be stored")
            return ["unavailable"]
    return [outcome for draft in drafts for outcome in await _outcomes([draft])]


def commit(drafts: Sequence[Draft]) -> list[Outcome]:
    """Store a batch in one transaction (a database thread's work); give an outcome for each draft."""
    metrics.COMMIT_MESSAGES.observe(len(drafts))
    if connection.vendor == "postgresql":
        outcomes = _commit_in_one_statement(drafts)
        if outcomes is not None:
            return outcomes
    return _commit_after_locking(drafts)


def _commit_in_one_statement(drafts: Sequence[Draft]) -> list[Outcome] | None:
    """Store by one statement; None where the batch needs the way that locks first."""
    sealers = _sealers({draft.conversation for draft in drafts})
    rows: dict[tuple[uuid.UUID, str], postgres_commit.Row] = {}  # an id that comes twice has one
    for draft, nonce in zip(drafts, nonces(len(drafts)), strict=True):
        key = (draft.conversation, draft.client_id)
        if draft.conversation in sealers and key not in rows:
            rows[key] = postgres_commit.Row(
                *key,
                draft.sender,
                draft.author,
                sealers[draft.conversation].seal(draft.body, nonce),
                draft.sent_at,
                draft.is_late,
            )
    answers = postgres_commit.store(list(rows.values()))
    if answers is None:
        return None
    stored = [_outcome_of(row, answer) for row, answer in zip(rows.values(), answers, strict=True)]
    if len(stored) == len(drafts):
        return stored
    return _with_repeats(drafts, dict(zip(rows, stored, strict=True)))


def _outcome_of(row: postgres_commit.Row, answer: postgres_commit.Answer) -> Outcome:
    if answer.refused is not None:
        return answer.refused
    if answer.stored_at is not None:
        return Posted(answer.seq, answer.stored_at, False)
    return Posted(answer.seq, row.sent_at, True)


def _with_repeats(drafts: Sequence[Draft], stored: dict[tuple[uuid.UUID, str], Outcome]) -> list[Outcome]:
    """Give each draft its outcome: of an id that came twice, the first one is new."""
    outcomes: list[Outcome] = []
    for draft in drafts:
        key = (draft.conversation, draft.client_id)
        outcomes.append(outcome := stored.get(key, "not_found"))
        if isinstance(outcome, Posted):
            stored[key] = msgspec.structs.replace(outcome, is_new=False)
    return outcomes


def _sealers(ids: set[uuid.UUID]) -> dict[uuid.UUID, Sealer]:
    """Give the conversations' sealers; a data key never changes, so a known one is not read again."""
    found = {key: known for key in ids if (known := known_sealer(key)) is not None}
    missing = ids - found.keys()
    if missing:
        rows = Conversation.objects.filter(id__in=missing).values_list("id", "key_sealed")
        found |= {key: sealer(key, sealed) for key, sealed in rows}
    return found


def _commit_after_locking(drafts: Sequence[Draft]) -> list[Outcome]:
    with transaction.atomic():
        talks = _lock({draft.conversation for draft in drafts})
        stored = _already_stored(drafts)
        rows: list[Message] = []
        outcomes = [_commit_one(draft, talks, stored, rows) for draft in drafts]
        if rows:
            Message.objects.bulk_create(rows)
            written = {row.conversation_id for row in rows}
            Conversation.objects.bulk_update([talks[key] for key in written], ["last_seq"])
    return outcomes


def _lock(ids: set[uuid.UUID]) -> dict[uuid.UUID, Conversation]:
    rows = Conversation.objects.select_for_update().filter(id__in=ids).order_by("id")
    return {row.id: row for row in rows.defer("closing_note_sealed")}


def _already_stored(drafts: Sequence[Draft]) -> dict[tuple[uuid.UUID, str], Posted]:
    rows = Message.objects.filter(
        conversation_id__in={draft.conversation for draft in drafts},
        client_id__in={draft.client_id for draft in drafts},
    ).values_list("conversation_id", "client_id", "seq", "sent_at")
    return {(conversation, str(key)): Posted(seq, at, False) for conversation, key, seq, at in rows}


def _commit_one(
    draft: Draft,
    talks: dict[uuid.UUID, Conversation],
    stored: dict[tuple[uuid.UUID, str], Posted],
    rows: list[Message],
) -> Outcome:
    key = (draft.conversation, draft.client_id)
    talk = talks.get(draft.conversation)
    if talk is None:
        return "not_found"
    if draft.author is not None and talk.counselor_id != draft.author:
        return "not_paired"
    if key in stored:
        return stored[key]
    if talk.state != Conversation.OPEN or draft.is_late:
        return "conversation_closed"
    talk.last_seq += 1
    rows.append(
        Message(
            conversation_id=talk.id,
            seq=talk.last_seq,
            client_id=draft.client_id,
            sender=draft.sender,
            body_sealed=sealer(talk.id, talk.key_sealed).seal(draft.body),
            sent_at=draft.sent_at,
        )
    )
    stored[key] = Posted(talk.last_seq, draft.sent_at, False)
    return Posted(talk.last_seq, draft.sent_at, True)
