"""Ways back to a ticket beside its first token: a phrase to remember, and a token for each device."""

from django.db import models

from chat.models.tickets import Ticket


class ReturnPhrase(models.Model):
    """``phrase_hash`` is slow and keyed (ADR 0024); the phrase itself is kept nowhere."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="return_phrase")
    phrase_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.ticket_id)


class ReturnToken(models.Model):
    """A token given to a device that said the phrase. ``token_hash`` is as the ticket's own."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="return_tokens")
    token_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.ticket_id)
