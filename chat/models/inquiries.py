"""A consultation by mail, its messages, and the mail that goes out about it."""

from django.db import models

from chat.models.campaigns import Campaign
from chat.models.counselors import Counselor
from chat.models.ids import new_id


class Inquiry(models.Model):
    """``token_hash`` opens the visitor's door, as a ticket's does. ``entry_sealed`` holds nickname, topic
    and, where an answer by mail is wanted, the address; all words are sealed with ``key_sealed``.

    ``organization`` is the slug of those who answer it, empty while nobody does; ``counselor`` has claimed
    it. ``due_at`` is when an answer is overdue, and moves on with each new message of the visitor.
    """

    WAITING, CLAIMED, ANSWERED, CLOSED = "waiting", "claimed", "answered", "closed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="inquiries")
    token_hash = models.BinaryField(max_length=32, unique=True)
    phrase_hash = models.BinaryField(max_length=32, unique=True, null=True)  # as a ReturnPhrase's
    form_id = models.UUIDField(unique=True)  # of the form that was sent: sending it again opens nothing new
    audience = models.CharField(max_length=8)
    language = models.CharField(max_length=16)
    urgency = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, default=WAITING)
    organization = models.CharField(max_length=50, blank=True)
    counselor = models.ForeignKey(
        Counselor, on_delete=models.SET_NULL, null=True, blank=True, related_name="inquiries"
    )
    wants_mail = models.BooleanField(default=False)
    wants_words_in_mail = models.BooleanField(default=False)
    last_seq = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    key_sealed = models.BinaryField()
    entry_sealed = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], name="inquiry_open", condition=models.Q(state__in=["waiting", "claimed"])
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "claimed", "answered", "closed"]),
                name="inquiry_state_known",
            ),
            models.CheckConstraint(condition=models.Q(urgency__lte=3), name="inquiry_urgency_0_to_3"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class InquiryMessage(models.Model):
    """One message of an inquiry. ``client_id`` makes sending it again safe, as in a conversation."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    client_id = models.UUIDField()
    sender = models.CharField(max_length=9)
    author = models.ForeignKey(Counselor, on_delete=models.SET_NULL, null=True, related_name="+")
    body_sealed = models.BinaryField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inquiry", "seq"], name="inquiry_message_place"),
            models.UniqueConstraint(fields=["inquiry", "client_id"], name="inquiry_message_once"),
            models.CheckConstraint(
                condition=models.Q(sender__in=["visitor", "counselor"]), name="inquiry_sender_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inquiry_id} {self.seq}"


class InquiryDraft(models.Model):
    """An answer that is being written. ``is_offered``: the writer asks for a second reader;
    ``read_by`` has agreed to these very words."""

    inquiry = models.OneToOneField(Inquiry, on_delete=models.CASCADE, related_name="draft")
    author = models.ForeignKey(Counselor, on_delete=models.CASCADE, related_name="+")
    body_sealed = models.BinaryField()
    saved_at = models.DateTimeField()
    is_offered = models.BooleanField(default=False)
    read_by = models.ForeignKey(Counselor, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.inquiry_id)


class OutgoingMail(models.Model):
    """A mail to a visitor who asked for mail. The row is written with what it tells of, and sent afterwards.

    ``id`` makes the Message-ID, so what a mail server got twice is shown once. ``seq``: the answer it tells
    of, 0 for the receipt. ``fault`` is the server's number or a kind of failure, never its text.
    """

    WAITING, SENDING, SENT, FAILED = "waiting", "sending", "sent", "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="mails")
    seq = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=7, default=WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inquiry", "seq"], name="mail_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "sending", "sent", "failed"]),
                name="mail_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="mail_due", condition=models.Q(state__in=["waiting", "sending"])
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
