"""When a talk shows danger: the call for a supervisor, what was asked and decided, and help found outside."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models import Conversation
from chat.models.ids import new_id

# What FACTS of the service name, and what children need besides.
KINDS = (
    ("local_government", _("自治体")),
    ("self_reliance", _("自立相談支援機関")),
    ("welfare_office", _("福祉事務所")),
    ("police", _("警察")),
    ("child_guidance", _("児童相談所")),
    ("other", _("その他")),
)
DECISIONS = ("watch", "guide", "refer")
GROUNDS = ("consent", "danger_to_life")
STEPS = ("danger", "means", "place", "who_is_near", "next_hour")


class Emergency(models.Model):
    """One call from a desk. ``checks``: {step: when it was asked}. ``words_sealed``, why it was decided so,
    opens with the talk's data key. A drill is marked, and is nobody's real call."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="emergencies")
    client_id = models.CharField(max_length=64)
    called_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField()
    is_drill = models.BooleanField(default=False)
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    came_at = models.DateTimeField(null=True)
    checks = models.JSONField(default=dict)
    decision = models.CharField(max_length=8, blank=True)
    ground = models.CharField(max_length=14, blank=True)
    words_sealed = models.BinaryField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(decided_at=None), name="emergency_one_open"
            ),
            models.UniqueConstraint(fields=["conversation", "client_id"], name="emergency_once"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Referral(models.Model):
    """Help outside: which service was called, when, and what follows, until it is closed.

    ``facts_sealed`` (the least that the service must know) and ``follows_sealed`` open with the talk's key.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="referrals")
    client_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=KINDS)
    service = models.CharField(max_length=200)
    ground = models.CharField(max_length=14)
    is_drill = models.BooleanField(default=False)
    facts_sealed = models.BinaryField()
    follows_sealed = models.BinaryField(null=True)
    answered_by_sealed = models.BinaryField(null=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "client_id"], name="referral_once")]

    def __str__(self) -> str:
        return str(self.id)


class OutsideService(models.Model):
    """One line of the directory, as it was loaded. Hours are told as they are written."""

    kind = models.CharField(max_length=16, choices=KINDS)
    name = models.CharField(max_length=200)
    area = models.CharField(max_length=100)
    phone = models.CharField(max_length=40)
    hours = models.CharField(max_length=200)
    new_year_hours = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name", "area"], name="service_listed_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
