"""Pair the best ticket of a lane with the freest counselor, as long as there are both.

Redis proposes by a claim; the row decides: the ticket must still wait, the counselor must be
available and below capacity. A caller that dies in between leaves a claim, which the sweeper settles.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from django.db import transaction

from chat import campaigns, db, runtime
from chat.actions.rebuild import ms, read_counselor, with_queue
from chat.actions.wishes import place_of, visit_of
from chat.events import LANES_TOPIC, LaneChanged, TicketPaired, counselor_topic, ticket_topic
from chat.models import Assignment, Conversation, Counselor, PairBlock, Ticket
from chat.rules.errors import ChatError
from chat.rules.hours import state_of
from chat.rules.types import Lane
from chat.sealing import new_data_key
from chat.store.errors import StoreDown
from chat.store.queue import Claim
from notalone import clock, metrics

Verdict = Literal["ticket_gone", "counselor_unfit", "kept_apart", "lane_closed"]


@dataclass(frozen=True, slots=True)
class Pairing:
    """An assignment that stands in the rows."""

    ticket: str
    conversation: str
    counselor: str
    counselor_name: str
    waited_s: float


async def pair_lanes(lanes: Iterable[Lane]) -> None:
    """Pair in each lane. A store that is down ends it quietly: the sweeper tries again."""
    for lane in lanes:
        try:
            await pair_lane(lane)
        except (StoreDown, ChatError):
            return


async def pair_lane(lane: Lane) -> list[Pairing]:
    """Pair until the lane or its counselors are exhausted; give the pairings made.

    Makes none outside the lane's window. Raises StoreDown, or ChatError ``unavailable``.
    """
    pairings: list[Pairing] = []
    queue = runtime.current().queue
    while await is_lane_open(lane, now := clock.now()):
        claim = await with_queue(partial(queue.pair, lane, now_ms=ms(now)))
        if claim is None:
            break
        pairing = await settle(claim, now)
        if pairing is not None:
            pairings.append(pairing)
    return pairings


async def is_lane_open(lane: Lane, now: datetime) -> bool:
    """Tell whether pairings may be made: the campaign runs, and the lane's chat window is open."""
    campaign = (await campaigns.loaded()).current(now)
    service = campaign.service("chat", lane.audience) if campaign else None
    return campaign is not None and service is not None and state_of(campaign, service, now).is_open


async def settle(claim: Claim, now: datetime) -> Pairing | None:
    """Turn a claim into an assignment, or undo it. Safe to repeat."""
    queue = runtime.current().queue
    try:
        is_open = await is_lane_open(claim.lane, now)  # a claim that was left behind may outlast the window
        outcome = await db.run(assign, claim.ticket, claim.counselor, now, is_open=is_open)
    except ChatError:
        await with_queue(lambda: queue.put_back(claim))
        raise
    if isinstance(outcome, Pairing):
        await with_queue(lambda: queue.confirm(claim))
        announce(outcome, claim.lane)
        return outcome
    if outcome == "ticket_gone":
        await with_queue(lambda: queue.drop(claim))
        return None
    state = await db.run(read_counselor, claim.counselor) if outcome == "counselor_unfit" else None
    if state is not None:  # first, so that the ticket is not claimed for the same counselor again
        presence = runtime.current().presence
        await with_queue(lambda: presence.set_counselor(state, now_ms=ms(now)))
    if outcome == "kept_apart":  # as above
        place = await db.run(place_of, uuid.UUID(claim.ticket))
        await with_queue(lambda: queue.move(place))
    await with_queue(lambda: queue.put_back(claim))
    return None


def announce(pairing: Pairing, lane: Lane) -> None:
    """Tell the visitor, the counselor and those who watch the lane."""
    metrics.PAIRINGS.labels(lane.audience).inc()
    metrics.WAIT_SECONDS.labels(lane.audience).observe(pairing.waited_s)
    hub = runtime.current().hub
    event = TicketPaired(
        ticket=pairing.ticket,
        conversation=pairing.conversation,
        counselor=pairing.counselor,
        counselor_name=pairing.counselor_name,
    )
    hub.publish(ticket_topic(pairing.ticket), event)
    hub.publish(counselor_topic(pairing.counselor), event)
    hub.publish(LANES_TOPIC, LaneChanged(audience=lane.audience, language=lane.language))


def assign(ticket_id: str, counselor_id: str, now: datetime, *, is_open: bool) -> Pairing | Verdict:
    """Write the assignment (a database thread's work). Repeated, it gives the same pairing; outside the
    lane's window it gives only one that stood before.

    Locks are taken counselor first, then ticket, everywhere.
    """
    with transaction.atomic():
        counselor = Counselor.objects.select_for_update().filter(id=counselor_id).first()
        ticket = Ticket.objects.select_for_update().filter(id=ticket_id).first()
        if ticket is None:
            return "ticket_gone"
        if ticket.state != Ticket.WAITING:
            return _already(ticket, counselor_id)
        if not is_open:
            return "lane_closed"
        if counselor is None or not _has_room(counselor) or not serves(counselor, ticket):
            return "counselor_unfit"
        if PairBlock.objects.filter(visit_id=visit_of(ticket), counselor=counselor).exists():
            return "kept_apart"
        Ticket.objects.filter(id=ticket.id).update(state=Ticket.PAIRED, paired_at=now)
        conversation = _conversation_for(ticket, counselor, now)
        Assignment.objects.create(conversation=conversation, counselor=counselor, assigned_at=now)
    return _pairing(ticket, conversation, counselor, now)


def _already(ticket: Ticket, counselor_id: str) -> Pairing | Verdict:
    held = (
        Conversation.objects.select_related("counselor")
        .filter(ticket=ticket, counselor_id=counselor_id, state=Conversation.OPEN)
        .first()
    )
    if held is None or held.counselor is None:
        return "ticket_gone"
    return _pairing(ticket, held, held.counselor, ticket.paired_at or ticket.opened_at)


def _pairing(ticket: Ticket, conversation: Conversation, counselor: Counselor, at: datetime) -> Pairing:
    return Pairing(
        ticket=str(ticket.id),
        conversation=str(conversation.id),
        counselor=str(counselor.id),
        counselor_name=counselor.name,
        waited_s=max(0.0, (at - ticket.opened_at).total_seconds()),
    )


def _has_room(counselor: Counselor) -> bool:
    held = Conversation.objects.filter(counselor=counselor, state=Conversation.OPEN).count()
    return counselor.state == Counselor.AVAILABLE and held < counselor.capacity


def serves(counselor: Counselor, ticket: Ticket) -> bool:
    """Whoever serves the general lane alone never gets a child, whatever the queue proposes."""
    return counselor.lanes.filter(audience=ticket.audience, language=ticket.language).exists()


def _conversation_for(ticket: Ticket, counselor: Counselor, now: datetime) -> Conversation:
    conversation = Conversation.objects.select_for_update().filter(ticket=ticket).first()
    if conversation is not None:  # the visitor was paired before and lost the counselor
        conversation.counselor = counselor
        conversation.save(update_fields=["counselor"])
        return conversation
    conversation = Conversation(ticket=ticket, counselor=counselor, opened_at=now)
    _, conversation.key_sealed = new_data_key(uuid.UUID(str(conversation.id)))
    conversation.save(force_insert=True)
    return conversation
