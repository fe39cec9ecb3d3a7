"""Looking after accounts: who is there, what they may do, and shutting what they have open."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from chat.models import Counselor
from staff import trail
from staff.enrollment import enroll, every_lane
from staff.invitations import NotYours
from staff.models import StaffSession, User
from staff.reach import Place, is_sound, may_look_after


def within_reach(actor: User) -> list[User]:
    """List the accounts that are the actor's to look after, by organization and name."""
    rows: QuerySet[User] = User.objects.select_related("organization").order_by("organization_id", "username")
    if actor.role != User.ADMINISTRATOR:
        rows = rows.filter(organization_id=actor.organization_id, role=User.COUNSELOR)
    return [row for row in rows if may_look_after(actor, row)]


def member_for(actor: User, member_id: int) -> User | None:
    """Open the door to one account; one that is not the actor's looks like one that is not there."""
    member = User.objects.select_related("organization").filter(pk=member_id).first()
    return member if member is not None and may_look_after(actor, member) else None


def change_rights(actor: User, member_id: int, place: Place, *, is_active: bool) -> User:
    """Give an account another place, or shut it. Its sockets look at their rights at ``control.revoke``.

    Nobody changes their own: the last administrator could shut everybody out. Raises NotYours, or
    ValueError for a place that can not be.
    """
    if not is_sound(place):
        raise ValueError("this place can not be")
    with transaction.atomic():
        member = User.objects.select_for_update().filter(pk=member_id).first()
        if member is None or member.pk == actor.pk:
            raise NotYours
        if not may_look_after(actor, member) or not may_look_after(actor, place):
            raise NotYours
        was = _rights(member)
        member.role, member.organization_id = place.role, place.organization_id
        member.is_service_wide, member.is_active = place.is_service_wide, is_active
        member.save(update_fields=["role", "organization", "is_service_wide", "is_active"])
        if not is_active:
            StaffSession.objects.filter(user=member).delete()
        if member.role != User.COUNSELOR or not is_active:
            _take_from_lanes(member)
        elif not Counselor.objects.filter(user=member).exists():
            name = member.get_short_name() or member.username
            enroll(member, name=name[:40], capacity=3, lanes=every_lane())
        elif not Counselor.objects.get(user=member).lanes.exists():
            enroll(member, name=Counselor.objects.get(user=member).name, capacity=3, lanes=every_lane())
        now = {f"to_{key}": value for key, value in _rights(member).items()}
        trail.record("rights.changed", actor, {"member": member.pk, **was, **now})
    return member


def _take_from_lanes(member: User) -> None:
    """Let no pairing find somebody who is no counselor any more; the sweeper tells the queue."""
    counselor = Counselor.objects.filter(user=member).first()
    if counselor is not None:
        counselor.lanes.all().delete()
        Counselor.objects.filter(pk=counselor.pk).update(state=Counselor.AWAY)


def sign_out(actor: User, member_id: int) -> User:
    """End every session of an account, one's own or one to look after. Raises NotYours."""
    with transaction.atomic():
        member = User.objects.filter(pk=member_id).first()
        if member is None or (member.pk != actor.pk and not may_look_after(actor, member)):
            raise NotYours
        StaffSession.objects.filter(user=member).delete()
        trail.record("sessions.ended", actor, {"member": member.pk})
    return member


def _rights(member: User) -> dict[str, trail.Fact]:
    return {
        "role": member.role,
        "organization": member.organization_id,
        "is_service_wide": member.is_service_wide,
        "is_active": member.is_active,
    }
