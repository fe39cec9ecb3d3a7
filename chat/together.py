"""Many askers, one answer: who asks while a round is under way is answered by the next.

A round begins after everybody in it has asked, so nothing that it reads is older than the question, and it is
over before anybody is answered. One that takes long holds up nobody else: the next begins beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from chat import runtime
from chat.rules.errors import ChatError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MAX_ROUND = 100
LONG_S = 0.25


@dataclass(eq=False, slots=True)
class _Line:
    """Who asks in one process."""

    waiting: list[tuple[Any, asyncio.Future[Any]]] = field(default_factory=list)
    is_answering: bool = False


class Together(Generic[K, V]):
    """Answer questions of one kind by ``work``, which is given many keys, each once. It may be given a key
    again, and names in its answer those of which there is something to say."""

    def __init__(self, work: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._work = work
        self._lines: WeakKeyDictionary[runtime.Runtime, _Line] = WeakKeyDictionary()

    async def ask(self, key: K) -> V | None:
        """Give what ``work`` says of a key; None where it says nothing. Raises what ``work`` raises."""
        parts = runtime.current()
        line = self._lines.setdefault(parts, _Line())
        answer: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        line.waiting.append((key, answer))
        if not line.is_answering:
            line.is_answering = True
            parts.beside(self._answer_all(line, parts))
        return await answer

    async def _answer_all(self, line: _Line, parts: runtime.Runtime) -> None:
        while line.waiting:
            asked, line.waiting = line.waiting[:MAX_ROUND], line.waiting[MAX_ROUND:]
            is_over = asyncio.Event()
            parts.beside(self._play(asked, is_over))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONG_S):
                    await is_over.wait()
        line.is_answering = False

    async def _play(
        self, asked: Sequence[tuple[K, asyncio.Future[V | None]]], is_over: asyncio.Event
    ) -> None:
        try:
            await self._answer(asked)
        finally:
            is_over.set()
            for _, answer in asked:  # none is left, but where the process ends
                answer.cancel()

    async def _answer(self, asked: Sequence[tuple[K, asyncio.Future[V | None]]]) -> None:
        open_ones = [(key, answer) for key, answer in asked if not answer.done()]  # who asked may have gone
        if not open_ones:
            return
        try:
            found = await self._work(list(dict.fromkeys(key for key, _ in open_ones)))
        except Exception as error:
            if len(open_ones) > 1 and not isinstance(error, ChatError):
                for one in open_ones:  # one bad key must not take the others along
                    await self._answer([one])
                return
            for _, answer in open_ones:
                if not answer.done():
                    answer.set_exception(_own(error))
            return
        for key, answer in open_ones:
            if not answer.done():
                answer.set_result(found.get(key))


def _own(error: Exception) -> Exception:
    """Give each its own: an error that is raised in many places gathers their traces."""
    if isinstance(error, ChatError):
        return ChatError(error.code, retry_after_s=error.retry_after_s)
    return error
