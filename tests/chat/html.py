"""Reading a page as a person meets it: its words, its readings, and where it reaches out to."""

from __future__ import annotations

import re
from html.parser import HTMLParser

KANJI = re.compile(r"[\u3400-\u9fff々]+")
VOID = {"meta", "link", "input", "br", "img", "hr", "wbr"}


class Page(HTMLParser):
    """Collects what the tests look at. ``bare_kanji``: kanji in the body without a reading."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.bare_kanji: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "body" not in self._open or "rt" in self._open or "rp" in self._open:
            return
        self.words += data
        if "ruby" not in self._open:
            self.bare_kanji += KANJI.findall(data)

    def named(self, name: str) -> list[dict[str, str | None]]:
        """Give the attributes of every tag of this name."""
        return [attrs for tag, attrs in self.tags if tag == name]

    def element(self, element_id: str) -> dict[str, str | None]:
        """Give the attributes of the one element with this id."""
        (found,) = [attrs for _, attrs in self.tags if attrs.get("id") == element_id]
        return found

    def has(self, element_id: str) -> bool:
        """Tell whether there is an element with this id."""
        return any(attrs.get("id") == element_id for _, attrs in self.tags)

    def links(self) -> list[str]:
        """Give every address that the page leads to or loads from."""
        return [
            attrs[key] or "" for _, attrs in self.tags for key in ("href", "src", "action") if key in attrs
        ]
