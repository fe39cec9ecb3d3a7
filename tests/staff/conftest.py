"""Personas: counselors Carla and Chris (another organization), supervisor Sara, administrator Adam, and Olga,
whose role has no page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from staff import trail_guard
from staff.models import Organization, User

PASSWORD = "a-long-night-of-listening"
ROLES = {
    "carla": (User.COUNSELOR, "akari"),
    "chris": (User.COUNSELOR, "tomoshibi"),
    "sara": (User.SUPERVISOR, "akari"),
    "adam": (User.ADMINISTRATOR, "akari"),
    "olga": ("observer", "akari"),
}


@pytest.fixture
def second_factor(settings) -> None:
    """Demand a second factor, as outside demo mode."""
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


@pytest.fixture
def guarded_trail(transactional_db: None) -> Iterator[None]:
    """Put the database's own guard of the audit trail back, which the tests go without."""
    trail_guard.install(connection)
    yield
    trail_guard.remove(connection)


@pytest.fixture
def people(db: None) -> dict[str, User]:
    users = {}
    for name, (role, slug) in ROLES.items():
        organization, _ = Organization.objects.get_or_create(slug=slug, defaults={"name": slug})
        users[name] = User.objects.create_user(name, password=PASSWORD, role=role, organization=organization)
    return users


@pytest.fixture
def sign_in(people: dict[str, User]):
    """Give a browser in which the named person is signed in; nobody: an anonymous one."""

    def browser(name: str | None) -> Client:
        client = Client()
        if name:
            client.force_login(people[name])
        return client

    return browser
