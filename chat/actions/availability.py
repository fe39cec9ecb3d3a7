"""What a counselor says of themself: here, away, how many at once; and the desk's sign of life."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chat import db, runtime
from chat.actions.pair import pair_lanes
from chat.actions.rebuild import ms, read_counselor, with_queue
from chat.events import LANES_TOPIC, CounselorChanged, counselor_topic
from chat.models import Assignment, Counselor
from chat.rules.errors import ChatError
from chat.store.errors import StoreDown
from notalone import clock


async def set_availability(
    counselor_id: uuid.UUID, state: str, capacity: int | None, *, origin: str = "", renew: bool = True
) -> tuple[str, int]:
    """Set state and capacity (None: as it was); give both as they stand. Pairs if that made room.

    ``renew`` is false where it is not the counselor who says so, and so is no sign of life.
    Raises ChatError ``not_found`` or ``unavailable``.
    """
    stands = await db.run(_write, counselor_id, state, capacity)
    await tell_queue(counselor_id, renew=renew)
    event = CounselorChanged(counselor=str(counselor_id), state=stands[0], capacity=stands[1], origin=origin)
    hub = runtime.current().hub
    hub.publish(counselor_topic(str(counselor_id)), event)
    hub.publish(LANES_TOPIC, event)
    return stands


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
    """Record that the desk shows the conversation."""
    await db.run(_confirm, conversation_id, counselor_id, clock.now())


def _confirm(conversation_id: uuid.UUID, counselor_id: uuid.UUID, now: datetime) -> None:
    Assignment.objects.filter(
        conversation_id=conversation_id, counselor_id=counselor_id, released_at=None, confirmed_at=None
    ).update(confirmed_at=now)


def _write(counselor_id: uuid.UUID, state: str, capacity: int | None) -> tuple[str, int]:
    with transaction.atomic():
        row = Counselor.objects.select_for_update().get(id=counselor_id)
        row.state = state
        row.capacity = capacity or row.capacity
        row.save(update_fields=["state", "capacity"])
    return row.state, row.capacity
