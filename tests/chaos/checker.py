"""From histories to a verdict: what each client wrote, heard and was told, held against the rows.

Pure: no clock, no I/O. A history is one client's part in one conversation; a session is what one socket
told it of that conversation, in the order in which it came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["lost", "doubled", "out of order", "hole", "another seq", "altered", "unknown", "unsent"]
KINDS: tuple[Kind, ...] = (
    "lost", "doubled", "out of order", "hole", "another seq", "altered", "unknown", "unsent",
)  # fmt: skip


class Message(NamedTuple):
    """A message, as a row or as a frame."""

    seq: int
    id: str
    sender: str
    body: str


class Ack(NamedTuple):
    """The word that a message is stored."""

    seq: int
    id: str


@dataclass(slots=True)
class Session:
    """What one socket told of one conversation, after ``known``, the last ``seq`` that the client had."""

    known: int = 0
    lines: list[Message | Ack] = field(default_factory=list)


@dataclass(slots=True)
class History:
    """One client's part in one conversation.

    ``written``: id → body, in the order of writing. ``unsent``: ids that had no ack at the end.
    ``is_over``: the conversation went to somebody else, so this client need not know its end.
    """

    client: str
    side: str
    conversation: str
    written: dict[str, str] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    unsent: set[str] = field(default_factory=set)
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """A conversation as the database holds it. ``messages`` in the order of ``seq``."""

    last_seq: int
    messages: Sequence[Message]


class Fault(NamedTuple):
    kind: Kind
    conversation: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, and how much was looked at."""

    faults: Sequence[Fault]
    acked: int
    stored: int
    heard: int
    sessions: int

    @property
    def counts(self) -> dict[Kind, int]:
        found = Counter(fault.kind for fault in self.faults)
        return {kind: found[kind] for kind in KINDS}


def check(histories: Iterable[History], rows: Mapping[str, Stored]) -> Verdict:
    """Judge every history against the rows, and the rows against the histories."""
    parts: dict[str, list[History]] = {key: [] for key in rows}
    faults: list[Fault] = []
    everybody = list(histories)
    for history in everybody:
        if history.conversation in parts:
            parts[history.conversation].append(history)
        else:
            what = "the conversation is not stored"
            faults.append(Fault("lost", history.conversation, history.client, what))
    for conversation, present in parts.items():
        faults += _rows_alone(conversation, rows[conversation])
        faults += _rows_and_writers(conversation, rows[conversation], present)
        for history in present:
            faults += _order_of(history, rows[conversation])
            faults += _heard(history, rows[conversation])
    return Verdict(
        faults,
        acked=sum(len(_acks(history)) for history in everybody),
        stored=sum(len(stored.messages) for stored in rows.values()),
        heard=sum(len(_known_at_last(history)) for history in everybody),
        sessions=sum(len(history.sessions) for history in everybody),
    )


def _rows_alone(conversation: str, stored: Stored) -> Iterator[Fault]:
    seqs = [message.seq for message in stored.messages]
    if sorted(set(seqs)) != list(range(1, stored.last_seq + 1)):
        what = f"last_seq is {stored.last_seq}, {len(set(seqs))} are there"
        yield Fault("hole", conversation, "rows", what)
    if len(seqs) != len(set(seqs)):
        yield Fault("doubled", conversation, "rows", "two rows with one seq")
    for key, count in Counter(message.id for message in stored.messages).items():
        if count > 1:
            yield Fault("doubled", conversation, "rows", f"{count} rows with the id {key}")


def _rows_and_writers(conversation: str, stored: Stored, present: Sequence[History]) -> Iterator[Fault]:
    written = {key: (part.side, body) for part in present for key, body in part.written.items()}
    for message in stored.messages:
        if message.id not in written:
            yield Fault("unknown", conversation, "rows", f"nobody wrote seq {message.seq}")
        elif written[message.id] != (message.sender, message.body):
            yield Fault("altered", conversation, "rows", f"seq {message.seq} is not what was written")


def _order_of(history: History, stored: Stored) -> Iterator[Fault]:
    """Hold the order of writing against the order of ``seq``."""
    seq_of = {message.id: message.seq for message in stored.messages}
    newest = 0
    for seq in (seq_of[key] for key in history.written if key in seq_of):
        if seq < newest:
            what = f"seq {seq} was written after what stands at {newest}"
            yield Fault("out of order", history.conversation, history.client, what)
        newest = max(newest, seq)


def _heard(history: History, stored: Stored) -> Iterator[Fault]:
    where, talk = history.client, history.conversation
    by_seq = {message.seq: message for message in stored.messages}
    ids = {message.id for message in stored.messages}
    yield from _acked(history, by_seq, ids)
    for session in history.sessions:
        yield from _told_in_order(talk, where, session)
        for line in session.lines:
            if isinstance(line, Message):
                yield from _as_stored(talk, where, line, by_seq, ids)
    if not history.is_over:
        missing = set(by_seq) - _known_at_last(history)
        if missing:
            yield Fault("lost", talk, where, f"never told of {sorted(missing)[:5]} ({len(missing)})")
    for key in sorted(history.unsent):
        yield Fault("unsent", talk, where, f"{key} has no answer")


def _acked(history: History, by_seq: Mapping[int, Message], ids: set[str]) -> Iterator[Fault]:
    where, talk = history.client, history.conversation
    for key, seqs in _acks(history).items():
        if len(seqs) > 1:
            yield Fault("another seq", talk, where, f"{key} was acked at {sorted(seqs)}")
        if key not in ids:
            yield Fault("lost", talk, where, f"{key} was acked and is not stored")
        elif any(seq not in by_seq or by_seq[seq].id != key for seq in seqs):
            yield Fault("another seq", talk, where, f"{key} was acked at {sorted(seqs)} and stands elsewhere")


def _as_stored(
    talk: str, where: str, line: Message, by_seq: Mapping[int, Message], ids: set[str]
) -> Iterator[Fault]:
    if line.id not in ids:
        yield Fault("lost", talk, where, f"heard seq {line.seq}, and {line.id} is not stored")
    elif line.seq not in by_seq or by_seq[line.seq].id != line.id:
        yield Fault("another seq", talk, where, f"heard {line.id} at {line.seq}, and it stands elsewhere")
    elif by_seq[line.seq] != line:
        yield Fault("altered", talk, where, f"heard seq {line.seq} with other words or from another")


def _told_in_order(talk: str, where: str, session: Session) -> Iterator[Fault]:
    """Within one socket: each message once, ascending, and nothing before it that the client can't know."""
    known: set[int] = set()
    top = newest = session.known
    for line in session.lines:
        known.add(line.seq)
        if isinstance(line, Ack):
            continue
        if line.seq <= newest:
            kind: Kind = "doubled" if line.seq == newest else "out of order"
            yield Fault(kind, talk, where, f"heard seq {line.seq} after {newest}")
        newest = max(newest, line.seq)
        while top + 1 in known:
            top += 1
            known.discard(top)
        if top < line.seq:
            yield Fault("hole", talk, where, f"heard seq {line.seq} and not {top + 1}")
            top = line.seq


def _acks(history: History) -> dict[str, set[int]]:
    acks: dict[str, set[int]] = {}
    for session in history.sessions:
        for line in session.lines:
            if isinstance(line, Ack):
                acks.setdefault(line.id, set()).add(line.seq)
    return acks


def _known_at_last(history: History) -> set[int]:
    return {line.seq for session in history.sessions for line in session.lines}
