"""Where the project's own texts are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_TEXTS = {
    ".cfg", ".css", ".html", ".in", ".js", ".json", ".lock", ".lua", ".md", ".mjs", ".py", ".sh", ".svg",
    ".toml", ".txt", ".yaml", ".yml", "",
}  # fmt: skip
_NOT_OURS = {".git", "__pycache__", "build", "node_modules", "staticfiles", "vendor"}


def read(path: str) -> str:
    """Read a file by its path in the project."""
    return (ROOT / path).read_text("utf-8")


def pages() -> list[Path]:
    """List every document in Markdown."""
    return [path for path in texts() if path.suffix == ".md"]


def texts(folder: Path = ROOT) -> Iterator[Path]:
    """Walk the project's source and documents; not what is installed, made by tools or taken over."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name in _NOT_OURS or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            if not path.name.startswith(".") or path.name == ".ci":
                yield from texts(path)
        elif path.suffix in _TEXTS and not path.name.startswith(".coverage"):
            yield path
