"""The child Redis: it starts, stops, survives a killed run, and minds no path."""

import os
import signal
import stat
from pathlib import Path

import pytest
import redis

from notalone import redis_server

pytestmark = pytest.mark.processes


def client_of(server: redis_server.RedisServer) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_keeps_its_data_over_a_restart(tmp_path: Path) -> None:
    server = redis_server.start(tmp_path)
    with client_of(server) as client:
        client.set("kept", "yes")
    server.stop()
    assert not is_alive(server.pid)

    again = redis_server.start(tmp_path)
    with client_of(again) as client:
        kept = client.get("kept")
    again.stop()
    assert kept == "yes"


def test_it_opens_no_tcp_port_and_never_evicts(tmp_path: Path) -> None:
    server = redis_server.start(tmp_path)
    with client_of(server) as client:
        config = client.config_get("*")
    server.stop()
    assert config["port"] == "0"
    assert config["maxmemory-policy"] == "noeviction"
    assert config["appendonly"] == "yes"


def test_the_socket_is_ours_alone(tmp_path: Path) -> None:
    server = redis_server.start(tmp_path)
    mode = stat.S_IMODE(server.socket.stat().st_mode)
    server.stop()
    assert mode == 0o600


@pytest.mark.parametrize("name", ["deep-" * 40, "空白 と#記号?100%"])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    server = redis_server.start(tmp_path / name)
    with client_of(server) as client:
        assert client.ping()
    private = stat.S_IMODE(server.socket.parent.stat().st_mode) & 0o077 == 0
    server.stop()
    assert private or server.socket.parent == tmp_path / name
    assert not server.socket.exists()


def test_a_short_folder_for_a_deep_path_is_removed_at_the_end(tmp_path: Path) -> None:
    server = redis_server.start(tmp_path / ("deep-" * 40))
    folder = server.socket.parent
    server.stop()
    assert not folder.exists()


def test_the_redis_of_a_killed_run_is_replaced_and_its_data_kept(tmp_path: Path) -> None:
    orphan = redis_server.start(tmp_path)
    with client_of(orphan) as client:
        client.set("kept", "yes")
    orphan._lock.close()  # what the death of the process that started it does

    server = redis_server.start(tmp_path)
    with client_of(server) as client:
        kept = client.get("kept")
    server.stop()
    assert kept == "yes"
    assert orphan._process.wait(10) == 0


def test_a_second_start_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    server = redis_server.start(tmp_path)
    with pytest.raises(redis_server.RedisFault, match="in use by another run"):
        redis_server.start(tmp_path)
    assert server.is_running
    server.stop()


def test_a_child_that_died_can_be_started_again(tmp_path: Path) -> None:
    server = redis_server.start(tmp_path)
    url = server.url
    os.kill(server.pid, signal.SIGKILL)
    server._process.wait()
    assert not server.is_running
    server.restart()
    assert server.url == url
    with client_of(server) as client:
        assert client.ping()
    server.stop()


def test_a_folder_that_is_a_file_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(redis_server.RedisFault, match=r"^can't write in [^\n]+\.$"):
        redis_server.start(tmp_path / "taken" / "data")


def test_no_program_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis_server.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(redis_server.RedisFault, match="no Redis found"):
        redis_server.start(tmp_path)
