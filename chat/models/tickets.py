"""A visitor's place, from entry until paired, left or expired."""

from django.db import models

from chat.models.campaigns import Campaign
from chat.models.ids import new_id


class Ticket(models.Model):
    """``token_hash`` is SHA-256 of the bearer token, which is kept nowhere. ``entry_sealed`` holds the
    visitor's own words (nickname, topic, note), sealed with ``key_sealed``."""

    WAITING, PAIRED, CLOSED, EXPIRED, LEFT = "waiting", "paired", "closed", "expired", "left"
    STATES = (WAITING, PAIRED, CLOSED, EXPIRED, LEFT)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="tickets")
    token_hash = models.BinaryField(max_length=32, unique=True)
    audience = models.CharField(max_length=8)
    language = models.CharField(max_length=16)
    urgency = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, default=WAITING)
    opened_at = models.DateTimeField()
    score_ms = models.BigIntegerField()  # the place in the lane: opened_at less the boost, ms since 1970
    paired_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=16, blank=True)
    key_sealed = models.BinaryField()
    entry_sealed = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(
                fields=["audience", "language", "score_ms"],
                name="ticket_waiting",
                condition=models.Q(state="waiting"),
            ),
            # what has happened lately, for those who missed the hint
            models.Index(fields=["paired_at"], name="ticket_paired_at", condition=models.Q(state="paired")),
            models.Index(
                fields=["ended_at"], name="ticket_ended_at", condition=models.Q(ended_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "paired", "closed", "expired", "left"]),
                name="ticket_state_known",
            ),
            models.CheckConstraint(condition=models.Q(urgency__lte=3), name="ticket_urgency_0_to_3"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class TurnedAway(models.Model):
    """Someone who was not served: counted, with the reason and the wait, and nothing about the person."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True)
    audience = models.CharField(max_length=8)
    language = models.CharField(max_length=16)
    reason = models.CharField(max_length=24)  # a refusal's code, or left, expired, window, campaign
    waited_s = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at:%F %R} {self.audience} {self.reason}"
