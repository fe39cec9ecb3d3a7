"""How long somebody stays signed in, and what ends with a session."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import AsyncClient, Client

from chat import control
from chat.db import run
from staff import members
from staff.models import StaffSession, User
from staff.reach import Place
from tests.sockets import OWN, available, desk, enter, knock, member, message_id, session_cookie

pytestmark = pytest.mark.django_db(transaction=True)
BOARD = "/staff/board/"


@pytest.fixture
def sara(sign_in) -> Client:
    return sign_in("sara")


def test_session_lasts_as_long_as_it_is_used(seed, sara, set_clock):
    for minute in ("16:59", "17:28", "17:57"):
        set_clock(f"2024-12-28 {minute}")
        assert sara.get(BOARD).status_code == 200


def test_thirty_minutes_without_an_act_end_it(seed, sara, set_clock):
    set_clock("2024-12-28 17:00:01")
    assert sara.get(BOARD).status_code == 302


def test_twelve_hours_end_it_however_used(seed, sara, set_clock):
    began = datetime.fromisoformat("2024-12-28 16:30")
    for minutes in range(25, 12 * 60, 25):
        set_clock(str(began + timedelta(minutes=minutes)))
        assert sara.get(BOARD).status_code == 200
    set_clock(str(began + timedelta(hours=12, seconds=1)))
    assert sara.get(BOARD).status_code == 302


def test_row_knows_whose_it_is(sara, people):
    assert StaffSession.objects.get().user == people["sara"]


def test_sign_in_takes_ended_sessions_away(seed, sara, sign_in, set_clock):
    set_clock("2024-12-28 18:00")
    sign_in("carla")
    assert StaffSession.objects.get().user.username == "carla"


def test_request_under_way_does_not_bring_an_ended_session_back(sara):
    StaffSession.objects.all().delete()
    assert sara.get(BOARD).status_code == 302
    assert not StaffSession.objects.filter(user__isnull=False).exists()


# --- sockets ---


async def look() -> None:
    """What each socket does every minute."""
    for user in await run(lambda: list(User.objects.values_list("pk", flat=True))):
        await control.revoke(str(user))


async def test_socket_without_an_act_ends_with_the_session(seed, process, set_clock):
    peer = await desk(await member("carla"))
    await peer.take("welcome")
    set_clock("2024-12-28 17:00:30")
    await peer.hush()  # pings are no acts
    await look()
    assert await peer.closed() == 4401


@pytest.mark.parametrize(
    "act",
    [
        {"type": "activity"},
        {"type": "availability.set", "state": "away"},
    ],
)
async def test_act_at_the_socket_keeps_the_session(seed, process, set_clock, act):
    peer = await desk(await member("carla"))
    await peer.take("welcome")
    set_clock("2024-12-28 16:55")
    await peer.send(act["type"], **{key: value for key, value in act.items() if key != "type"})
    await _touched_since("2024-12-28 17:20")
    set_clock("2024-12-28 17:20")
    await look()
    await peer.hush()


async def test_writing_to_a_visitor_is_an_act(seed, process, set_clock):
    carla = await available(await member("carla"))
    await enter()
    talk = (await carla.take("assigned"))["conversation"]
    set_clock("2024-12-28 16:55")
    await carla.send("message.send", conversation=talk, id=message_id(), body="はい")
    await carla.take("message.ack")
    await _touched_since("2024-12-28 17:20")


async def _touched_since(text: str) -> None:
    late = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    async with asyncio.timeout(10):
        while not await run(StaffSession.objects.filter(expire_date__gt=late).exists):  # noqa: ASYNC110 — a row
            await asyncio.sleep(0.01)


async def test_act_does_not_wake_a_session_that_has_ended(seed, process, set_clock):
    peer = await desk(await member("carla"))
    await peer.take("welcome")
    set_clock("2024-12-28 17:00:30")
    await peer.send("activity")
    await peer.hush()
    await look()
    assert await peer.closed() == 4401


async def test_sign_out_everywhere_ends_every_session_and_socket(seed, process):
    carla = await member("carla")
    tabs = [await desk(carla) for _ in range(2)]
    for tab in tabs:
        await tab.take("welcome")
    browser = AsyncClient()
    await browser.aforce_login(carla)
    answer = await browser.post("/staff/logout/everywhere/")
    assert answer.headers["Location"] == "/staff/login/"
    assert [await tab.closed() for tab in tabs] == [4401, 4401]
    assert not await run(StaffSession.objects.filter(user=carla).exists)


async def test_sign_out_leaves_the_other_device(seed, process):
    carla = await member("carla")
    phone = await desk(carla)
    await phone.take("welcome")
    laptop = AsyncClient()
    await laptop.aforce_login(carla)
    await laptop.post("/staff/logout/")
    await phone.hush()


async def test_closed_account_s_socket_ends(seed, process):
    carla, adam = await member("carla"), await member("adam", User.ADMINISTRATOR)
    peer = await desk(carla)
    await peer.take("welcome")
    await run(members.change_rights, adam, carla.pk, Place(User.COUNSELOR, "org-a"), is_active=False)
    await control.revoke(str(carla.pk))
    assert await peer.closed() == 4401


async def test_other_rights_end_the_socket(seed, process):
    sara, adam = await member("sara", User.SUPERVISOR), await member("adam", User.ADMINISTRATOR)
    peer = await desk(sara)
    await peer.take("welcome")
    await run(members.change_rights, adam, sara.pk, Place(User.SUPERVISOR, None, True), is_active=True)
    await control.revoke(str(sara.pk))
    assert await peer.closed() == 4403


async def test_session_by_password_alone_opens_no_socket(seed, process, settings):
    settings.STAFF_SECOND_FACTOR = True
    peer = await desk(await member("carla"))
    assert await peer.closed() == 4401


async def test_foreign_page_with_the_cookie_opens_no_socket(seed, process):
    cookie = await run(session_cookie, await member("carla"))
    peer = await knock("/ws/staff/", cookie=cookie, origin=OWN.replace("127.0.0.1", "127.0.0.2"))
    assert await peer.closed() == 4403


def test_cookie_is_out_of_reach_of_scripts_and_of_other_sites(sara):
    cookie = sara.cookies[settings.SESSION_COOKIE_NAME]
    sara.get(BOARD)
    cookie = sara.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
