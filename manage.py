#!/usr/bin/env python
"""Django's command line for Notalone."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command; wrong settings are said in one line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notalone.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Notalone: {error}")


if __name__ == "__main__":
    main()
