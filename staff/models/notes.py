"""Private notes: what the staff write about a talk, apart from what is said in it."""

from django.conf import settings
from django.db import models

from chat.models import Conversation


class Note(models.Model):
    """``kind``: a note, or a supervisor's whisper to the counselor. ``body_sealed`` opens with the talk's
    data key. ``(conversation, client_id)`` makes sending it again safe. ``read_by``: the counselor who has
    read a whisper; another one who gets the talk has not."""

    NOTE, WHISPER = "note", "whisper"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    client_id = models.UUIDField()
    kind = models.CharField(max_length=7, default=NOTE)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    author_name = models.CharField(max_length=150)
    body_sealed = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "client_id"], name="note_once")]
        indexes = [models.Index(fields=["conversation", "at"], name="note_order")]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.client_id}"
