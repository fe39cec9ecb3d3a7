"""What was said, heard and acknowledged: the times for the figures, and the check that nothing went wrong.

A message's id holds its talk, its side and its number, so that each receipt is compared with the one
message that must come next.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Protocol

VISITOR, COUNSELOR = 0, 1
# about 60 bytes each in UTF-8, as the talks of a helpline have many
BODIES = (
    "今日は少しだけ眠れました。ありがとう。",
    "そうなんですね。どんな気持ちですか。",
    "学校のことを考えると、苦しくなります。",
    "話してくれて、ありがとうございます。",
)
_FAULTS_KEPT = 20


class Speaker(Protocol):
    """A socket that can say something in one of its talks."""

    def say(self, conversation: str, message_id: str, body: str) -> None: ...


class Side:
    """One end of a talk. ``heard`` and ``acked`` hold the seq of each message that this side said."""

    def __init__(self, ledger: Ledger, talk: int, role: int) -> None:
        self._ledger = ledger
        self._prefix = f"{talk:08x}-0000-4000-800{role}-"
        self.name = f"talk{talk}"
        self.other: Side
        self.speaker: Speaker
        self.conversation = ""
        self.said_at: list[float] = []
        self.heard: list[int] = []
        self.acked: list[int] = []

    def say(self) -> None:
        number = len(self.said_at)
        self.said_at.append(perf_counter())
        self.speaker.say(self.conversation, f"{self._prefix}{number:012x}", BODIES[number % len(BODIES)])

    def hear(self, message_id: str, seq: int, body: str) -> None:
        """Take what the other side has said."""
        now = perf_counter()
        other, ledger = self.other, self._ledger
        number = len(other.heard)
        if message_id != f"{other._prefix}{number:012x}" or number >= len(other.said_at):
            ledger.fault(f"heard {message_id}, not number {number} of {other._prefix}")
            return
        if body != BODIES[number % len(BODIES)]:
            ledger.fault(f"{message_id} came with another text")
        other.heard.append(seq)
        ledger.delivered += 1
        if ledger.is_recording:
            ledger.to_other_s.append(now - other.said_at[number])
        ledger.on_heard(self)

    def ack(self, message_id: str, seq: int) -> None:
        """Take the acknowledgment of what this side has said."""
        now = perf_counter()
        ledger = self._ledger
        number = len(self.acked)
        if message_id != f"{self._prefix}{number:012x}" or number >= len(self.said_at):
            ledger.fault(f"acked {message_id}, not number {number} of {self._prefix}")
            return
        self.acked.append(seq)
        if ledger.is_recording:
            ledger.to_ack_s.append(now - self.said_at[number])


class Talk:
    """Two sides."""

    def __init__(self, ledger: Ledger, number: int) -> None:
        self.number = number
        self.visitor = Side(ledger, number, VISITOR)
        self.counselor = Side(ledger, number, COUNSELOR)
        self.visitor.other, self.counselor.other = self.counselor, self.visitor

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.visitor, self.counselor


class Ledger:
    """Every talk of a run. ``expects_acks``: the server numbers and acknowledges."""

    def __init__(self, talks: int, *, expects_acks: bool) -> None:
        self.expects_acks = expects_acks
        self.is_recording = False
        self.on_heard: Callable[[Side], None] = lambda side: None
        self.delivered = 0
        self.to_other_s: list[float] = []
        self.to_ack_s: list[float] = []
        self.faults: list[str] = []
        self.fault_count = 0
        self.talks = [Talk(self, number) for number in range(talks)]

    def fault(self, what: str) -> None:
        self.fault_count += 1
        if len(self.faults) < _FAULTS_KEPT:
            self.faults.append(what)

    def is_settled(self) -> bool:
        """Tell whether everything said has been heard, and acknowledged where that is expected."""
        return all(
            len(side.said_at) == len(side.heard)
            and (not self.expects_acks or len(side.said_at) == len(side.acked))
            for talk in self.talks
            for side in talk.sides
        )

    def check(self) -> None:
        """Note as faults what is missing, and seqs that have holes or that the sides see otherwise."""
        for talk in self.talks:
            for side in talk.sides:
                said, heard, acked = len(side.said_at), len(side.heard), len(side.acked)
                if said != heard:
                    self.fault(f"talk {talk.number}: {said} said, {heard} heard")
                if self.expects_acks and said != acked:
                    self.fault(f"talk {talk.number}: {said} said, {acked} acked")
                if self.expects_acks and side.heard != side.acked:
                    self.fault(f"talk {talk.number}: heard at other seqs than acked")
            if self.expects_acks:
                seqs = sorted(talk.visitor.heard + talk.counselor.heard)
                if seqs != list(range(1, len(seqs) + 1)):
                    self.fault(f"talk {talk.number}: the seqs have holes")
