"""``manage.py seed_demo``: organizations and accounts to try the service with."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from chat.rules.types import Lane
from staff.enrollment import enroll, every_lane
from staff.models import Organization, User

PASSWORD = "hitori-janai-9999"  # noqa: S105 — of the demo accounts alone, and written in the README
ORGANIZATIONS = (("akari", "あかりの会（デモ）"), ("tomoshibi", "ともしびネット（デモ）"))
COUNSELORS = ("carla", "chris")
SUPERVISORS = ("sara",)
CALL_NAMES = ("はる", "あき", "そら", "うみ", "ひな", "れん", "すず", "なぎ", "もも", "ゆう")


class Command(BaseCommand):
    help = (
        "Make demo staff who serve every lane, and print one JSON line for each. "
        "Demo mode only; running it again changes nothing but what the options ask for."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--counselors", type=int, default=2, help="how many counselors (2)")
        parser.add_argument("--supervisors", type=int, default=1, help="how many supervisors (1)")
        parser.add_argument("--capacity", type=int, default=3, help="talks at once for each, 1 to 5 (3)")

    def handle(self, *args: Any, **options: Any) -> None:
        counselors, supervisors = options["counselors"], options["supervisors"]
        if not settings.NOTALONE_DEMO:
            raise CommandError("seed_demo makes accounts with a known password: it needs NOTALONE_DEMO=1.")
        if counselors < 0 or supervisors < 0:
            raise CommandError("--counselors and --supervisors take 0 or more.")
        if not 1 <= options["capacity"] <= 5:
            raise CommandError("--capacity takes 1 to 5.")
        with transaction.atomic():
            users = _seed(counselors, supervisors, options["capacity"])
        for user in users:
            self.stdout.write(json.dumps(_account(user), ensure_ascii=False))


def _seed(counselors: int, supervisors: int, capacity: int) -> list[User]:
    organizations = [
        Organization.objects.update_or_create(slug=slug, defaults={"name": name})[0]
        for slug, name in ORGANIZATIONS
    ]
    passwords = _Passwords()
    lanes: list[Lane] = every_lane()
    users = []
    for index in range(counselors):
        user = _user(
            _username(COUNSELORS, "counselor", index), User.COUNSELOR, organizations, index, passwords
        )
        enroll(user, name=_call_name(index), capacity=capacity, lanes=lanes)
        users.append(user)
    for index in range(supervisors):
        name = _username(SUPERVISORS, "supervisor", index)
        users.append(_user(name, User.SUPERVISOR, organizations, index, passwords))
    return users


def _user(
    username: str, role: str, organizations: list[Organization], index: int, passwords: _Passwords
) -> User:
    organization = organizations[index % len(organizations)]
    user = User.objects.filter(username=username).first()
    is_service_wide = role == User.SUPERVISOR  # the demo's supervisors see everything
    if user is None:
        return User.objects.create(
            username=username,
            role=role,
            organization=organization,
            is_service_wide=is_service_wide,
            password=passwords.encoded,
        )
    user.role, user.organization, user.is_active = role, organization, True
    user.is_service_wide = is_service_wide
    if not passwords.fits(user.password):
        user.password = passwords.encoded
    user.save(update_fields=["role", "organization", "is_service_wide", "is_active", "password"])
    return user


def _username(names: tuple[str, ...], stem: str, index: int) -> str:
    return names[index] if index < len(names) else f"{stem}{index + 1}"


def _call_name(index: int) -> str:
    again, which = divmod(index, len(CALL_NAMES))
    return CALL_NAMES[which] + (str(again + 1) if again else "")


def _account(user: User) -> dict[str, str]:
    organization = user.organization_id or ""
    return {"username": user.username, "password": PASSWORD, "role": user.role, "organization": organization}


class _Passwords:
    """Argon2 takes 50 ms on purpose: one hash serves all the demo accounts, and one check each distinct hash.

    A hash that fits is kept, so that a second run signs nobody out.
    """

    def __init__(self) -> None:
        self._encoded: str | None = None
        self._fits: dict[str, bool] = {}

    @property
    def encoded(self) -> str:
        if self._encoded is None:
            self._encoded = make_password(PASSWORD)
            self._fits[self._encoded] = True
        return self._encoded

    def fits(self, encoded: str) -> bool:
        if encoded not in self._fits:
            self._fits[encoded] = check_password(PASSWORD, encoded)
        return self._fits[encoded]
