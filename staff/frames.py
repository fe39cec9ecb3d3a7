"""From what the desk knows to what the wire says."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from chat import campaigns
from chat.actions.desk import Desk, Held
from chat.events import CounselorChanged, PresenceChanged, ReadMoved, TypingChanged
from chat.models import Conversation
from chat.protocol import (
    Assigned,
    Availability,
    AvailabilityChanged,
    AvailabilityState,
    ConversationEntry,
    Joined,
    JoinMode,
    Me,
    MessageAck,
    Presence,
    Read,
    ReadMarks,
    ReferralKind,
    ReferralRow,
    Sender,
    ServerFrame,
    StaffMessageSend,
    StaffWelcome,
    TalkRow,
    Typing,
    VisitorEntry,
)
from chat.rules.hours import window_closes_at
from staff.models import Referral
from staff.sessions import Member


def welcome_frame(member: Member, desk: Desk | None, now: datetime) -> StaffWelcome:
    """Give the whole desk; ``None`` for who has none."""
    campaign = campaigns.at_hand().current(now)
    return StaffWelcome(
        v=1,
        server_time=now,
        me=Me(id=member.id, name=member.name, role=member.role, organization=member.organization),
        availability=Availability(
            state=cast(AvailabilityState, desk.state) if desk else "away",
            capacity=desk.capacity if desk else 3,
            wrap_up_s=desk.wrap_up_s if desk else 0,
            back_at=desk.back_at if desk else None,
        ),
        conversations=[ConversationEntry(**_entry(held)) for held in desk.held] if desk else [],
        window_closes_at=window_closes_at(campaign, "youth", now) if campaign else None,
    )


def availability_frame(event: CounselorChanged) -> AvailabilityChanged:
    return AvailabilityChanged(
        state=cast(AvailabilityState, event.state),
        capacity=event.capacity,
        wrap_up_s=event.wrap_up_s,
        back_at=event.back_at,
    )


def assigned_frame(held: Held) -> Assigned:
    return Assigned(**_entry(held))


def joined_frame(held: Held, mode: JoinMode) -> Joined:
    """Give a talk to a supervisor who has come to it."""
    entry = _entry(held)
    return Joined(
        conversation=entry["conversation"],
        mode=mode,
        counselor=held.counselor_name,
        visitor=entry["visitor"],
        last_seq=held.last_seq,
        read=entry["read"],
        opened_at=held.opened_at,
    )


def talk_row(
    talk: Conversation, reach: str, said_at: datetime | None, now: datetime, said_by: str | None = None
) -> TalkRow:
    """Give what the board shows of an open talk: nothing that was said."""
    counselor: Any = talk.counselor
    organization = counselor.user.organization if counselor is not None else None
    return TalkRow(
        conversation=str(talk.id),
        counselor=str(counselor.id) if counselor is not None else None,
        name=counselor.name if counselor is not None else "",
        organization=organization.name if organization is not None else "",
        audience=talk.ticket.audience,
        language=talk.ticket.language,
        urgency=talk.ticket.urgency,
        opened_at=talk.opened_at,
        silent_s=max(0, int((now - (said_at or talk.opened_at)).total_seconds())),
        reach=reach,
        said_at=said_at,
        said_by=cast(Sender | None, said_by),
    )


def referral_row(row: Referral) -> ReferralRow:
    """Give what the board shows of an open referral: not what was passed on."""
    return ReferralRow(
        referral=str(row.id),
        conversation=str(row.conversation_id),
        kind=cast(ReferralKind, row.kind),
        service=row.service,
        opened_at=row.opened_at,
        opened_by=row.opened_by.get_short_name() or row.opened_by.username,
        called_at=row.called_at,
        drill=row.is_drill,
    )


def sign_frame(event: TypingChanged | ReadMoved | PresenceChanged) -> ServerFrame:
    """Tell what the visitor does beside talking."""
    match event:
        case TypingChanged():
            return Typing(who="visitor", on=event.on, conversation=event.conversation)
        case ReadMoved():
            return Read(who="visitor", seq=event.seq, conversation=event.conversation)
        case PresenceChanged():
            return Presence(who="visitor", online=event.online, conversation=event.conversation)


def _entry(held: Held) -> dict[str, Any]:
    return {
        "conversation": str(held.conversation),
        "state": "paired",
        "visitor": VisitorEntry(
            nickname=held.nickname,
            audience=held.lane.audience,
            language=held.lane.language,
            topic=held.topic,
            note=held.note,
            urgency=held.urgency,
            check_words=list(held.check_words),
            online=held.is_online,
        ),
        "last_seq": held.last_seq,
        "read": ReadMarks(visitor=held.visitor_read, counselor=held.counselor_read),
        "opened_at": held.opened_at,
        "waited_s": held.waited_s,
        "confirmed": held.is_confirmed,
    }


def ack_frame(frame: StaffMessageSend, seq: int, sent_at: datetime) -> MessageAck:
    """Acknowledge a message to the tab that sent it."""
    return MessageAck(id=frame.id, seq=seq, sent_at=sent_at, conversation=frame.conversation)
