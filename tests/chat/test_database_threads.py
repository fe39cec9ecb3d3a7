"""Connections that are cut, and stores that are away: one try more on a fresh one, then a clear word."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asgiref.sync import SyncToAsync
from django.db import OperationalError, connection, connections, transaction

from chat import db
from chat.rules.errors import ChatError
from staff.models import Organization
from tests.sockets import available, enter, member, message_id, visitor

pytestmark = pytest.mark.django_db(transaction=True)


class Failing:
    """Work that fails so many times, as work does whose connection was cut."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.tried = 0

    def work(self) -> str:
        self.tried += 1
        self.left -= 1
        if self.left >= 0:
            raise OperationalError
        return "done"


async def test_what_was_cut_is_tried_once_more() -> None:
    once = Failing(1)
    assert await db.run(once.work) == "done"
    assert once.tried == 2


async def test_what_is_cut_again_is_told_to_come_back() -> None:
    always = Failing(99)
    with pytest.raises(ChatError) as told:
        await db.run(always.work)
    assert (told.value.code, always.tried) == ("unavailable", 2)
    assert told.value.retry_after_s


async def test_a_transaction_that_was_left_open_is_undone_and_never_acked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def leave_open() -> None:
        transaction.atomic().__enter__()
        Organization.objects.create(slug="open", name="open")

    with pytest.raises(ChatError, match="unavailable"):
        await db.run(leave_open)
    assert not await db.run(Organization.objects.exists)
    assert "leave_open" in caplog.text


@pytest.fixture
def _mended(transactional_db: None) -> Iterator[None]:
    """Let the threads outside our pool have fresh connections too: the test's own, and the one that asgiref
    keeps for async views. A request would see to its own; a test asks the rows without one."""
    yield
    connections.close_all()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.mark.usefixtures("_mended", "seed", "process")
async def test_with_every_connection_cut_words_are_stored_and_nobody_hears_of_it() -> None:
    carla = await available(await member("carla"))
    vera = await visitor((await enter()).token)
    conversation = (await carla.take("assigned"))["conversation"]
    await vera.take("welcome", state="paired")
    for number in range(3):
        await db.run(cut_all)
        first, second = message_id(), message_id()
        await vera.send("message.send", id=first, body="まだ")
        await carla.send("message.send", id=second, conversation=conversation, body="います")
        assert {(await vera.take("message.ack", id=first))["seq"]} <= {2 * number + 1, 2 * number + 2}
        await carla.take("message.ack", id=second)
    for peer in (vera, carla):
        await peer.hush()
        assert not [frame for frame in peer.kept if frame["type"] == "error"]


def cut_all() -> None:
    """Cut every connection but this one: as the server's restart does. SQLite has none to be cut."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
