"""What a thief of the database or of Redis can read of a talk, and who listens on the way: nothing."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
import redis as redis_sync
from django.conf import settings
from django.db import connection

from chat.db import run
from tests.markers import marker, readable
from tests.sockets import available, enter, member, message_id, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]

FIELDS = ("nickname", "note", "topic", "from the visitor", "from the counselor", "closing note")


async def talk() -> list[str]:
    """Talk through everything that a person can write; give the words, and the visitor's token."""
    words = {field: marker(field) for field in FIELDS}
    carla = await available(await member("carla"))
    opened = await enter(**{field: words[field] for field in ("nickname", "note", "topic")})
    vera = await visitor(opened.token)
    conversation = (await carla.take("assigned"))["conversation"]
    for peer, body, more in (
        (vera, words["from the visitor"], {}),
        (carla, words["from the counselor"], {"conversation": conversation}),
    ):
        ref = message_id()
        await peer.send("message.send", id=ref, body=body, **more)
        await peer.take("message.ack", id=ref)
    await vera.take("message", body=words["from the counselor"])
    await carla.send(
        "conversation.close", conversation=conversation, outcome="listened", note=words["closing note"]
    )
    await vera.take("closed")
    return [*words.values(), opened.token]


async def test_no_word_can_be_read_in_the_database() -> None:
    words = await talk()
    dump = await run(database_dump)
    assert b"listened" in dump  # this is the place where the words would be
    assert readable(dump, words) == []


def database_dump() -> bytes:
    """Give all that the database holds, byte for byte."""
    if connection.vendor == "sqlite":
        path = str(connection.settings_dict["NAME"])
        return b"".join(file.read_bytes() for file in map(Path, (path, f"{path}-wal")) if file.exists())
    return b"".join(_tables())


def _tables() -> Iterator[bytes]:
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
            yield from map(bytes, rows)


async def test_no_word_can_be_read_in_redis_nor_on_the_way_through_it() -> None:
    with redis_sync.Redis.from_url(settings.REDIS_URL) as client:
        ask: Any = client.execute_command
        ask("CONFIG", "SET", "slowlog-max-len", 100_000)
        ask("CONFIG", "SET", "slowlog-log-slower-than", 0)
        ask("SLOWLOG", "RESET")
        async with monitored() as seen:
            words = await talk()
        slow = repr(ask("SLOWLOG", "GET", -1)).encode()
        ask("CONFIG", "SET", "slowlog-log-slower-than", 10_000)
        folder, name = (ask("CONFIG", "GET", key)[1].decode() for key in ("dir", "dbfilename"))
        ask("CONFIG", "SET", "rdbcompression", "no")
        ask("SAVE")
    kept = (Path(folder) / name).read_bytes()
    heard = b"".join(seen)
    assert b":epoch" in kept
    assert b"}:ev" in heard  # the words went by, sealed
    assert b"}:ev" in slow
    assert readable(kept + heard + slow, words) == []


@asynccontextmanager
async def monitored() -> AsyncIterator[list[bytes]]:
    """Listen to every command that Redis gets."""
    reader, writer = await asyncio.open_unix_connection(unquote(urlsplit(settings.REDIS_URL).path))
    writer.write(b"MONITOR\r\n")
    seen: list[bytes] = []

    async def listen() -> None:
        while data := await reader.read(1 << 16):
            seen.append(data)

    assert await reader.readline() == b"+OK\r\n"
    listening = asyncio.create_task(listen())
    yield seen
    writer.write(b"QUIT\r\n")
    await listening
    writer.close()


@pytest.mark.parametrize(
    "form",
    [
        lambda word: word.encode(),
        lambda word: word.encode("utf-16-le"),
        lambda word: json.dumps({"body": word}).encode(),
        lambda word: base64.b64encode(b"{'body': '" + word.encode() + b"'}"),
        lambda word: word.encode().hex().upper().encode(),
        lambda word: repr(word.encode()).encode(),
        lambda word: quote(word).encode(),
    ],
    ids=["UTF-8", "UTF-16", "JSON", "base64", "hex", "repr", "URL"],
)
def test_a_word_that_stood_there_would_be_found(form: Any) -> None:
    word = marker("note")
    assert readable(b"xx" + form(word) + b"yy", [word]) == [word]
