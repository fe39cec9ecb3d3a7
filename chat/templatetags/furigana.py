"""Furigana that an author wrote, and dates a child can read.

In a template ``{% furigana %}…{漢字|かんじ}…{% endfurigana %}`` becomes ruby. The readings are put in
place once, when the template is compiled, and only in the author's own text: what a variable
brings in is never taken for a reading.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from django import template
from django.template.base import Node, NodeList, Parser, TextNode, Token
from django.template.context import Context
from django.templatetags.i18n import BlockTranslateNode, do_block_translate
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from chat.languages import has_readings
from chat.rules.readings import READING, without_readings

register = template.Library()

# The reading is for the eyes: a screen reader reads the kanji itself (WAI, ruby and rt).
_RUBY = r'<ruby>\1<rp>（</rp><rt aria-hidden="true">\2</rt><rp>）</rp></ruby>'
# Browsers break a line before and after ruby: what belongs together is held together, as far as a narrow
# screen has room: a count, "お" or katakana before it, rubies in a row, the kana or the mark
# after. So are hours.
_BEFORE = r'(?:[0-9]+|[おご（「]|[ァ-ヺー]+|<span data-slot="\w+"></span> ?)?'
_RUN = re.compile(
    rf"(?:{_BEFORE}{READING.pattern})+[ぁ-ゖァ-ヺー、。」）・！？]?|[0-9]+:[0-9]{{2}}[〜~–][0-9]+:[0-9]{{2}}"
)
_TAG = re.compile(r"<[^>]*>")
_HELD_EM = 7
_WEEKDAYS = ("月|げつ", "火|か", "水|すい", "木|もく", "金|きん", "土|ど", "日|にち")
_DAYS = {
    1: "ついたち", 2: "ふつか", 3: "みっか", 4: "よっか", 5: "いつか", 6: "むいか", 7: "なのか", 8: "ようか",
    9: "ここのか", 10: "とおか", 14: "じゅうよっか", 20: "はつか", 24: "にじゅうよっか",
}  # fmt: skip


@lru_cache(maxsize=4096)
def to_ruby(markup: str) -> str:
    """Turn each ``{漢字|かんじ}`` into ruby, from which no okurigana breaks off. The rest stays as it is."""
    return _RUN.sub(_held, markup)


def _held(run: re.Match[str]) -> str:
    ruby = READING.sub(_RUBY, run[0])
    words = _TAG.sub("", without_readings(run[0]))
    is_short = sum(0.5 if char.isascii() else 1 for char in words) <= _HELD_EM
    stands_alone = READING.fullmatch(run[0])
    return f'<span class="nowrap">{ruby}</span>' if is_short and not stands_alone else ruby


class _FuriganaNode(Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        return self.nodelist.render(context)


@register.tag("furigana")
def furigana_block(parser: Parser, token: Token) -> Node:
    """Compile a block whose text carries readings."""
    nodelist = parser.parse(("endfurigana",))
    parser.delete_first_token()
    for node in nodelist.get_nodes_by_type(TextNode):
        node.s = to_ruby(node.s)  # type: ignore[attr-defined]  # the stubs give back plain Nodes
    return _FuriganaNode(nodelist)


class _TranslatedNode(BlockTranslateNode):
    """Translated words with readings. What a variable brings in is a date, a number or a name of ours."""

    def render(self, context: Context, nested: bool = False) -> SafeString:
        return mark_safe(to_ruby(super().render(context, nested)))  # noqa: S308 — escaped by the node


@register.tag("blocktranslate")
def blocktranslate(parser: Parser, token: Token) -> Node:
    """Translate a sentence, then set its readings."""
    node = do_block_translate(parser, token)
    node.__class__ = _TranslatedNode
    return node


@register.filter("furigana")
def furigana_words(words: object) -> SafeString:
    """Turn words of ours with readings into ruby, escaped."""
    return mark_safe(to_ruby(escape(str(words))))  # noqa: S308 — escaped just before


@register.filter
def own_name(name: str) -> SafeString:
    """Show a name of the campaign's file, escaped; its readings on Japanese pages alone."""
    return furigana_words(name if has_readings() else without_readings(name))


@register.filter
def clock_time(instant: datetime) -> str:
    """Show an instant's own wall-clock time: ``16:00``."""
    return f"{instant:%H:%M}"


@register.filter
def calendar_day(day: date) -> SafeString:
    """Show a day with its weekday: ``12月28日（土）``, with readings; in other languages as they write it."""
    if not has_readings():
        return mark_safe(escape(f"{date_format(day, 'MONTH_DAY_FORMAT')} ({date_format(day, 'D')})"))  # noqa: S308
    of_month = f"{{{day.day}日|{_DAYS[day.day]}}}" if day.day in _DAYS else f"{day.day}{{日|にち}}"
    weekday = f"{{{_WEEKDAYS[day.weekday()]}}}"
    return furigana_words(f"{day.month}{{月|がつ}}{of_month}（{weekday}）")


@register.filter
def moment(instant: datetime, now: datetime) -> SafeString:
    """Show when: ``きょう 16:00``, ``あした 10:00`` or ``12月28日（土）16:00``, in the instant's own zone."""
    days = instant.date() - now.astimezone(instant.tzinfo).date()
    time = clock_time(instant)
    if days == timedelta(0):
        return furigana_words(gettext("きょう %(time)s") % {"time": time})
    if days == timedelta(days=1):
        return furigana_words(gettext("あした %(time)s") % {"time": time})
    gap = "" if has_readings() else " "
    return mark_safe(f"{calendar_day(instant.date())}{gap}{time}")  # noqa: S308 — made of our own words and digits
