"""``manage.py makestaffmessages``: gather the staff's sentences into a catalogue of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.commands import makemessages

from notalone.env import ROOT

LOCALE = ROOT / "staff" / "locale"
PLACES = (Path("staff"), Path("templates/staff"))


class Command(makemessages.Command):
    help = "Gather the sentences of the staff's templates and code; visitors' stand in another catalogue."

    def find_files(self, root: str) -> list[Any]:
        """Give the staff's files alone, all of them for the one catalogue; run at the project's root."""
        files = super().find_files(root)
        self.locale_paths = [str(LOCALE)]
        return [
            self.translatable_file_class(one.dirpath, one.file, str(LOCALE))
            for one in files
            if any(Path(one.path).is_relative_to(place) for place in PLACES)
        ]
