"""A database that is locked, slow or full up: no ack before the commit, and other talks go on."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections

from chat import committer, db, runtime
from chat.rules.errors import ChatError
from tests.sockets import Peer, available, enter, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]


async def talking(username: str = "carla") -> tuple[Peer, Peer, str]:
    carla = await available(await member(username), capacity=1)
    vera = await visitor((await enter()).token)
    conversation = (await carla.take("assigned"))["conversation"]
    await vera.take("welcome", state="paired")
    await carla.send("assignment.confirm", conversation=conversation)
    await carla.hush()
    return vera, carla, conversation


class Held:
    """Work that is under way until it is let go."""

    def __init__(self) -> None:
        self.is_free = threading.Event()
        self.count = threading.Semaphore(0)

    def work(self) -> None:
        self.count.release()
        assert self.is_free.wait(30)

    async def started(self, count: int) -> None:
        for _ in range(count):
            assert await asyncio.to_thread(self.count.acquire, timeout=30)


@pytest.fixture
async def held() -> AsyncIterator[Held]:
    held = Held()
    yield held
    held.is_free.set()


@contextmanager
def sqlite_locked() -> Iterator[None]:
    """Hold the file's one lock for writing; those who wait for it give up soon."""
    options: dict[str, Any] = connections.settings["default"]["OPTIONS"]
    kept = options["timeout"]
    db.close()
    options["timeout"] = 0.05
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            db.close()
            options["timeout"] = kept


@pytest.mark.sqlite
async def test_while_sqlite_is_locked_nothing_is_acked_and_afterwards_all_is_taken_in_order() -> None:
    vera, carla, _ = await talking()
    refs = [message_id() for _ in range(5)]
    with sqlite_locked():
        for ref in refs:
            await vera.send("message.send", id=ref, body=ref)
        for ref in refs:
            assert (await vera.take("error", ref=ref))["code"] == "unavailable"
        await vera.hush()
        assert not [frame for frame in vera.kept if frame["type"] == "message.ack"]
    for ref in refs:
        await vera.send("message.send", id=ref, body=ref)
    assert [(await vera.take("message.ack", id=ref))["seq"] for ref in refs] == [1, 2, 3, 4, 5]
    assert [(await carla.take("message"))["body"] for _ in refs] == refs


async def test_an_ack_comes_after_the_commit_never_before(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera, carla, _ = await talking()
    commit = committer.commit

    def late(drafts: Any) -> Any:
        outcomes = commit(drafts)
        held.work()
        return outcomes

    monkeypatch.setattr(committer, "commit", late)
    ref = message_id()
    await vera.send("message.send", id=ref, body="x")
    await held.started(1)
    await vera.hush()
    await carla.hush()
    assert not [frame for frame in vera.kept + carla.kept if frame["type"] in {"message.ack", "message"}]
    held.is_free.set()
    await vera.take("message.ack", id=ref)
    await carla.take("message", id=ref)


async def test_what_was_sent_after_one_that_could_not_be_stored_does_not_get_before_it(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera, carla, conversation = await talking()
    commit = committer.commit

    def fail_once(drafts: Any) -> Any:
        monkeypatch.setattr(committer, "commit", commit)
        held.work()
        raise ChatError("unavailable")

    monkeypatch.setattr(committer, "commit", fail_once)
    first, second, hers = (message_id() for _ in range(3))
    await vera.send("message.send", id=first, body="一")
    await held.started(1)
    await vera.send("message.send", id=second, body="二")
    await carla.send("message.send", conversation=conversation, id=hers, body="はい")
    await vera.hush()
    await carla.hush()
    held.is_free.set()
    for ref in (first, second):
        assert (await vera.take("error", ref=ref))["code"] == "unavailable"
    assert (await carla.take("message.ack", id=hers))["seq"] == 1
    for ref in (first, second):
        await vera.send("message.send", id=ref, body="x")
    assert [(await vera.take("message.ack", id=ref))["seq"] for ref in (first, second)] == [2, 3]


async def test_what_is_being_stored_when_the_server_goes_is_acked_before_the_goodbye(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera, _, _ = await talking()
    commit = committer.commit

    def slow(drafts: Any) -> Any:
        held.work()
        return commit(drafts)

    monkeypatch.setattr(committer, "commit", slow)
    refs = [message_id() for _ in range(3)]
    await vera.send("message.send", id=refs[0], body="x")
    await held.started(1)
    for ref in refs[1:]:
        await vera.send("message.send", id=ref, body="x")
    await vera.hush()
    going = asyncio.create_task(runtime.stop())
    await asyncio.sleep(0)
    held.is_free.set()
    assert await vera.closed() == 1001
    await going
    assert [frame["id"] for frame in vera.kept if frame["type"] == "message.ack"] == refs


async def test_slow_queries_that_leave_a_thread_free_are_not_felt(held: Held) -> None:
    vera, carla, _ = await talking()
    slow = [asyncio.create_task(db.run(held.work)) for _ in range(settings.DB_THREADS - 1)]
    await held.started(len(slow))
    ref = message_id()
    await vera.send("message.send", id=ref, body="x")
    await vera.take("message.ack", id=ref)
    await carla.take("message", id=ref)
    held.is_free.set()
    await asyncio.gather(*slow)


async def test_with_every_thread_taken_the_wait_is_bounded_and_said(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera, carla, conversation = await talking()
    slow = [asyncio.create_task(db.run(held.work)) for _ in range(settings.DB_THREADS)]
    await held.started(len(slow))
    monkeypatch.setattr(db, "WAIT_S", 0.05)
    refs = [message_id() for _ in range(3)]
    for ref in refs:
        await vera.send("message.send", id=ref, body=ref)
    for ref in refs:
        assert (await vera.take("error", ref=ref))["code"] == "unavailable"
    await carla.send("typing", conversation=conversation, on=True)
    await vera.take("typing", on=True)  # what needs no row goes on
    held.is_free.set()
    await asyncio.gather(*slow)
    for ref in refs:
        await vera.send("message.send", id=ref, body=ref)
    assert [(await carla.take("message"))["body"] for _ in refs] == refs
