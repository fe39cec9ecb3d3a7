"""Refuse, at start, settings that would break a promise; warn of those that only look wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from notalone import clock
from notalone.static import MANIFEST


@register(Tags.security)
def check_clock(**_: Any) -> list[CheckMessage]:
    """Refuse a shifted clock outside demo mode: it would open the windows at the wrong hours."""
    if clock.is_shifted() and not settings.NOTALONE_DEMO:
        return [Error("The clock is shifted outside demo mode. Unset NOTALONE_CLOCK.", id="notalone.E001")]
    return []


@register(Tags.security)
def check_required(**_: Any) -> list[CheckMessage]:
    """Refuse to start outside demo mode without a secret key and host names of its own."""
    if settings.NOTALONE_DEMO:
        return []
    faults: list[CheckMessage] = []
    if len(settings.SECRET_KEY) < 32 or settings.SECRET_KEY.startswith("demo:"):
        faults.append(Error("SECRET_KEY needs at least 32 random characters.", id="notalone.E002"))
    if not settings.ALLOWED_HOSTS:
        faults.append(Error("ALLOWED_HOSTS names no host: set it to the site's name.", id="notalone.E003"))
    return faults


@register(Tags.security, deploy=True)
def check_deployment(**_: Any) -> list[CheckMessage]:
    """Warn of what a public site should not have."""
    warnings: list[CheckMessage] = []
    if settings.NOTALONE_DEMO:
        warnings.append(Warning("NOTALONE_DEMO is on: demo accounts can sign in.", id="notalone.W001"))
    if "*" in settings.ALLOWED_HOSTS:
        warnings.append(Warning("ALLOWED_HOSTS allows every host.", id="notalone.W002"))
    if not (Path(settings.STATIC_ROOT) / MANIFEST).exists():
        warnings.append(
            Warning(
                "Static files are not collected, so browsers can't keep them.",
                hint="python manage.py collectstatic --noinput",
                id="notalone.W003",
            )
        )
    return warnings
