"""A counselor's laptop that is really frozen in mid-talk (SIGSTOP), and wakes up again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from notalone.env import ROOT
from tests.faults.peers import Peer, available, desk, visitor
from tests.processes import until
from tests.service import Service, open_ticket, sign_in

pytestmark = [pytest.mark.processes, pytest.mark.long]
GRACE_S = 10  # the operator's setting; where nothing is set it is 60
LONG_S = 180.0  # 26 s until the line is taken for dead, 20 for its lease, then the grace


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A Daphne and a uvicorn: not the ones that are shared, since this takes a minute."""
    service = Service(tmp_path, extra={"NOTALONE_COUNSELOR_GRACE_SECONDS": str(GRACE_S)})
    try:
        service.start(webs=1)
        service.add_web("uvicorn")
        yield service
    finally:
        service.stop()


@pytest.fixture
def laptop(service: Service) -> Iterator[subprocess.Popen[str]]:
    web = service.webs[0]
    cookie = sign_in(web, service.member("carla"))
    arguments = ("-m", "tests.faults.laptop", f"{web.ws}/ws/staff/", web.url, cookie)
    popen = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    yield popen
    popen.kill()
    popen.communicate()


def test_a_laptop_that_is_frozen_loses_its_talk_to_another_and_writes_nothing_more(
    service: Service, laptop: subprocess.Popen[str]
) -> None:
    two = service.webs[1]
    assert laptop.stdout is not None
    opened = open_ticket(two)
    talk = laptop.stdout.readline().strip()
    vera = visitor(two, opened["token"])
    vera.take("message")  # it writes
    sara = desk(two, service.member("sara"))
    carla = next(one["id"] for one in sara.take("queue.stats")["people"] if one["load"])
    os.kill(laptop.pid, signal.SIGSTOP)

    until(lambda: not person(sara, carla)["online"], "the supervisor sees it", patience_s=LONG_S)
    chris = available(two, service.member("chris"))
    until(lambda: hears(vera, "requeued"), "the talk goes back to the lane", patience_s=LONG_S)
    assert vera.take("requeued")["reason"] == "counselor_lost"
    assert chris.take("assigned")["conversation"] == talk
    chris.send("assignment.confirm", conversation=talk)
    assert chris.take("message")["seq"] == 1  # with its history
    before = chris.say("つづきを聞かせてください", conversation=talk)["seq"]

    os.kill(laptop.pid, signal.SIGCONT)
    assert laptop.stdout.readline().startswith("ended")
    assert vera.say("はい")["seq"] == before + 1  # nothing of what it wrote is there
    assert chris.take("message", seq=before + 1)["body"] == "はい"


def person(sara: Peer, key: str) -> dict[str, Any]:
    """Give a counselor as the board has them now."""
    people = sara.take("queue.stats")["people"]
    return dict(next(one for one in people if one["id"] == key))


def hears(peer: Peer, kind: str) -> bool:
    """Wait a while for the next frame; tell whether one of this kind has come."""
    with suppress(TimeoutError):
        peer.kept.append(peer.next())
    return any(frame["type"] == kind for frame in peer.kept)
