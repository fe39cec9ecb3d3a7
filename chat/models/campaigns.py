"""Campaigns as they were loaded."""

from django.db import models


class Campaign(models.Model):
    """One campaign: the dates ``[starts_at, ends_at)``. ``talk_grace_s``: how long a running
    conversation may go on after its window has ended. ``readings``: the name with readings over its kanji;
    ``organizations``: who answers together, by their names."""

    slug = models.SlugField(primary_key=True)
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    languages = models.JSONField(default=list)
    talk_grace_s = models.PositiveIntegerField(default=1800)
    readings = models.CharField(max_length=600, blank=True)
    organizations = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="campaign_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.slug


class ServiceRow(models.Model):
    """One channel for one audience. ``windows``: ``[["16:00", "22:00"], …]``, local and half-open;
    ``exceptions``: ``{"2024-12-31": [["16:00", "20:00"]], …}``. ``accepting`` is the supervisor's switch,
    ``stopped_languages`` that of each lane. ``max_waiting``, ``max_wait_s`` and ``stops_late`` are when a
    lane stops by itself; None: never."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="services")
    channel = models.CharField(max_length=8)
    audience = models.CharField(max_length=8)
    windows = models.JSONField(default=list)
    exceptions = models.JSONField(default=dict)
    phones = models.JSONField(default=list)
    url = models.CharField(max_length=200, blank=True)
    accepting = models.BooleanField(default=True)
    stopped_languages = models.JSONField(default=list)
    max_waiting = models.PositiveIntegerField(null=True)
    max_wait_s = models.PositiveIntegerField(null=True)
    stops_late = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "channel", "audience"], name="service_once_a_campaign"
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.channel} {self.audience}"


class WindowOverride(models.Model):
    """The chat's windows of one local date, as a supervisor has set them; in the form of ``ServiceRow``.

    Loading the campaign's file again leaves it. Who set it, and why, is in the audit trail.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="overrides")
    audience = models.CharField(max_length=8)
    on = models.DateField()
    windows = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "audience", "on"], name="window_overridden_once")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.audience} {self.on}"
