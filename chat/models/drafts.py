"""What a counselor has begun to write: it goes from one device to the next, and ends with the talk."""

from django.db import models

from chat.models.conversations import Conversation
from chat.models.counselors import Counselor


class TalkDraft(models.Model):
    """One box of one counselor's in one talk. ``body_sealed`` opens with the talk's data key. Nobody else is
    ever shown it, whoever holds the talk later."""

    MESSAGE, NOTE = "message", "note"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="drafts")
    counselor = models.ForeignKey(Counselor, on_delete=models.CASCADE, related_name="drafts")
    box = models.CharField(max_length=7)
    body_sealed = models.BinaryField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "counselor", "box"], name="talk_draft_once"),
            models.CheckConstraint(
                condition=models.Q(box__in=["message", "note"]), name="talk_draft_box_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.box}"
