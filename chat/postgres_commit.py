"""The committer's batch on PostgreSQL: one statement, one round trip, one commit.

It locks the conversations in id order, numbers the new messages over the locked ``last_seq``, stores
them and moves ``last_seq``. The statement sees what was committed before it began; the same id stored
by another process while it waited for a lock shows as a conflict, and then nothing of the batch is
kept and the caller goes the slow way, which looks after it has locked.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.db import IntegrityError

from chat import postgres
from chat.rules.errors import ErrorCode

_encode = msgspec.json.Encoder().encode


class Row(msgspec.Struct, frozen=True):
    """One message to store, its body sealed."""

    conversation: uuid.UUID
    client_id: str
    sender: str
    author: uuid.UUID | None
    body_sealed: bytes
    sent_at: datetime
    is_late: bool


class Answer(NamedTuple):
    """What became of a row: refused, or its ``seq``. ``stored_at``: when this id was stored before."""

    refused: ErrorCode | None
    seq: int
    stored_at: datetime | None


# One parameter: psycopg would write seven arrays element by element, which cost as much as all the rest.
_STATEMENT = """
WITH drafts AS MATERIALIZED (
    SELECT d.*, decode(d.body, 'base64') AS body_sealed FROM ROWS FROM (json_to_recordset(%s::json) AS (
        conversation uuid, client_id uuid, sender text, author uuid, body_sealed text, sent_at timestamptz,
        is_late bool
    )) WITH ORDINALITY AS d (conversation, client_id, sender, author, body, sent_at, is_late, place)
), talks AS MATERIALIZED (
    SELECT id, last_seq, state, counselor_id FROM chat_conversation
    WHERE id IN (SELECT conversation FROM drafts) ORDER BY id FOR NO KEY UPDATE
), stored AS MATERIALIZED (
    SELECT d.place, m.seq, m.sent_at FROM drafts d
    JOIN chat_message m ON m.conversation_id = d.conversation AND m.client_id = d.client_id
), fresh AS MATERIALIZED (
    SELECT d.*, t.last_seq + row_number() OVER (PARTITION BY d.conversation ORDER BY d.place) AS seq
    FROM drafts d JOIN talks t ON t.id = d.conversation
    WHERE t.state = 'open' AND NOT d.is_late AND (d.author IS NULL OR d.author = t.counselor_id)
      AND NOT EXISTS (SELECT 1 FROM stored s WHERE s.place = d.place)
), inserted AS (
    INSERT INTO chat_message (conversation_id, seq, client_id, sender, body_sealed, sent_at)
    SELECT conversation, seq, client_id, sender, body_sealed, sent_at FROM fresh
), moved AS (
    UPDATE chat_conversation c SET last_seq = n.seq
    FROM (SELECT conversation, max(seq) AS seq FROM fresh GROUP BY conversation) n WHERE c.id = n.conversation
)
SELECT CASE
    WHEN t.id IS NULL THEN 'not_found'
    WHEN d.author IS NOT NULL AND d.author IS DISTINCT FROM t.counselor_id THEN 'not_paired'
    WHEN s.seq IS NULL AND f.seq IS NULL THEN 'conversation_closed'
END, coalesce(s.seq, f.seq), s.sent_at FROM drafts d
LEFT JOIN talks t ON t.id = d.conversation
LEFT JOIN stored s ON s.place = d.place
LEFT JOIN fresh f ON f.place = d.place
ORDER BY d.place
"""


def store(rows: Sequence[Row]) -> list[Answer] | None:
    """Store a batch, each (conversation, id) at most once in it; give an answer for each row.

    None: somebody stored one of the ids meanwhile, and nothing was kept.
    """
    try:
        with postgres.cursor() as cursor:
            cursor.execute(_STATEMENT, [_encode(rows).decode()], prepare=True, binary=True)
            return [Answer._make(answer) for answer in cursor.fetchall()]
    except IntegrityError:
        return None
