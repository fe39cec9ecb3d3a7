"""Make a staff account a counselor: the row and the lanes that pairing looks at."""

from __future__ import annotations

from chat.models import Campaign, Counselor, CounselorLane
from chat.rules.types import AUDIENCES, Lane
from staff.models import User


def every_lane() -> list[Lane]:
    """List each audience in each language of the campaigns loaded; Japanese without any."""
    languages = {"ja"}
    for spoken in Campaign.objects.values_list("languages", flat=True):
        languages.update(spoken)
    return [Lane(audience, language) for audience in AUDIENCES for language in sorted(languages)]


def enroll(user: User, *, name: str, capacity: int, lanes: list[Lane]) -> Counselor:
    """Give the user a counselor row that serves at least these lanes; doing it again is harmless.

    ``name`` is what visitors see, and what the account is called. A new counselor is away until they say
    otherwise at the desk.
    """
    counselor, _ = Counselor.objects.update_or_create(
        user=user, defaults={"name": name, "capacity": capacity}
    )
    user.first_name = name
    user.save(update_fields=["first_name"])
    CounselorLane.objects.bulk_create(
        [CounselorLane(counselor=counselor, audience=a, language=language) for a, language in lanes],
        ignore_conflicts=True,
    )
    return counselor
