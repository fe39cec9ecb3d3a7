"""Start one complete web process: ``python -m notalone.serve --bind HOST:PORT [--server daphne|uvicorn]``.

What is wrong at the start is said in one line, with exit code 1. SIGTERM (or Ctrl-C) drains
and ends with 0; a second one ends at once.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import resource
import signal
import socket
import sys
from importlib import import_module
from typing import Any, NoReturn

BACKLOG = 2048  # the rush of 16:00:00 arrives faster than it is accepted

logger = logging.getLogger("notalone.serve")  # __name__ is __main__ here


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, check the settings, listen, serve."""
    options = _parser().parse_args(arguments)
    # until the server takes the signals over, a stop is no failure
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notalone.settings")
    _allow_many_files()
    if options.server == "daphne":
        import_module("notalone.daphne_server")  # its reactor comes before Django's apps
    application = _load()
    _keep_what_stands()
    listening = _listen(*options.bind)
    port = listening.getsockname()[1]
    logger.info("%s listens on port %d", options.server, port)
    run(options.server, application, listening)
    logging.shutdown()


def run(server: str, application: Any, listening: socket.socket) -> None:
    """Serve an ASGI application on a socket that listens, until a signal."""
    if server == "uvicorn":
        import_module("notalone.uvicorn_server").UvicornServer(application, listening).serve_forever()
    else:
        import_module("notalone.daphne_server").DaphneServer(application, listening).run()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m notalone.serve", description="One web process of Notalone."
    )
    parser.add_argument("--bind", metavar="HOST:PORT", type=_address, default=("127.0.0.1", 8000))
    parser.add_argument("--server", choices=("daphne", "uvicorn"), default="daphne")
    return parser


def _address(text: str) -> tuple[str, int]:
    """Split ``127.0.0.1:8000``, ``localhost:8000`` or ``[::1]:8000``."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") and host.endswith("]") else host
    is_bare_ipv6 = ":" in host and not text.startswith("[")
    if not (host and colon and port.isascii() and port.isdigit() and int(port) < 65536) or is_bare_ipv6:
        raise argparse.ArgumentTypeError(
            f"write HOST:PORT, such as 127.0.0.1:8000 or [::1]:8000, not {text!r}"
        )
    return host, int(port)


def _load() -> Any:
    """Read the settings, refuse wrong ones, and give the ASGI application."""
    try:
        import django

        django.setup()
        from django.conf import settings
        from django.core.checks import ERROR, run_checks

        from notalone.logging import configure

        configure(settings.LOG_FORMAT)
        faults = [message for message in run_checks() if message.level >= ERROR]
        if faults:
            fail("; ".join(str(fault.msg) for fault in faults))
        return import_module("notalone.asgi").application
    except Exception as error:
        from django.core.exceptions import ImproperlyConfigured

        if isinstance(error, ImproperlyConfigured):
            fail(str(error))
        raise


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        fail(f"can't listen on {host}:{port}: {error.strerror}. Stop what listens there, or choose another.")
    return listening


def _allow_many_files() -> None:
    """Raise the soft limit on open files: a socket is a file."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = 2**20
    soft = enough if hard == resource.RLIM_INFINITY else min(hard, enough)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _keep_what_stands() -> None:
    """Leave what is loaded now out of garbage collection: going through it held every socket for 100 ms.

    The thresholds are for a process that makes thousands of short-lived objects a second, few of them cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def fail(message: str) -> NoReturn:
    """Say what is wrong in one line and end with 1."""
    sys.exit("Notalone: " + " ".join(message.split()))


if __name__ == "__main__":
    main()
