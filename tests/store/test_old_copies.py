"""Redis comes back with less than it had: a restart from an old file, a copy that takes over."""

from __future__ import annotations

import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from chat.store.connection import connect
from chat.store.errors import QueueLost
from chat.store.keys import LEASE_MS
from chat.store.presence import Presence
from chat.store.queue import Queue
from chat.store.rebuild import LoadSnapshot, Snapshot, Waiting
from tests.store.people import NOW_MS, YOUTH, arrive, counselor, enter, enter_many
from tests.stores import start_redis

LATER_MS = NOW_MS + 3_600_000  # the copy is an hour old


class Server:
    """A Redis that can be put back to an earlier state of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = start_redis(folder)
        self.url = f"unix://{folder / 'redis.sock'}"

    def restart(self) -> None:
        """Start again from the file that is there now, as after a crash."""
        self.stop()
        self.process = start_redis(self.folder)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def keep(self) -> None:
        shutil.copy(self.folder / "dump.rdb", self.folder / "kept.rdb")

    def put_back(self) -> None:
        shutil.copy(self.folder / "kept.rdb", self.folder / "dump.rdb")
        self.restart()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(tmp_path)
    yield server
    server.stop()


@pytest.fixture
async def redis(server: Server) -> AsyncIterator[Redis]:
    """Instead of the shared one: this one is stopped and started."""
    client = connect(server.url)
    yield client
    await client.aclose()


def rows(*tickets: str) -> list[Waiting]:
    return [Waiting(ticket, YOUTH, NOW_MS + place, NOW_MS + place) for place, ticket in enumerate(tickets)]


async def test_a_restart_from_an_old_file_is_noticed_by_the_next_verb(
    server: Server, queue: Queue, redis: Redis
) -> None:
    await enter_many(queue, 2)
    await redis.execute_command("SAVE")
    await enter(queue, "after the file", at_ms=NOW_MS + 5000)
    server.restart()

    assert not await queue.stands()
    with pytest.raises(QueueLost):
        await queue.front(YOUTH, None)


async def test_an_old_copy_is_written_anew_from_the_rows(
    server: Server, queue: Queue, presence: Presence, redis: Redis
) -> None:
    """The copy lacks who came after it, and still has in its lane who was paired since."""
    await enter_many(queue, 3)
    await arrive(presence, "carla")
    await redis.execute_command("SAVE")
    server.keep()
    claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    assert claim is not None
    await queue.confirm(claim)
    await enter(queue, "late", at_ms=NOW_MS + 5000)
    server.put_back()

    now = Snapshot(rows("t00001", "t00002", "late"), [counselor("carla", held=("t00000",))])
    assert await queue.rebuild(now, now_ms=LATER_MS)

    assert await queue.front(YOUTH, None) == ["t00001", "t00002", "late"]
    assert await presence.held("carla") == {"t00000"}


async def test_a_claim_of_an_old_copy_holds_nobody(
    server: Server, queue: Queue, presence: Presence, redis: Redis
) -> None:
    await enter_many(queue, 1)
    await arrive(presence, "carla")
    claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    assert claim is not None
    await redis.execute_command("SAVE")
    server.restart()

    await queue.rebuild(Snapshot(rows("t00000"), [counselor("carla")]), now_ms=LATER_MS)

    assert await queue.claims() == []
    assert await queue.front(YOUTH, None) == ["t00000"]
    assert await presence.held("carla") == set()


async def test_the_caller_of_a_pairing_goes_on_over_a_restart(
    server: Server, queue: Queue, presence: Presence, redis: Redis
) -> None:
    """Claimed, Redis restarted from its file, rebuilt, then committed and confirmed."""
    await enter_many(queue, 2)
    await arrive(presence, "carla")
    claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    assert claim is not None
    await redis.execute_command("SAVE")
    server.restart()
    await queue.rebuild(Snapshot(rows("t00000", "t00001"), [counselor("carla")]), now_ms=NOW_MS)

    assert not await queue.confirm(claim)

    assert await queue.front(YOUTH, None) == ["t00001"]
    assert await presence.held("carla") == {"t00000"}


async def test_nobody_is_called_gone_by_the_clock_of_an_old_copy(
    server: Server, queue: Queue, presence: Presence, redis: Redis
) -> None:
    """Signs of life of an hour ago would end every wait and every talk at once."""
    await enter_many(queue, 2)
    await arrive(presence, "carla")
    await redis.execute_command("SAVE")
    server.restart()

    held = counselor("carla", held=("talking",))
    await queue.rebuild(Snapshot(rows("t00000", "t00001"), [held]), now_ms=LATER_MS)

    assert await queue.unseen(LATER_MS) == []
    assert await presence.lapsed(LATER_MS) == []
    assert await presence.lapsed(LATER_MS + LEASE_MS) == ["carla"]


async def test_who_looks_for_the_unseen_in_an_old_copy_is_told(
    server: Server, queue: Queue, redis: Redis
) -> None:
    await enter_many(queue, 1)
    await redis.execute_command("SAVE")
    server.restart()

    with pytest.raises(QueueLost):
        await queue.unseen(LATER_MS)


async def test_a_rebuild_that_a_restart_cuts_in_two_is_done_again(
    server: Server, queue: Queue, redis: Redis
) -> None:
    """The lock and the first chunk came back from the file, the rest did not."""
    await queue.invalidate()

    async def read() -> Snapshot:
        await redis.execute_command("SAVE")
        server.restart()
        return Snapshot(rows("first"), [])

    assert await queue.rebuild(_once(read, Snapshot(rows("first", "second"), [])), now_ms=NOW_MS)

    assert await queue.front(YOUTH, None) == ["first", "second"]


def _once(first: LoadSnapshot, then: Snapshot) -> LoadSnapshot:
    """Two readings, one after the other."""
    readings = [first]

    async def read() -> Snapshot:
        return await readings.pop()() if readings else then

    return read


async def test_a_server_that_says_nothing_of_its_history_still_tells_an_empty_one(
    server: Server, redis: Redis
) -> None:
    """Where INFO is not allowed, as some hosts have it."""
    await redis.execute_command("ACL", "SETUSER", "default", "-info")
    queue = Queue(redis)
    await queue.rebuild(Snapshot(rows("vera"), []), now_ms=NOW_MS)
    assert await queue.front(YOUTH, None) == ["vera"]

    await redis.execute_command("FLUSHALL")

    assert not await queue.stands()
    with pytest.raises(QueueLost):
        await queue.front(YOUTH, None)
