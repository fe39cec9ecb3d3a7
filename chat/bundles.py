"""One script and one style sheet for each visitor's page, made of the readable modules by ``make bundles``.

The bundles are kept beside their sources, so that neither a server nor ``make run`` needs Node. The first
line of each names the digest of what it was made from, and of itself: a test sees a stale or a changed one.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "chat" / "static" / "chat"
BUILT = SOURCES / "built"
ENTRIES = ("page.js", "start.js", "entry.js", "talk.js", "visitor.css")
OPTIONS = ("--bundle", "--minify", "--charset=utf8")
# for old phones: what JavaScript has learned since 2018 is written in older words
SCRIPT_OPTIONS = ("--format=esm", "--target=es2018")


class Stale(Exception):
    """A bundle is missing, was changed by hand, or does not come from the sources as they are."""


def write() -> list[Path]:
    """Bundle each entry with esbuild, which ``npm ci`` has put into ``node_modules``. Raises OSError or
    CalledProcessError."""
    BUILT.mkdir(exist_ok=True)
    return [_write(name) for name in ENTRIES]


def check() -> None:
    """Raise Stale unless every bundle comes from the sources as they are."""
    sources = digest_of_sources()
    for name in ENTRIES:
        path = BUILT / name
        first, _, body = path.read_bytes().partition(b"\n") if path.exists() else (b"", b"", b"")
        if first != _head(sources, body):
            raise Stale(f"{name} is stale: run `make bundles` and commit what it writes.")


def digest_of_sources() -> str:
    """Give one digest of all that a bundle may come from: modules, styles, esbuild's version, its options."""
    digest = hashlib.sha256(" ".join([*ENTRIES, *OPTIONS, *SCRIPT_OPTIONS]).encode())
    for path in [ROOT / "package-lock.json", *sorted(SOURCES.glob("*.js")), *sorted(SOURCES.glob("*.css"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _write(name: str) -> Path:
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    done = subprocess.run(  # noqa: S603 — a tool of ours with names of ours
        [str(esbuild), name, *OPTIONS, *(SCRIPT_OPTIONS if name.endswith(".js") else ())],
        cwd=SOURCES,
        check=True,
        capture_output=True,
    )
    path = BUILT / name
    path.write_bytes(_head(digest_of_sources(), done.stdout) + b"\n" + done.stdout)
    return path


def _head(sources: str, body: bytes) -> bytes:
    made = hashlib.sha256(body).hexdigest()[:16]
    return f"/* Made by `make bundles` of chat/static/chat: {sources} {made} */".encode()
