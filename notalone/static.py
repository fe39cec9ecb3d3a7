"""Static files, served by the application itself: one process is a complete service.

After ``collectstatic`` the files have their content's hash in their names, are compressed and
kept by browsers for a year. Without it (a demo, a first start) they are served as they lie in the
source, looked at anew for each request.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from servestatic import ServeStaticASGI
from servestatic.storage import CompressedManifestStaticFilesStorage

from notalone.headers import HEADERS

MANIFEST = "staticfiles.json"
HASHED = "notalone.static.HashedStorage"


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # servestatic ships no types
    """Hash the names, in the ``import`` lines of ES modules too."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 30  # one for each step of the longest chain of imports, which is the desk's


class Files(ServeStaticASGI):  # type: ignore[misc]  # servestatic ships no types
    """Files whose name holds their content's hash stay good for a year."""

    FOREVER = 365 * 24 * 3600


def storages(root: Path, *, demo: bool) -> dict[str, dict[str, str]]:
    """Give Django's STORAGES: hashed names where ``collectstatic`` has run, plain ones otherwise."""
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    return {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": HASHED if is_collecting(root, demo) else plain},
    }


def is_collecting(root: Path, demo: bool) -> bool:
    """Tell whether names are hashed: always while collecting, then as long as the manifest is there."""
    return "collectstatic" in sys.argv[1:2] or (not demo and (root / MANIFEST).exists())


def serve(application: Any) -> Any:
    """Wrap an ASGI application so that it answers under STATIC_URL as well."""
    if settings.STORAGES["staticfiles"]["BACKEND"] == HASHED:
        files = Files(
            application, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL, max_age=60, **_options()
        )
    else:
        files = Files(application, autorefresh=True, max_age=0, **_options())
        for finder in finders.get_finders():
            for storage in getattr(finder, "storages", {}).values():
                files.add_files(
                    storage.location, settings.STATIC_URL + (getattr(storage, "prefix", None) or "")
                )

    async def with_static(scope: Any, receive: Any, send: Any) -> None:
        # asked by the prefix first: looking for a file costs a hop to a thread
        is_static = scope["type"] == "http" and scope["path"].startswith(settings.STATIC_URL)
        await (files if is_static else application)(scope, receive, send)

    return with_static


def _options() -> dict[str, Any]:
    return {"allow_all_origins": False, "add_headers_function": _add_headers}


def _add_headers(headers: Any, path: str, url: str) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
