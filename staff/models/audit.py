"""The audit trail: who did what, when and why. Rows are added and never changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import models
from django.db.models.base import ModelBase


class TrailIsAppendOnly(Exception):
    """Somebody's code tried to change the audit trail. The database would refuse it too."""


class TrailQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **_: Any) -> NoReturn:
        raise TrailIsAppendOnly

    def delete(self) -> NoReturn:
        raise TrailIsAppendOnly


class AuditEntry(models.Model):
    """One act. ``hash`` is SHA-256 over the hash before it and all the other fields (``staff.trail``).

    ``facts`` holds ids and codes, never a word of a talk. ``why`` is a reason that concerns no talk;
    one that does is sealed with that talk's key, so that it goes when the talk's words go. Who and
    what are kept as they were called then: nothing here points to a row that may go.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=20)  # the account's id; empty: the service itself
    actor_name = models.CharField(max_length=150)
    act = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    why = models.CharField(max_length=500, blank=True)
    why_sealed = models.BinaryField(null=True)
    before = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    objects = TrailQuerySet.as_manager()

    class Meta:
        ordering = ["seq"]
        indexes = [models.Index(fields=["act", "at"], name="audit_act")]

    def __str__(self) -> str:
        return f"{self.seq} {self.act}"

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        if not self._state.adding or force_update or update_fields is not None:
            raise TrailIsAppendOnly
        super().save(force_insert=True, using=using)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> NoReturn:
        raise TrailIsAppendOnly


class AuditHead(models.Model):
    """The newest entry: one row, whose lock puts the writers in order."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return str(self.seq)
