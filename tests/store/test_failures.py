"""What goes wrong below: dropped, slow, full, read-only, forgetful Redis servers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from redis import exceptions as redis_errors
from redis.asyncio import BlockingConnectionPool, Redis

from chat.store import connection
from chat.store.connection import connect
from chat.store.counters import Counters
from chat.store.errors import QueueLost, StoreDown
from chat.store.keys import Keys
from chat.store.leader import lead
from chat.store.presence import Presence
from chat.store.queue import Queue
from chat.store.rebuild import Snapshot
from chat.store.scripts import command, run, translated
from tests.store.people import NOW_MS, YOUTH, arrive, enter, enter_many


async def test_flushed_scripts_are_not_noticed(queue: Queue, redis: Redis) -> None:
    await enter(queue, "vera")
    await redis.script_flush()

    assert await enter(queue, "sven", at_ms=NOW_MS + 1) == 2
    assert await queue.front(YOUTH, None) == ["vera", "sven"]


async def test_a_script_is_sent_in_full_only_once(queue: Queue, redis: Redis) -> None:
    await redis.script_flush()
    await redis.config_resetstat()
    await enter_many(queue, 5)

    stats = await redis.info("commandstats")
    assert stats["cmdstat_eval"]["calls"] == 1
    assert stats["cmdstat_evalsha"]["calls"] == 5


async def test_dropped_connections_are_not_noticed(queue: Queue, redis: Redis) -> None:
    await enter(queue, "vera")
    await redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    await redis.connection_pool.disconnect()

    assert await queue.position("vera", YOUTH) == 1


async def test_a_connection_cut_by_the_server_is_replaced(queue: Queue, redis: Redis, redis_url: str) -> None:
    await enter(queue, "vera")
    other = connect(redis_url)
    await other.execute_command("CLIENT", "KILL", "TYPE", "normal")
    await other.aclose()

    assert await queue.position("vera", YOUTH) == 1


UNREACHABLE: dict[str, Callable[[Redis], Awaitable[object]]] = {
    "queue": lambda redis: Queue(redis).position("vera", YOUTH),
    "rebuild": lambda redis: Queue(redis).rebuild(Snapshot([], []), now_ms=NOW_MS),
    "touch": lambda redis: Queue(redis).touch(["vera"], NOW_MS),
    "presence": lambda redis: Presence(redis).renew("carla", now_ms=NOW_MS),
    "held": lambda redis: Presence(redis).held("carla"),
    "counters": lambda redis: Counters(redis).hit("k", limit=1, window_s=1, now_ms=NOW_MS),
    "leader": lambda redis: lead(redis, "sweeper", "a", 1000),
}


@pytest.mark.parametrize("part", UNREACHABLE)
async def test_a_redis_that_is_not_there_is_told(tmp_path: Path, part: str) -> None:
    nowhere = connect(f"unix://{tmp_path}/none.sock")
    with pytest.raises(StoreDown):
        await UNREACHABLE[part](nowhere)
    await nowhere.aclose()


async def test_a_redis_that_hangs_is_told(
    queue: Queue, redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SOCKET_TIMEOUT_S", 0.1)
    impatient = connect(redis_url)
    await impatient.execute_command("PING")
    await redis.execute_command("CLIENT", "PAUSE", 400)

    with pytest.raises(StoreDown):
        await Queue(impatient).position("vera", YOUTH)

    await impatient.aclose()


async def test_a_full_redis_is_told_and_nothing_is_half_done(queue: Queue, redis: Redis) -> None:
    await enter(queue, "vera")
    await redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(StoreDown, match="OOM"):
            await enter(queue, "sven")
        with pytest.raises(StoreDown):
            await queue.touch(["sven"], NOW_MS)
    finally:
        await redis.config_set("maxmemory", 0)

    assert await queue.members(YOUTH) == {"vera"}
    assert await queue.last_seen(["sven"]) == [None]


async def test_a_full_redis_pairs_wholly_or_not_at_all(
    queue: Queue, presence: Presence, redis: Redis
) -> None:
    await enter(queue, "vera")
    await arrive(presence, "carla")
    await redis.config_set("maxmemory", 1)
    try:
        claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    except StoreDown:
        claim = None
    finally:
        await redis.config_set("maxmemory", 0)

    is_waiting = await queue.position("vera", YOUTH) == 1
    is_held = await presence.held("carla") == {"vera"} and await queue.claims() == [claim]
    assert (claim is None, is_waiting, is_held) in {(True, True, False), (False, False, True)}


async def test_a_copy_that_takes_no_writes_is_told(queue: Queue, redis: Redis) -> None:
    await redis.execute_command("REPLICAOF", "127.0.0.1", "1")
    try:
        with pytest.raises(StoreDown, match="READONLY"):
            await enter(queue, "vera")
    finally:
        await redis.execute_command("REPLICAOF", "NO", "ONE")


@pytest.mark.parametrize(
    "error",
    [
        redis_errors.ConnectionError("refused"),
        redis_errors.BusyLoadingError("loading the dataset in memory"),
        redis_errors.TimeoutError("slow"),
        redis_errors.OutOfMemoryError("command not allowed"),
        redis_errors.MasterDownError("link is down"),
        redis_errors.ClusterDownError("the cluster is down"),
        redis_errors.AuthenticationError("wrong password"),
        redis_errors.ResponseError("MISCONF Redis is configured to save RDB snapshots"),
        redis_errors.ResponseError("BUSY Redis is busy running a script."),
        redis_errors.ResponseError("Error running script: @user_script: 1: -NOREPLICAS Not enough good"),
        TimeoutError(),
        BrokenPipeError(),
    ],
    ids=lambda error: f"{type(error).__name__}-{str(error)[:8]}",
)
def test_every_way_of_being_unable_is_one(error: Exception) -> None:
    with pytest.raises(StoreDown), translated():
        raise error


def test_a_fault_of_our_own_is_not_hidden() -> None:
    with pytest.raises(redis_errors.ResponseError), translated():
        raise redis_errors.ResponseError("WRONGTYPE Operation against a key")


async def test_the_loss_of_the_queue_is_not_an_outage(redis: Redis) -> None:
    with pytest.raises(QueueLost):
        await run(redis, "ticket_position", Keys().tag, "", "vera", "youth:ja")


async def test_a_plain_command_answers_in_text(redis: Redis) -> None:
    await command(redis, "SET", "k", "ことば")

    assert await command(redis, "GET", "k") == "ことば"


# Connecting


async def test_timeouts_and_the_size_of_the_pool_are_set_by_us(redis_url: str) -> None:
    client = connect(redis_url)
    pool = client.connection_pool

    assert isinstance(pool, BlockingConnectionPool)
    assert pool.timeout == 5
    assert pool.connection_kwargs["socket_timeout"] == 2
    assert pool.connection_kwargs["socket_connect_timeout"] == 2
    assert pool.connection_kwargs["decode_responses"] is True
    assert pool.connection_kwargs["retry"].get_retries() == 1
    await client.aclose()


async def test_a_client_for_bytes_can_be_had(redis_url: str) -> None:
    client = connect(redis_url, decode_responses=False)
    await client.set("k", "v")

    assert await client.get("k") == b"v"
    await client.aclose()


@pytest.mark.parametrize(
    "url", ["sentinel://", "sentinel://host:1", "sentinel://host:1/a/0/b", "http://host"]
)
def test_an_unknown_form_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"sentinel://|scheme"):
        connect(url)


@pytest.mark.parametrize("name", ["", "a b", "a{b", "a:b"])
def test_a_namespace_is_one_word(name: str) -> None:
    with pytest.raises(ValueError, match="one word"):
        Keys(name)
