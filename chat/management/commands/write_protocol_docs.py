"""``manage.py write_protocol_docs``: the pages about the wire, from the types that it is made of."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat import asyncapi, protocol_docs
from notalone.env import ROOT

DOCS = ROOT / "docs"
NOTE = "<!-- Written by `manage.py write_protocol_docs` from protocol.in.md and chat/protocol/. -->\n"


class Command(BaseCommand):
    help = "Write docs/protocol.md and docs/asyncapi.yaml anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; end with 1 if one is stale")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        stale = [path for path, text in pages().items() if not path.exists() or path.read_text() != text]
        names = ", ".join(str(path.relative_to(ROOT)) for path in stale)
        if check and stale:
            raise CommandError(f"{names}: stale. Run `make docs`.", returncode=1)
        for path in stale:
            path.write_text(pages()[path])
        self.stdout.write(f"{names}: written" if stale else "nothing has changed")


def pages(docs: Path = DOCS) -> dict[Path, str]:
    """Give each page's path and the text that it should have."""
    template = (docs / "protocol.in.md").read_text()
    return {
        docs / "protocol.md": NOTE + protocol_docs.fill(template),
        docs / "asyncapi.yaml": asyncapi.HEADER + asyncapi.to_yaml(asyncapi.document()),
    }
