"""What a report tells and what it keeps to itself: sums in, cells out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staff.report_csv import BOM, safe, to_csv
from staff.report_topics import NAMED, topics_in
from staff.tally import (
    Codes,
    Counted,
    Place,
    Wait,
    begun,
    bounds,
    days_of,
    in_order,
    median,
    report_of,
    topic_list,
    veil,
)
from tests.rules.campaign_makers import SEED

YOUTH = Place("chat", "youth", "ja")
ENGLISH = Place("chat", "general", "en")
MAIL = Place("mail", "general", "ja")
CALLS = Place("phone", "general", "")
DAY = date(2024, 12, 28)
CODES = Codes({"chat": ("a", "b", "c"), "phone": ("a",)}, {}, NAMED, ("akari", "tomoshibi", ""))


@pytest.mark.parametrize(
    ("sums", "has_total", "cells"),
    [
        ({"a": 7, "b": 4, "c": 0}, False, {"a": 7, "b": "few", "c": "few"}),
        ({"a": 5, "b": 6, "c": 9}, True, {"a": 5, "b": 6, "c": 9}),
        ({"a": 7, "b": 4, "c": 9}, True, {"a": "hidden", "b": "few", "c": 9}),  # or 4 could be worked out
        ({"a": 7, "b": 4, "c": 9}, False, {"a": 7, "b": "few", "c": 9}),
        ({"a": 1, "b": 0, "c": 0}, True, {"a": "few", "b": "few", "c": "few"}),
        ({"a": 9, "x": 8}, False, {"a": 9, "b": "few", "c": "few", "other": 8}),
    ],
)
def test_what_is_few_is_not_told(sums: dict[str, int], has_total: bool, cells: dict[str, object]) -> None:
    assert dict(veil(sums, ("a", "b", "c"), 5, has_total=has_total)) == cells


@pytest.mark.parametrize("small", [0, 1])
def test_everything_can_be_told(small: int) -> None:
    assert dict(veil({"a": 1}, ("a", "b"), small, has_total=True)) == {"a": 1, "b": 0}


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30)), st.integers(2, 9), st.booleans())
def test_nobody_is_found_in_a_cell(sums: dict[str, int], small: int, has_total: bool) -> None:
    cells = dict(veil(sums, "abcdef", small, has_total=has_total))
    told = [cell for cell in cells.values() if isinstance(cell, int)]
    assert all(cell >= small for cell in told)
    assert not has_total or len(cells) - len(told) != 1


def test_a_single_line_that_is_few_stays_few() -> None:
    assert dict(veil({"a": 3}, ("a",), 5, has_total=True)) == {"a": "few"}


def flows(**sums: int) -> Counted:
    return Counted(flows={(DAY, YOUTH): Counter(sums)}, waits={YOUTH: Wait(90, 600, sums["answered"])})


def test_the_whole_service_sees_the_queue() -> None:
    counted = flows(came=40, answered=12, left=3, turned_away=25)
    [flow] = report_of(counted, CODES, is_whole=True, small=5).flows
    assert (flow.came, flow.answered, flow.left, flow.turned_away) == (40, 12, 3, 25)
    assert (flow.median_s, flow.longest_s) == (90, 600)


def test_an_organization_sees_no_queue_for_nobody_there_is_its_own() -> None:
    [flow] = report_of(flows(answered=12), CODES, is_whole=False, small=5).flows
    assert (flow.came, flow.answered, flow.left, flow.turned_away) == (None, 12, None, None)


def test_the_wait_of_few_is_not_told() -> None:
    [flow] = report_of(flows(answered=4), CODES, is_whole=True, small=5).flows
    assert (flow.median_s, flow.longest_s) == ("few", "few")


def test_days_are_summed_up_for_the_campaign() -> None:
    next_day = date(2024, 12, 29)
    counted = Counted(
        flows={
            (DAY, YOUTH): Counter(came=2, answered=1),
            (DAY, ENGLISH): Counter(came=1),
            (next_day, YOUTH): Counter(came=3),
        }
    )
    report = report_of(counted, CODES, is_whole=True, small=5, has_days=True)
    assert [(flow.place, flow.came) for flow in report.flows] == [(YOUTH, 5), (ENGLISH, 1)]
    assert [(flow.day, flow.place.channel, flow.came) for flow in report.days] == [
        (DAY, "chat", 3),
        (next_day, "chat", 3),
    ]
    assert not report_of(counted, CODES, is_whole=True, small=5).days


def test_reasons_are_told_as_they_are() -> None:
    counted = Counted(reasons={YOUTH: Counter(expired=1, outside_window=7)})
    [group] = report_of(counted, CODES, is_whole=True, small=5).reasons
    assert group.cells == (("outside_window", 7), ("expired", 1))


def test_topics_that_are_not_counted_are_none() -> None:
    assert report_of(Counted(topics=None), CODES, is_whole=True, small=5).topics is None


def test_places_stand_in_order() -> None:
    assert in_order([CALLS, ENGLISH, MAIL, YOUTH]) == [YOUTH, ENGLISH, MAIL, CALLS]


def test_the_median_of_two_is_their_mean() -> None:
    assert (median([7]), median([7, 10])) == (7, 8)


# --- days ---


def test_the_days_are_the_campaign_s_local_ones_until_today() -> None:
    now = datetime(2024, 12, 26, 15, 30, tzinfo=UTC)  # 00:30 on the 27th in Tokyo
    assert days_of(SEED, now) == [date(2024, 12, day) for day in (27, 26, 25)]
    assert days_of(SEED, datetime(2025, 3, 1, tzinfo=UTC))[0] == date(2025, 1, 4)


def test_a_day_is_from_midnight_to_midnight() -> None:
    since, until = bounds(DAY, SEED.zone)
    assert since.astimezone(UTC).isoformat() == "2024-12-27T15:00:00+00:00"
    assert (until - since).total_seconds() == 24 * 3600


def test_a_report_is_of_the_campaign_that_began_last() -> None:
    before = datetime(2024, 12, 1, tzinfo=UTC)
    assert begun([SEED], before) is None
    assert begun([SEED], datetime(2025, 3, 1, tzinfo=UTC)) == SEED


# --- topics ---


def test_only_what_the_form_offers_is_counted_by_name() -> None:
    assert topics_in("学校、さびしい、わたしの名前は、", "youth") == {"学校", "さびしい", "other"}
    assert topics_in("", "youth") == set()
    assert topics_in("学校、住まい", topic_list(CALLS)) == {"学校", "住まい"}


# --- FAULT: spreadsheet formulas ---


@pytest.mark.parametrize(
    "cell",
    [
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－1",
        "＠1",
        "  =1",
        "　＝1",
    ],
    ids=ascii,
)
def test_a_spreadsheet_runs_no_cell(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "12", "チャット", "5未満", "a=b", "—", "'=1"])
def test_what_is_harmless_stays(cell: str) -> None:
    assert safe(cell) == cell


def test_the_file_opens_in_japanese() -> None:
    made = to_csv([["日", "数"], ['a"b', "1,2"], ["=1", "x\ny"]])
    assert made.startswith(BOM.encode())
    assert made.decode("utf-8-sig") == '日,数\r\n"a""b","1,2"\r\n\'=1,"x\ny"\r\n'
