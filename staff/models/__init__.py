"""Staff accounts and what belongs to them."""

from staff.models.accounts import Organization, User
from staff.models.alarms import Alarm, AlarmThreshold
from staff.models.audit import AuditEntry, AuditHead, TrailIsAppendOnly
from staff.models.emergencies import Emergency, OutsideService, Referral
from staff.models.invitations import Invitation
from staff.models.notes import Note
from staff.models.phone import PhoneConsultation
from staff.models.ready import ReadySentences
from staff.models.sessions import StaffSession

__all__ = [
    "Alarm",
    "AlarmThreshold",
    "AuditEntry",
    "AuditHead",
    "Emergency",
    "Invitation",
    "Note",
    "Organization",
    "OutsideService",
    "PhoneConsultation",
    "ReadySentences",
    "Referral",
    "StaffSession",
    "TrailIsAppendOnly",
    "User",
]
