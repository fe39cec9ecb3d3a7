"""Rows and constraints; no rules."""

from chat.models.campaigns import Campaign, ServiceRow, WindowOverride
from chat.models.conversations import Assignment, Conversation, Message
from chat.models.counselors import Counselor, CounselorLane
from chat.models.drafts import TalkDraft
from chat.models.handoffs import Handoff
from chat.models.inquiries import Inquiry, InquiryDraft, InquiryMessage, OutgoingMail
from chat.models.minutes import LaneMinute
from chat.models.order import CheckWordList, PairBlock, TicketBoost
from chat.models.returning import ReturnPhrase, ReturnToken
from chat.models.tickets import Ticket, TurnedAway

__all__ = [
    "Assignment",
    "Campaign",
    "CheckWordList",
    "Conversation",
    "Counselor",
    "CounselorLane",
    "Handoff",
    "Inquiry",
    "InquiryDraft",
    "InquiryMessage",
    "LaneMinute",
    "Message",
    "OutgoingMail",
    "PairBlock",
    "ReturnPhrase",
    "ReturnToken",
    "ServiceRow",
    "TalkDraft",
    "Ticket",
    "TicketBoost",
    "TurnedAway",
    "WindowOverride",
]
