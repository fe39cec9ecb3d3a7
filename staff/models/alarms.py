"""What makes the board raise an alarm, and the alarms that rose."""

from django.conf import settings
from django.db import models

from chat.models.ids import new_id


class AlarmThreshold(models.Model):
    """From when on a kind of alarm rises: in the unit of ``chat.rules.alarms``; None: never. Without a row
    the kind's default holds."""

    kind = models.CharField(max_length=16, primary_key=True)
    threshold = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.threshold}"


class Alarm(models.Model):
    """One alarm, from ``raised_at`` until ``ended_at``; on the board until it is acknowledged, too.
    ``value`` is how bad it was at its worst, ``subject`` a lane, a counselor's id, or nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=40, blank=True)
    value = models.PositiveIntegerField()
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            # two processes see the same: it rises once
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(ended_at=None), name="alarm_stands_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["raised_at"],
                name="alarm_shown",
                condition=models.Q(ended_at=None) | models.Q(acknowledged_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
