"""Take a visitor in: check, count, write the row, stand in the lane, pair if someone is free."""

from __future__ import annotations

from dataclasses import dataclass

from chat import access, campaigns, db, runtime
from chat.actions import check_words, entries
from chat.actions.estimates import estimate_for
from chat.actions.last_entry import lane_ahead
from chat.actions.limits import entry_wait_s
from chat.actions.open_now import open_until
from chat.actions.pair import pair_lane
from chat.actions.rebuild import with_queue
from chat.actions.returning import visit_behind
from chat.actions.turned_away import Kind, count_refusal, gather
from chat.models import Ticket
from chat.rules.admission import admit, lane_takes
from chat.rules.conversation import body_fault
from chat.rules.errors import ChatError
from chat.rules.estimate import Range
from chat.rules.types import AUDIENCES, Audience, Campaign, Lane, LaneLimits
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
    is_welcome = accepting and campaign is not None and open_until(campaign, audience, now) is not None
    refusal = None if is_welcome else admit(campaign, audience, now, accepting=accepting)
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
    words = {"nickname": request.nickname, "topic": request.topic, "note": request.note}
    lane = Lane(audience, request.language)
    ticket = entries.new_ticket(
        campaign.slug, lane, words, token, urgency=request.urgency, found=found, visit=visit, now=now
    )
    try:
        place = await entries.write(ticket)
    except ChatError:
        gather(_kind(campaign, request, "unavailable"))
        raise
    metrics.TICKETS.labels(audience).inc()
    return await _stand_in_lane(place, token)


async def _stand_in_lane(place: Waiting, token: str) -> Opened:
    key, lane = place.ticket, place.lane
    try:
        arrival = await entries.arrive(place)
        position = arrival.position
        if arrival.may_pair:
            if any(pairing.ticket == key for pairing in await pair_lane(lane)):
                return Opened(key, token, "paired", None, None)
            entries.say_changed(lane, urgent=arrival.is_alone)
        if arrival.may_pair or not position:
            current = await _position(key, lane)
            if current is None and await db.run(_is_paired, key):  # another process was as quick
                return Opened(key, token, "paired", None, None)
            position = current or position
        return Opened(key, token, "waiting", position, await estimate_for(lane, position))
    except (StoreDown, ChatError):
        # The row stands: the place is safe, and told as soon as the queue is back.
        return Opened(key, token, "waiting", None, None)


async def _position(ticket: str, lane: Lane) -> int | None:
    queue = runtime.current().queue
    return await with_queue(lambda: queue.position(ticket, lane))


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
