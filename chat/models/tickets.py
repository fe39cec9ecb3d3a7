"""A visitor's place, from entry until paired, left or expired."""

from django.db import models

from chat.models.campaigns import Campaign
from chat.models.ids import new_id


class Ticket(models.Model):
    """``token_hash`` is SHA-256 of the bearer token, which is kept nowhere. ``entry_sealed`` holds the
    visitor's own words (nickname, topic, note) and the words to check found in them, sealed with
    ``key_sealed``. ``urgency`` is what the visitor said; ``precedence`` is by what the ticket stands in its
    lane. ``visit`` is the first ticket of the visit that this one goes on with, None for a first one."""

    WAITING, PAIRED, CLOSED, EXPIRED, LEFT = "waiting", "paired", "closed", "expired", "left"
    STATES = (WAITING, PAIRED, CLOSED, EXPIRED, LEFT)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="tickets")
    token_hash = models.BinaryField(max_length=32, unique=True)
    audience = models.CharField(max_length=8)
    language = models.CharField(max_length=16)
    urgency = models.PositiveSmallIntegerField(default=0)
    precedence = models.PositiveSmallIntegerField(default=0)
    visit = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="returns")
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
            models.Index(fields=["opened_at"], name="ticket_opened_at"),  # who has come today
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "paired", "closed", "expired", "left"]),
                name="ticket_state_known",
            ),
            models.CheckConstraint(condition=models.Q(urgency__lte=3), name="ticket_urgency_0_to_3"),
            models.CheckConstraint(condition=models.Q(precedence__lte=3), name="ticket_precedence_0_to_3"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class TurnedAway(models.Model):
    """People who were not served: counted, with the reason and the wait, and nothing about a person.

    ``count`` is above 1 where a flood was held, ``asked`` false where somebody met a closed door only."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True)
    audience = models.CharField(max_length=8)
    language = models.CharField(max_length=16)
    reason = models.CharField(max_length=24)  # the code told, or left, expired, window, campaign
    count = models.PositiveIntegerField(default=1)
    asked = models.BooleanField(default=True)
    waited_s = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="turned_away_at")]

    def __str__(self) -> str:
        return f"{self.at:%F %R} {self.audience} {self.reason}"
