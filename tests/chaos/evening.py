"""One chaotic evening: talks through two web processes, trouble all the while, and a verdict at the end."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from tests.chaos.checker import Message, Stored, Verdict, check
from tests.chaos.lines import Line
from tests.chaos.pages import Desk, PollingVisitor, Visitor
from tests.chaos.trouble import Rows, Troubles
from tests.service import ROOT, Service, sign_in

SAYINGS = (
    "眠れないです", "うん", "はい、聞いています",
    "👩🏽‍👩‍👧‍👦 家族のこと", "\u202e逆\u202c \u2067עברית\u2069", "Z̴̢͑a̸̛ͅl̷̫̃g̵͎̈o",
    " 前後の空白\n改行 ", "<b>\"'&amp;", "さむいですね。" * 30,
)  # fmt: skip
SETTLE_WITHIN_S = 90.0
CAPACITY = 5


@dataclass(frozen=True)
class Plan:
    """How an evening goes.

    ``pace_s``: the mean time between two messages of one side. ``gap_s``: the mean time from one trouble to
    the next. ``flap_s``: the mean time until one phone drops out. ``polling``: every how-manieth visitor
    polls. It lasts until ``messages`` are written and every trouble has happened.
    """

    talks: int
    messages: int
    seed: int
    pace_s: float
    gap_s: float
    flap_s: float
    longest_s: float
    polling: int = 10


@dataclass
class Report:
    """What happened, and how it was judged."""

    verdict: Verdict
    seconds: float
    settled_in_s: float
    troubles: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)


class Evening:
    """Run a plan on a service that is up with Daphne and uvicorn and with enough counselors."""

    def __init__(self, service: Service, rows: Rows, plan: Plan) -> None:
        self._service = service
        self._plan = plan
        self._troubles = Troubles(service, rows, self._random("troubles"), plan.longest_s)
        self._visitors: list[Visitor] = []
        self._desks: list[Desk] = []
        self._done: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._written = 0

    def _random(self, name: str) -> random.Random:
        return random.Random(f"{self._plan.seed} {name}")

    async def run(self) -> Report:
        """Talk through the evening; give the verdict."""
        lines: list[Line] = []
        began = time.monotonic()
        try:
            await self._open()
            lines = [*self._visitors, *self._desks]
            await self._until(self._all_talk)
            began = time.monotonic()
            await self._through_trouble(lines)
            calm = time.monotonic()
            await self._until(self._is_settled, lines)
            settled = time.monotonic()
        finally:
            await asyncio.gather(*(line.stop() for line in lines))
        histories = [pen.finish() for line in lines for pen in line.pens()]
        verdict = check(histories, await asyncio.to_thread(stored, self._service))
        return Report(verdict, calm - began, settled - calm, self._done, self._counts)

    # --- coming together ---

    async def _open(self) -> None:
        counselors = [one for one in self._service.staff if one["role"] == "counselor"]
        needed = -(-self._plan.talks // CAPACITY)
        webs = self._service.webs
        for member in counselors[:needed]:
            cookie = await asyncio.to_thread(sign_in, webs[-1], member)
            name = member["username"]
            self._desks.append(Desk(name, cookie, webs[:], self._random(name), self._counts))
            self._desks[-1].start()
        await self._until(lambda: all(desk.has_come.is_set() for desk in self._desks))
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            for number in range(self._plan.talks):
                self._visitors.append(await self._enter(http, number))
                self._visitors[-1].start()

    async def _enter(self, http: httpx.AsyncClient, number: int) -> Visitor:
        webs = self._service.webs
        wish = {"audience": "youth", "consent": True}
        answer = await http.post(f"{webs[number % len(webs)].url}/api/v1/tickets", json=wish)
        name = f"visitor {number}"
        kind = PollingVisitor if number % self._plan.polling == 0 else Visitor
        return kind(name, answer.json()["token"], webs[:], self._random(name), self._counts)

    def _all_talk(self) -> bool:
        return all(visitor.pen for visitor in self._visitors) and len(self._visitors) == sum(
            len(desk.by_talk) for desk in self._desks
        )

    # --- the evening ---

    async def _through_trouble(self, lines: list[Line]) -> None:
        over = asyncio.Event()
        busy = [
            asyncio.create_task(self._trouble(self._troubles.processes, "processes", over)),
            asyncio.create_task(self._trouble(self._troubles.stores, "stores", over)),
            *(asyncio.create_task(self._write(line, over)) for line in lines),
            *(asyncio.create_task(self._flap(line, over)) for line in lines),
        ]
        kinds = {*self._troubles.processes, *self._troubles.stores}
        while self._written < self._plan.messages or kinds - set(self._done):
            await asyncio.sleep(0.1)
            for task in busy:
                if task.done():
                    task.result()  # a trouble that could not be made is a fault of the evening itself
            for line in lines:
                line.check()
        over.set()
        await asyncio.gather(*busy)

    async def _trouble(self, kinds: Mapping[str, Callable[[], None]], name: str, over: asyncio.Event) -> None:
        """One trouble after the other, all of them by turns, each turn in another order."""
        rng = self._random(name)
        turn: list[str] = []
        while not over.is_set():
            await asyncio.sleep(rng.uniform(0.5, 1.5) * self._plan.gap_s)
            turn = turn or rng.sample(sorted(kinds), len(kinds))
            kind = turn.pop()
            await asyncio.to_thread(kinds[kind])
            self._done[kind] += 1

    async def _write(self, line: Line, over: asyncio.Event) -> None:
        rng = self._random(f"{line.name} writes")
        while not over.is_set():
            pens = line.pens()
            await asyncio.sleep(rng.expovariate(max(1, len(pens)) / self._plan.pace_s))
            if pens:
                pen = rng.choice(pens)
                self._written += 1
                pen.write(f"{line.name} {self._written} {rng.choice(SAYINGS)}")
                await line.push(pen)

    async def _flap(self, line: Line, over: asyncio.Event) -> None:
        rng = self._random(f"{line.name} flaps")
        while not over.is_set():
            await asyncio.sleep(rng.expovariate(1 / self._plan.flap_s))
            if rng.random() < 0.3:
                self._done["phone gone silent"] += 1
                line.fall_silent()
            else:
                self._done["phone dropped out"] += 1
                line.drop()

    # --- the end ---

    def _is_settled(self) -> bool:
        """Everything is acked, and everybody knows the newest message of their talks."""
        heads: dict[str, int] = {}
        pens = [pen for line in [*self._visitors, *self._desks] for pen in line.pens()]
        for pen in pens:
            heads[pen.history.conversation] = heads.get(pen.history.conversation, 0) + len(
                pen.history.written
            )
        return all(
            pen.is_settled and (pen.history.is_over or pen.known >= heads[pen.history.conversation])
            for pen in pens
        )

    async def _until(self, is_so: Callable[[], bool], lines: Sequence[Line] = ()) -> None:
        """Wait until it is so; if it never is, the checker says what is missing."""
        deadline = time.monotonic() + SETTLE_WITHIN_S
        while not is_so() and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
            for line in lines:
                line.check()


def stored(service: Service) -> dict[str, Stored]:
    """Read every conversation from the database."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.rows"],
        cwd=ROOT,
        env={**service.environment(), "DJANGO_SETTINGS_MODULE": "notalone.settings"},
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    rows = (json.loads(line) for line in done.stdout.splitlines())
    return {key: Stored(last_seq, [Message(*one) for one in messages]) for key, last_seq, messages in rows}
