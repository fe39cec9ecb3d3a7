"""Ways in: a link that lets one person, once, set a name, a password and a second factor."""

from django.conf import settings
from django.db import models

from chat.models.ids import new_id
from staff.models.accounts import Organization, User


class Invitation(models.Model):
    """``token_hash`` is SHA-256 of the link's token, which is kept nowhere. ``member`` is None until the
    invited has chosen a name, or whose account gets a new way in. It is used up at ``finished_at``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.BinaryField(max_length=32, unique=True)
    role = models.CharField(max_length=13, choices=User._meta.get_field("role").choices)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, related_name="invitations"
    )
    is_service_wide = models.BooleanField(default=False)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="invitations"
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="invited"
    )  # None: from the command line
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)
