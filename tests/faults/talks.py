"""A talk between two people as their pages hold it: an outbox, a cursor, and what each has heard."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed

from tests.faults.peers import Peer, available, desk, visitor
from tests.service import Service, Web, open_ticket

CARLA = "carla"


@dataclass
class Side:
    """One person's page: it keeps what it wrote until it is acked, and sends it again when it is back."""

    name: str
    connect: Callable[[Web, int], Peer]
    fields: dict[str, str] = field(default_factory=dict)
    unacked: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    acked: dict[str, int] = field(default_factory=dict)
    heard: dict[int, tuple[str, str]] = field(default_factory=dict)
    presence: list[bool] = field(default_factory=list)
    peer: Peer | None = None

    @property
    def socket(self) -> Peer:
        assert self.peer is not None
        return self.peer

    @property
    def known(self) -> int:
        """Up to which message nothing is missing."""
        seq = 0
        while seq + 1 in self.heard:
            seq += 1
        return seq

    def come(self, web: Web) -> None:
        """Connect, say how far everything is known, and send again what nobody has acked."""
        self.peer = self.connect(web, self.known)
        self.socket.take("welcome")
        for ref, body in self.unacked.items():
            self._send(ref, body)

    def write(self, body: str) -> None:
        """Write without waiting."""
        ref = str(uuid.uuid4())
        self.written.append(ref)
        self.unacked[ref] = body
        self._send(ref, body)

    def _send(self, ref: str, body: str) -> None:
        with suppress(ConnectionClosed):
            self.socket.send("message.send", id=ref, body=body, **self.fields)

    def settle(self, upto: int = 0) -> None:
        """Listen until all that was written is acked, and nothing up to ``upto`` is missing."""
        for frame in self.socket.kept:
            self._hear(frame)
        self.socket.kept.clear()
        while self.unacked or self.known < upto:
            self._hear(self.socket.next())

    def listen_to_the_end(self) -> int | None:
        """Take everything that still comes; give the close code."""
        code = self.socket.closed()
        for frame in self.socket.kept:
            self._hear(frame)
        self.socket.kept.clear()
        return code

    def _hear(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "message.ack":
                self._note_ack(frame["id"], frame["seq"])
            case "message":
                body = frame["body"]
                assert self.heard.setdefault(frame["seq"], (frame["id"], body)) == (frame["id"], body)
                if frame["id"] in self.unacked:  # the ack was lost, and the replay tells
                    self._note_ack(frame["id"], frame["seq"])
            case "presence":
                self.presence.append(frame["online"])
            case "error":
                raise AssertionError(frame)

    def _note_ack(self, ref: str, seq: int) -> None:
        assert self.acked.setdefault(ref, seq) == seq
        body = self.unacked.pop(ref, None)
        if body is not None:
            assert self.heard.setdefault(seq, (ref, body)) == (ref, body)


@dataclass
class Talk:
    """A visitor and a counselor in one conversation."""

    service: Service
    conversation: str
    token: str
    vera: Side
    carla: Side

    def settle(self) -> None:
        """Wait until both have everything that both have written."""
        upto = len(self.vera.written) + len(self.carla.written)
        self.vera.settle(upto)
        self.carla.settle(upto)

    def check(self, web: Web) -> None:
        """Hold what both have seen against each other and against the rows: the first promises."""
        count = len(self.vera.written) + len(self.carla.written)
        assert sorted(self.vera.heard) == list(range(1, count + 1))
        assert self.vera.heard == self.carla.heard
        for side in (self.vera, self.carla):
            seqs = [side.acked[ref] for ref in side.written]
            assert seqs == sorted(seqs)
            assert all(self.vera.heard[seq][0] == ref for ref, seq in side.acked.items())
        reader = visitor(web, self.token)
        assert reader.take("welcome")["last_seq"] == count
        replayed = [reader.take("message") for _ in range(count)]
        assert {frame["seq"]: (frame["id"], frame["body"]) for frame in replayed} == self.vera.heard
        reader.end()


@contextmanager
def talking(service: Service, vera_at: int = 0, carla_at: int = 1, **entry: Any) -> Iterator[Talk]:
    """Open a talk whose sides sit on these processes; it is closed, and the counselor away, afterwards."""
    counselor = available(service.webs[carla_at], service.member(CARLA))
    opened = open_ticket(service.webs[vera_at], **entry)
    assigned = counselor.take("assigned")
    conversation = assigned["conversation"]
    vera = Side("vera", lambda web, known: visitor(web, opened["token"], known))
    carla = Side(
        "carla",
        lambda web, known: desk(web, service.member(CARLA), **{conversation: known}),
        {"conversation": conversation},
        peer=counselor,
    )
    talk = Talk(service, conversation, opened["token"], vera, carla)
    try:
        vera.come(service.webs[vera_at])
        yield talk
    finally:
        end_talks(service)
        for side in (vera, carla):
            side.socket.end()


def end_talks(service: Service) -> None:
    """Close what the counselor holds, and set them away."""
    living = next(web for web in service.webs if web.popen.poll() is None)
    closer = desk(living, service.member(CARLA))
    for held in closer.take("welcome")["conversations"]:
        closer.send("conversation.close", conversation=held["conversation"])
        closer.take("closed", conversation=held["conversation"])
    closer.send("availability.set", state="away")
    closer.take("availability", state="away")
    closer.end()
