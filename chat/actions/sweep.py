"""The net under everything: what a process that died left behind, and what time has ended.

Any number may run it; each step is a conditional change, so two at once do no harm.
"""

from __future__ import annotations

import logging
import math
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from chat import campaigns, db, runtime
from chat.actions.availability import Wanted, end_pauses, set_availability
from chat.actions.end import close_conversation, expire, put_back_in_lane
from chat.actions.hand_off import end_handoffs
from chat.actions.minutes import seal_minutes
from chat.actions.pair import pair_lanes, settle
from chat.actions.rebuild import ms, read_counselor, read_counselors, with_queue
from chat.actions.returning import forget_phrases
from chat.actions.wishes import place_of, read_waiting
from chat.models import Assignment, Conversation, Counselor, Ticket
from chat.rules.errors import ChatError
from chat.rules.hours import end_reason, state_of, talk_ends_at
from chat.rules.types import AUDIENCES, Audience, Lane
from chat.store.errors import QueueLost, StoreDown
from chat.store.presence import CounselorSeen, CounselorState
from notalone import clock

logger = logging.getLogger(__name__)

ROWS_A_SECOND = 1000  # compared with the lanes, on average


async def sweep(now: datetime | None = None) -> None:
    """Do every step once. One that fails is logged and does not keep the others from running."""
    at = now or clock.now()
    steps: list[Callable[[datetime], Awaitable[None]]] = [
        end_windows,
        settle_claims,
        reconcile,
        reconcile_counselors,
        expire_unseen,
        free_vanished,
        pass_on_unconfirmed,
        end_handoffs,
        end_pauses,
        pair_all,
        count_minutes,
        forget_phrases,
    ]
    for step in steps:
        try:
            await step(at)
        except (StoreDown, QueueLost, ChatError) as error:
            logger.warning("%s waits: %s", step.__name__, type(error).__name__)
        except Exception:
            logger.exception("%s failed", step.__name__)


async def end_windows(now: datetime) -> None:
    """Where a window is over: waits end kindly at once, conversations when their grace is over."""
    loaded = await campaigns.loaded()
    for campaign in loaded.campaigns:
        for audience in AUDIENCES:
            service = campaign.service("chat", audience)
            if service is None or state_of(campaign, service, now).is_open:
                continue
            reason = end_reason(campaign, audience, now)
            await expire(await db.run(_waiting, campaign.slug, audience), reason)
            if talk_ends_at(campaign, audience, now) is None:
                await _close_all(await db.run(_open_talks, campaign.slug, audience), reason)


async def _close_all(talks: list[uuid.UUID], reason: str) -> None:
    for talk in talks:
        try:
            await close_conversation(talk, reason)
        except ChatError as error:
            if error.code == "unavailable":
                raise


def _waiting(campaign: str, audience: Audience) -> list[uuid.UUID]:
    rows = Ticket.objects.filter(campaign_id=campaign, audience=audience, state=Ticket.WAITING)
    # a conversation that lost its counselor keeps its grace: it ends with the talks
    return list(rows.filter(conversation=None).values_list("id", flat=True))


def _open_talks(campaign: str, audience: Audience) -> list[uuid.UUID]:
    rows = Conversation.objects.filter(
        state=Conversation.OPEN, ticket__campaign_id=campaign, ticket__audience=audience
    )
    return list(rows.values_list("id", flat=True))


async def settle_claims(now: datetime) -> None:
    """Finish, or undo, the pairings whose caller died in between."""
    queue = runtime.current().queue
    for claim in await with_queue(lambda: queue.expired_claims(ms(now))):
        await settle(claim, now)


_compared_at = -math.inf


async def reconcile(now: datetime) -> None:
    """Make each lane hold just the tickets that wait, as their rows have them: Redis may have lost writes,
    or be an older copy. In a long queue more seldom, so that it costs some hundred rows a second."""
    global _compared_at  # noqa: PLW0603 — one sweeper a process
    waiting_count = await db.run(Ticket.objects.filter(state=Ticket.WAITING).count)
    if time.monotonic() - _compared_at < waiting_count // ROWS_A_SECOND:
        return
    _compared_at = time.monotonic()
    queue = runtime.current().queue
    rows = await db.run(read_waiting)
    lanes = {row.lane for row in rows} | set(await all_lanes())
    standing = {lane: await with_queue(partial(queue.standing, lane)) for lane in lanes}
    for row in rows:
        stands = standing[row.lane].get(row.ticket)
        if stands is None:  # one under a claim stays where it is
            await queue.stand(row, now_ms=ms(now))
        elif stands != (row.score_ms, row.wishes.text()):
            await queue.move(await db.run(place_of, uuid.UUID(row.ticket)))  # it may have changed meanwhile
    waiting = {row.ticket for row in rows}
    for lane, tickets in standing.items():
        for stray in tickets.keys() - waiting:
            if not await db.run(_is_waiting, stray):  # it may have come since the rows were read
                await queue.leave(stray, lane)


def _is_waiting(ticket: str) -> bool:
    return Ticket.objects.filter(id=ticket, state=Ticket.WAITING).exists()


async def reconcile_counselors(now: datetime) -> None:
    """Tell the queue of each counselor whose state or load it has wrong: a word to it may have been lost."""
    presence = runtime.current().presence
    seen = {one.id: one for one in await with_queue(lambda: presence.counselors(ms(now)))}
    rows = {row.id: row for row in await db.run(read_counselors)}
    for key in seen.keys() | rows.keys():
        if _is_told(rows.get(key), seen.get(key)):
            continue
        row = await db.run(read_counselor, key)  # it may have changed since the rows were read
        if row is not None:
            await presence.set_counselor(row, now_ms=ms(now))


def _is_told(row: CounselorState | None, seen: CounselorSeen | None) -> bool:
    if row is None or seen is None:  # without a row: away, and holds nothing
        return row is None and (seen is None or (seen.state, seen.load) == (Counselor.AWAY, 0))
    load = len(row.held or ())
    told = (seen.state, seen.load, seen.capacity, set(seen.lanes))
    return told == (row.state, load, row.capacity, set(row.lanes))


async def all_lanes() -> list[Lane]:
    """Give every lane of the campaign that counts now."""
    campaign = (await campaigns.loaded()).current(clock.now())
    if campaign is None:
        return []
    return [Lane(audience, language) for audience in AUDIENCES for language in campaign.languages]


async def expire_unseen(now: datetime) -> None:
    """End the waits of people who did not come back in time."""
    queue = runtime.current().queue
    gone = await with_queue(lambda: queue.unseen(ms(now) - settings.PLACE_KEPT_S * 1000))
    await expire([uuid.UUID(ticket) for ticket in gone], "expired")
    for ticket in gone:
        await queue.forget(ticket)


async def free_vanished(now: datetime) -> None:
    """Put the conversations of counselors who vanished in front of their lanes."""
    presence = runtime.current().presence
    before_ms = ms(now) - settings.COUNSELOR_GRACE_S * 1000
    for counselor in await with_queue(lambda: presence.lapsed(before_ms)):
        key = uuid.UUID(counselor)
        await set_away(key)
        for talk in await db.run(_held, key):
            await put_back_in_lane(talk, "counselor_lost", from_counselor=key)
        await presence.lapse(counselor)


async def set_away(counselor: uuid.UUID) -> None:
    """Let a counselor take no new work until they say so themselves."""
    if await db.run(Counselor.objects.filter(id=counselor).exists):
        await set_availability(counselor, Wanted(Counselor.AWAY), renew=False)


def _held(counselor: uuid.UUID) -> list[uuid.UUID]:
    rows = Conversation.objects.filter(counselor_id=counselor, state=Conversation.OPEN)
    return list(rows.order_by("opened_at").values_list("id", flat=True))


async def pass_on_unconfirmed(now: datetime) -> None:
    """Give assignments that no desk has shown to the next counselor."""
    before = now - timedelta(seconds=settings.CONFIRM_WITHIN_S)
    for talk, counselor in await db.run(_unconfirmed, before):
        await set_away(counselor)
        await put_back_in_lane(talk, "unconfirmed", from_counselor=counselor)


def _unconfirmed(before: datetime) -> list[tuple[uuid.UUID, uuid.UUID]]:
    rows = Assignment.objects.filter(released_at=None, confirmed_at=None, assigned_at__lt=before)
    return list(rows.values_list("conversation_id", "counselor_id"))


async def pair_all(now: datetime) -> None:
    """Pair wherever there is a ticket and a counselor."""
    await pair_lanes(await all_lanes())


async def count_minutes(now: datetime) -> None:
    """Keep what each lane was like in the minute that is over."""
    await seal_minutes(now, await all_lanes())
