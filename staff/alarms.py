"""Alarms as rows: they rise once, end, are acknowledged on record, and keep to thresholds that supervisors
set on record. All of it is a database thread's work; ``chat.rules.alarms`` says when one stands.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast

from django.db import transaction
from django.db.models import Q

from chat.access import uuid_of
from chat.models import Inquiry
from chat.rules.alarms import DEFAULTS, HIGHEST, KINDS, AlarmKind, Found
from chat.rules.errors import ChatError
from staff import trail
from staff.models import Alarm, AlarmThreshold, User
from staff.reach import may_act_on_service
from staff.sessions import Member

SHOWN = 50  # a wall screen holds fewer; the rest stay on record

Key = tuple[str, str]  # kind and subject


def read_thresholds() -> dict[AlarmKind, int | None]:
    """Give each kind's threshold: what was set, or the default."""
    set_ones = dict(AlarmThreshold.objects.values_list("kind", "threshold"))
    return {kind: set_ones.get(kind, DEFAULTS[kind]) for kind in KINDS}


def set_threshold(member: Member, kind: AlarmKind, threshold: int | None) -> None:
    """Set from when on a kind of alarm rises. Raises ChatError ``not_allowed`` or ``bad_frame``."""
    if not may_act_on_service(member):
        raise ChatError("not_allowed")
    if threshold is not None and threshold > HIGHEST[kind]:
        raise ChatError("bad_frame")
    with transaction.atomic():
        before = read_thresholds()[kind]
        AlarmThreshold.objects.update_or_create(kind=kind, defaults={"threshold": threshold})
        facts: dict[str, trail.Fact] = {"kind": kind, "from": before, "to": threshold}
        trail.record("alarm.set", User.objects.get(pk=member.id), facts)


def acknowledge(member: Member, alarm: str, now: datetime) -> None:
    """Note who sees to an alarm: the first who says so. Raises ChatError ``not_found``."""
    key = uuid_of(alarm)
    with transaction.atomic():
        rows = Alarm.objects.select_for_update().filter(id=key) if key else Alarm.objects.none()
        row = rows.first()
        if row is None:
            raise ChatError("not_found")
        if row.acknowledged_at is not None:
            return
        row.acknowledged_at, row.acknowledged_by_id = now, int(member.id)
        row.save(update_fields=["acknowledged_at", "acknowledged_by"])
        facts: dict[str, trail.Fact] = {"alarm": str(row.id), "kind": row.kind, "subject": row.subject}
        trail.record("alarm.acknowledged", User.objects.get(pk=member.id), facts)


def settle(found: Sequence[Found], over: Collection[Key], now: datetime) -> bool:
    """Let what is found stand, and end what is over. True when the list has changed.

    What stands already keeps its row; its value only ever grows.
    """
    standing = {(row.kind, row.subject): row for row in Alarm.objects.filter(ended_at=None)}
    is_changed = False
    new = [one for one in found if (one.kind, one.subject) not in standing]
    if new:
        rows = [Alarm(kind=one.kind, subject=one.subject, value=one.value, raised_at=now) for one in new]
        Alarm.objects.bulk_create(rows, ignore_conflicts=True)
        is_changed = True
    for one in found:
        row = standing.get((one.kind, one.subject))
        if row is not None and one.value > row.value:
            Alarm.objects.filter(id=row.id).update(value=one.value)
            is_changed = True
    ended = [standing[key].id for key in over if key in standing]
    if ended:
        is_changed = (
            bool(Alarm.objects.filter(id__in=ended, ended_at=None).update(ended_at=now)) or is_changed
        )
    return is_changed


def read_standing() -> set[Key]:
    """Give kind and subject of each alarm that has not ended."""
    return set(Alarm.objects.filter(ended_at=None).values_list("kind", "subject"))


def read_shown() -> list[Alarm]:
    """Give the alarms that a board shows, the newest first: those that stand or nobody has acknowledged."""
    rows = Alarm.objects.select_related("acknowledged_by").filter(Q(ended_at=None) | Q(acknowledged_at=None))
    return list(rows.order_by("-raised_at", "-id")[:SHOWN])


def count_overdue(now: datetime) -> int:
    """Count the letters whose answer is overdue."""
    states = [Inquiry.WAITING, Inquiry.CLAIMED]
    return Inquiry.objects.filter(state__in=states, due_at__lt=now).count()


def kind_of(row: Alarm) -> AlarmKind:
    return cast(AlarmKind, row.kind)
