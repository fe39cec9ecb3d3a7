"""Ready sentences: what counselors often say, in the words of their organization."""

from django.conf import settings
from django.db import models

from chat.models.ids import new_id
from staff.models.accounts import Organization


class ReadySentences(models.Model):
    """One version of an organization's list; without an organization it is for those that have none of their
    own. The newest counts. ``text``: see ``staff.ready``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, null=True, related_name="+")
    text = models.TextField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["organization", "-saved_at"], name="ready_newest")]

    def __str__(self) -> str:
        return str(self.id)
