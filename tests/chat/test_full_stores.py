"""No room in Redis, none on the database's disk: an alarm, and no ack of what is not stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
import redis as redis_sync
from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import AsyncClient
from prometheus_client import REGISTRY

from chat import alarms, db, ticker
from chat.actions.sweep import sweep
from chat.db import run
from chat.models import Message, Ticket
from notalone import clock
from tests.chat.api import error_of, post
from tests.sockets import available, enter, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]


@pytest.fixture(autouse=True)
def _no_alarm_before() -> Iterator[None]:
    alarms._told_at.clear()
    yield
    alarms._told_at.clear()


@contextmanager
def full_redis() -> Iterator[None]:
    with redis_sync.Redis.from_url(settings.REDIS_URL) as client:
        client.config_set("maxmemory", 1)
        try:
            yield
        finally:
            client.config_set("maxmemory", 0)


@asynccontextmanager
async def full_disk() -> AsyncIterator[None]:
    """Let the database find no room for another page (SQLite), or answer so to each new row (PostgreSQL)."""
    if connection.vendor == "sqlite":
        await run(_execute, "VACUUM")  # earlier tests have left empty pages, which are room too
        connection_created.connect(_no_more_pages)
        db.close()
        try:
            yield
        finally:
            connection_created.disconnect(_no_more_pages)
            db.close()
        return
    await run(_execute, FULL)
    try:
        yield
    finally:
        await run(_execute, ROOM)


def _no_more_pages(connection: Any, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


FULL = """
CREATE FUNCTION no_room() RETURNS trigger AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER no_room BEFORE INSERT ON chat_ticket FOR EACH ROW EXECUTE FUNCTION no_room();
CREATE TRIGGER no_room BEFORE INSERT ON chat_message FOR EACH ROW EXECUTE FUNCTION no_room();
"""
ROOM = "DROP FUNCTION no_room() CASCADE"


def faults(store: str, reason: str) -> float:
    labels = {"store": store, "reason": reason}
    return REGISTRY.get_sample_value("notalone_store_faults_total", labels) or 0.0


# --- Redis ---


async def test_with_redis_full_entering_works_and_tells_no_place_yet() -> None:
    await enter()
    with full_redis():
        answer = (await post()).json()
    assert (answer["state"], answer["position"], answer["estimate"]) == ("waiting", None, None)
    assert await run(Ticket.objects.filter(id=answer["ticket"], state=Ticket.WAITING).exists)


async def test_with_room_again_who_entered_meanwhile_is_told_the_place() -> None:
    await enter()
    with full_redis():
        vera = await visitor((await post()).json()["token"])
        assert (await vera.take("welcome"))["position"] is None
    await sweep()
    ticker.current()._tick = 0
    await ticker.current().tick(clock.now())
    assert (await vera.take("queue.position"))["position"] == 2


async def test_with_redis_full_what_is_said_is_stored_and_arrives() -> None:
    carla = await available(await member("carla"))
    vera = await visitor((await enter()).token)
    await carla.take("assigned")
    await vera.take("welcome")
    with full_redis():
        await vera.send("message.send", id=message_id(), body="きこえますか")
        assert (await vera.take("message.ack"))["seq"] == 1
        assert (await carla.take("message"))["body"] == "きこえますか"


async def test_a_full_redis_raises_an_alarm(caplog: pytest.LogCaptureFixture) -> None:
    before = faults("redis", "OOM") + faults("redis", "OutOfMemoryError")
    with full_redis(), caplog.at_level(logging.ERROR, "chat.alarms"):
        ready = await AsyncClient().get("/readyz")
        assert (ready.status_code, ready.json()["failing"]) == (503, ["redis"])
    assert faults("redis", "OOM") + faults("redis", "OutOfMemoryError") > before
    assert "redis can not" in caplog.text
    assert (await AsyncClient().get("/readyz")).status_code == 200


async def test_an_alarm_is_logged_once_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "chat.alarms"):
        for _ in range(100):
            alarms.raise_alarm("redis", "OOM")
    assert len(caplog.records) == 1


# --- the database ---


async def fill() -> None:
    """Use up the room in the pages that are there."""
    for _ in range(200):
        if (await post()).status_code == 503:
            return
    raise AssertionError("the disk is never full")


async def test_with_the_disk_full_nobody_enters_and_is_told_to_come_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with full_disk():
        await fill()
        waiting = await run(Ticket.objects.count)
        with caplog.at_level(logging.ERROR, "chat.alarms"):
            answer = await post()
        assert (answer.status_code, error_of(answer)["code"]) == (503, "unavailable")
        assert answer["Retry-After"]
        assert await run(Ticket.objects.count) == waiting
        assert faults("database", "full") > 0
    assert (await post()).status_code == 201


async def test_with_the_disk_full_nothing_is_acked_and_all_can_be_sent_again() -> None:
    carla = await available(await member("carla"))
    vera = await visitor((await enter()).token)
    await carla.take("assigned")
    await vera.take("welcome")
    async with full_disk():
        await fill()
        refs = [message_id() for _ in range(20)]
        for ref in refs:
            await vera.send("message.send", id=ref, body="x" * 1500)
        answers = [await asyncio.wait_for(vera._next(), 20) for _ in refs]
        acked = [one["id"] for one in answers if one["type"] == "message.ack"]
        refused = [one["ref"] for one in answers if one["type"] == "error" and one["code"] == "unavailable"]
        assert sorted(acked + refused) == sorted(refs)
        assert refused
    stored = await run(lambda: {str(key) for key in Message.objects.values_list("client_id", flat=True)})
    assert stored >= set(acked)
    for ref in refused:
        await vera.send("message.send", id=ref, body="x" * 1500)
        await vera.take("message.ack", id=ref)
    assert await run(Message.objects.count) == len(refs)
