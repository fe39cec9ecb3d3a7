"""The rows of those who enter at the same time, on PostgreSQL: one statement, one round trip, one commit."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec

from chat import postgres
from chat.models import Ticket

_encode = msgspec.json.Encoder().encode


class Row(msgspec.Struct, frozen=True):
    """One ticket that waits."""

    id: uuid.UUID
    campaign_id: str
    token_hash: bytes
    audience: str
    language: str
    urgency: int
    precedence: int
    visit_id: uuid.UUID | None
    state: str
    opened_at: datetime
    score_ms: int
    end_reason: str
    key_sealed: bytes
    entry_sealed: bytes


# One parameter, planned once: see chat.postgres_commit.
_STATEMENT = """
INSERT INTO chat_ticket (
    id, campaign_id, token_hash, audience, language, urgency, precedence, visit_id, state, opened_at,
    score_ms, end_reason, key_sealed, entry_sealed
)
SELECT id, campaign_id, decode(token_hash, 'base64'), audience, language, urgency, precedence, visit_id,
    state, opened_at, score_ms, end_reason, decode(key_sealed, 'base64'), decode(entry_sealed, 'base64')
FROM json_to_recordset(%s::json) AS (
    id uuid, campaign_id text, token_hash text, audience text, language text, urgency smallint,
    precedence smallint, visit_id uuid, state text, opened_at timestamptz, score_ms bigint, end_reason text,
    key_sealed text, entry_sealed text
)
"""


def insert(tickets: Sequence[Ticket]) -> None:
    """Write new tickets, all or none. Raises IntegrityError."""
    rows = [_row(ticket) for ticket in tickets]
    with postgres.cursor() as cursor:
        cursor.execute(_STATEMENT, [_encode(rows).decode()], prepare=True)


def _row(ticket: Ticket) -> Row:
    return Row(**{name: getattr(ticket, name) for name in Row.__struct_fields__})
