"""What a lane was like, minute by minute: numbers alone, nothing about a person."""

from django.db import models


class LaneMinute(models.Model):
    """One minute of one lane, from ``at`` on. ``waiting`` and ``oldest_wait_s`` are as they stood when it was
    counted, None where nobody looked in time; the counts are of what happened within the minute."""

    audience = models.CharField(max_length=8)
    language = models.CharField(max_length=16)
    at = models.DateTimeField()
    waiting = models.PositiveIntegerField(null=True)
    oldest_wait_s = models.PositiveIntegerField(null=True)
    arrived = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    turned_away = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["at", "audience", "language"], name="lane_minute_once")
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %R} {self.audience}:{self.language}"
