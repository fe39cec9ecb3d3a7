"""``manage.py load_directory``: the services outside, from a CSV file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from staff.models.emergencies import KINDS, OutsideService

COLUMNS = ("kind", "name", "area", "phone", "hours", "new_year_hours")
LONGEST = {"kind": 16, "name": 200, "area": 100, "phone": 40, "hours": 200, "new_year_hours": 200}


class Command(BaseCommand):
    help = (
        f"Load the directory of services outside from a CSV file with the columns {', '.join(COLUMNS)}. "
        f"kind is one of {', '.join(dict(KINDS))}. The file is the whole directory: what it lacks goes. "
        "A file with a fault changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        rows = _read(file)
        with transaction.atomic():
            OutsideService.objects.all().delete()
            OutsideService.objects.bulk_create(rows)
        self.stdout.write(f"{len(rows)} services are in the directory.")


def _read(file: Path) -> list[OutsideService]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{file}: not UTF-8: save the file as UTF-8") from None
    except OSError as error:
        raise CommandError(f"{file}: can not be read: {error.strerror}") from None
    reader = csv.DictReader(text.splitlines())
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise CommandError(f"{file}:1: the first line names the columns: {','.join(COLUMNS)}")
    rows, seen = [], set()
    for values in reader:
        where = f"{file}:{reader.line_num}"
        row = {name: (values.get(name) or "").strip() for name in COLUMNS}
        if None in values:
            raise CommandError(f"{where}: more columns than names")
        if row["kind"] not in dict(KINDS):
            raise CommandError(f"{where}: unknown kind {row['kind']!r}: write {', '.join(dict(KINDS))}")
        if not row["name"] or not row["phone"]:
            raise CommandError(f"{where}: a service needs a name and a phone")
        long = [name for name in COLUMNS if len(row[name]) > LONGEST[name]]
        if long:
            raise CommandError(f"{where}: {long[0]} is too long")
        key = (row["kind"], row["name"], row["area"])
        if key in seen:
            raise CommandError(f"{where}: {row['name']} stands twice")
        seen.add(key)
        rows.append(OutsideService(**row))
    return rows
