"""The service for an evening: Daphne and uvicorn, on an SQLite file or a PostgreSQL database of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.chaos.evening import CAPACITY
from tests.chaos.trouble import Postgres, Rows, Sqlite
from tests.service import Service
from tests.stores import postgres_url


@contextmanager
def on_stage(folder: Path, database: str, talks: int) -> Iterator[tuple[Service, Rows]]:
    """Start everything for so many talks on ``sqlite`` or ``postgres``; end it afterwards."""
    with _database(folder, database) as (url, rows):
        service = Service(
            folder,
            capacity=CAPACITY,
            counselors=-(-talks // CAPACITY),
            database_url=url,
            extra={"NOTALONE_MESSAGES_PER_MINUTE": "0"},
        )
        try:
            service.start(webs=1)
            service.add_web("uvicorn")
            yield service, rows
        finally:
            service.stop()


@contextmanager
def _database(folder: Path, database: str) -> Iterator[tuple[str, Rows]]:
    if database == "sqlite":
        yield "", Sqlite(str(folder / "notalone.sqlite3"))
        return
    server = postgres_url()
    name = f"chaos_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as link:
        link.execute(f'CREATE DATABASE "{name}"')
    url = server.replace("/postgres?", f"/{name}?", 1)
    assert name in url, server
    try:
        yield url, Postgres(url)
    finally:
        with psycopg.connect(server, autocommit=True) as link:
            link.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
