"""Redis behind Sentinel, and Redis Cluster: real ones, on loopback."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis as BlockingRedis
from redis import RedisError
from redis.asyncio.cluster import RedisCluster

from chat.store.connection import connect
from chat.store.presence import Presence
from chat.store.queue import Queue
from chat.store.rebuild import Snapshot
from tests.store.people import NOW_MS, YOUTH, arrive, enter_many
from tests.stores import redis_binary

pytestmark = pytest.mark.processes
SLOTS = 16_384


def free_port() -> int:
    """A port whose cluster bus, 10,000 above, is a port too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1]) % 20_000 + 20_000


@contextmanager
def server(folder: Path, *words: str) -> Iterator[BlockingRedis]:
    """A server on a port of its own; ``words`` may begin with a configuration file."""
    port = free_port()
    folder.mkdir()
    command = [redis_binary(), *words, "--port", str(port), "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        client = BlockingRedis(port=port, decode_responses=True)
        for _ in range(200):
            try:
                client.ping()
                break
            except RedisError:
                time.sleep(0.05)
        try:
            yield client
        finally:
            client.close()
            process.terminate()


def port_of(client: BlockingRedis) -> int:
    return int(client.get_connection_kwargs()["port"])


def form_cluster(*nodes: BlockingRedis) -> None:
    """Share the slots out and wait until all agree."""
    for number, node in enumerate(nodes):
        share = range(number * SLOTS // len(nodes), (number + 1) * SLOTS // len(nodes))
        node.execute_command("CLUSTER", "ADDSLOTS", *share)
        node.execute_command("CLUSTER", "MEET", "127.0.0.1", port_of(nodes[0]))
    while not all("cluster_state:ok" in str(node.execute_command("CLUSTER", "INFO")) for node in nodes):
        time.sleep(0.05)


async def pair_one(queue: Queue, presence: Presence) -> str:
    """An evening in short: rebuild, enter, arrive, pair, confirm."""
    await queue.rebuild(Snapshot([], []), now_ms=NOW_MS)
    await enter_many(queue, 3)
    await arrive(presence, "carla")
    claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    assert claim is not None
    await queue.confirm(claim)
    return claim.ticket


async def test_the_master_is_found_through_sentinel(tmp_path: Path) -> None:
    with server(tmp_path / "master", "--save", "") as master:
        config = tmp_path / "sentinel.conf"
        config.write_text(f"sentinel monitor main 127.0.0.1 {port_of(master)} 1\n")
        with server(tmp_path / "sentinel", str(config), "--sentinel") as sentinel:
            client = connect(f"sentinel://127.0.0.1:{port_of(sentinel)}/main/2")

            assert await pair_one(Queue(client), Presence(client)) == "t00000"
            await client.aclose()

        assert master.info("keyspace")["db2"]["keys"] > 0


async def test_every_verb_of_an_evening_works_on_a_cluster_of_three(tmp_path: Path) -> None:
    """With the slots spread, a key outside the hash tag's slot would lie on a server that refuses it."""
    options = ("--cluster-enabled", "yes", "--save", "")
    with (
        server(tmp_path / "a", *options) as a,
        server(tmp_path / "b", *options) as b,
        server(tmp_path / "c", *options) as c,
    ):
        form_cluster(a, b, c)
        client = RedisCluster(host="127.0.0.1", port=port_of(a), decode_responses=True)

        assert await pair_one(Queue(client), Presence(client)) == "t00000"
        assert await Queue(client).front(YOUTH, None) == ["t00001", "t00002"]
        await client.aclose()
