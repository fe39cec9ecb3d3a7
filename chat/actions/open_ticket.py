"""Take a visitor in: check, count, write the row, stand in the lane, pair if someone is free."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import IntegrityError

from chat import access, campaigns, db, runtime
from chat.actions import check_words
from chat.actions.estimates import estimate_for
from chat.actions.last_entry import lane_ahead
from chat.actions.limits import entry_wait_s
from chat.actions.pair import pair_lane
from chat.actions.rebuild import ms, with_queue
from chat.actions.returning import visit_behind
from chat.actions.turned_away import Kind, count_refusal, gather
from chat.actions.wishes import place_of
from chat.events import LANES_TOPIC, LaneChanged
from chat.models import Campaign as CampaignRow
from chat.models import Ticket
from chat.rules.admission import admit, lane_takes
from chat.rules.check_words import Found, precedence
from chat.rules.conversation import body_fault
from chat.rules.errors import ChatError
from chat.rules.estimate import Range
from chat.rules.pairing import score_ms
from chat.rules.types import AUDIENCES, Audience, Campaign, Lane, LaneLimits
from chat.sealing import new_data_key, sealer
from chat.store.errors import StoreDown
from chat.store.rebuild import Waiting
from notalone import clock, metrics

MAX_NOTE = 1000
MAX_NICKNAME = 40
MAX_TOPIC = 80  # every chip of the entry form at once fits


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """What the visitor said at entry. Only ``audience`` and ``consent`` are required.

    ``returning`` is the token of an earlier ticket of the same visitor, or its return phrase.
    """

    audience: str
    language: str = "ja"
    topic: str = ""
    note: str = ""
    nickname: str = ""
    urgency: int = 0
    consent: bool = False
    returning: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A place in the queue. ``token`` is the visitor's only key to it."""

    ticket: str
    token: str
    state: str
    position: int | None
    estimate: Range | None


async def open_ticket(request: TicketRequest, address: str = "") -> Opened:
    """Open a ticket. ``address`` is counted as a salted hash that changes daily, and kept nowhere.

    Raises ChatError ``invalid`` (with the field), ``campaign_not_started``, ``campaign_over``,
    ``outside_window`` or ``queue_closed`` (with the refusal), ``too_many``, ``unavailable``.
    """
    now = clock.now()
    loaded = await campaigns.loaded()
    campaign = loaded.current(now)
    audience = _check(request, campaign)
    accepting = campaign is not None and loaded.is_lane_accepting(campaign, audience, request.language)
    if accepting and campaign is not None:
        accepting = await _has_room(campaign, Lane(audience, request.language))
    refusal = admit(campaign, audience, now, accepting=accepting)
    if refusal is not None or campaign is None:
        code = refusal.code if refusal else "campaign_over"
        await count_refusal(_kind(campaign, request, code))
        raise ChatError(code, refusal=refusal)
    wait_s = await entry_wait_s(address, now)
    if wait_s:
        gather(_kind(campaign, request, "too_many"))
        raise ChatError("too_many", retry_after_s=wait_s)
    found = await check_words.look(request.language, request.topic, request.note, request.nickname)
    visit = await visit_behind(request.returning, address)
    token = access.new_token()
    lane = Lane(audience, request.language)
    try:
        place = await db.run(_write, campaign.slug, request, lane, token, found=found, visit=visit, now=now)
    except ChatError:
        gather(_kind(campaign, request, "unavailable"))
        raise
    metrics.TICKETS.labels(audience).inc()
    return await _stand_in_lane(place, token)


async def _stand_in_lane(place: Waiting, token: str) -> Opened:
    queue = runtime.current().queue
    key, lane = place.ticket, place.lane
    try:
        arrival = await with_queue(lambda: queue.arrive(place, now_ms=place.opened_ms))
        position = arrival.position
        paired = await pair_lane(lane) if arrival.may_pair else []
        if any(pairing.ticket == key for pairing in paired):
            return Opened(key, token, "paired", None, None)
        runtime.current().hub.publish(
            LANES_TOPIC, LaneChanged(audience=lane.audience, language=lane.language, urgent=arrival.is_alone)
        )
        if arrival.may_pair or not position:
            current = await with_queue(lambda: queue.position(key, lane))
            if current is None and await db.run(_is_paired, key):  # another process was as quick
                return Opened(key, token, "paired", None, None)
            position = current or position
        return Opened(key, token, "waiting", position, await estimate_for(lane, position))
    except (StoreDown, ChatError):
        # The row stands: the place is safe, and told as soon as the queue is back.
        return Opened(key, token, "waiting", None, None)


def _is_paired(ticket: str) -> bool:
    return Ticket.objects.filter(id=ticket, state=Ticket.PAIRED).exists()


def _check(request: TicketRequest, campaign: Campaign | None) -> Audience:
    for audience in AUDIENCES:
        if request.audience == audience:
            break
    else:
        raise ChatError("invalid", field="audience")
    if request.consent is not True:
        raise ChatError("invalid", field="consent")
    if request.language not in (campaign.languages if campaign else ("ja",)):
        raise ChatError("invalid", field="language")
    if request.urgency not in range(4):
        raise ChatError("invalid", field="urgency")
    limits = {"note": MAX_NOTE, "nickname": MAX_NICKNAME, "topic": MAX_TOPIC}
    for field, limit in limits.items():
        text = getattr(request, field)
        if len(text) > limit or body_fault(text) == "bad_frame":
            raise ChatError("invalid", field=field)
    return audience


async def _has_room(campaign: Campaign, lane: Lane) -> bool:
    service = campaign.service("chat", lane.audience)
    if service is None or service.limits == LaneLimits():
        return True
    return lane_takes(service.limits, await lane_ahead(lane))


def _kind(campaign: Campaign | None, request: TicketRequest, reason: str) -> Kind:
    return Kind(campaign.slug if campaign else None, request.audience, request.language, reason)


def _write(
    campaign: str,
    request: TicketRequest,
    lane: Lane,
    token: str,
    *,
    found: Found,
    visit: uuid.UUID | None,
    now: datetime,
) -> Waiting:
    weight = precedence(request.urgency, found)
    ticket = Ticket(
        campaign=CampaignRow(slug=campaign),
        token_hash=access.token_hash(token),
        audience=lane.audience,
        language=lane.language,
        urgency=request.urgency,
        precedence=weight,
        visit_id=visit,
        opened_at=now,
        score_ms=score_ms(now, weight),
    )
    _, ticket.key_sealed = new_data_key(ticket.id)
    words = {"nickname": request.nickname, "topic": request.topic, "note": request.note}
    if found.words:
        words["checks"] = "\n".join(found.words)
    ticket.entry_sealed = sealer(ticket.id, ticket.key_sealed).seal(msgspec.json.encode(words).decode())
    try:
        ticket.save(force_insert=True)
    except IntegrityError:
        known = Ticket.objects.filter(token_hash=ticket.token_hash).values_list("id", flat=True).first()
        if known is None:
            raise
        return place_of(known)  # the first try was committed and its answer lost
    if ticket.visit_id is not None:
        return place_of(ticket.id)
    return Waiting(str(ticket.id), lane, ticket.score_ms, ms(now))
