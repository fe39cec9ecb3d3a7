"""Stores that are really away: a database that can not be opened, a Redis that nobody listens on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from chat import db
from notalone.cache import Cache

NOWHERE = "unix:///nonexistent/redis.sock"


@contextmanager
def database_down() -> Iterator[None]:
    """Cut every database thread's connection, and let new ones fail, until the block ends."""
    where = connections.settings["default"]
    kept = where["NAME"]
    db.close()
    where["NAME"] = "/nonexistent/database" if "sqlite" in where["ENGINE"] else "no_such_database"
    try:
        yield
    finally:
        db.close()
        where["NAME"] = kept


@contextmanager
def redis_away() -> Iterator[None]:
    """Let Django's cache take Redis for gone, as after a failure, until the block ends."""
    Cache._away_until = float("inf")
    try:
        yield
    finally:
        Cache._away_until = 0.0
