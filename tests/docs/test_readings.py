"""Every sentence with readings: no kanji is bare, and Sudachi has no doubt, or a person has looked."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

from tests.docs.places import ROOT
from tests.readings import bare, doubts
from tests.rules.campaign_makers import SEED

# Looked at by a person: (words, reading as written) and why it is right here.
ACCEPTED = {
    ("一度", "いちど"): "once more, not ひとたび",
    ("日本語", "にほんご"): "the everyday word, not にっぽんご",
    ("分", "ぷん"): "after 10: じゅっぷん",
    ("分間", "ぷんかん"): "after 10: じゅっぷんかん",
    ("開い", "あい"): "to be open, あく",
    ("開き", "あき"): "to open by itself, あく",
    ("開く", "あく"): "to open by itself, あく",
    ("間", "あいだ"): "while, not ま",
    ("何", "なに"): "before を it is なに",
    ("団体（グループ）", "だんたい(ぐるーぷ)"): "the second is the first once more, in an easy word",
    ("方", "かた"): "a person, politely, not ほう",
    ("開け", "ひらけ"): "the code leads to the page, ひらく",
}
EASY = ROOT / "notalone" / "locale" / "ja_Easy" / "LC_MESSAGES" / "django.po"
MARKED = re.compile(r"\{[^{}|\n]+\|[^{}|\n]+\}")
# the number decides how these are read: the page's module fills the reading in
_BY_NUMBER = re.compile(r"<ruby>.*?</ruby>")


def sentences() -> list[str]:
    """Give every sentence that carries readings: the pages', easy Japanese, the leaflets', the campaign's."""
    catalogue = polib.pofile(str(EASY))
    found = {words for entry in catalogue if not entry.obsolete for words in (entry.msgid, entry.msgstr)}
    leaflet = Path(ROOT / "templates/chat/leaflets/leaflet.html").read_text(encoding="utf-8")
    found |= set(re.findall(r"(?<=>)[^<>]*\|[^<>]*(?=<)", leaflet))
    found |= {SEED.readings, *SEED.organizations}
    return sorted(_BY_NUMBER.sub("。", words) for words in found if MARKED.search(words))


def test_there_are_sentences_to_look_at() -> None:
    assert len(sentences()) > 150


def test_no_kanji_stands_without_its_reading() -> None:
    found = {words: bare(words) for words in sentences()}
    assert {words: kanji for words, kanji in found.items() if kanji} == {}


def test_no_reading_is_in_doubt() -> None:
    doubted = {
        words: [d for d in doubts(words) if (d.words, d.written) not in ACCEPTED] for words in sentences()
    }
    assert {words: found for words, found in doubted.items() if found} == {}


def test_every_exception_is_still_needed() -> None:
    found = {(doubt.words, doubt.written) for words in sentences() for doubt in doubts(words)}
    assert set(ACCEPTED) <= found


@pytest.mark.parametrize(
    ("markup", "doubted"),
    [
        ("{相談員|そうだんいん}が{読|よ}みます。", []),
        ("{相談員|そうだいん}が{読|よ}みます。", ["相談員"]),
        ("{電話|でんわ}で{話|はな}す", []),
        ("{電話|でんは}で{話|はな}す", ["電話"]),
        ("<b>{今日|きょう}</b>は{学校|がっこう}に{行|い}きました。", []),
    ],
)
def test_a_wrong_reading_is_found(markup: str, doubted: list[str]) -> None:
    assert [doubt.words for doubt in doubts(markup)] == doubted


def test_a_kanji_without_a_reading_is_found() -> None:
    assert bare("{相談員|そうだんいん}が読みます。%(kanji)s <b class='字'>{字|じ}</b>") == ["読"]
