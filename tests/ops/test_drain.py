"""SIGTERM with hundreds of visitors: not ready any more, everyone told, nothing failed, ended in time.

The launcher ends with 1 when it is still there after 29 s, so exit code 0 is the time limit too.
"""

import asyncio
import resource
import signal
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from notalone import redis_server
from tests.laid_out import laid_out
from tests.ops.conftest import Spawn, until

pytestmark = pytest.mark.processes
VISITORS = 300
AT_ONCE = 40
IN_THE_WINDOW = {"NOTALONE_CLOCK": "2024-12-28T16:30:00+09:00", "NOTALONE_ENTRIES_PER_HOUR": "0"}


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
async def test_hundreds_of_visitors_are_told_and_it_ends_with_0(
    spawn: Spawn, tmp_path: Path, server: str
) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    redis = redis_server.start(tmp_path / "data", append_only=False)
    try:
        settings = {"NOTALONE_DEMO": "1", "REDIS_URL": redis.url, **IN_THE_WINDOW}
        laid_out().copy(tmp_path / "data")
        process = spawn("-m", "notalone.serve", "--bind", "127.0.0.1:0", "--server", server, **settings)
        until(lambda: " listens on port " in process.said or process.popen.poll() is not None, "it listens")
        port = int(process.said.split("listens on port ")[1].split()[0])

        sockets = await _enter(port)
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20
        ) as http:
            process.signal(signal.SIGTERM)
            closing = asyncio.gather(*(_close_code(socket) for socket in sockets))
            failing = set()
            while not closing.done():
                failing.update(await _failing(http))
                await asyncio.sleep(0)
            codes = await closing
    finally:
        exit_code = await asyncio.to_thread(process.wait)
        redis.stop()
    assert set(codes) == {1001}
    assert "draining" in failing
    assert exit_code == 0
    assert '"error"' not in process.said
    assert "Traceback" not in process.said


async def _enter(port: int) -> list[ClientConnection]:
    places = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as http:

        async def enter() -> ClientConnection:
            async with places:
                wish = {"audience": "general", "consent": True}
                ticket = (await http.post("/api/v1/tickets", json=wish)).json()
                socket = await connect(f"ws://127.0.0.1:{port}/ws/visitor/", proxy=None, compression=None)
                await socket.send(f'{{"type": "hello", "v": 1, "last_seq": 0, "token": "{ticket["token"]}"}}')
                assert '"welcome"' in str(await socket.recv())
                return socket

        return await asyncio.gather(*(enter() for _ in range(VISITORS)))


async def _close_code(socket: ClientConnection) -> int | None:
    try:
        while True:
            await socket.recv()
    except ConnectionClosed:
        return socket.close_code


async def _failing(http: httpx.AsyncClient) -> list[str]:
    try:
        answer = await http.get("/readyz")
    except httpx.TransportError:  # it no longer listens
        return []
    return list(answer.json()["failing"])
