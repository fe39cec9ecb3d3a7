"""``manage.py invite``: make the first administrator's link, or one for who can not be reached otherwise."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from staff import invitations
from staff.models import Organization, User
from staff.reach import Place

ROLES = (User.ADMINISTRATOR, User.SUPERVISOR, User.COUNSELOR)


class Command(BaseCommand):
    help = (
        "Print a path that lets one person, once and within three days, set a password and a second factor: "
        "for a new account, or with --member for one that exists. Put it behind the site's address."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", choices=ROLES, default=User.ADMINISTRATOR)
        parser.add_argument("--organization", metavar="SLUG", help="made if there is none of that name")
        parser.add_argument("--service-wide", action="store_true", help="a supervisor of the whole service")
        parser.add_argument("--member", metavar="USERNAME", help="a new way in for this account")

    def handle(self, *args: Any, **options: Any) -> None:
        _, token = _again(options["member"]) if options["member"] else _anew(options)
        self.stdout.write(reverse("staff_invited", args=[token]))


def _anew(options: dict[str, Any]) -> tuple[Any, str]:
    slug = options["organization"]
    place = Place(options["role"], slug, options["service_wide"])
    if slug:
        Organization.objects.get_or_create(slug=slug, defaults={"name": slug})
    try:
        return invitations.invite(None, place)
    except ValueError:
        raise CommandError(
            "A counselor needs --organization; a supervisor --organization or --service-wide, "
            "which is for supervisors alone."
        ) from None


def _again(username: str) -> tuple[Any, str]:
    member = User.objects.filter(username=username).first()
    if member is None:
        raise CommandError(f"There is no account {username!r}.")
    return invitations.invite_again(None, member)
