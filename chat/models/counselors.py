"""The chat's side of a staff member: who takes conversations, how many, from which lanes."""

from django.conf import settings
from django.db import models

from chat.models.ids import new_id


class Counselor(models.Model):
    """``name`` is what visitors see. ``state`` is what the counselor set; whether they are here
    is the lease's business (Redis). ``wrap_up_s``: how long no new talk comes after one has ended;
    ``back_at``: when a pause ends by itself, None where it does not."""

    AVAILABLE, AWAY = "available", "away"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="counselor")
    name = models.CharField(max_length=40)
    state = models.CharField(max_length=9, default=AWAY)
    capacity = models.PositiveSmallIntegerField(default=3)
    wrap_up_s = models.PositiveSmallIntegerField(default=0)
    back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(capacity__gte=1, capacity__lte=5), name="counselor_capacity_1_to_5"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["available", "away"]), name="counselor_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(back_at=None) | models.Q(state="away"), name="counselor_pauses_away"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CounselorLane(models.Model):
    """A lane that a counselor serves."""

    counselor = models.ForeignKey(Counselor, on_delete=models.CASCADE, related_name="lanes")
    audience = models.CharField(max_length=8)
    language = models.CharField(max_length=16)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["counselor", "audience", "language"], name="counselor_lane_once")
        ]

    def __str__(self) -> str:
        return f"{self.counselor_id} {self.audience}:{self.language}"
