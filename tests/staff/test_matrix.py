"""Who may do what: every URL and every client frame, for each role, in the own organization and in another.

A URL or a frame without a row fails the test. A cell that is not what stands here does too.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from django.test import AsyncClient
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from chat import protocol
from chat.db import run
from chat.models import Counselor
from staff import invitations
from staff.models import User
from staff.reach import Place
from tests.sockets import Peer, enter, make_member, message_id, visitor
from tests.staff.supervisors import REASON, board, make_supervisor, shown_cookie, talk

pytestmark = pytest.mark.django_db(transaction=True)

# --- URLs ---

# Each row: nobody, counselor, supervisor of the own organization, of another one, of the whole service,
# administrator. The target, where there is one, is a counselor (or a link for one) of organization org-a.
PEOPLE = ("nobody", "carla", "own", "foreign", "wide", "adam")
OPEN, SIGN_IN = (200,) * 6, 302
IN = (SIGN_IN, 200, 200, 200, 200, 200)
GET: dict[str, tuple[int, ...]] = {
    "staff_home": (302, 302, 302, 302, 302, 302),
    "staff_language": (405, 405, 405, 405, 405, 405),
    "staff_desk": (302, 200, 403, 403, 403, 403),
    "staff_board": (302, 403, 200, 200, 200, 200),
    "account_login": (200, 302, 302, 302, 302, 302),
    "mfa_authenticate": (302, 302, 302, 302, 302, 302),
    "staff_no_factor": (403,) * 6,
    "account_logout": (302, 200, 200, 200, 200, 200),
    "staff_logout_everywhere": (302, 405, 405, 405, 405, 405),
    "account_inactive": OPEN,
    "staff_invited": (302,) * 6,
    "staff_join": (404,) * 6,
    "account_reauthenticate": IN,
    "mfa_reauthenticate": (302, 302, 302, 302, 302, 302),  # to the password: there is no factor
    "mfa_reauthenticate_webauthn": (302, 302, 302, 302, 302, 302),
    "account_change_password": IN,
    "mfa_index": IN,
    "mfa_activate_totp": IN,
    "mfa_deactivate_totp": (302, 404, 404, 404, 404, 404),
    "mfa_list_webauthn": IN,
    "mfa_add_webauthn": IN,
    "mfa_remove_webauthn": (302, 404, 404, 404, 404, 404),
    "mfa_edit_webauthn": (302, 404, 404, 404, 404, 404),
    "mfa_view_recovery_codes": (302, 404, 404, 404, 404, 404),
    "mfa_generate_recovery_codes": IN,
    "mfa_download_recovery_codes": (302, 404, 404, 404, 404, 404),
    "staff_members": (302, 403, 200, 200, 200, 200),
    "staff_invite": (302, 405, 405, 405, 405, 405),
    "staff_withdraw": (302, 405, 405, 405, 405, 405),
    "staff_member": (302, 403, 200, 404, 404, 200),
    "staff_rights": (302, 405, 405, 405, 405, 405),
    "staff_renew": (302, 405, 405, 405, 405, 405),
    "staff_sign_out_member": (302, 405, 405, 405, 405, 405),
    "staff_check_words": (302, 403, 200, 200, 200, 200),
    "staff_ready_sentences": (302, 403, 200, 200, 200, 200),
    "staff_inbox": (302, 200, 403, 403, 403, 403),
    "staff_letters": (302, 403, 200, 200, 200, 403),
    "staff_letter": (302, 403, 404, 404, 404, 403),  # there is no such letter
    "staff_report": (302, 403, 200, 200, 200, 403),
    "staff_report_file": (302, 403, 404, 404, 404, 403),  # no campaign has begun: there is nothing to save
    "staff_phone": (302, 200, 200, 200, 200, 403),
    "staff_phone_one": (302, 404, 404, 404, 404, 403),  # there is no such call
    "staff_phone_correct": (302, 404, 404, 404, 404, 403),
    "staff_phone_delete": (302, 404, 404, 404, 404, 403),
    "staff_inquiry": (302, 404, 403, 403, 403, 403),  # the target is none of this counselor's
    "staff_inquiry_act": (302, 405, 405, 405, 405, 405),
}
POST: dict[str, tuple[int, ...]] = {
    "staff_invite": (302, 403, 200, 200, 200, 200),
    "staff_withdraw": (302, 403, 302, 404, 404, 302),
    "staff_rights": (302, 403, 302, 404, 404, 302),
    "staff_renew": (302, 403, 200, 404, 404, 200),
    "staff_sign_out_member": (302, 403, 302, 404, 404, 302),
    "staff_logout_everywhere": (302,) * 6,
    "staff_letter": (302, 403, 404, 404, 404, 403),
    "staff_phone": (302, 409, 403, 403, 403, 403),  # there is no campaign to write it down for
    "staff_phone_one": (302, 404, 404, 404, 404, 403),
    "staff_phone_correct": (302, 404, 404, 404, 404, 403),
    "staff_phone_delete": (302, 404, 404, 404, 404, 403),
    "staff_inquiry_act": (302, 302, 403, 403, 403, 403),  # led back: the letter is not there
    "staff_check_words": (302, 403, 400, 400, 400, 400),  # without a list there is nothing to save
    "staff_ready_sentences": (302, 403, 400, 400, 400, 400),  # nor without sentences
    "staff_desk": (302, 405, 405, 405, 405, 405),
    "staff_board": (302, 405, 405, 405, 405, 405),
}
# What visitors use knows no session: whoever is signed in is a stranger there (tests/chat tries its doors).
WITHOUT_SESSION = (
    "healthz", "readyz", "metrics", "api/v1/", "",
)  # fmt: skip


def walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, path)
        else:
            yield path, pattern


def test_every_staff_page_has_a_row() -> None:
    names = {pattern.name for path, pattern in walk(get_resolver().url_patterns) if path.startswith("staff/")}
    assert names == set(GET)


def test_every_other_page_is_a_visitor_s() -> None:
    for path, _ in walk(get_resolver().url_patterns):
        assert path.startswith(("staff/", *WITHOUT_SESSION)), path
        assert not path.startswith("admin"), path


def make_people() -> dict[str, User]:
    return {
        "carla": make_member("carla", organization="org-a"),
        "own": make_supervisor("own", "org-a", is_wide=False),
        "foreign": make_supervisor("foreign", "org-b", is_wide=False),
        "wide": make_supervisor("wide", "org-b", is_wide=True),
        "adam": make_member("adam", User.ADMINISTRATOR, "org-b"),
    }


async def answers(method: str, table: dict[str, tuple[int, ...]], person: str) -> dict[str, int]:
    """Ask for each page as one person, signed in anew each time; give the statuses."""
    people = await run(make_people)
    target = await run(make_member, "target", User.COUNSELOR, "org-a")
    given = {}
    for name in table:
        row, token = await run(invitations.invite, people["adam"], Place("counselor", "org-a"))
        samples = {
            "member_id": target.pk,
            "pk": 1,
            "invitation_id": row.pk,
            "token": token,
            "inquiry_id": uuid.uuid4(),
            "call_id": uuid.uuid4(),
            "letter_id": uuid.uuid4(),
            "verb": "claim",
        }
        browser = AsyncClient()
        if person != "nobody":
            cookie = await run(shown_cookie, people[person])
            browser.cookies["sessionid"] = cookie.split("=")[1]
        pattern = next(p for _, p in walk(get_resolver().url_patterns) if p.name == name)
        path = reverse(name, kwargs={key: samples[key] for key in pattern.pattern.converters})
        sent = {"role": "counselor", "organization": "org-a", "is_active": "on"} if method == "post" else {}
        given[name] = (await getattr(browser, method)(path, sent)).status_code
    return given


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize(("method", "table"), [("get", GET), ("post", POST)], ids=["get", "post"])
async def test_each_page_answers_as_it_must(process, method, table, person) -> None:
    expected = {name: row[PEOPLE.index(person)] for name, row in table.items()}
    assert await answers(method, table, person) == expected


# --- frames ---

OK = ""
NO, NONE = "not_allowed", "not_found"
# Each row: the counselor who holds the talk, one of another organization, supervisors of the talk's
# organization, of another one, of the whole service (and another organization), an administrator.
MEMBERS = ("holder", "chris", "own", "foreign", "wide", "adam")
DESK = (OK, NONE, NO, NO, NO, NO)
SUPERVISORS = (NO, NO, OK, NONE, OK, NO)
QUEUE = (NO, NO, OK, OK, OK, NO)
SERVICE = (NO, NO, NO, NO, OK, NO)
FRAMES: dict[str, tuple[str, ...]] = {
    "hello": ("bad_frame",) * 6,  # a second one
    "activity": (OK,) * 6,
    "ping": (OK,) * 6,
    "availability.set": (OK, OK, NO, NO, NO, NO),
    "assignment.confirm": DESK,
    "conversation.open": DESK,
    "message.send": DESK,
    "typing": DESK,
    "read": DESK,
    "note.add": DESK,
    "draft.save": DESK,
    "whisper.read": (NONE, NONE, NO, NO, NO, NO),  # there is no such whisper
    "ready.look": (OK, OK, NO, NO, NO, NO),
    "conversation.record": (NONE, NONE, NO, NO, NO, NO),  # the talk has not ended
    "handoff.look": DESK,
    "handoff.offer": ("no_room", NONE, NO, NO, NO, NO),  # chris is away
    "handoff.accept": (NONE, NONE, NO, NO, NO, NO),  # there is no such offer
    "handoff.decline": (NONE, NONE, NO, NO, NO, NO),
    "handoff.cancel": (NONE, NONE, NO, NO, NO, NO),
    "directory.look": (OK, OK, OK, OK, OK, NO),
    "emergency.call": (OK, NONE, NONE, NONE, NONE, NO),  # supervisors come, they do not call
    "emergency.come": (NO, NO, NONE, NONE, NONE, NO),  # there is no such call
    "emergency.check": (NONE, NONE, NONE, NONE, NONE, NO),
    "emergency.decide": (NO, NO, NONE, NONE, NONE, NO),
    "referral.open": (OK, NONE, OK, NONE, OK, NO),
    "referral.follow": (NONE, NONE, NONE, NONE, NONE, NO),
    "talks.list": (NO, NO, OK, OK, OK, NO),
    "queue.look": QUEUE,
    "ticket.boost": QUEUE,
    "ticket.assign": (NO, NO, "no_room", NONE, "no_room", NO),
    "pair.block": QUEUE,
    "lane.set": SERVICE,
    "window.set": SERVICE,
    "board.watch": (NO, NO, OK, OK, OK, OK),
    "alarm.acknowledge": (NO, NO, NONE, NONE, NONE, NONE),  # there is no such alarm
    "alarm.set": SERVICE,
    "conversation.join": SUPERVISORS,
    "conversation.part": SUPERVISORS,
    "conversation.take": SUPERVISORS,
    # last: who has taken the talk over may end it, as its holder
    "conversation.close": (OK, NONE, OK, NO, OK, NO),
}
VISITOR_FRAMES = {
    "hello",
    "message.send",
    "typing",
    "read",
    "leave",
    "ping",
}  # of the own talk: they name none


def tags(union: Any) -> set[str]:
    return {str(frame.__struct_config__.tag) for frame in get_args(union)}


def test_every_staff_frame_has_a_row() -> None:
    assert tags(protocol.StaffFrame) == set(FRAMES)


def test_every_visitor_frame_is_of_the_own_talk() -> None:
    assert tags(protocol.VisitorFrame) == VISITOR_FRAMES
    for frame in get_args(protocol.VisitorFrame):
        assert not {"conversation", "ticket", "counselor"} & set(frame.__struct_fields__)


def sample(kind: str, talk_id: str, ticket: str, counselor: str) -> dict[str, Any]:
    """Give the fields of one frame, as somebody sends who means it."""
    closes_at = datetime.now(UTC) + timedelta(days=400)
    values: dict[str, Any] = {
        "conversation": talk_id, "ticket": ticket, "counselor": counselor, "id": message_id(), "body": "x",
        "reason": REASON, "mode": "whisper", "audience": "youth", "urgency": 2, "accepting": True, "on": True,
        "handoff": str(uuid.uuid4()), "summary": "x",
        "emergency": str(uuid.uuid4()), "referral": str(uuid.uuid4()), "step": "danger", "decision": "guide",
        "words": "x", "kind": "police", "service": "x", "ground": "consent", "facts": "x", "seq": 1, "v": 1,
        "state": "available", "box": "message", "whisper": str(uuid.uuid4()), "outcome": "listened",
        "closes_at": closes_at, "alarm": str(uuid.uuid4()), "threshold": 5,
    }  # fmt: skip
    if kind == "alarm.set":
        values["kind"] = "wait"
    if kind == "window.set":
        values["closes_at"] = "2024-12-28T21:00:00+09:00"
    frame = next(one for one in get_args(protocol.StaffFrame) if one.__struct_config__.tag == kind)
    wanted = set(frame.__struct_fields__) - {
        "last_seq",
        "capacity",
        "note",
        "limit",
        "wrap_up_s",
        "back_in_s",
    }
    wanted -= {"language"} | ({"counselor"} if kind == "handoff.offer" else set())
    return {name: values[name] for name in wanted if name in values}


async def code_of(peer: Peer, kind: str, fields: dict[str, Any], expected: str) -> str:
    """Send a frame; give the code of the error that answers it, or nothing."""
    peer.kept.clear()
    await peer.send(kind, **fields)
    if expected:  # some refusals are looked up beside the receive loop
        return str((await peer.take("error"))["code"])
    mark = uuid.uuid4().hex
    await peer.send("ping", id=mark)
    await peer.take("pong", id=mark)
    return next((str(one["code"]) for one in peer.kept if one["type"] == "error"), OK)


@pytest.mark.parametrize("who", MEMBERS)
async def test_each_frame_answers_as_it_must(seed, process, who) -> None:
    desk, talk_id, _ = await talk("org-a")
    await desk.send("availability.set", state="available", capacity=1)
    await desk.take("availability")
    ticket = (await enter()).ticket
    counselor = str((await run(Counselor.objects.get, user__username="carla")).id)
    users = await run(_members)
    peer = desk if who == "holder" else await board(users[who])
    given = {}
    for kind, row in FRAMES.items():
        expected = row[MEMBERS.index(who)]
        given[kind] = await code_of(peer, kind, sample(kind, talk_id, ticket, counselor), expected)
        if kind == "conversation.take" and not expected:
            await peer.take("assigned")  # from then on it is on this desk
    assert given == {kind: row[MEMBERS.index(who)] for kind, row in FRAMES.items()}


def _members() -> dict[str, User]:
    return {
        "chris": make_member("chris", organization="org-b"),
        "own": make_supervisor("own", "org-a", is_wide=False),
        "foreign": make_supervisor("foreign", "org-b", is_wide=False),
        "wide": make_supervisor("wide", "org-b", is_wide=True),
        "adam": make_member("adam", User.ADMINISTRATOR, "org-a"),
    }


async def test_visitor_s_token_opens_no_staff_socket(seed, process) -> None:
    _, _, token = await talk()
    peer = await visitor(token)
    await peer.take("welcome")
    for kind in sorted(tags(protocol.StaffFrame) - VISITOR_FRAMES)[:2]:
        await peer.send(kind)
        assert (await peer.take("error"))["code"] == "bad_frame"


async def test_counselor_of_before_does_nothing_more(seed, process) -> None:
    desk, talk_id, _ = await talk()
    wide = await board((await run(_members))["wide"])
    await wide.send("conversation.take", conversation=talk_id, id=message_id(), reason=REASON)
    await desk.take("unassigned")
    for kind in ("typing", "read", "note.add", "assignment.confirm", "conversation.open"):
        fields = sample(kind, talk_id, "", "")
        assert await code_of(desk, kind, fields, NONE) == NONE, kind
