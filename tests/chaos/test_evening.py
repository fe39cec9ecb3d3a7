"""A short chaotic evening on both servers, with every kind of trouble. `make chaos` runs a long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.evening import Evening, Plan
from tests.chaos.stage import on_stage

pytestmark = pytest.mark.processes

SHORT = Plan(talks=10, messages=300, seed=9999, pace_s=0.3, gap_s=0.2, flap_s=2.0, longest_s=0.6, polling=5)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_no_word_is_lost_doubled_or_out_of_order(tmp_path: Path, database: str) -> None:
    with on_stage(tmp_path, database, SHORT.talks) as (service, rows):
        report = await Evening(service, rows, SHORT).run()
    assert report.verdict.faults == []
    assert report.verdict.stored >= SHORT.messages
