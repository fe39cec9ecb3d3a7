"""The pages' other languages: complete, up to date with the templates, and true to their placeholders."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.utils.translation import to_locale

from chat.languages import DEFAULT, LANGUAGES
from tests.docs.places import ROOT

LOCALE = ROOT / "notalone" / "locale"
STAFF_LOCALE = ROOT / "staff" / "locale"
OTHERS = [language.code for language in LANGUAGES if language != DEFAULT]
pytestmark = pytest.mark.xdist_group("catalogues")  # what is extracted is extracted once
languages = pytest.mark.parametrize("code", OTHERS)
PLACEHOLDER = re.compile(r"%\(\w+\)s")
SLOT = re.compile(r'data-slot="(?!reading)(\w+)"')
FILLED_IN = re.compile(r"%\(\w+\)s|\{\w+\}")
JAPANESE = re.compile(r"[\u3041-\u30fa\u3400-\u9fff]")  # but for the dot that stands between words
TO_TRANSLATE = re.compile(
    r"\{% blocktranslate.*?\{% endblocktranslate %\}|\{% translate .*?%\}|_\(\".*?\"\)", re.DOTALL
)
MACHINE = "machine-made"


def catalogue(code: str) -> polib.POFile:
    return polib.pofile(str(LOCALE / to_locale(code) / "LC_MESSAGES" / "django.po"))


def extract(folder: Path, *parts: str, ignored: str = "static") -> set[str]:
    """Give the sentences that stand in templates and code now."""
    for part in parts:
        ignore = shutil.ignore_patterns("locale", "static", "*.pyc", ignored)
        shutil.copytree(ROOT / part, folder / part, ignore=ignore)
    (folder / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "-l", "en", "--no-location"]
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = polib.pofile(str(folder / "locale" / "en" / "LC_MESSAGES" / "django.po"))
    return {entry.msgid for entry in made if not entry.obsolete}


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    return extract(tmp_path_factory.mktemp("strings"), "chat", "notalone", "templates", ignored="staff")


@languages
def test_no_sentence_is_untranslated_or_stale(code: str, extracted: set[str]) -> None:
    entries = {entry.msgid: entry for entry in catalogue(code) if not entry.obsolete}
    assert set(entries) == extracted, "make strings, and translate"
    assert [msgid for msgid, entry in entries.items() if not entry.msgstr or entry.fuzzy] == []


@languages
def test_what_is_filled_in_stands_in_the_translation(code: str) -> None:
    for entry in catalogue(code):
        for pattern in (PLACEHOLDER, SLOT):
            assert sorted(pattern.findall(entry.msgid)) == sorted(pattern.findall(entry.msgstr)), entry.msgid


@languages
def test_what_a_machine_translated_says_so(code: str) -> None:
    unmarked = [entry.msgid for entry in catalogue(code) if MACHINE not in entry.tcomment]
    read_by = catalogue(code).metadata.get("X-Read-By", "")
    assert unmarked == [] or read_by, "whoever has read them stands in X-Read-By"


@languages
def test_what_runs_is_what_was_translated(code: str) -> None:
    compiled = polib.mofile(str(LOCALE / to_locale(code) / "LC_MESSAGES" / "django.mo"))
    words = {entry.msgid: entry.msgstr for entry in compiled}
    assert words == {entry.msgid: entry.msgstr for entry in catalogue(code)}, "make strings"


def test_easy_japanese_has_a_reading_over_every_kanji() -> None:
    for entry in catalogue("ja-easy"):
        if "{" not in entry.msgid:
            continue  # a title or a label of the browser's, where no ruby can stand
        bare = re.sub(r"\{[^{}|]+\|[^{}|]+\}|<ruby>.*?</ruby>|<[^>]*>", "", entry.msgstr)
        assert not re.search(r"[㐀-鿿]", bare), entry.msgstr


def test_every_language_is_offered() -> None:
    missing = [code for code in OTHERS if not Path(LOCALE / to_locale(code)).is_dir()]
    assert missing == []


# --- the staff's pages: Japanese and English ---


def staff_catalogue() -> polib.POFile:
    return polib.pofile(str(STAFF_LOCALE / "en" / "LC_MESSAGES" / "django.po"))


def test_no_sentence_of_the_staffs_is_untranslated_or_stale(tmp_path: Path) -> None:
    entries = {entry.msgid: entry for entry in staff_catalogue() if not entry.obsolete}
    assert set(entries) == extract(tmp_path, "staff", "templates/staff"), "make strings, and translate"
    assert [msgid for msgid, entry in entries.items() if not entry.msgstr or entry.fuzzy] == []


def test_what_is_filled_in_stands_in_the_staffs_english() -> None:
    for entry in staff_catalogue():
        assert sorted(FILLED_IN.findall(entry.msgid)) == sorted(FILLED_IN.findall(entry.msgstr)), entry.msgid


def test_the_staffs_english_is_english() -> None:
    assert [entry.msgid for entry in staff_catalogue() if JAPANESE.search(entry.msgstr)] == []


def test_what_runs_for_staff_is_what_was_translated() -> None:
    compiled = polib.mofile(str(STAFF_LOCALE / "en" / "LC_MESSAGES" / "django.mo"))
    words = {entry.msgid: entry.msgstr for entry in compiled}
    assert words == {entry.msgid: entry.msgstr for entry in staff_catalogue()}, "make strings"


def test_no_japanese_stands_in_a_staff_template_outside_a_sentence_to_translate() -> None:
    for path in (ROOT / "templates" / "staff").rglob("*.html"):
        rest = TO_TRANSLATE.sub("", path.read_text())
        assert not JAPANESE.search(rest), path.name
