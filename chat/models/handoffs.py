"""Offers to take a talk: to one counselor, or to whoever of a lane has room."""

from django.db import models

from chat.models.conversations import Conversation
from chat.models.counselors import Counselor
from chat.models.ids import new_id


class Handoff(models.Model):
    """Until it is accepted the giver keeps the talk. ``to`` is None where it is offered to the lane.
    ``summary_sealed`` opens with the talk's data key. ``client_id`` makes offering again safe."""

    OFFERED, ACCEPTED, DECLINED, CANCELLED, EXPIRED = (
        "offered",
        "accepted",
        "declined",
        "cancelled",
        "expired",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="handoffs")
    client_id = models.CharField(max_length=64)
    giver = models.ForeignKey(Counselor, on_delete=models.CASCADE, related_name="+")
    to = models.ForeignKey(Counselor, on_delete=models.CASCADE, null=True, related_name="+")
    taker = models.ForeignKey(Counselor, on_delete=models.SET_NULL, null=True, related_name="+")
    audience = models.CharField(max_length=8)
    language = models.CharField(max_length=16)
    summary_sealed = models.BinaryField()
    state = models.CharField(max_length=9, default=OFFERED)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(state="offered"), name="handoff_one_offer"
            ),
            models.UniqueConstraint(fields=["conversation", "client_id"], name="handoff_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["offered", "accepted", "declined", "cancelled", "expired"]),
                name="handoff_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.state}"
