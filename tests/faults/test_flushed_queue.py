"""Redis is emptied while ten thousand wait: the queue is rebuilt once, in the same order, and goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.peers import available, visitor
from tests.service import Service, open_ticket, until

pytestmark = pytest.mark.processes
WAITING = 10_000
LANE = "{na}:lane:youth:ja"


@pytest.fixture
def crowd(mixed: Service) -> Iterator[list[str]]:
    """Ten thousand rows that wait, every seventh urgent; the tickets in the order of their places."""
    mixed.kill_timers()  # only the web processes may notice
    yield json.loads(mixed.manage("shell", "-v0", "-c", FILL))
    mixed.manage("shell", "-v0", "-c", "from chat.models import Ticket; Ticket.objects.all().delete()")
    mixed.ask_redis("FLUSHALL")
    mixed.start_timers()


FILL = f"""
import json, os
from datetime import timedelta
from chat.models import Campaign, Ticket
from chat.rules.pairing import score_ms
from chat.sealing import new_data_key, sealer
from notalone import clock
WORDS = json.dumps({{"nickname": "", "topic": "", "note": ""}})
now = clock.now() - timedelta(minutes=20)
campaign = Campaign.objects.get()
rows = []
for number in range({WAITING}):
    opened_at = now + timedelta(milliseconds=60 * number)
    urgency = 2 if number % 7 == 0 else 0
    ticket = Ticket(
        campaign=campaign, token_hash=os.urandom(32), audience="youth", language="ja", urgency=urgency,
        opened_at=opened_at, score_ms=score_ms(opened_at, urgency), entry_sealed=b"",
    )
    _, ticket.key_sealed = new_data_key(ticket.id)
    if number < 2:  # these come to a desk
        ticket.entry_sealed = sealer(ticket.id, ticket.key_sealed).seal(WORDS)
    rows.append(ticket)
Ticket.objects.bulk_create(rows, 2000)
print(json.dumps([str(row.id) for row in sorted(rows, key=lambda row: (row.score_ms, str(row.id)))]))
"""


def rebuilt(service: Service) -> int:
    return service.logs().count("the queue was rebuilt")


def test_two_processes_that_notice_at_once_rebuild_it_once_in_the_same_order(
    mixed: Service, crowd: list[str]
) -> None:
    mixed.ask_redis("FLUSHALL")
    before = rebuilt(mixed)

    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(open_ticket, mixed.webs * 4))

    assert rebuilt(mixed) - before == 1
    order = [key.decode() for key in mixed.ask_redis("ZRANGE", LANE, "0", "-1")]
    assert order[:WAITING] == crowd
    assert sorted(order[WAITING:]) == sorted(ticket["ticket"] for ticket in opened)
    # each place was right when it was told: of two at the same instant, the later one may stand first
    assert {ticket["position"] for ticket in opened} <= {WAITING + n for n in range(1, 9)}

    carla = available(mixed.webs[1], mixed.member("carla"), capacity=1)
    carla.take("assigned")
    last = visitor(mixed.webs[0], opened[0]["token"])
    assert last.take("welcome")["position"] == order.index(opened[0]["ticket"])
    assert mixed.ask_redis("ZRANGE", LANE, "0", "0") == [crowd[1].encode()]
    carla.end()
    last.end()
    until(lambda: mixed.ask_redis("EXISTS", "{na}:epoch"), "the queue stands")
