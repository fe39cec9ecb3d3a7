"""The languages of the visitor's pages: each by its own name, and whose lane it waits in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.conf import settings
from django.utils import translation


class Language(NamedTuple):
    """``code`` stands in the path, ``name`` is what its speakers call it, ``html`` is the page's ``lang``
    (BCP 47), ``lane`` the language that the counselor speaks. Easy Japanese is Japanese to a counselor."""

    code: str
    name: str
    html: str
    lane: str


LANGUAGES = (
    Language("ja", "日本語", "ja", "ja"),
    Language("ja-easy", "やさしい日本語", "ja", "ja"),
    Language("en", "English", "en", "en"),
    Language("zh-hans", "简体中文", "zh-Hans", "zh-hans"),
    Language("zh-hant", "繁體中文", "zh-Hant", "zh-hant"),
    Language("ko", "한국어", "ko", "ko"),
    Language("vi", "Tiếng Việt", "vi", "vi"),
    Language("pt-br", "Português", "pt-BR", "pt-br"),
    Language("ne", "नेपाली", "ne", "ne"),
    Language("tl", "Tagalog", "tl", "tl"),
    Language("es", "Español", "es", "es"),
    Language("th", "ไทย", "th", "th"),
    Language("id", "Bahasa Indonesia", "id", "id"),
)
DEFAULT = LANGUAGES[0]
_BY_CODE = {language.code: language for language in LANGUAGES}


def named(code: str) -> Language | None:
    """Find a language by the code that stands in a path."""
    return _BY_CODE.get(code)


def offered() -> list[Language]:
    """List the languages whose catalogue is there."""
    codes = {code for code, _ in settings.LANGUAGES}
    return [language for language in LANGUAGES if language.code in codes]


def current() -> Language:
    """Give the language of the page that is being made."""
    return _BY_CODE.get(translation.get_language() or "", DEFAULT)


def has_readings() -> bool:
    """Tell whether the page's language sets readings over kanji."""
    return current().html == "ja"


def lane_for(language: Language, lanes: Sequence[str]) -> str | None:
    """Choose the lane's language among those of the campaign; None where no counselor speaks it."""
    return language.lane if language.lane in lanes else None
