"""How far a member's rights go. Pure: who may look after whom, and which talks are within reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from staff.models import User

Reach = Literal["own", "with_reason", "none"]


class Rights(Protocol):
    """What decides: a user's row, or a signed-in member."""

    @property
    def role(self) -> str: ...
    @property
    def organization_id(self) -> str | None: ...
    @property
    def is_service_wide(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the service that an account may be given."""

    role: str
    organization_id: str | None
    is_service_wide: bool = False


def reach_of_talk(viewer: Rights, organization: str | None) -> Reach:
    """Say how a supervisor reaches a talk that is ``organization``'s (None: nobody's yet).

    Their own organization's: as it is. Another's: a supervisor of the whole service, with a reason that
    is recorded. Everybody else: not at all, administrators too.
    """
    if viewer.role != User.SUPERVISOR:
        return "none"
    if organization is not None and organization == viewer.organization_id:
        return "own"
    return "with_reason" if viewer.is_service_wide else "none"


def may_act_on_service(viewer: Rights) -> bool:
    """Tell whether lanes and hours, which are everybody's, are this member's to change."""
    return viewer.role == User.SUPERVISOR and viewer.is_service_wide


def may_look_after(actor: Rights, other: Rights) -> bool:
    """Tell whether accounts such as ``other`` are the actor's to invite, change and shut.

    An administrator's are all; a supervisor's are the counselors of their own organization.
    """
    if actor.role == User.ADMINISTRATOR:
        return True
    return (
        actor.role == User.SUPERVISOR
        and other.role == User.COUNSELOR
        and other.organization_id is not None
        and other.organization_id == actor.organization_id
    )


def is_sound(place: Place) -> bool:
    """Tell whether an account can stand there: counselors need an organization, and so does who
    supervises one; only supervisors reach the whole service."""
    if place.is_service_wide and place.role != User.SUPERVISOR:
        return False
    needs_one = place.role == User.COUNSELOR or (place.role == User.SUPERVISOR and not place.is_service_wide)
    return place.organization_id is not None or not needs_one
