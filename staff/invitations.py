"""Invitations: one link for one person, good for three days, until name, password and factor are set.

The token is shown once and kept as a hash. A link may be followed again until all is done, so that a
browser closed half-way is no dead end; then it opens nothing. A link for an account that exists gives it
a new password and a new factor: the way back for who has lost a phone.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q, QuerySet

from chat.access import uuid_of
from notalone import clock
from staff import second_factor, trail
from staff.enrollment import enroll, every_lane
from staff.models import Invitation, StaffSession, User
from staff.reach import Place, is_sound, may_look_after

GOOD_FOR = timedelta(days=3)


class NotYours(Exception):
    """The actor may not give this place, or look after this account."""


def invite(actor: User | None, place: Place) -> tuple[Invitation, str]:
    """Make a link into a place; give its row and its token. ``actor`` None: from the command line.

    Raises NotYours, or ValueError for a place that can not be.
    """
    if not is_sound(place):
        raise ValueError("this place can not be")
    if actor is not None and not may_look_after(actor, place):
        raise NotYours
    with transaction.atomic():
        made = _make(actor, place, None)
        trail.record("invitation.made", actor, _facts(made[0]))
    return made


def invite_again(actor: User | None, member: User) -> tuple[Invitation, str]:
    """Make a link that gives an account a new password and a new factor, and shut it until then.

    Raises NotYours.
    """
    if actor is not None and (not may_look_after(actor, member) or actor.pk == member.pk):
        raise NotYours
    with transaction.atomic():
        made = _make(actor, Place(member.role, member.organization_id, member.is_service_wide), member)
        member.set_unusable_password()
        member.save(update_fields=["password"])
        StaffSession.objects.filter(user=member).delete()
        trail.record("sign_in.renewed", actor, _facts(made[0]))
    return made


def _make(actor: User | None, place: Place, member: User | None) -> tuple[Invitation, str]:
    token, now = secrets.token_urlsafe(32), clock.now()
    row = Invitation.objects.create(
        token_hash=_hash(token),
        role=place.role,
        organization_id=place.organization_id,
        is_service_wide=place.is_service_wide,
        member=member,
        invited_by=actor,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    return row, token


def withdraw(actor: User, invitation_id: str) -> None:
    """Make a link useless. Raises NotYours."""
    with transaction.atomic():
        row = usable().select_for_update().filter(id=invitation_id).first()
        if row is None or not may_look_after(actor, row):
            raise NotYours
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        trail.record("invitation.withdrawn", actor, _facts(row))


def usable() -> QuerySet[Invitation]:
    """Give the links that still open something."""
    return Invitation.objects.filter(finished_at=None, withdrawn_at=None, expires_at__gt=clock.now())


def by_token(token: str) -> Invitation | None:
    """Open the door of who was invited."""
    return usable().filter(token_hash=_hash(token)).first() if 0 < len(token) <= 200 else None


def by_id(invitation_id: str) -> Invitation | None:
    key = uuid_of(invitation_id)
    return usable().select_related("member", "organization").filter(id=key).first() if key else None


def take(invitation_id: str, username: str, name: str, password: str) -> User | None:
    """Make the account, or give the one that exists its new password; None when the link is used up.

    The link stays good until ``finish``. A factor that the account had is taken away.
    """
    with transaction.atomic():
        row = usable().select_for_update().filter(id=invitation_id).first()
        if row is None:
            return None
        user = row.member or User(
            username=username,
            role=row.role,
            organization_id=row.organization_id,
            is_service_wide=row.is_service_wide,
        )
        user.first_name = name
        user.set_password(password)
        user.save()
        Authenticator.objects.filter(user_id=user.pk).delete()
        if user.role == User.COUNSELOR:
            enroll(user, name=name, capacity=3, lanes=every_lane())
        row.member = user
        row.save(update_fields=["member"])
        trail.record("invitation.taken", user, _facts(row))
        if not second_factor.is_demanded():
            finish(user)
    return user


def finish(user: User) -> None:
    """Use up the links of an account that is complete now."""
    with transaction.atomic():
        done = usable().filter(member=user).update(finished_at=clock.now())
        if done:
            trail.record("invitation.finished", user, {"member": user.pk})


def open_for(actor: User) -> list[Invitation]:
    """List the open links that are the actor's to withdraw, the newest first."""
    rows = usable().select_related("organization", "member", "invited_by").order_by("-created_at")
    if actor.role != User.ADMINISTRATOR:
        rows = rows.filter(Q(organization_id=actor.organization_id, role=User.COUNSELOR))
    return [row for row in rows if may_look_after(actor, row)]


def _facts(row: Invitation) -> dict[str, trail.Fact]:
    return {
        "invitation": str(row.id),
        "role": row.role,
        "organization": row.organization_id,
        "is_service_wide": row.is_service_wide,
        "member": row.member_id,
    }


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
