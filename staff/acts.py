"""What supervisors do beyond watching: each act and its entry in the audit trail are one transaction.

Reasons that concern a talk are sealed with that talk's key; those about lanes and hours are kept as they are.
All of it is a database thread's work; who asks for it was let in by the socket, and is looked at again here.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from chat.access import uuid_of
from chat.actions.assign import Pairing, Verdict, assign
from chat.actions.move import Moved, has_room, move_rows
from chat.models import Campaign, Conversation, Counselor, Message, ServiceRow, WindowOverride
from chat.rules.campaigns import pairs_of
from chat.rules.errors import ChatError, ErrorCode
from chat.rules.types import DatedException
from chat.sealing import sealer
from staff import access, trail
from staff.models import User
from staff.reach import may_act_on_service, reach_of_talk

REFUSALS: dict[Verdict, ErrorCode] = {
    "ticket_gone": "not_found",
    "lane_closed": "hours_unfit",
    "counselor_unfit": "no_room",
    "kept_apart": "not_allowed",
    "overtakes": "no_room",  # never said of one alone
}
DESK_CAPACITY = 5  # what a supervisor can take over


def supervisor(user_id: str) -> User:
    """Read the acting supervisor anew. Raises ChatError ``not_allowed``."""
    user = User.objects.filter(pk=user_id, is_active=True, role=User.SUPERVISOR).first()
    if user is None:
        raise ChatError("not_allowed")
    return user


def record_on_talk(
    act: str, actor: User | None, talk: Conversation, reason: str, **facts: trail.Fact
) -> None:
    """Put an act on a talk on record; the reason is sealed with the talk's key."""
    sealed = sealer(talk.id, talk.key_sealed).seal(reason) if reason.strip() else None
    trail.record(act, actor, {"conversation": str(talk.id), **facts}, why_sealed=sealed)


# --- coming to a talk ---


def join(user_id: str, conversation: str, mode: str, reason: str, shown_at: float | None) -> access.Door:
    """Let a supervisor into a talk.

    Unseen needs a reason always; another organization's talk does too, and the supervisor shown anew.
    Raises ChatError ``not_allowed``, ``not_found``, ``conversation_closed``, ``reason_needed`` or
    ``show_again``.
    """
    with transaction.atomic():
        user = supervisor(user_id)
        door = access.talk_for(user, conversation)
        is_other = door.reach == "with_reason"
        access.check_reason(reason, is_needed=is_other or mode == "unseen")
        if is_other:
            access.check_shown_again(shown_at)
        facts = {"mode": mode, "organization": door.organization, "reach": door.reach}
        record_on_talk("talk.joined", user, door.talk, reason, **facts)
    return door


def part(user_id: str, conversation: uuid.UUID, mode: str) -> None:
    """Put on record that a supervisor has left a talk."""
    with transaction.atomic():
        user = User.objects.filter(pk=user_id).first()
        trail.record("talk.parted", user, {"conversation": str(conversation), "mode": mode})


def take_over(user_id: str, conversation: str, reason: str, shown_at: float | None, now: datetime) -> Moved:
    """Give a talk to the supervisor. Raises ChatError as ``join`` and ``move_rows`` do."""
    with transaction.atomic():
        user = supervisor(user_id)
        door = access.talk_for(user, conversation)
        access.check_reason(reason, is_needed=door.reach == "with_reason")
        access.check_shown_again(shown_at)
        desk = desk_of(user)
        moved = move_rows(door.talk.id, desk.id, "taken_over", now, from_id=door.talk.counselor_id)
        facts = {"organization": door.organization, "reach": door.reach, "from": moved.from_counselor}
        record_on_talk("talk.taken_over", user, door.talk, reason, **facts)
    return moved


def desk_of(user: User) -> Counselor:
    """Give a supervisor the row that holding a talk needs: in no lane, so that no pairing finds it."""
    name = (user.get_short_name() or user.username)[:40]
    row, _ = Counselor.objects.get_or_create(user=user, defaults={"name": name, "capacity": DESK_CAPACITY})
    return row


# --- the queue ---


def assign_by_hand(
    user_id: str, ticket: str, counselor: str, reason: str, now: datetime, *, is_open: bool
) -> Pairing:
    """Give a waiting ticket to a counselor who has room.

    Raises ChatError ``not_found``, also where nobody waits there; ``no_room``, also where the counselor does
    not serve the lane; ``not_allowed``, also where the two are kept apart; ``hours_unfit`` outside the
    lane's window.
    """
    key = uuid_of(ticket)
    with transaction.atomic():
        user = supervisor(user_id)
        row = access.counselor_for(user, counselor)
        locked = Counselor.objects.select_for_update().get(id=row.id)  # counselor first, then ticket
        if locked.state != Counselor.AVAILABLE or not has_room(locked):
            raise ChatError("no_room")
        verdict = assign(str(key), str(row.id), now, is_open=is_open) if key else "ticket_gone"
        if not isinstance(verdict, Pairing):
            raise ChatError(REFUSALS[verdict])
        talk = Conversation.objects.get(id=verdict.conversation)
        record_on_talk("ticket.assigned", user, talk, reason, ticket=verdict.ticket, counselor=str(row.id))
    return verdict


def set_lane(
    user_id: str, campaign: str, audience: str, language: str | None, *, accepting: bool, reason: str
) -> None:
    """Open a lane, or stop it. Raises ChatError ``not_allowed`` or ``not_found``."""
    with transaction.atomic():
        user = _of_the_service(user_id)
        rows = ServiceRow.objects.select_for_update().select_related("campaign")
        row = rows.filter(campaign_id=campaign, channel="chat", audience=audience).first()
        if row is None or (language is not None and language not in row.campaign.languages):
            raise ChatError("not_found")
        if language is None:
            row.accepting = accepting
            row.stopped_languages = [] if accepting else row.stopped_languages
        else:
            stopped = set(row.stopped_languages if row.accepting else row.campaign.languages)
            row.stopped_languages = sorted(stopped - {language} if accepting else stopped | {language})
            row.accepting = row.accepting or accepting  # opening one of a stopped audience opens that one
        row.save(update_fields=["accepting", "stopped_languages"])
        act = "lane.opened" if accepting else "lane.stopped"
        facts: dict[str, trail.Fact] = {"campaign": campaign, "audience": audience, "language": language}
        trail.record(act, user, facts, why=reason)


def set_window(
    user_id: str, campaign: str, audience: str, *, exception: DatedException, closes_at: datetime, reason: str
) -> None:
    """Write a day's windows as a supervisor wants them. Raises ChatError ``not_allowed``."""
    with transaction.atomic():
        user = _of_the_service(user_id)
        WindowOverride.objects.update_or_create(
            campaign=Campaign(slug=campaign),
            audience=audience,
            on=exception.on,
            defaults={"windows": pairs_of(exception.windows)},
        )
        facts: dict[str, trail.Fact] = {
            "campaign": campaign,
            "audience": audience,
            "on": exception.on.isoformat(),
            "closes_at": closes_at.isoformat(),
        }
        trail.record("window.set", user, facts, why=reason)


def _of_the_service(user_id: str) -> User:
    user = supervisor(user_id)
    if not may_act_on_service(user):
        raise ChatError("not_allowed")
    return user


# --- what there is to act on ---


@dataclass(frozen=True, slots=True)
class OpenTalk:
    """An open talk, whose it is, and when and by whom the last word in it was said."""

    talk: Conversation
    organization: str | None
    said_at: datetime | None
    said_by: str | None


def read_open_talks() -> list[OpenTalk]:
    """List every open talk, the oldest first."""
    talks = Conversation.objects.filter(state=Conversation.OPEN).order_by("opened_at")
    newest = Message.objects.filter(conversation__state=Conversation.OPEN, seq=F("conversation__last_seq"))
    said = {key: (at, by) for key, at, by in newest.values_list("conversation_id", "sent_at", "sender")}
    return [
        OpenTalk(talk, access.organization_of(talk), *said.get(talk.id, (None, None)))
        for talk in talks.select_related("ticket", "counselor__user__organization")
    ]


def open_talks(user_id: str) -> list[tuple[OpenTalk, str]]:
    """List the open talks within a supervisor's reach, the oldest first, with how it reaches them."""
    user = supervisor(user_id)
    found = [(one, reach_of_talk(user, one.organization)) for one in read_open_talks()]
    return [(one, reach) for one, reach in found if reach != "none"]
