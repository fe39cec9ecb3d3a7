"""Consultations by phone, as staff write them down: in the same form as talks and mail, for one analysis."""

from django.conf import settings
from django.db import models

from chat.models import Campaign
from chat.models.ids import new_id
from staff.models.accounts import Organization
from staff.models.emergencies import KINDS


class PhoneConsultation(models.Model):
    """One call. ``words_sealed`` holds topic, note and the service that it was passed to, sealed with
    ``key_sealed``. ``outcome`` is a talk's, ``referral`` the kind of help outside, or empty. ``form_id`` is
    the form's: sending it again writes nothing new. ``corrected_at`` is of the newest correction."""

    OUTCOMES = ("listened", "sorted", "informed", "referral", "broken_off", "other")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    form_id = models.UUIDField(unique=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="phone_consultations")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    corrected_at = models.DateTimeField(null=True)
    audience = models.CharField(max_length=8)
    started_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=40)
    referral = models.CharField(max_length=16, choices=KINDS, blank=True)
    key_sealed = models.BinaryField()
    words_sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(audience__in=["youth", "general"]), name="phone_audience_known"
            ),
            models.CheckConstraint(
                condition=models.Q(minutes__gte=1, minutes__lte=600), name="phone_minutes_1_to_600"
            ),
        ]
        indexes = [models.Index(fields=["organization", "-started_at"], name="phone_by_organization")]

    def __str__(self) -> str:
        return str(self.id)
