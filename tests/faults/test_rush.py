"""Many at once: who come back together, who flood the door, who hold sockets open and say nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from chat import runtime
from chat.actions.open_ticket import TicketRequest, open_ticket
from chat.models import Ticket, TurnedAway
from chat.rules.errors import ChatError
from tests.faults.peers import Peer, visitor
from tests.service import Service, Web
from tests.service import open_ticket as open_by_api
from tests.sockets import available, member

COMING_BACK = 60  # the ten thousand of an evening, scaled to a test
SILENT = 150


def come_back(web: Web, token: str) -> list[dict[str, Any]]:
    """Connect as a page does that has lost its process; give everything that it was told."""
    peer = visitor(web, token)
    peer.hush()
    told = peer.kept
    peer.end()
    return told


@pytest.mark.processes
def test_all_come_back_at_once_to_the_process_that_is_left(mixed: Service, at: int) -> None:
    """Each has the own place again, in the old order, and nobody is shown an error."""
    left = mixed.webs[1 - at]
    tokens = [open_by_api(mixed.webs[at])["token"] for _ in range(COMING_BACK)]
    for token in tokens:
        visitor(mixed.webs[at], token).take("welcome")
    mixed.webs[at].kill()
    try:
        with ThreadPoolExecutor(40) as pages:
            told = list(pages.map(lambda token: come_back(left, token), tokens))
        kinds = {frame["type"] for frames in told for frame in frames}
        places = [next(f["position"] for f in frames if f["type"] == "welcome") for frames in told]
        assert "error" not in kinds
        assert places == list(range(places[0], places[0] + COMING_BACK))
    finally:
        mixed.restart(at)
        for token in tokens:
            leave(left, token)


def leave(web: Web, token: str) -> None:
    peer = visitor(web, token)
    peer.send("leave")
    peer.take("closed")
    peer.end()


@contextmanager
def silent(web: Web) -> Iterator[list[Peer]]:
    """Sockets that say no hello, and handshakes that never end."""
    with ExitStack() as stack:
        for _ in range(SILENT):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", web.port)))
            slow.sendall(b"GET /ws/visitor/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: webso")
        yield [stack.enter_context(closing(Peer(f"{web.ws}/ws/visitor/"))) for _ in range(SILENT)]


@contextmanager
def closing(peer: Peer) -> Iterator[Peer]:
    try:
        yield peer
    finally:
        peer.end()


@pytest.mark.processes
def test_who_holds_sockets_open_and_says_nothing_holds_nobody_up(mixed: Service, at: int) -> None:
    web = mixed.webs[at]
    with silent(web) as peers:
        token = open_by_api(web)["token"]
        vera = visitor(web, token)
        assert vera.take("welcome")["state"] == "waiting"
        assert {peer.closed() for peer in peers} == {4408}
        vera.hush()
        vera.end()
    leave(web, token)


# --- a flood from one address ---


async def knock(address: str) -> str:
    try:
        await open_ticket(TicketRequest(audience="youth", consent=True), address)
    except ChatError as error:
        return error.code
    return "in"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("seed", "process")
async def test_a_flood_is_held_and_a_school_behind_one_address_is_served(settings: Any, caplog: Any) -> None:
    settings.ENTRIES_PER_HOUR = 60
    caplog.set_level("INFO")
    flood: list[str] = []
    for _ in range(50):
        flood += await asyncio.gather(*(knock("203.0.113.66") for _ in range(100)))
    school = [await knock("198.51.100.7") for _ in range(40)]
    assert (flood.count("in"), flood.count("too_many")) == (60, 4940)
    assert school == ["in"] * 40
    assert await Ticket.objects.acount() == 100
    assert "203.0.113.66" not in caplog.text
    assert await TurnedAway.objects.acount() <= 50  # a flood of entries is no flood of rows


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("seed", "process")
async def test_no_address_is_stored_anywhere(settings: Any) -> None:
    settings.ENTRIES_PER_HOUR = 1
    await available(await member("carla"))
    for address in ("203.0.113.66", "203.0.113.66", "2001:db8:5:6::1"):
        await knock(address)
    redis: Any = runtime.current().redis
    dump = [str(await redis.dump(key)) for key in await redis.keys("*")]
    rows = [str(row) async for row in Ticket.objects.values()]
    rows += [str(row) async for row in TurnedAway.objects.values()]
    for address in ("203.0.113.66", "2001:db8:5:6"):
        assert address not in "".join([*dump, *rows, *map(str, await redis.keys("*"))])
