"""Staff accounts and what belongs to them."""

from staff.models.accounts import Organization, User
from staff.models.audit import AuditEntry, AuditHead, TrailIsAppendOnly
from staff.models.invitations import Invitation
from staff.models.notes import Note
from staff.models.sessions import StaffSession

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Invitation",
    "Note",
    "Organization",
    "StaffSession",
    "TrailIsAppendOnly",
    "User",
]
