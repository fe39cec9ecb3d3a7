"""What a socket is sent by people who mean harm or write as people write, through both servers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.faults.peers import Peer, visitor
from tests.faults.talks import talking
from tests.service import Service, Web, open_ticket

pytestmark = pytest.mark.processes

WRITTEN = [
    "\u202e逆さ\u202c \u2067שלום עולם\u2069 \u2066مرحبا\u2069",
    "👩🏽‍👩‍👧‍👦🇯🇵❤️‍🔥🧑🏿‍🚀",
    "Z̴̢͑a̸̛ͅl̷̫̃g̵͎̈o̶̤͗" * 50,
    "は\u3099か\u309a と ばがぱ と ﾊﾞ",  # the same sound, composed and not: nobody normalizes it
    " 前の空白\r\n\t改行と後の空白\u3000",
    "\ufeff\u2028\u2029\ufffd\uffff\U0010ffff\u00ad\u200b終",
    "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}${7*7}'\"--;=cmd|'/c calc'!A1",
    '\\u0000 \\ud800 \\" \\\\ は文字のまま',
]


@contextmanager
def waiting(web: Web) -> Iterator[Peer]:
    """Somebody who waits, and whose place is given up in the end."""
    opened = open_ticket(web)
    peer = visitor(web, opened["token"])
    peer.take("welcome")
    yield peer
    peer.end()
    bearer = {"Authorization": f"Bearer {opened['token']}"}
    httpx.delete(f"{web.url}/api/v1/tickets/{opened['ticket']}", headers=bearer, trust_env=False)


@pytest.fixture
def vera(mixed: Service, at: int) -> Iterator[Peer]:
    with waiting(mixed.webs[at]) as peer:
        yield peer


def test_words_arrive_to_the_letter_both_ways_and_stay_so(mixed: Service, at: int) -> None:
    with talking(mixed, vera_at=at, carla_at=1 - at) as talk:
        for words in WRITTEN:
            talk.vera.write(words)
            talk.carla.write(words)
        talk.settle()
        bodies = sorted(body for _, body in talk.carla.heard.values())
        assert bodies == sorted(WRITTEN * 2)
        talk.check(mixed.webs[1 - at])  # from the rows, by another process


def test_a_frame_of_a_megabyte_ends_its_own_socket_alone(mixed: Service, at: int, vera: Peer) -> None:
    with waiting(mixed.webs[at]) as other:
        other.send_text('{"type": "ping", "id": "' + "x" * 1_000_000 + '"}')
        assert other.closed() == 1009
    vera.hush()


def test_one_character_more_than_two_thousand_is_told_and_costs_nothing(mixed: Service, at: int) -> None:
    with talking(mixed, vera_at=at, carla_at=1 - at) as talk:
        for mark in ("あ", "😢"):
            ref = str(uuid.uuid4())
            talk.vera.socket.send("message.send", id=ref, body=mark * 2001)
            assert talk.vera.socket.take("error", ref=ref)["code"] == "body_too_long"
            talk.vera.write(mark * 2000)
        talk.settle()
        talk.check(mixed.webs[at])


@pytest.mark.parametrize(
    "frame",
    [
        "[" * 8000,
        '{"a":' * 2500,
        "\x00",
        '{"type": "ticket.ended", "ticket": "x"}',
        '{"type": "websocket.disconnect", "code": 1000}',
        '{"type": "message.ack", "id": "x", "seq": 1}',
        '{"type": "message.send", "id": "x", "body": "\\ud800"}',
        '{"type": "hear"}',
    ],
    ids=lambda frame: ascii(frame[:24]),
)
def test_what_is_no_frame_is_told_so_and_the_third_ends_the_socket(vera: Peer, frame: str) -> None:
    for _ in range(3):
        vera.send_text(frame)
        assert vera.take("error")["code"] == "bad_frame"
    assert vera.closed() == 4400


def test_text_that_is_no_utf_8_ends_its_own_socket_alone(mixed: Service, at: int, vera: Peer) -> None:
    with waiting(mixed.webs[at]) as other:
        other.send_text(b'{"type": "ping", "id": "\xff\xfe"}')
        assert other.closed() in {1007, 4400}
    vera.hush()


def test_nothing_of_it_is_a_failure_or_stands_in_the_logs(mixed: Service) -> None:
    logs = mixed.logs()
    assert "Traceback" not in logs
    assert "a socket failed" not in logs
    assert "Exception in ASGI application" not in logs
    assert not [words for words in ("逆さ", "改行", "onerror", "文字のまま") if words in logs]
