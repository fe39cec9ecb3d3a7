"""The talk, its messages, and who holds it."""

from django.db import models

from chat.models.counselors import Counselor
from chat.models.ids import new_id
from chat.models.tickets import Ticket


class Conversation(models.Model):
    """One talk; it outlives its counselors. ``last_seq`` is the newest message's ``seq``, and the
    row's lock orders the writers. ``key_sealed`` is its data key, wrapped by the key ring."""

    OPEN, CLOSED = "open", "closed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="conversation")
    state = models.CharField(max_length=6, default=OPEN)
    counselor = models.ForeignKey(
        Counselor, on_delete=models.SET_NULL, null=True, related_name="conversations"
    )  # who holds it now; None while the visitor waits again
    last_seq = models.PositiveIntegerField(default=0)
    visitor_read_seq = models.PositiveIntegerField(default=0)
    counselor_read_seq = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=16, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    closing_note_sealed = models.BinaryField(null=True)
    key_sealed = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["counselor"], name="conversation_open", condition=models.Q(state="open")),
            # the newest that have ended: what the estimate goes by
            models.Index(
                fields=["closed_at"], name="conversation_closed", condition=models.Q(state="closed")
            ),
            models.Index(fields=["opened_at"], name="conversation_opened_at"),  # who was answered today
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "closed"]), name="conversation_state_known"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Assignment(models.Model):
    """A counselor's hold on a conversation; at most one is not released."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="assignments")
    counselor = models.ForeignKey(Counselor, on_delete=models.CASCADE, related_name="assignments")
    assigned_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    release_reason = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(released_at=None),
                name="assignment_one_holder",
            )
        ]
        indexes = [
            models.Index(fields=["counselor"], name="assignment_held", condition=models.Q(released_at=None)),
            models.Index(fields=["released_at"], name="assignment_released"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.counselor_id}"


class Message(models.Model):
    """One message. ``(conversation, seq)`` is its place, ``(conversation, client_id)`` makes sending
    it again safe. ``body_sealed`` opens with the conversation's data key only."""

    pk = models.CompositePrimaryKey("conversation_id", "seq")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    client_id = models.UUIDField()
    sender = models.CharField(max_length=9)
    body_sealed = models.BinaryField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "client_id"], name="message_once"),
            models.CheckConstraint(
                condition=models.Q(sender__in=["visitor", "counselor", "system"]), name="message_sender_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.seq}"
