"""``manage.py rotate_keys``: seal every data key, and the staff's factors, with the key ring's first key.

The service may run meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from chat.models import CheckWordList, Conversation, Inquiry, Ticket
from chat.sealing import (
    DataKey,
    SealBroken,
    current_wrapping,
    is_sealed_by_first_key,
    open_data_key,
    wrap_data_key,
)
from staff.mfa import StaffMFAAdapter
from staff.models import PhoneConsultation

BATCH = 500

Owner = type[Ticket] | type[Conversation] | type[CheckWordList] | type[Inquiry] | type[PhoneConsultation]


class Command(BaseCommand):
    """On every process put the new key last in NOTALONE_CONTENT_KEYS, then first; run this; drop the old."""

    help = "Seal every data key and second factor with the first key of NOTALONE_CONTENT_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        owners: tuple[Owner, ...] = (Ticket, Conversation, CheckWordList, Inquiry, PhoneConsultation)
        done = sum(_rewrap(model) for model in owners)
        self.stdout.write(f"{done} data keys are wrapped anew; the first key now opens them all.")
        factors = _reseal_factors()
        if factors:
            self.stdout.write(f"{factors} second factors are sealed anew.")


def _rewrap(model: Owner) -> int:
    done = 0
    for ids in _batches(model):
        with transaction.atomic():
            rows = model.objects.select_for_update().filter(id__in=ids)
            for row_id, sealed in rows.values_list("id", "key_sealed"):
                fresh = wrap_data_key(_opened(bytes(sealed), row_id), row_id)
                done += model.objects.filter(id=row_id, key_sealed=sealed).update(key_sealed=fresh)
    return done


def _reseal_factors() -> int:
    """Seal the secrets of apps and recovery codes anew; passkeys have none here."""
    adapter, done = StaffMFAAdapter(), 0
    for key in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=key).first()
            secret = {"secret", "seed"} & set(row.data) if row is not None else set()
            for name in secret:
                if is_sealed_by_first_key(row.data[name]):
                    continue
                try:
                    row.data[name] = adapter.encrypt(adapter.decrypt(row.data[name]))
                except SealBroken as fault:
                    raise CommandError(
                        f"A second factor does not open: {fault}. "
                        "Put its key back into NOTALONE_CONTENT_KEYS."
                    ) from None
                row.save(update_fields=["data"])
                done += 1
    return done


def _batches(model: Owner) -> Iterator[list[uuid.UUID]]:
    """Give the ids of rows whose key another than the first has wrapped; erased keys are passed over."""
    current = current_wrapping()
    ids: list[uuid.UUID] = []
    for row_id, sealed in model.objects.values_list("id", "key_sealed").iterator(BATCH):
        if bytes(sealed) and not bytes(sealed).startswith(current):
            ids.append(row_id)
        if len(ids) == BATCH:
            yield ids
            ids = []
    if ids:
        yield ids


def _opened(sealed: bytes, owner: uuid.UUID) -> DataKey:
    try:
        return open_data_key(sealed, owner)
    except SealBroken as fault:
        raise CommandError(
            f"The data key of {owner} does not open: {fault}. Put its key back into NOTALONE_CONTENT_KEYS."
        ) from None
