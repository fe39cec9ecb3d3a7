"""A report as the sections of a page, and as the lines of a file: the same numbers in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from staff import report_words as words
from staff.tally import Flow, Group, Place, Report


@dataclass(frozen=True, slots=True)
class Line:
    """One number as it is told."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Block:
    """Numbers that belong together; ``told`` are those that are large enough to be."""

    place: Place
    title: str
    lines: tuple[Line, ...]
    told: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and the blocks below it. ``key`` names it to the page; ``is_topics``: its names are
    Japanese."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    is_topics: bool = False


Named = Callable[[Group, str], str]


def sections(report: Report, organizations: Mapping[str, str]) -> tuple[Section, ...]:
    """Give everything but the flows. ``organizations``: {slug: name}."""

    def organization_words(_group: Group, code: str) -> str:
        return organizations.get(code, code) if code else _("どの団体でもない")

    found = [
        Section("reasons", _("お断りのわけ"), _blocks(report.reasons, words.reason_words)),
        Section("outcomes", _("結果"), _blocks(report.outcomes, words.outcome_words)),
        Section("referrals", _("つなぎ支援の先"), _blocks(report.referrals, words.kind_words)),
        Section("topics", _("話されたこと"), _blocks(report.topics or (), words.topic_words), is_topics=True),
        Section("organizations", _("団体ごとの相談"), _blocks(report.organizations, organization_words)),
    ]
    return tuple(section for section in found if section.blocks)


def flow_numbers(flow: Flow) -> dict[str, str]:
    """Give a flow's numbers under the names of its columns."""
    return {
        _("来た"): words.cell_words(flow.came),
        _("つながった"): words.cell_words(flow.answered),
        _("自分で離れた"): words.cell_words(flow.left),
        _("お断り"): words.cell_words(flow.turned_away),
    }


def wait_numbers(flow: Flow) -> dict[str, str]:
    """Give a flow's waits under the names of their columns."""
    return {
        _("待ち時間（真ん中）"): words.wait_words(flow.median_s),
        _("待ち時間（最長）"): words.wait_words(flow.longest_s),
    }


def file_rows(report: Report, organizations: Mapping[str, str], day: str) -> Iterator[list[str]]:
    """Give the lines of a file, the heading first: one number each, waits in seconds."""
    yield [_("日"), _("窓口"), _("対象"), _("言語"), _("何の数か"), _("項目"), _("数")]
    for flow in (*report.flows, *report.days):
        on = flow.day.isoformat() if flow.day else day
        waits = {
            _("待ち時間の真ん中（秒）"): words.second_words(flow.median_s),
            _("待ち時間の最長（秒）"): words.second_words(flow.longest_s),
        }
        for name, number in {**flow_numbers(flow), **({} if flow.day else waits)}.items():
            if number != words.cell_words(None):
                yield [on, *_place(flow.place), _("人数"), name, number]
    for section in sections(report, organizations):
        for block in section.blocks:
            for line in block.lines:
                yield [day, *_place(block.place), section.title, line.name, line.number]


def _place(place: Place) -> list[str]:
    channel = str(words.CHANNELS[place.channel])
    return [channel, words.audience_words(place), words.language_words(place)]


def _blocks(groups: tuple[Group, ...], named: Named) -> tuple[Block, ...]:
    blocks = []
    for group in groups:
        lines = [(Line(named(group, code), words.cell_words(cell)), cell) for code, cell in group.cells]
        told = tuple(line for line, cell in lines if cell != "few")
        blocks.append(
            Block(group.place, words.place_words(group.place), tuple(line for line, _cell in lines), told)
        )
    return tuple(blocks)
