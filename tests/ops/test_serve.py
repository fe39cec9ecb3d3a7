"""``python -m notalone.serve``: one complete web process, on both servers."""

import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from notalone import redis_server
from tests.laid_out import laid_out
from tests.ops.conftest import Process, Spawn, until

pytestmark = pytest.mark.processes
SERVERS = ["daphne", "uvicorn"]


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    server = redis_server.start(tmp_path / "data", append_only=False)
    yield server.url
    server.stop()


@pytest.fixture
def serve(spawn: Spawn, redis_url: str, tmp_path: Path) -> Callable[..., Process]:
    """Start one web process on a fresh database and any free port, and wait until it listens."""

    def start(*arguments: str, **environment: str) -> Process:
        settings = {"NOTALONE_DEMO": "1", "REDIS_URL": redis_url, **environment}
        laid_out().copy(tmp_path / "data")
        process = spawn("-m", "notalone.serve", "--bind", "127.0.0.1:0", *arguments, **settings)
        until(lambda: " listens on port " in process.said or process.popen.poll() is not None, "it listens")
        assert process.popen.poll() is None, process.said
        return process

    return start


def ask(process: Process, path: str, **options: object) -> httpx.Response:
    port = re.search(r"listens on port (\d+)", process.said)
    assert port is not None
    return httpx.get(f"http://127.0.0.1:{port[1]}{path}", trust_env=False, timeout=20, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("server", SERVERS)
def test_it_is_alive_and_ready_and_ends_with_0(serve: Callable[..., Process], server: str) -> None:
    process = serve("--server", server)
    assert ask(process, "/healthz").status_code == 200
    assert ask(process, "/readyz").json() == {"ready": True, "failing": []}
    process.signal(signal.SIGTERM)
    assert process.wait() == 0
    assert "Traceback" not in process.said


@pytest.mark.parametrize("server", SERVERS)
def test_its_files_and_pages_carry_the_strict_headers(serve: Callable[..., Process], server: str) -> None:
    process = serve("--server", server)
    page = ask(process, "/")
    file = ask(process, "/static/chat/socket.js")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert page.headers["x-content-type-options"] == file.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == file.headers["referrer-policy"] == "same-origin"
    assert file.headers["content-type"].startswith("text/javascript")


def test_it_is_daphne_unless_told_otherwise(serve: Callable[..., Process]) -> None:
    assert "daphne listens" in serve().said


def test_ready_names_redis_when_it_is_away(serve: Callable[..., Process]) -> None:
    process = serve(REDIS_URL="unix:///nowhere/redis.sock")
    answer = ask(process, "/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "failing": ["redis"]}


def test_ready_names_the_database_when_it_is_not_there(spawn: Spawn, redis_url: str) -> None:
    process = spawn(
        "-m", "notalone.serve", "--bind", "127.0.0.1:0", NOTALONE_DEMO="1", REDIS_URL=redis_url
    )  # nobody migrated
    until(lambda: " listens on port " in process.said, "it listens")
    assert ask(process, "/readyz").json() == {"ready": False, "failing": ["database"]}
    assert ask(process, "/healthz").status_code == 200


def test_metrics_are_for_this_machine_and_not_for_what_a_proxy_forwards(
    serve: Callable[..., Process],
) -> None:
    process = serve(NOTALONE_METRICS_TOKEN="a long word")
    forwarded = {"X-Forwarded-For": "192.0.2.1"}
    assert "notalone_messages_total" in ask(process, "/metrics").text
    assert ask(process, "/metrics", headers=forwarded).status_code == 404
    wrong = {**forwarded, "Authorization": "Bearer another word"}
    assert ask(process, "/metrics", headers=wrong).status_code == 404
    right = {**forwarded, "Authorization": "Bearer a long word"}
    assert ask(process, "/metrics", headers=right).status_code == 200


def test_it_listens_on_ipv6(spawn: Spawn) -> None:
    process = spawn("-m", "notalone.serve", "--bind", "[::1]:0", NOTALONE_DEMO="1")
    until(lambda: " listens on port " in process.said or process.popen.poll() is not None, "it listens")
    port = int(process.said.split("listens on port ")[1].split()[0])
    assert httpx.get(f"http://[::1]:{port}/healthz", trust_env=False).status_code == 200


@pytest.mark.parametrize("server", SERVERS)
def test_a_taken_port_is_one_line(spawn: Spawn, server: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        bind = ("--bind", f"127.0.0.1:{port}", "--server", server)
        process = spawn("-m", "notalone.serve", *bind, NOTALONE_DEMO="1")
        assert process.wait() == 1
    assert process.said == (
        f"Notalone: can't listen on 127.0.0.1:{port}: Address already in use. "
        "Stop what listens there, or choose another.\n"
    )


PRODUCTION = {
    "SECRET_KEY": "k" * 50,
    "ALLOWED_HOSTS": "chat.example.jp",
    "NOTALONE_CONTENT_KEYS": "k1:" + "ab" * 32,
}


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY .+"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY .+"),
        ({"ALLOWED_HOSTS": ""}, ".*ALLOWED_HOSTS.+"),
        ({"NOTALONE_CLOCK": "2024-12-28T16:30:00+09:00"}, "NOTALONE_CLOCK .+"),
        ({"NOTALONE_ENTRIES_PER_HOUR": "many"}, ".*NOTALONE_ENTRIES_PER_HOUR.*"),
        ({"NOTALONE_MESSAGES_PER_MINUTE": "-1"}, ".*NOTALONE_MESSAGES_PER_MINUTE.*"),
        ({"DATABASE_URL": "paper://notebook"}, ".*DATABASE_URL.*"),
        ({"NOTALONE_METRICS_NETWORKS": "home"}, "NOTALONE_METRICS_NETWORKS .+"),
    ],
    ids=lambda value: "-".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_settings_that_would_break_a_promise_are_refused_in_one_line(
    spawn: Spawn, environment: dict[str, str], line: str
) -> None:
    process = spawn("-m", "notalone.serve", "--bind", "127.0.0.1:0", **{**PRODUCTION, **environment})
    assert process.wait() == 1
    assert re.fullmatch(f"Notalone: {line}\n", process.said)


@pytest.mark.parametrize("bind", ["8000", "localhost", "localhost:", ":8000", "::1:8000", "localhost:70000"])
def test_an_address_that_is_none_is_refused(spawn: Spawn, bind: str) -> None:
    process = spawn("-m", "notalone.serve", "--bind", bind)
    assert process.wait() == 2
    assert "HOST:PORT" in process.said
