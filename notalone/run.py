"""``make run``: the whole service with demo data on this machine, until Ctrl-C.

Finds or starts Redis, migrates, loads the seed campaign and the demo accounts, and runs the
Procfile. What keeps it from starting is said in one line, with exit code 1.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any

from notalone import clock
from notalone.redis_server import RedisFault, RedisServer, is_leftover, lock_file, start

ROOT = Path(__file__).resolve().parent.parent
DEMO_CLOCK = "2024-12-28T16:30:00+09:00"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SEED = ROOT / "notalone" / "campaigns" / "2024-new-year.toml"


class Fault(Exception):
    """What keeps the service from starting; the message is one line for the person who starts it."""


class Told(BaseException):
    """A signal asks to stop while the service is still starting."""


def main() -> None:
    """Run until Ctrl-C or SIGTERM; exit code 0 then, 1 when it can not start or a process fails."""
    for number in _SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN or number != signal.SIGHUP:  # nohup means it
            signal.signal(number, _stop)
    os.chdir(ROOT)
    try:
        with ExitStack() as stack:
            code = _run(stack)
    except (Fault, RedisFault) as fault:
        print("Notalone: " + " ".join(str(fault).split()), file=sys.stderr)
        code = 1
    except Told:
        code = 0
    sys.exit(code)


def _stop(number: int, frame: FrameType | None) -> None:
    # once is enough: a second signal must not interrupt the ending of what was started
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Told


def _run(stack: ExitStack) -> int:
    port = _port()
    data = _settle_environment()
    stack.enter_context(lock_file(data / "run.lock", "Notalone runs here already. Stop it there first"))
    # after a run that was killed, its web process may still be saying goodbye
    _require_free(port, patience_s=10 if is_leftover(data) else 0)
    redis = None if os.environ.get("REDIS_URL") else _own_redis(data, stack)
    _setup_django()
    if redis is None:
        _require_redis()
    if clock.is_shifted():
        asyncio.run(_with_redis(_forget_queue))
    accounts = _prepare_data()

    from notalone.processes import run_procfile

    return run_procfile(ROOT / "Procfile", redis, lambda: _print_welcome(port, accounts))


def _port() -> int:
    text = os.environ.setdefault("PORT", "8000")
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Fault(f"PORT is a number from 1 to 65535, not {text!r}.")
    return int(text)


def _settle_environment() -> Path:
    """Set what the demo needs and nobody has set; give the data folder."""
    environment = os.environ
    environment.setdefault("DJANGO_SETTINGS_MODULE", "notalone.settings")
    environment.setdefault("NOTALONE_DEMO", "1")
    if environment["NOTALONE_DEMO"].lower() in {"1", "true", "yes", "on", "t", "y"}:
        environment.setdefault("NOTALONE_CLOCK", DEMO_CLOCK)
    # one anchor, so that all processes show the same shifted time
    environment["NOTALONE_CLOCK_ANCHOR"] = f"{time.time():.6f}"
    environment["PYTHONUNBUFFERED"] = "1"
    # the Procfile says "python": this one
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', os.defpath)}"
    data = Path(environment.setdefault("NOTALONE_DATA", str(ROOT / ".data"))).absolute()
    environment["NOTALONE_DATA"] = str(data)
    return data


def _require_free(port: int, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while (error := _why_taken(port)) is not None:
        if time.monotonic() >= deadline:
            other = port + 1 if port < 65535 else 8000
            raise Fault(f"port {port} is taken ({error}). Stop what listens there, or: make run PORT={other}")
        time.sleep(0.2)


def _why_taken(port: int) -> str | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.strerror
    return None


def _own_redis(data: Path, stack: ExitStack) -> RedisServer:
    redis = start(data)
    stack.callback(redis.stop)
    os.environ["REDIS_URL"] = redis.url
    return redis


def _setup_django() -> None:
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise Fault(str(error)) from error


async def _with_redis(ask: Callable[[Any], Awaitable[Any]]) -> None:
    from django.conf import settings

    from chat.store.connection import connect

    client: Any = connect(settings.REDIS_URL)  # redis-py's types tell of its sync client as well
    try:
        async with asyncio.timeout(5):
            await ask(client)
    finally:
        await client.aclose()


async def _forget_queue(client: Any) -> None:
    """Drop what Redis holds of an earlier run: the demo's clock was set back, so its leases and places lie
    in the future. The queue is built again from the database."""
    from django.conf import settings

    async for key in client.scan_iter(match=f"{{{settings.REDIS_NAMESPACE}}}:*"):
        await client.delete(key)


def _require_redis() -> None:
    try:
        asyncio.run(_with_redis(lambda client: client.ping()))
    except Exception as error:
        raise Fault(
            f"no Redis answers at REDIS_URL ({type(error).__name__}). Start it, or unset REDIS_URL."
        ) from error


def _prepare_data() -> list[dict[str, str]]:
    """Migrate, load the seed campaign, make the demo accounts; give the accounts."""
    from django.conf import settings
    from django.db import DatabaseError, connections

    try:
        _command("migrate", verbosity=0, interactive=False)
        _command("load_campaign", str(SEED))
        lines = _command("seed_demo").splitlines() if settings.NOTALONE_DEMO else []
    except DatabaseError as error:
        raise Fault(f"the database does not work: {error}") from error
    finally:
        connections.close_all()
    return [json.loads(line) for line in lines if line.startswith("{")]


def _command(name: str, *arguments: str, **options: Any) -> str:
    from django.core.management import CommandError, call_command

    said = io.StringIO()
    try:
        call_command(name, *arguments, stdout=said, **options)
    except CommandError as error:
        raise Fault(f"{name}: {error}") from error
    return said.getvalue()


def _print_welcome(port: int, accounts: list[dict[str, str]]) -> None:
    site = f"http://127.0.0.1:{port}"
    lines = ["", "Notalone is running.", f"  visitor     {site}/"]
    for role in ("counselor", "supervisor"):
        for account in (account for account in accounts if account["role"] == role):
            who = f"{account['username']} / {account['password']}"
            lines.append(f"  {role:<11} {site}/staff/login/   {who}")
    lines += ["Ctrl-C stops everything.", ""]
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
