"""Promises 3, 4 and 7 under random evenings, see tests/store/machine.py."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.store.machine import QueueMachine, Tally


@pytest.mark.long
def test_random_evenings_keep_every_promise(redis_url: str) -> None:
    class Machine(QueueMachine):
        url = redis_url

    run_state_machine_as_test(
        Machine,
        settings=settings(
            stateful_step_count=50,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    assert Tally.claims > 100
