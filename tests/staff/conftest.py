"""Personas: counselors Carla and Chris (another organization), supervisor Sara, administrator Adam, and Olga,
whose role has no page."""

from __future__ import annotations

import pytest
from django.test import Client

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
