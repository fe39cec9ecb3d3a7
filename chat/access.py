"""The only doors from a token or an id to an object. All of it is a database thread's work."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NewType

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from chat.models import Conversation, Inquiry, ReturnToken, Ticket
from chat.rules.errors import ErrorCode

Token = NewType("Token", str)

UUID_LENGTH = 36
MAX_TOKEN = 200


def new_token() -> Token:
    """Make a ticket's bearer token: 256 random bits, shown once, stored as a hash alone."""
    return Token(secrets.token_urlsafe(32))


def is_token(text: str) -> bool:
    """Tell whether a text may be a token at all."""
    return 0 < len(text) <= MAX_TOKEN


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def token_for_form(form_id: uuid.UUID) -> Token:
    """Make the token of what a form opens: the same form, sent twice, has one."""
    digest = salted_hmac("chat.inquiry", form_id.hex, algorithm="sha256").digest()
    return Token(urlsafe_b64encode(digest).decode().rstrip("="))


def token_again(inquiry_id: uuid.UUID) -> Token:
    """Give an inquiry's token to another device of its visitor, who has said the phrase."""
    inquiry = Inquiry.objects.get(id=inquiry_id)
    token = token_for_form(inquiry.form_id)
    if bytes(inquiry.token_hash) != token_hash(token):  # SECRET_KEY is another one now
        Inquiry.objects.filter(id=inquiry_id).update(token_hash=token_hash(token))
    return token


def inquiry_for_token(token: str) -> Inquiry | None:
    """Open the visitor's door to a consultation by mail."""
    if not token or len(token) > 200:
        return None
    return Inquiry.objects.filter(token_hash=token_hash(token)).first()


def uuid_of(text: str) -> uuid.UUID | None:
    """Read an id from outside; None when it is none of ours."""
    return _known_uuid(text) if len(text) == UUID_LENGTH else _read_uuid(text)


def _read_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


_known_uuid = lru_cache(maxsize=10_000)(_read_uuid)  # a desk reads its few ids with every frame and event


def ticket_for_token(token: str) -> Ticket | None:
    """Open the visitor's door: the ticket whose token this is."""
    return next((found for rows in tickets_of(token) if (found := rows.first())), None)


def tickets_of(token: str) -> Iterator[QuerySet[Ticket]]:
    """Open the visitor's door as queries, to be tried in turn: the one that finds a ticket is the last."""
    if is_token(token):
        hashed = token_hash(token)
        yield Ticket.objects.filter(token_hash=hashed)
        yield Ticket.objects.filter(return_tokens__token_hash=hashed)


def doors_of(tokens: Sequence[str]) -> Iterator[tuple[str, uuid.UUID, str, str, uuid.UUID | None]]:
    """Open many visitors' doors: the token, and its ticket's id, audience, language and conversation. A token
    that opens nothing is left out."""
    by_hash = {token_hash(token): token for token in tokens if is_token(token)}
    yield from _doors(by_hash, Ticket.objects.all(), "id", "audience", "language", "conversation__id")
    if by_hash:
        through = ("ticket_id", "ticket__audience", "ticket__language", "ticket__conversation__id")
        yield from _doors(by_hash, ReturnToken.objects.all(), *through)


def _doors(by_hash: dict[bytes, str], rows: QuerySet[Any], *fields: str) -> Iterator[Any]:
    """Read the doors of these hashes, and take those that are found from them."""
    for hashed, *found in rows.filter(token_hash__in=list(by_hash)).values_list("token_hash", *fields):
        yield by_hash.pop(bytes(hashed)), *found


def ticket_for(ticket_id: str, token: str) -> Ticket | None:
    """Open the visitor's door by id and token; a wrong token looks like an unknown id."""
    ticket = ticket_for_token(token)
    return ticket if ticket is not None and ticket.id == uuid_of(ticket_id) else None


def conversation_of(ticket: Ticket) -> Conversation | None:
    """Give the ticket's conversation, if it has been paired once."""
    return Conversation.objects.select_related("counselor").filter(ticket=ticket).first()


def held_conversation(counselor_id: uuid.UUID, conversation_id: str) -> Conversation | None:
    """Open the counselor's door: a conversation that this counselor holds now."""
    key = uuid_of(conversation_id)
    if key is None:
        return None
    return (
        Conversation.objects.select_related("ticket", "counselor")
        .filter(id=key, counselor_id=counselor_id, state=Conversation.OPEN)
        .first()
    )


def why_not_held(counselor_id: uuid.UUID, conversation_id: uuid.UUID) -> ErrorCode:
    """Tell a counselor why a conversation is not on the desk. Somebody else's looks like an unknown one."""
    conversation = (
        Conversation.objects.filter(id=conversation_id, assignments__counselor_id=counselor_id)
        .only("state", "counselor_id")
        .first()
    )
    if conversation is None:
        return "not_found"
    return "conversation_closed" if conversation.state == Conversation.CLOSED else "not_paired"


def end_of(conversation_id: uuid.UUID) -> str | None:
    """Tell why a conversation was closed; None while it is open."""
    row = Conversation.objects.filter(id=conversation_id).values_list("state", "close_reason").first()
    return row[1] if row is not None and row[0] == Conversation.CLOSED else None
