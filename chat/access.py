"""The only doors from a token or an id to an object. All of it is a database thread's work."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from functools import lru_cache
from typing import NewType

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
    if not is_token(token):
        return None
    hashed = token_hash(token)
    ticket = Ticket.objects.filter(token_hash=hashed).first()
    return ticket or Ticket.objects.filter(return_tokens__token_hash=hashed).first()


def hashes_of(tokens: Iterable[str]) -> dict[bytes, str]:
    """Give each token by its hash; what is no token is left out."""
    return {token_hash(token): token for token in tokens if is_token(token)}


def tickets_with(hashes: Iterable[bytes]) -> QuerySet[Ticket]:
    """Open many visitors' doors: the tickets whose first tokens these are."""
    return Ticket.objects.filter(token_hash__in=list(hashes))


def owners_of(hashes: Iterable[bytes]) -> dict[bytes, uuid.UUID]:
    """Give the ids of the tickets whose further tokens, for other devices, these are."""
    rows = ReturnToken.objects.filter(token_hash__in=list(hashes))
    return {bytes(hashed): ticket for hashed, ticket in rows.values_list("token_hash", "ticket_id")}


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
