"""A talk through two processes leaves no word in logs, metrics, Redis' file, or on the way between them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.faults.talks import talking
from tests.markers import marker, readable
from tests.service import Service

pytestmark = pytest.mark.processes


def test_a_talk_can_be_read_nowhere(mixed: Service, at: int) -> None:
    entry = {field: marker(field) for field in ("nickname", "note", "topic")}
    said = [marker("visitor"), marker("counselor")]
    closing, begun = marker("closing note"), marker("draft")
    with monitored(mixed) as seen, talking(mixed, vera_at=at, carla_at=1 - at, **entry) as talk:
        talk.vera.write(said[0])
        talk.carla.write(said[1])
        talk.settle()
        talk.carla.socket.send("draft.save", conversation=talk.conversation, box="message", body=begun)
        talk.carla.socket.take("draft")
        words = [*entry.values(), *said, closing, begun, talk.token]
        talk.carla.socket.send(
            "conversation.close", conversation=talk.conversation, outcome="listened", note=closing
        )
        talk.vera.socket.take("closed")
        # what a library could be tempted to write down
        httpx.get(f"{mixed.webs[at].url}/ja/{said[0]}/?q={talk.token}", trust_env=False)
        talk.vera.socket.send_text(f'{{"type": "message.send", "body": "{said[0]}"')
    places = {
        "logs": mixed.logs().encode(),
        "metrics": b"".join(httpx.get(f"{web.url}/metrics", trust_env=False).content for web in mixed.webs),
        "Redis' file": b"".join(file.read_bytes() for file in _files_of_redis(mixed)),
        "commands": b"".join(seen),
        "the database": b"".join(file.read_bytes() for file in mixed.folder.glob("notalone.sqlite3*")),
    }
    assert all(places.values())
    assert not {place: found for place, data in places.items() if (found := readable(data, words))}


def _files_of_redis(service: Service) -> list[Path]:
    return [file for file in service.redis.data_dir.rglob("*") if file.is_file()]


@contextmanager
def monitored(service: Service) -> Iterator[list[bytes]]:
    """Listen to every command that Redis gets."""
    seen: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(service.redis.socket))
        raw.sendall(b"MONITOR\r\n")
        assert raw.recv(5) == b"+OK\r\n"

        def listen() -> None:
            while data := raw.recv(1 << 16):
                seen.append(data)

        listener = threading.Thread(target=listen)
        listener.start()
        yield seen
        raw.shutdown(socket.SHUT_RDWR)
        listener.join()
