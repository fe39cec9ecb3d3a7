"""Organizations, and the people who belong to them."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Organization(models.Model):
    """A partner organization. ``needs_second_reader``: an answer by mail goes out when a colleague agrees."""

    slug = models.SlugField(primary_key=True)
    name = models.CharField(max_length=100)
    needs_second_reader = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A member of staff. Visitors have no account, ever.

    ``role`` says what one does, and the reach follows from it: a supervisor is of their organization, or
    of the whole service where ``is_service_wide`` says so (they may belong to an organization besides).
    """

    COUNSELOR, SUPERVISOR, ADMINISTRATOR = "counselor", "supervisor", "administrator"

    role = models.CharField(
        max_length=13,
        choices=[
            (COUNSELOR, _("相談員")),
            (SUPERVISOR, _("スーパーバイザー")),
            (ADMINISTRATOR, _("管理者")),
        ],
        default=COUNSELOR,
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="members"
    )
    is_service_wide = models.BooleanField(default=False)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_service_wide=False) | models.Q(role="supervisor"),
                name="user_service_wide_is_a_supervisor",
            )
        ]

    def __str__(self) -> str:
        return self.username
