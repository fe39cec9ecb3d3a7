"""Take a visitor in: check, count, write the row, stand in the lane, pair if someone is free."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.conf import settings

from chat import access, campaigns, db, runtime
from chat.actions.estimates import estimate_for
from chat.actions.pair import pair_lane
from chat.actions.rebuild import ms, with_queue
from chat.events import LANES_TOPIC, LaneChanged
from chat.models import Campaign as CampaignRow
from chat.models import Ticket, TurnedAway
from chat.rules.admission import admit
from chat.rules.conversation import body_fault
from chat.rules.errors import ChatError, Refusal
from chat.rules.estimate import Range
from chat.rules.pairing import score_ms
from chat.rules.types import AUDIENCES, Audience, Campaign, Lane
from chat.sealing import new_data_key, sealer
from chat.store.errors import StoreDown
from notalone import clock, metrics

MAX_NOTE = 1000
MAX_NICKNAME = 40
MAX_TOPIC = 80  # every chip of the entry form at once fits
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """What the visitor said at entry. Only ``audience`` and ``consent`` are required."""

    audience: str
    language: str = "ja"
    topic: str = ""
    note: str = ""
    nickname: str = ""
    urgency: int = 0
    consent: bool = False


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
    accepting = campaign is not None and loaded.is_accepting(campaign, "chat", audience)
    refusal = admit(campaign, audience, now, accepting=accepting)
    if refusal is not None or campaign is None:
        await _turn_away(campaign, request, refusal, now)
        raise ChatError(refusal.code if refusal else "campaign_over", refusal=refusal)
    await _limit(address, now)
    token = access.new_token()
    lane = Lane(audience, request.language)
    ticket = await db.run(_write, campaign.slug, request, lane, token, now)
    metrics.TICKETS.labels(audience).inc()
    return await _stand_in_lane(ticket, token, lane)


async def _stand_in_lane(ticket: Ticket, token: str, lane: Lane) -> Opened:
    queue = runtime.current().queue
    key = str(ticket.id)
    opened_ms = ms(ticket.opened_at)
    try:
        position, was_empty = await with_queue(
            lambda: queue.enqueue(key, lane, score_ms=ticket.score_ms, opened_ms=opened_ms, now_ms=opened_ms)
        )
        paired = await pair_lane(lane)
        if any(pairing.ticket == key for pairing in paired):
            return Opened(key, token, "paired", None, None)
        runtime.current().hub.publish(
            LANES_TOPIC, LaneChanged(audience=lane.audience, language=lane.language, urgent=was_empty)
        )
        current = await with_queue(lambda: queue.position(key, lane))
        if current is None and await db.run(_is_paired, key):  # another process was as quick
            return Opened(key, token, "paired", None, None)
        return Opened(
            key, token, "waiting", current or position, await estimate_for(lane, current or position)
        )
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


async def _turn_away(
    campaign: Campaign | None, request: TicketRequest, refusal: Refusal | None, now: datetime
) -> None:
    reason = refusal.code if refusal else "no_campaign"
    metrics.TURNED_AWAY.labels(reason).inc()
    await db.run(
        TurnedAway.objects.create,
        campaign_id=campaign.slug if campaign else None,
        audience=request.audience,
        language=request.language,
        reason=reason,
        at=now,
    )


async def _limit(address: str, now: datetime) -> None:
    """Hold a flood from one address. The salt lives in Redis alone and changes daily; with Redis away
    nobody is held: a child matters more than a flood."""
    if not settings.ENTRIES_PER_HOUR or not address:
        return
    counters = runtime.current().counters
    try:
        salt = await counters.salt(f"{now:%Y%m%d}")
        wait_s = await counters.hit(
            hashlib.sha256((salt + network_of(address)).encode()).hexdigest()[:32],
            limit=settings.ENTRIES_PER_HOUR,
            window_s=HOUR_S,
            now_ms=ms(now),
        )
    except StoreDown:
        return
    if wait_s:
        metrics.TURNED_AWAY.labels("too_many").inc()
        raise ChatError("too_many", retry_after_s=wait_s)


def network_of(address: str) -> str:
    """Give what counts as one sender: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _write(campaign: str, request: TicketRequest, lane: Lane, token: str, now: datetime) -> Ticket:
    known = Ticket.objects.filter(token_hash=access.token_hash(token)).first()
    if known is not None:  # the first try was committed and its answer lost
        return known
    ticket = Ticket(
        campaign=CampaignRow(slug=campaign),
        token_hash=access.token_hash(token),
        audience=lane.audience,
        language=lane.language,
        urgency=request.urgency,
        opened_at=now,
        score_ms=score_ms(now, request.urgency),
    )
    _, ticket.key_sealed = new_data_key(ticket.id)
    words = {"nickname": request.nickname, "topic": request.topic, "note": request.note}
    ticket.entry_sealed = sealer(ticket.id, ticket.key_sealed).seal(msgspec.json.encode(words).decode())
    ticket.save(force_insert=True)
    return ticket
