"""Rows and constraints; no rules."""

from chat.models.campaigns import Campaign, ServiceRow
from chat.models.conversations import Assignment, Conversation, Message
from chat.models.counselors import Counselor, CounselorLane
from chat.models.tickets import Ticket, TurnedAway

__all__ = [
    "Assignment",
    "Campaign",
    "Conversation",
    "Counselor",
    "CounselorLane",
    "Message",
    "ServiceRow",
    "Ticket",
    "TurnedAway",
]
