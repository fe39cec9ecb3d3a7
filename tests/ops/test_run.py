"""``make run``'s program: it starts everything, stops everything, and says in one line what keeps it."""

import json
import os
import re
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.laid_out import laid_out
from tests.ops.conftest import Process, Spawn, until

pytestmark = pytest.mark.processes


@pytest.fixture
def port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def is_first() -> bool:
    """Whether the data folder is empty yet; parametrize it."""
    return False


@pytest.fixture
def run(spawn: Spawn, port: int, tmp_path: Path, is_first: bool) -> Callable[..., Process]:
    if not is_first:
        laid_out().copy(tmp_path / "data")

    def start(**environment: str) -> Process:
        return spawn("-m", "notalone.run", **{"PORT": str(port), **environment})

    return start


def has_welcomed(process: Process) -> None:
    until(lambda: "Ctrl-C stops" in process.said or process.popen.poll() is not None, "the welcome")
    assert process.popen.poll() is None, process.said


def redis_pid(data: Path) -> int:
    log = (data / "redis.log").read_text()
    return int(re.findall(r"(?m)^(\d+):M ", log)[-1])


def is_alive(pid: int) -> bool:
    """Tell whether it runs; one that has ended and that nobody has asked about yet does not."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def pids_of(process: Process) -> list[int]:
    return [int(pid) for pid in re.findall(r"started \(pid=(\d+)\)", process.said)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(run: Callable[..., Process], tmp_path: Path, number: int) -> None:
    process = run()
    has_welcomed(process)
    redis = json.loads((tmp_path / "data" / "redis.json").read_text())["socket"]

    process.signal(number)

    assert process.wait() == 0
    assert "Traceback" not in process.said
    assert not any(is_alive(pid) for pid in pids_of(process))
    assert not Path(redis).exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_make_alone_stops_everything(
    spawn: Spawn, port: int, tmp_path: Path, number: signal.Signals
) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"run:\n\t@true && exec {sys.executable} -m notalone.run\n")
    make = spawn("-f", str(makefile), program="/usr/bin/make", PORT=str(port))
    has_welcomed(make)
    make.signal(number)
    make.wait()
    until(lambda: not any(is_alive(pid) for pid in pids_of(make)), "what make had started ends")
    until(lambda: not (tmp_path / "data" / "redis.json").exists(), "Redis ends")


@pytest.mark.parametrize("is_first", [True, False], ids=["first run", "later run"])
def test_it_tells_where_to_go_and_as_whom(run: Callable[..., Process], port: int) -> None:
    process = run()
    has_welcomed(process)
    assert re.search(rf"visitor +http://127\.0\.0\.1:{port}/\n", process.said)
    assert re.search(rf"counselor +http://127\.0\.0\.1:{port}/staff/login/ +\S+ / \S+", process.said)
    assert re.search(rf"supervisor +http://127\.0\.0\.1:{port}/staff/login/ +\S+ / \S+", process.said)


def test_the_clock_shows_the_campaigns_youth_window(run: Callable[..., Process], port: int) -> None:
    process = run()
    has_welcomed(process)
    answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/services", trust_env=False).json()
    assert answer["now"].startswith("2024-12-28T07:3")  # in UTC
    assert answer["campaign"]["phase"] == "open"


def test_a_second_run_at_the_same_time_is_refused(run: Callable[..., Process]) -> None:
    first = run()
    has_welcomed(first)
    second = run()
    assert second.wait() == 1
    assert re.fullmatch(r"Notalone: \S+: Notalone runs here already\. Stop it there first\.\n", second.said)
    assert first.popen.poll() is None


def test_a_run_after_a_killed_one_starts_and_keeps_the_data(
    run: Callable[..., Process], tmp_path: Path
) -> None:
    killed = run()
    has_welcomed(killed)
    (secret,) = (tmp_path / "data").glob("secret-key")
    before = secret.read_text()
    killed.signal(signal.SIGKILL)
    killed.wait()

    again = run()
    has_welcomed(again)
    again.signal(signal.SIGTERM)
    assert again.wait() == 0
    assert secret.read_text() == before
    until(lambda: not any(is_alive(pid) for pid in pids_of(killed)), "what the killed run had started ends")


def test_its_redis_is_started_again_when_it_dies(
    run: Callable[..., Process], tmp_path: Path, port: int
) -> None:
    process = run()
    has_welcomed(process)
    os.kill(redis_pid(tmp_path / "data"), signal.SIGKILL)
    until(lambda: "is started again" in process.said, "Redis is started again")
    ready = f"http://127.0.0.1:{port}/readyz"
    until(lambda: httpx.get(ready, trust_env=False).status_code == 200, "it is ready again")


def test_a_taken_port_is_one_line(run: Callable[..., Process], port: int) -> None:
    with closing(socket.create_server(("127.0.0.1", port))):
        process = run()
        assert process.wait() == 1
    assert process.said == (
        f"Notalone: port {port} is taken (Address already in use). "
        f"Stop what listens there, or: make run PORT={port + 1}\n"
    )


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"PORT": "eighty"}, r"PORT is a number from 1 to 65535, not 'eighty'\."),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, r"no Redis answers at REDIS_URL \(\w+\)\. .+"),
        ({"REDIS_URL": "carrier-pigeon://"}, r"no Redis answers at REDIS_URL \(\w+\)\. .+"),
        ({"NOTALONE_DATA": "/dev/null/data"}, r"can't write in /dev/null/data: Not a directory\."),
        ({"NOTALONE_CLOCK": "tomorrow"}, r"NOTALONE_CLOCK .+"),
        ({"DATABASE_URL": "paper://notebook"}, r"DATABASE_URL .+"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}, r"the database does not work: .+"),
        ({"NOTALONE_DEMO": "0", "NOTALONE_CLOCK": "2024-12-28T16:30:00+09:00"}, r"NOTALONE_CLOCK .+"),
        ({"NOTALONE_DEMO": "0"}, r"SECRET_KEY is required.*"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_keeps_it_from_starting_is_one_line(
    run: Callable[..., Process], environment: dict[str, str], line: str
) -> None:
    process = run(**environment)
    assert process.wait() == 1
    assert re.fullmatch(f"Notalone: {line}\n", process.said)
