"""Redis' master is killed and another takes over, behind Sentinel and in a cluster."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.peers import available, visitor
from tests.service import Service, open_ticket
from tests.store.servers import Cluster, Watched, cluster, watched

pytestmark = pytest.mark.processes
FORMS = {"sentinel": watched, "cluster": cluster}


@pytest.fixture(params=FORMS)
def servers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched | Cluster]:
    with FORMS[request.param](tmp_path / "servers") as started:
        yield started


@pytest.fixture
def service(servers: Watched | Cluster, tmp_path: Path) -> Iterator[Service]:
    """Two web processes and the timers on these servers."""
    service = Service(tmp_path, redis_url=servers.url)
    try:
        yield service.start(webs=2)
    finally:
        service.stop()


def rows(service: Service) -> dict[str, Any]:
    """What the database says: who waits, and how often each ticket was given to somebody."""
    said = service.manage("shell", "-v0", "-c", READ)
    return dict(json.loads(said))


READ = """
import json
from chat.models import Assignment, Ticket
rows = Ticket.objects.filter(state="waiting").order_by("score_ms")
waiting = [str(row.id) for row in rows]
given = [str(key) for key in Assignment.objects.order_by("id").values_list("conversation__ticket", flat=True)]
print(json.dumps({"waiting": waiting, "given": given}))
"""


def test_when_a_copy_without_the_last_writes_takes_over_nobody_is_lost_or_assigned_twice(
    servers: Watched | Cluster, service: Service
) -> None:
    one, two = service.webs
    carla = available(two, service.member("carla"), capacity=1)
    talker = open_ticket(one)
    talk = carla.take("assigned")["conversation"]
    vera = visitor(one, talker["token"])
    vera.take("welcome")
    known = [open_ticket(one) for _ in range(3)]
    servers.copy.process.send_signal(signal.SIGSTOP)  # from here on the copy hears nothing
    late = [open_ticket(two) for _ in range(2)]
    waiting = [
        visitor(web, one["token"]) for web, one in zip((one, two, one, two, one), known + late, strict=True)
    ]
    assert [socket.take("welcome")["position"] for socket in waiting] == [1, 2, 3, 4, 5]
    carla.send("conversation.close", conversation=talk)  # the first is paired, and the copy does not know
    waiting[0].take("paired")
    carla.take("assigned")

    servers.copy.process.send_signal(signal.SIGCONT)
    servers.fail_over()

    new = open_ticket(two)
    assert new["position"] in {5, None}
    last = visitor(two, new["token"])
    order = [waiting[1], waiting[2], waiting[3], waiting[4], last]
    chris = available(one, service.member("chris"))
    for socket in order[:3]:
        assert socket.take("paired")["counselor"]["name"]
    for _ in range(3):
        chris.take("assigned")
    order[3].take("queue.position", position=1)

    tickets = [talker, *known, *late, new]
    said = rows(service)
    assert said["given"] == [ticket["ticket"] for ticket in tickets[:5]]
    assert said["waiting"] == [ticket["ticket"] for ticket in tickets[5:]]
    assert "Traceback" not in service.logs()
    # the cache that limits sign-ins has let two in; now the Channels layer takes rights away
    service.manage("shell", "-v0", "-c", REVOKE)
    assert carla.closed() == 4401
    for peer in (*waiting, vera, last, carla, chris):
        peer.end()


REVOKE = """
import asyncio
from chat import control, runtime
from staff.models import User
user = User.objects.get(username="carla")
user.is_active = False
user.save()
async def revoke():
    await control.revoke(str(user.pk))
    await runtime.stop()  # asyncio.run cancels once, and a client library may swallow that
asyncio.run(revoke())
"""
