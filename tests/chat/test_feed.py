"""A feed tells one socket of one conversation: in order, own messages by their acknowledgment alone."""

from __future__ import annotations

import asyncio
import threading
import uuid
from datetime import UTC, datetime

import pytest

from chat.consumers import feed as feeds
from chat.consumers.feed import Feed
from chat.events import MessagePosted

TALK = uuid.uuid4()
AT = datetime(2024, 12, 28, 7, tzinfo=UTC)


class Line:
    id = "here"

    async def room(self) -> None:
        return


def message(seq: int, key: str) -> MessagePosted:
    return MessagePosted(conversation=str(TALK), seq=seq, id=key, sender="visitor", body="…", sent_at=AT)


def feed() -> tuple[Feed, list[str]]:
    told: list[str] = []
    made = Feed(TALK, 0, Line(), lambda event: told.append(f"message {event.seq}"))
    made.posted("mine", lambda seq, _: told.append(f"ack {seq}"))
    return made, told


def test_where_the_rows_tell_first_the_ack_stands_before_what_is_later() -> None:
    made, told = feed()
    made._pass(message(1, "mine"))
    made._pass(message(2, "theirs"))
    assert told == ["ack 1", "message 2"]
    assert not made.answered("mine", 1)  # it has been told


def test_a_message_that_was_answered_is_not_told_again() -> None:
    made, told = feed()
    assert made.answered("mine", 1)
    made._pass(message(1, "mine"))
    assert told == []


def test_the_same_id_sent_twice_has_two_answers() -> None:
    made, _ = feed()
    made.posted("mine", lambda seq, at: None)
    assert made.answered("mine", 1)
    assert made.answered("mine", 1)
    assert not made.answered("mine", 1)


def test_a_refused_message_is_answered_too() -> None:
    made, _ = feed()
    assert made.answered("mine", None)


async def test_who_asks_while_it_is_being_filled_waits_for_the_last_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_free = threading.Event()

    def read(talk: uuid.UUID, after: int, limit: int) -> list[MessagePosted]:
        assert is_free.wait(10)
        return [message(1, "theirs")] if after == 0 else []

    monkeypatch.setattr(feeds, "read_messages", read)
    made, told = feed()
    first, second = asyncio.create_task(made.fill()), asyncio.create_task(made.fill())
    second.add_done_callback(lambda _: told.append("closed"))
    for _ in range(5):
        await asyncio.sleep(0)
    is_free.set()
    await asyncio.gather(first, second)
    assert told == ["message 1", "closed"]
