"""Readings and dates in templates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.template import Context, Template

from chat.templatetags.furigana import calendar_day, furigana_words, moment, to_ruby
from tests.chat.html import Page

RUBY = '<ruby>電話<rp>（</rp><rt aria-hidden="true">でんわ</rt><rp>）</rp></ruby>'


def render(source: str, **context: object) -> str:
    return Template("{% load furigana %}" + source).render(Context(context))


def test_a_reading_becomes_ruby() -> None:
    assert render("{% furigana %}{電話|でんわ} で{% endfurigana %}") == RUBY + " で"


@pytest.mark.parametrize(
    ("markup", "held"),
    [
        ("{電話|でんわ}でも", "電話で"),  # what follows: okurigana, a particle, a mark
        ("{電話|でんわ}、あす", "電話、"),
        ("なら お{電話|でんわ}", "お電話"),
        ("だいたい 4000{字|じ}まで", "4000字ま"),
        ('<span data-slot="n"></span>{字|じ} ', '<span data-slot="n"></span>字'),
        ("（{年末|ねんまつ}{年始|ねんし}）", "（年末年始）"),
        ("メール{相談|そうだん}が", "メール相談が"),
        ("{毎日|まいにち} 16:00〜22:00", "16:00〜22:00"),
        ("every day 16:00–22:00", "16:00–22:00"),
        ("12{月|がつ}28{日|にち}（{土|ど}）16:00", "12月28日（土）"),
    ],
)
def test_what_belongs_to_a_ruby_stays_on_its_line(markup: str, held: str) -> None:
    html = without_ruby(to_ruby(markup))
    assert f'<span class="nowrap">{held}</span>' in html
    assert html.count("nowrap") == 1


@pytest.mark.parametrize("markup", ["{電話|でんわ}", "{電話|でんわ} する", "{自立相談支援機関|きかん}・"])
def test_what_stands_alone_or_needs_room_may_break(markup: str) -> None:
    assert "nowrap" not in to_ruby(markup)


def without_ruby(html: str) -> str:
    return re.sub(r"<rp>.*?</rp>|<rt.*?</rt>|</?ruby>", "", html)


def test_a_reading_inside_other_tags_becomes_ruby() -> None:
    inner = "{% for x in 'ab' %}{% if x == 'a' %}{電話|でんわ}{% endif %}{% endfor %}"
    assert render("{% furigana %}" + inner + "{% endfurigana %}") == RUBY


def test_outside_the_block_nothing_changes() -> None:
    assert render("{電話|でんわ}") == "{電話|でんわ}"


def test_what_a_variable_brings_is_no_reading_and_stays_escaped() -> None:
    assert (
        render("{% furigana %}{{ words }}{% endfurigana %}", words="<{電話|でんわ}>")
        == "&lt;{電話|でんわ}&gt;"
    )


def test_words_of_ours_are_escaped_before_they_get_readings() -> None:
    assert furigana_words("<b>{電話|でんわ}") == "&lt;b&gt;" + RUBY


@pytest.mark.parametrize(
    ("day", "words", "readings"),
    [
        (date(2024, 12, 25), "12月25日（水）", ["がつ", "にち", "すい"]),
        (date(2025, 1, 1), "1月1日（水）", ["がつ", "ついたち", "すい"]),
        (date(2025, 1, 4), "1月4日（土）", ["がつ", "よっか", "ど"]),
        (date(2024, 12, 24), "12月24日（火）", ["がつ", "にじゅうよっか", "か"]),
    ],
)
def test_a_day_is_read_as_it_is_said(day: date, words: str, readings: list[str]) -> None:
    html = calendar_day(day)
    assert Page(f"<body>{html}</body>").words == words
    assert [part.split("</rt>")[0] for part in html.split('<rt aria-hidden="true">')[1:]] == readings


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2024-12-28 23:59", "きょう 23:59"),
        ("2024-12-29 00:00", "あした 00:00"),
        ("2024-12-30 10:00", "12月30日（月）10:00"),
        ("2024-12-27 10:00", "12月27日（金）10:00"),
    ],
)
def test_a_moment_is_said_by_its_distance(jst: Callable[[str], datetime], at: str, words: str) -> None:
    html = moment(jst(at), jst("2024-12-28 16:30"))
    assert Page(f"<body>{html}</body>").words == words
