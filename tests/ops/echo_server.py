"""The project's own servers around an application of a few lines: what they add can be seen alone.

``python -m tests.ops.echo_server daphne|uvicorn [SECONDS]`` prints the port that it listens on;
a request must be there, and a ping go out and be answered, within so many seconds.
"""

import os
import sys
from importlib import import_module
from typing import Any

from notalone import serve
from notalone.logging import configure
from notalone.websocket_frames import EXTENSION, HEARING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notalone.settings")


sent = 0


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer requests with their body's size; send each frame back, or a flood of them when asked.

    ``/sent`` tells how much of the flood has been sent. On ``/quick`` texts that begin with "now" go back as
    they are read.
    """
    global sent  # noqa: PLW0603 — one process, one flood
    if scope["type"] == "http":
        size, more = 0, True
        while more:
            message = await receive()
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
        )
        told = sent if scope["path"] == "/sent" else size
        await send({"type": "http.response.body", "body": str(told).encode()})
        return
    await receive()
    await send({"type": "websocket.accept"})
    if scope["path"] == "/quick":
        send_now = scope["extensions"][EXTENSION]
        scope["extensions"][HEARING](lambda text: text.startswith(b"now") and send_now([text]))
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("text") == "flood":
            for _ in range(1000):
                await send({"type": "websocket.send", "text": "x" * 60_000})
                sent += 1
        await send({"type": "websocket.send", "text": message.get("text")})


def main() -> None:
    """Serve until a signal."""
    name = sys.argv[1]
    if name == "daphne":
        import_module("notalone.daphne_server")  # its reactor comes first
    if len(sys.argv) > 2:
        for limit in ("REQUEST_WITHIN_S", "IDLE_S", "PING_AFTER_S", "PONG_WITHIN_S"):
            setattr(import_module(f"notalone.{name}_server"), limit, float(sys.argv[2]))
    import_module("django").setup()
    configure("json")
    listening = serve._listen("127.0.0.1", 0)
    print(listening.getsockname()[1], flush=True)
    serve.run(name, echo, listening)


if __name__ == "__main__":
    main()
