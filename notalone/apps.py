"""The wiring as a Django app: it brings the checks."""

from django.apps import AppConfig


class NotaloneConfig(AppConfig):
    """Register the checks of the settings."""

    name = "notalone"

    def ready(self) -> None:
        from notalone import checks  # noqa: F401 — importing registers, and only now are the settings there
