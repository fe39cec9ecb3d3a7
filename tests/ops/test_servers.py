"""What the launcher adds to both servers: limits at the door, an end in order, no word about anyone."""

import signal
import socket
from collections.abc import Iterator
from contextlib import closing, suppress

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from chat.consumers import presence
from notalone import limits
from tests.ops.conftest import Process, Spawn, until

pytestmark = pytest.mark.processes


@pytest.fixture(params=["daphne", "uvicorn"])
def server(request: pytest.FixtureRequest, spawn: Spawn) -> Process:
    process = spawn("-m", "tests.ops.echo_server", *request.param.split(), NOTALONE_DEMO="1")
    until(lambda: process.said.strip() or process.popen.poll() is not None, "the server listens")
    return process


@pytest.fixture
def port(server: Process) -> int:
    number = int(server.said.split()[0])
    httpx.get(f"http://127.0.0.1:{number}/", trust_env=False)  # the first answer: now it has its signals too
    return number


@pytest.fixture
def talk(port: int) -> Iterator[ClientConnection]:
    with connect(f"ws://127.0.0.1:{port}/", proxy=None) as connection:
        yield connection


def test_it_answers_without_naming_itself(port: int) -> None:
    answer = httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
    assert answer.status_code == 200
    assert "server" not in answer.headers


def test_it_carries_frames(talk: ClientConnection) -> None:
    talk.send("ひとりじゃない")
    assert talk.recv() == "ひとりじゃない"


def test_what_is_heard_at_once_overtakes_nothing(port: int) -> None:
    said = [f"{'now' if number % 3 else 'later'} {number} " + "あ" * number for number in range(100)]
    with connect(f"ws://127.0.0.1:{port}/quick", proxy=None) as connection:
        for text in said:
            connection.send(text)
        assert [connection.recv() for _ in said] == said


def test_between_the_parts_of_a_text_nothing_is_heard_at_once(port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}/quick", proxy=None) as connection:
        connection.send(["no", "w in ", "parts"])
        connection.ping()
        connection.send("now whole")
        assert [connection.recv(), connection.recv()] == ["now in parts", "now whole"]


def test_a_frame_far_too_big_is_told_1009(talk: ClientConnection) -> None:
    _send_far_too_much(talk)
    assert talk.close_code == 1009


def test_a_frame_far_too_big_ends_nobody_else(port: int, talk: ClientConnection) -> None:
    with connect(f"ws://127.0.0.1:{port}/", proxy=None) as other:
        _send_far_too_much(other)
    talk.send("still here")
    assert talk.recv() == "still here"


def test_sigterm_ends_it_with_0(server: Process, talk: ClientConnection) -> None:
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    assert "Traceback" not in server.said


def test_ctrl_c_ends_it_with_0(server: Process, port: int) -> None:
    server.signal(signal.SIGINT)
    assert server.wait() == 0


def test_after_sigterm_it_no_longer_listens(server: Process, port: int) -> None:
    server.signal(signal.SIGTERM)
    server.wait()
    with closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_its_log_holds_no_address(server: Process, port: int, talk: ClientConnection) -> None:
    httpx.get(f"http://127.0.0.1:{port}/?word=private", trust_env=False)
    talk.send("private")
    talk.recv()
    server.signal(signal.SIGTERM)
    server.wait()
    assert "127.0.0.1" not in server.said
    assert "private" not in server.said


@pytest.mark.parametrize("server", ["daphne"], indirect=True)
def test_daphne_refuses_a_body_of_megabytes(port: int) -> None:
    answer = httpx.post(f"http://127.0.0.1:{port}/", content=b"x" * 1_100_000, trust_env=False)
    assert answer.status_code == 413


def test_who_sends_waits_for_a_peer_that_reads_late(port: int) -> None:
    with _raw_websocket(port) as raw:
        raw.sendall(b"\x81\x85\x00\x00\x00\x00flood")  # one text frame, masked with zeros
        told = [0, 0]
        while told[-1] == 0 or told[-1] > told[-2]:
            told.append(int(httpx.get(f"http://127.0.0.1:{port}/sent", trust_env=False).text))
        assert told[-1] < 1000
        raw.shutdown(socket.SHUT_WR)
        assert _read_to_the_end(raw) > 0


@pytest.mark.parametrize("server", ["daphne 1", "uvicorn 1"], indirect=True)
def test_a_peer_that_answers_no_ping_is_let_go(port: int) -> None:
    with _raw_websocket(port) as raw:
        _read_to_the_end(raw)  # comes back when the server ends the connection


@pytest.mark.parametrize("server", ["daphne 1", "uvicorn 1"], indirect=True)
def test_a_peer_that_neither_reads_nor_answers_is_let_go(port: int) -> None:
    with _raw_websocket(port) as raw:
        raw.sendall(b"\x81\x85\x00\x00\x00\x00flood")
        until(lambda: _is_cut(raw), "the server ends the connection")


def test_a_dead_peer_is_told_within_35_s() -> None:
    assert limits.PING_AFTER_S + limits.PING_LATE_S + limits.PONG_WITHIN_S + presence.GONE_AFTER_S <= 35


@pytest.mark.parametrize("server", ["daphne 1", "uvicorn 1"], indirect=True)
@pytest.mark.parametrize("so_far", [b"", b"GET / HTTP/1.1\r\nHost: local"], ids=["silent", "half"])
def test_a_request_that_never_comes_is_not_waited_for(port: int, so_far: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.settimeout(40)
        raw.sendall(so_far)
        _read_to_the_end(raw)  # comes back when the server ends the connection


@pytest.mark.parametrize("server", ["daphne 1", "uvicorn 1"], indirect=True)
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "after another"])
def test_a_handshake_that_drips_in_is_not_waited_for(port: int, is_first: bool) -> None:
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.settimeout(40)
        if not is_first:
            raw.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert raw.recv(1024).startswith(b"HTTP/1.1 200")
        raw.sendall(b"GET /ws/visitor/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nX-Slow: ")
        until(lambda: _is_cut(raw, b"x"), "the server ends the connection")


@pytest.mark.parametrize("server", ["daphne 1", "uvicorn 1"], indirect=True)
def test_a_socket_outlives_the_time_for_a_request(port: int, talk: ClientConnection) -> None:
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.settimeout(40)
        _read_to_the_end(raw)  # by now a slow request of the socket's age would have been ended
    talk.send("still here")
    assert talk.recv() == "still here"


def _send_far_too_much(connection: ClientConnection) -> None:
    with suppress(ConnectionClosed):
        connection.send("x" * 1_000_000)
        connection.recv()


def _raw_websocket(port: int) -> socket.socket:
    """Open a WebSocket that does nothing by itself, with little room for what is not read."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(40)
    raw.connect(("127.0.0.1", port))
    raw.sendall(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert raw.recv(1024).startswith(b"HTTP/1.1 101")
    return raw


PONG = b"\x8a\x80\x00\x00\x00\x00"  # one that nobody asked for


def _is_cut(raw: socket.socket, more: bytes = PONG) -> bool:
    """Write into it until the other end is no more; nothing is read."""
    try:
        raw.sendall(more)
    except OSError:
        return True
    return False


def _read_to_the_end(raw: socket.socket) -> int:
    received = 0
    with suppress(ConnectionResetError):
        while data := raw.recv(1 << 16):
            received += len(data)
    return received
