"""Statements in PostgreSQL's own words, for the ways that are gone most."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

EXECUTIONS_UNTIL_PREPARED = 5  # of one text on one connection


@contextmanager
def cursor() -> Iterator[Any]:
    """Give a cursor that binds on the server, where a statement is read and planned once a connection.

    Django's own writes the values into the text, so that the server reads it anew each time.
    Raises Django's errors.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as made:
        yield made
