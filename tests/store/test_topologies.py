"""Redis behind Sentinel, and Redis Cluster: real ones, on loopback, whose masters are really killed."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from redis.asyncio import Redis

from chat.store.connection import connect, servers_of
from chat.store.errors import QueueLost, StoreDown
from chat.store.presence import Presence
from chat.store.queue import Queue
from chat.store.rebuild import Snapshot
from tests.store.people import NOW_MS, YOUTH, arrive, enter, enter_many
from tests.store.servers import Cluster, Watched, cluster, watched

T = TypeVar("T")
pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as servers:
        yield servers


@pytest.fixture
def three(standing: Cluster) -> Cluster:
    """The module's cluster, empty."""
    standing.owner.client.flushall()
    return standing


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Watched]:
    with watched(tmp_path) as servers:
        yield servers


async def pair_one(queue: Queue, presence: Presence) -> str:
    """An evening in short: rebuild, enter, arrive, pair, confirm."""
    await queue.rebuild(Snapshot([], []), now_ms=NOW_MS)
    await enter_many(queue, 3)
    await arrive(presence, "carla")
    claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    assert claim is not None
    await queue.confirm(claim)
    return claim.ticket


async def in_time(work: Callable[[], Awaitable[T]]) -> T:
    """Try again while the servers settle: every verb is safe to call again."""
    for _ in range(400):
        try:
            return await work()
        except StoreDown:
            await asyncio.sleep(0.05)
    raise AssertionError("Redis did not come back")


# --- Sentinel ---


async def test_the_master_is_found_through_sentinel(guarded: Watched) -> None:
    client = connect(f"{guarded.url}/2")
    assert await pair_one(Queue(client), Presence(client)) == "t00000"
    await client.aclose()
    assert guarded.master.client.info("keyspace")["db2"]["keys"] > 0


async def test_a_copy_that_lacks_the_last_writes_takes_over_and_is_not_believed(guarded: Watched) -> None:
    """The copy hangs while two enter and one is paired; then the master is killed."""
    client = connect(guarded.url)
    queue = Queue(client)
    assert await pair_one(queue, Presence(client)) == "t00000"
    guarded.master.client.execute_command("WAIT", 1, 5000)
    guarded.copy.process.send_signal(signal.SIGSTOP)
    await enter(queue, "late", at_ms=NOW_MS + 9000)
    guarded.master.kill()
    guarded.copy.process.send_signal(signal.SIGCONT)
    guarded.fail_over()

    with pytest.raises(QueueLost):
        await in_time(lambda: queue.front(YOUTH, None))
    await client.aclose()


# --- Cluster ---


async def test_every_verb_of_an_evening_works_on_a_cluster_of_three(three: Cluster) -> None:
    """With the slots spread, a key outside the hash tag's slot would lie on a server that refuses it."""
    client = connect(three.url)

    assert await pair_one(Queue(client), Presence(client)) == "t00000"
    assert await Queue(client).front(YOUTH, None) == ["t00001", "t00002"]
    await client.aclose()


async def test_what_is_published_is_heard_through_any_server_of_the_cluster(three: Cluster) -> None:
    client = connect(three.url)
    ears = [Redis(port=node.port, decode_responses=True).pubsub() for node in three.nodes]
    for ear in ears:
        await ear.subscribe("{na}:ev:t:1")
        assert (await ear.get_message(timeout=5))["type"] == "subscribe"

    await client.publish("{na}:ev:t:1", "ことば")

    for ear in ears:
        assert (await ear.get_message(timeout=5))["data"] == "ことば"
        await ear.aclose()
    await client.aclose()


async def test_a_client_follows_the_slot_to_another_server(three: Cluster) -> None:
    """It holds a connection to a server that owns the slot no longer, and is told so."""
    client = connect(three.url)
    await pair_one(Queue(client), Presence(client))
    owner = client.connection_pool.connection_kwargs["owner"]
    elsewhere = next(node for node in three.nodes if node is not three.owner)
    await client.connection_pool.disconnect()
    owner.move(("127.0.0.1", elsewhere.port))

    assert await Queue(client).front(YOUTH, None) == ["t00001", "t00002"]
    assert await owner.address() == ("127.0.0.1", three.owner.port)
    await client.aclose()


async def test_a_cluster_that_fails_over_is_found_again(tmp_path: Path) -> None:
    with cluster(tmp_path) as servers:
        client = connect(servers.url)
        queue = Queue(client)
        await pair_one(queue, Presence(client))
        servers.owner.client.execute_command("WAIT", 1, 5000)
        servers.fail_over()

        with pytest.raises(QueueLost):
            await in_time(lambda: queue.front(YOUTH, None))
        await client.aclose()


async def test_a_cluster_that_is_not_there_is_told() -> None:
    client = connect("redis+cluster://127.0.0.1:1,127.0.0.1:2")
    with pytest.raises(StoreDown):
        await Queue(client).position("vera", YOUTH)
    await client.aclose()


# --- the forms of the URL ---


def test_several_servers_are_read_with_login_and_ports() -> None:
    found = servers_of("rediss+cluster://na:p%40ss@one:7000,two,[::1]:7001")
    assert found is not None
    assert found.hosts == (("one", 7000), ("two", 6379), ("::1", 7001))
    assert found.login == {"username": "na", "password": "p@ss"}


@pytest.mark.parametrize(
    "url", ["redis+cluster://", "redis+cluster://host:1/2", "sentinel://host:1", "sentinel://host/a/b"]
)
def test_a_broken_form_is_refused_with_what_can_be_written(url: str) -> None:
    with pytest.raises(ValueError, match=r"redis\+cluster://host:port"):
        connect(url)
