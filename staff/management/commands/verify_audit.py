"""``manage.py verify_audit``: check the audit trail's chain, and print the line that anchors it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from staff import trail


class Command(BaseCommand):
    help = (
        "Check that no entry of the audit trail was changed, moved or cut out, and print a signed line "
        "that tells how the trail stands. Keep the line elsewhere: with --anchor it shows later that the "
        "end was not cut off either."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            type=Path,
            metavar="FILE",
            help="lines that this command printed before, one each; others in it are passed over",
        )

    def handle(self, *args: Any, anchor: Path | None = None, **options: Any) -> None:
        head = trail.head()
        faults = list(trail.faults(_anchors(anchor) if anchor else ()))
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"The audit trail is not whole: {len(faults)} faults.")
        self.stdout.write(f"The audit trail is whole: {head.seq} entries.")
        self.stdout.write(str(head))


def _anchors(path: Path) -> tuple[trail.Anchor, ...]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise CommandError(f"{path}: can not be read: {error.strerror}") from None
    found = []
    for number, line in enumerate(lines, 1):
        if not line.startswith("notalone-audit "):
            continue
        try:
            found.append(trail.read_anchor(line))
        except trail.AnchorIsForged:
            raise CommandError(f"{path}:{number}: not a line that this service has signed") from None
    if not found:
        raise CommandError(f"{path}: no line of this command's is in it")
    return tuple(found)
