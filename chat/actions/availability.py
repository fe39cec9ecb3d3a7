"""What a counselor says of themself: here, away, how many at once; and the desk's sign of life."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from chat import db, runtime
from chat.actions.pair import pair_lanes
from chat.actions.rebuild import ms, read_counselor, with_queue
from chat.events import LANES_TOPIC, CounselorChanged, counselor_topic
from chat.models import Assignment, Counselor
from chat.rules.errors import ChatError
from chat.store.errors import StoreDown
from chat.together import Together
from notalone import clock

_Shown = tuple[uuid.UUID, uuid.UUID]  # conversation, counselor


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a counselor asks for; None: as it was. ``back_in_s``: away, and back by itself after that long."""

    state: str
    capacity: int | None = None
    wrap_up_s: int | None = None
    back_in_s: int | None = None


async def set_availability(
    counselor_id: uuid.UUID, wanted: Wanted, *, origin: str = "", renew: bool = True
) -> Counselor:
    """Set what is wanted; give it as it stands. Pairs if that made room.

    ``renew`` is false where it is not the counselor who says so, and so is no sign of life.
    Raises ChatError ``not_found`` or ``unavailable``.
    """
    stands = await db.run(_write, counselor_id, wanted, clock.now())
    await tell_queue(counselor_id, renew=renew)
    _tell_changed(stands, origin)
    return stands


async def begin_wrap_up(counselor_id: uuid.UUID) -> None:
    """Let a counselor who wants it have time after a talk: nothing new comes until it is over.

    Before the talk's place is given back, so that nobody is paired in between.
    """
    stands = await db.run(_write_wrap_up, counselor_id, clock.now())
    if stands is not None:
        await tell_queue(counselor_id, renew=False)
        _tell_changed(stands)


async def end_pauses(now: datetime) -> None:
    """Let those be available again whose pause is over. Whose desk is gone stays away."""
    presence = runtime.current().presence
    due = await db.run(_due, now)
    if not due:
        return
    seen = await with_queue(lambda: presence.counselors(ms(now)))
    here = {one.id for one in seen if one.lease_until_ms > ms(now)}
    for counselor_id in due:
        stands = await db.run(_end_pause, counselor_id, now, is_here=str(counselor_id) in here)
        if stands is not None:
            await tell_queue(counselor_id, renew=False)
            _tell_changed(stands)


def _tell_changed(stands: Counselor, origin: str = "") -> None:
    event = CounselorChanged(
        counselor=str(stands.id),
        state=stands.state,
        capacity=stands.capacity,
        wrap_up_s=stands.wrap_up_s,
        back_at=stands.back_at,
        origin=origin,
    )
    hub = runtime.current().hub
    hub.publish(counselor_topic(str(stands.id)), event)
    hub.publish(LANES_TOPIC, event)


async def tell_queue(counselor_id: uuid.UUID, *, renew: bool = True) -> None:
    """Write the counselor's row into the queue, renew the lease, and pair where there is room."""
    state = await db.run(read_counselor, str(counselor_id))
    if state is None:
        return
    parts = runtime.current()
    now_ms = ms(clock.now())
    try:
        if renew:
            await _renew(state.id)
        lanes = await with_queue(lambda: parts.presence.set_counselor(state, now_ms=now_ms))
    except StoreDown:
        return
    await pair_lanes(lanes)


async def renew_lease(counselor_id: uuid.UUID) -> None:
    """Say that the counselor's desk is here. A lease that had lapsed is told to the queue anew."""
    try:
        was_lapsed = await _renew(str(counselor_id))
    except StoreDown:
        return
    if was_lapsed:
        await tell_queue(counselor_id)


async def desk_closed(counselor_id: uuid.UUID) -> None:
    """Let the lease end soon: the last desk of this process has closed. Another's heartbeat renews it."""
    presence = runtime.current().presence
    until_ms = ms(clock.now()) + settings.DESK_CLOSED_LEASE_S * 1000
    try:
        await with_queue(lambda: presence.gone(str(counselor_id), until_ms=until_ms))
    except (StoreDown, ChatError):
        return  # it ends by itself a little later


async def _renew(counselor: str) -> bool:
    presence = runtime.current().presence
    lease_ms = settings.COUNSELOR_LEASE_S * 1000
    return await with_queue(lambda: presence.renew(counselor, now_ms=ms(clock.now()), lease_ms=lease_ms))


async def confirm(conversation_id: uuid.UUID, counselor_id: uuid.UUID) -> None:
    """Record that the desk shows the conversation: it is committed when this returns.

    Raises ChatError ``unavailable``.
    """
    await _confirmations.ask((conversation_id, counselor_id))


async def _confirm_many(shown: Sequence[_Shown]) -> dict[_Shown, bool]:
    await db.run(_confirm, shown, clock.now())
    return dict.fromkeys(shown, True)


def _confirm(shown: Sequence[_Shown], now: datetime) -> None:
    wanted = set(shown)
    talks = {conversation for conversation, _ in shown}
    with transaction.atomic():
        open_ones = Assignment.objects.filter(conversation__in=talks, released_at=None, confirmed_at=None)
        rows = open_ones.select_for_update().order_by("id")  # as everywhere: two tabs' can not deadlock
        ids = [
            key
            for key, conversation, counselor in rows.values_list("id", "conversation_id", "counselor_id")
            if (conversation, counselor) in wanted
        ]
        Assignment.objects.filter(id__in=ids).update(confirmed_at=now)


_confirmations = Together(_confirm_many)


def _write(counselor_id: uuid.UUID, wanted: Wanted, now: datetime) -> Counselor:
    with transaction.atomic():
        row = Counselor.objects.select_for_update().get(id=counselor_id)
        row.state = wanted.state
        row.capacity = wanted.capacity or row.capacity
        row.wrap_up_s = row.wrap_up_s if wanted.wrap_up_s is None else wanted.wrap_up_s
        is_pause = wanted.state == Counselor.AWAY and wanted.back_in_s
        row.back_at = now + timedelta(seconds=wanted.back_in_s or 0) if is_pause else None
        row.save(update_fields=["state", "capacity", "wrap_up_s", "back_at"])
    return row


def _write_wrap_up(counselor_id: uuid.UUID, now: datetime) -> Counselor | None:
    with transaction.atomic():
        rows = Counselor.objects.select_for_update()
        row = rows.filter(id=counselor_id, state=Counselor.AVAILABLE, wrap_up_s__gt=0).first()
        if row is None:
            return None
        row.state, row.back_at = Counselor.AWAY, now + timedelta(seconds=row.wrap_up_s)
        row.save(update_fields=["state", "back_at"])
    return row


def _due(now: datetime) -> list[uuid.UUID]:
    return list(Counselor.objects.filter(back_at__lte=now).values_list("id", flat=True))


def _end_pause(counselor_id: uuid.UUID, now: datetime, *, is_here: bool) -> Counselor | None:
    with transaction.atomic():
        row = Counselor.objects.select_for_update().filter(id=counselor_id, back_at__lte=now).first()
        if row is None:
            return None
        row.state, row.back_at = Counselor.AVAILABLE if is_here else Counselor.AWAY, None
        row.save(update_fields=["state", "back_at"])
    return row
