"""What a visitor's phone has to fetch: a page in three requests and 30 KB, compressed, and files that keep.

The application serves as it does after ``collectstatic``: hashed names, compressed files.
"""

from __future__ import annotations

import gzip
import re
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import brotli
import httpx
import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.management import call_command
from django.test import override_settings

from chat import bundles
from chat.languages import LANGUAGES
from notalone.compression import encoding_for
from notalone.headers import HEADERS
from notalone.static import HASHED, serve

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.xdist_group("weight"),  # the static files are collected once
    pytest.mark.usefixtures("seed", "process"),
]

BUDGET = 30 * 1024
YEAR = "max-age=31536000, public, immutable"
OPEN, SHUT, BEFORE, AFTER = "2024-12-28 16:30", "2024-12-28 12:00", "2024-12-20 12:00", "2025-01-05 12:00"
PAGES = (
    "",
    "chat/youth/",
    "chat/general/",
    "talk/",
    "return/",
    "mail/youth/",
    "mail/general/",
    "mail/",
    "nothing/",
)


@pytest.fixture(scope="module")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Files as ``collectstatic`` leaves them."""
    root = tmp_path_factory.mktemp("static")
    plain = settings.STORAGES
    with override_settings(STATIC_ROOT=root, STORAGES={**plain, "staticfiles": {"BACKEND": HASHED}}):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield root


@pytest.fixture(scope="module")
def script(hashed: Path) -> Path:
    """The talk page's one script, under the name that holds its content's hash."""
    return next(hashed.glob("chat/built/talk.*.js"))


@pytest.fixture
async def phone(hashed: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that takes brotli, and keeps its cookies."""
    transport = httpx.ASGITransport(app=serve(get_asgi_application()))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers={"Accept-Encoding": "br, gzip"}
    ) as client:
        yield client


async def write(phone: httpx.AsyncClient, language: str) -> int:
    words = {"consent": "on", "body": "ねむれません", "form_id": str(uuid.uuid4())}
    return (await phone.post(f"/{language}/mail/youth/", data=words)).status_code


async def weigh(phone: httpx.AsyncClient, path: str) -> tuple[int, list[str]]:
    """Give a page's bytes on the line, with all that it loads, and the requests."""
    page = await phone.get(path)
    html = re.sub(r"<noscript>.*?</noscript>", "", page.text, flags=re.DOTALL)
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', html)
    answers = [page, *[await phone.get(file) for file in files]]
    assert all(answer.headers["Content-Encoding"] == "br" for answer in answers), path
    assert all(answer.headers["Cache-Control"] == YEAR for answer in answers[1:]), path
    assert "http" not in "".join(files)
    return sum(int(answer.headers["Content-Length"]) for answer in answers), [path, *files]


async def are_light(phone: httpx.AsyncClient, language: str, paths: tuple[str, ...]) -> None:
    for path in paths:
        weight, requests = await weigh(phone, f"/{language}/{path}")
        assert len(requests) <= 3, requests
        assert weight <= BUDGET, f"{path}: {weight}"
        print(language, path, weight)


@pytest.mark.parametrize("at", [OPEN, SHUT, BEFORE, AFTER], ids=["open", "shut", "before", "after"])
async def test_each_page_is_light_at_each_hour(
    phone: httpx.AsyncClient, set_clock: Callable[[str], None], at: str
) -> None:
    set_clock(at)
    await are_light(phone, "ja", PAGES)


@pytest.mark.parametrize("language", [one.code for one in LANGUAGES])
async def test_waiting_and_writing_are_light_in_each_language(
    phone: httpx.AsyncClient, language: str
) -> None:
    await are_light(phone, language, PAGES)
    entered = await phone.post(f"/{language}/chat/youth/", data={"consent": "on"})
    assert (entered.status_code, await write(phone, language)) == (303, 303)
    await are_light(phone, language, ("", "talk/", "mail/"))


async def test_without_javascript_it_is_three_requests_too(phone: httpx.AsyncClient) -> None:
    await phone.post("/ja/chat/youth/", data={"consent": "on"})
    html = (await phone.get("/ja/talk/")).text
    assert len(re.findall(r'<link rel="stylesheet"', html)) == 2


def test_each_bundle_comes_from_the_modules_as_they_are() -> None:
    bundles.check()


def test_a_changed_module_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path in [*bundles.SOURCES.glob("*.js"), *bundles.SOURCES.glob("*.css")]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(bundles, "SOURCES", tmp_path)
    bundles.check()
    (tmp_path / "view.js").write_bytes(b"// changed")
    with pytest.raises(bundles.Stale):
        bundles.check()


def test_a_bundle_changed_by_hand_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in bundles.ENTRIES:
        (tmp_path / name).write_bytes((bundles.BUILT / name).read_bytes())
    (tmp_path / "talk.js").write_bytes((tmp_path / "talk.js").read_bytes() + b"alert()")
    monkeypatch.setattr(bundles, "BUILT", tmp_path)
    with pytest.raises(bundles.Stale):
        bundles.check()


def test_files_are_compressed_beside_themselves(script: Path) -> None:
    plain = script.read_bytes()
    assert brotli.decompress(Path(f"{script}.br").read_bytes()) == plain
    assert gzip.decompress(Path(f"{script}.gz").read_bytes()) == plain


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_a_file_comes_compressed_and_is_kept(
    phone: httpx.AsyncClient, script: Path, encoding: str
) -> None:
    answer = await phone.get(f"/static/chat/built/{script.name}", headers={"Accept-Encoding": encoding})
    assert answer.headers["Content-Encoding"] == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == YEAR


async def test_files_carry_the_strict_headers(phone: httpx.AsyncClient, script: Path) -> None:
    for path in (f"/static/chat/built/{script.name}", "/static/nothing.js"):
        answer = await phone.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


# --- pages ---


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("*", "br"),
        ("br; q=0, *;q=0", ""),
        ("identity", ""),
        ("", ""),
    ],
)
def test_what_a_browser_takes_is_what_it_gets(accepted: str, encoding: str) -> None:
    assert encoding_for(accepted) == encoding


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
async def test_a_page_reads_the_same_in_each_encoding(phone: httpx.AsyncClient, encoding: str) -> None:
    page = await phone.get("/ja/chat/youth/", headers={"Accept-Encoding": encoding})
    assert page.headers.get("Content-Encoding", "identity") == encoding
    assert "Accept-Encoding" in page.headers["Vary"]
    assert "はじめる" in page.text


async def test_what_is_small_stays_as_it_is(phone: httpx.AsyncClient) -> None:
    assert "Content-Encoding" not in (await phone.get("/healthz")).headers


async def test_a_staff_page_is_not_compressed(phone: httpx.AsyncClient) -> None:
    assert "Content-Encoding" not in (await phone.get("/staff/login/")).headers


async def test_nobody_s_words_are_kept_to_compress_them_once(phone: httpx.AsyncClient) -> None:
    from notalone.compression import _pack_once

    _pack_once.cache_clear()
    await write(phone, "ja")
    assert "ねむれません" in (await phone.get("/ja/mail/")).text
    assert _pack_once.cache_info().currsize == 0
