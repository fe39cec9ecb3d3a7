"""When a page about hours has to be made anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chat.rules.edges import next_edge
from chat.rules.hours import state_of
from tests.rules.campaign_makers import SECOND, SEED, jst


def edge_after(text: str) -> str:
    now = jst(text)
    states = [state_of(SEED, service, now) for service in SEED.services]
    return f"{next_edge(SEED, states, now).astimezone(SEED.zone):%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("at", "edge"),
    [
        ("2024-12-20 12:00", "12-21 00:00:00"),
        ("2024-12-25 00:00", "12-25 10:00:00"),
        ("2024-12-25 09:59", "12-25 10:00:00"),
        ("2024-12-25 10:00", "12-25 16:00:00"),
        ("2024-12-28 16:00", "12-28 22:00:00"),
        ("2024-12-28 22:00", "12-29 00:00:00"),
        ("2024-12-31 23:59", "01-01 00:00:00"),
        ("2025-01-04 09:59", "01-04 10:00:00"),
        ("2025-01-04 10:00", "01-05 00:00:00"),
    ],
)
def test_the_next_edge_is_the_first_that_changes_a_word(at: str, edge: str) -> None:
    assert edge_after(at) == edge


def test_between_two_edges_no_service_changes() -> None:
    """Walk the whole campaign from edge to edge, and look just before each."""
    now, end, count = jst("2024-12-24 12:00"), jst("2025-01-06 00:00"), 0
    while now < end:
        states = [state_of(SEED, service, now) for service in SEED.services]
        edge = next_edge(SEED, states, now)
        assert now < edge <= now + timedelta(days=1)
        later = [state_of(SEED, service, edge - SECOND) for service in SEED.services]
        assert [state.is_open for state in later] == [state.is_open for state in states]
        now, count = edge, count + 1
    assert count == 13 + 1 + 3 * 9 + 3  # midnights; edges of the first day, of nine more, of the last


def test_where_entry_may_become_too_late_is_an_edge() -> None:
    from dataclasses import replace

    now = jst("2024-12-28 16:30")
    state = state_of(SEED, SEED.services[3], now)
    late = replace(state, last_entry_at=jst("2024-12-28 20:15"))
    assert next_edge(SEED, [late], now) == jst("2024-12-28 20:15")
