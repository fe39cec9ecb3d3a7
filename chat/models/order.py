"""What moves a ticket in its lane, or keeps it from a counselor: who did it, when and why."""

from django.conf import settings
from django.db import models

from chat.models.counselors import Counselor
from chat.models.ids import new_id
from chat.models.tickets import Ticket


class TicketBoost(models.Model):
    """A supervisor raised or lowered a ticket. ``reason_sealed`` opens with the ticket's data key."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="boosts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    before = models.PositiveSmallIntegerField()
    after = models.PositiveSmallIntegerField()
    reason_sealed = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(after__lte=3), name="boost_0_to_3")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.before} → {self.after}"


class PairBlock(models.Model):
    """A visitor who is kept from a counselor: in this visit, and in those that go on with it.

    ``visit`` is the visit's first ticket. ``reason_sealed`` opens with that ticket's data key.
    """

    visit = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="blocks")
    counselor = models.ForeignKey(Counselor, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason_sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "counselor"], name="pair_blocked_once")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.counselor_id}"


class CheckWordList(models.Model):
    """One version of a language's list of words to check; the newest counts, the others are its history.

    The text is sealed like all that people type; ``by`` is None for the list that came with the software.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    language = models.CharField(max_length=16)
    saved_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    key_sealed = models.BinaryField()
    text_sealed = models.BinaryField()
    note_sealed = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["language", "-saved_at"], name="check_words_newest")]

    def __str__(self) -> str:
        return f"{self.language} {self.saved_at:%F %R}"
