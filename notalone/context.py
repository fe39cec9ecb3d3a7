"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from chat import languages
from notalone import clock


def site(request: HttpRequest) -> dict[str, Any]:
    """Give ``is_demo`` and ``now``, for the banner that says so, and the languages."""
    return {
        "is_demo": settings.NOTALONE_DEMO,
        "clock_is_shifted": clock.is_shifted(),
        "now": clock.now(),
        "language": languages.current(),
        "languages": languages.offered(),
    }
