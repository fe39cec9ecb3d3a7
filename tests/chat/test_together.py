"""Questions that are answered together: one round at a time, everybody's own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from chat import together
from chat.rules.errors import ChatError
from chat.together import Together

pytestmark = pytest.mark.usefixtures("process")


class Rounds:
    """Work that waits until it is let go on, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.began = asyncio.Semaphore(0)
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self, keys: Sequence[int]) -> dict[int, str]:
        self.asked.append(list(keys))
        self.began.release()
        await self.may_end.wait()
        if 13 in keys:
            raise ValueError(13)
        if 99 in keys:
            raise ChatError("unavailable", retry_after_s=3)
        return {key: f"answer {key}" for key in keys if key >= 0}


async def test_who_asks_during_a_round_is_answered_by_the_next() -> None:
    rounds = Rounds()
    questions = Together(rounds)
    rounds.may_end.clear()
    first = asyncio.create_task(questions.ask(1))
    await rounds.began.acquire()
    later = [asyncio.create_task(questions.ask(number)) for number in (2, 3, 2)]
    await asyncio.sleep(0)
    rounds.may_end.set()

    assert await asyncio.gather(first, *later) == ["answer 1", "answer 2", "answer 3", "answer 2"]
    assert rounds.asked == [[1], [2, 3]]


async def test_a_round_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MAX_ROUND", 2)
    rounds = Rounds()
    questions = Together(rounds)

    await asyncio.gather(*(questions.ask(number) for number in range(5)))

    assert rounds.asked == [[0, 1], [2, 3], [4]]


async def test_of_whom_nothing_is_said_gets_none() -> None:
    questions = Together(Rounds())

    assert await asyncio.gather(questions.ask(-1), questions.ask(1)) == [None, "answer 1"]


async def test_a_store_that_is_away_is_told_to_everybody_at_once() -> None:
    rounds = Rounds()
    questions = Together(rounds)

    told = await asyncio.gather(*(questions.ask(key) for key in (1, 99)), return_exceptions=True)

    assert [(error.code, error.retry_after_s) for error in told if isinstance(error, ChatError)] == [
        ("unavailable", 3)
    ] * 2
    assert told[0] is not told[1]
    assert rounds.asked == [[1, 99]]


async def test_one_bad_question_takes_no_other_along() -> None:
    questions = Together(Rounds())

    told = await asyncio.gather(*(questions.ask(key) for key in (1, 13, 2)), return_exceptions=True)

    assert (told[0], type(told[1]), told[2]) == ("answer 1", ValueError, "answer 2")


async def test_a_round_that_is_held_up_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "LONG_S", 0)
    rounds = Rounds()
    questions = Together(rounds)
    rounds.may_end.clear()
    held_up = asyncio.create_task(questions.ask(1))
    await rounds.began.acquire()
    second = asyncio.create_task(questions.ask(2))
    await rounds.began.acquire()
    rounds.may_end.set()

    assert await asyncio.gather(held_up, second) == ["answer 1", "answer 2"]


async def test_who_has_gone_is_not_asked_for() -> None:
    rounds = Rounds()
    questions = Together(rounds)
    rounds.may_end.clear()
    first = asyncio.create_task(questions.ask(1))
    await rounds.began.acquire()
    gone = asyncio.create_task(questions.ask(2))
    stays = asyncio.create_task(questions.ask(3))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    rounds.may_end.set()

    assert await asyncio.gather(first, stays) == ["answer 1", "answer 3"]
    assert rounds.asked == [[1], [3]]
