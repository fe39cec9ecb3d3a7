"""A call for help from the desk, what is asked and decided, and help outside."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from chat.db import run
from chat.models import Conversation
from chat.sealing import sealer
from staff.models import AuditEntry, Emergency, OutsideService, Referral, User
from tests.sockets import Peer, available, member, message_id, visitor
from tests.sockets import desk as connect
from tests.staff.supervisors import act, board, supervisor, talk

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "いま屋上にいると言った"
REFERRAL = {"kind": "police", "service": "みなと警察署", "ground": "danger_to_life", "facts": WORDS}


async def called() -> tuple[Peer, Peer, str, str]:
    """Carla has called, Sara has been told."""
    desk, conversation, _ = await talk()
    sara = await board(await supervisor())
    assert (await act(desk, "emergency.call", conversation=conversation))["type"] == "done"
    return desk, sara, conversation, (await sara.take("emergency"))["emergency"]


async def acts() -> list[str]:
    return await run(lambda: list(AuditEntry.objects.values_list("act", flat=True)))


async def test_call_reaches_supervisors_and_the_desk_at_once(seed, process):
    desk, _, conversation, emergency = await called()
    told = await desk.take("emergency")
    assert (told["emergency"], told["conversation"], told["second"], told["drill"]) == (
        emergency,
        conversation,
        None,
        False,
    )


async def test_supervisor_of_another_organization_is_not_told(seed, process):
    foreign = await board(await supervisor("foreign", "org-b", is_wide=False))
    await called()
    await foreign.hush()
    assert not [frame for frame in foreign.kept if frame["type"] == "emergency"]


async def test_supervisor_who_comes_later_is_told_of_what_is_open(seed, process):
    _, _, _, emergency = await called()
    late = await connect(await supervisor("late", is_wide=False))
    assert (await late.take("emergency"))["emergency"] == emergency


async def test_with_no_supervisor_signed_in_the_desk_is_told_so_until_one_comes(seed, process):
    await board(await supervisor("foreign", "org-b", is_wide=False))  # who is out of reach does not count
    desk, conversation, _ = await talk()
    await act(desk, "emergency.call", conversation=conversation)
    assert (await desk.take("emergency"))["supervisors_here"] == 0
    await board(await supervisor("late", is_wide=False))
    assert (await desk.take("emergency"))["supervisors_here"] == 1


async def test_a_supervisor_whose_session_has_ended_is_not_here(seed, process, set_clock):
    await board(await supervisor())
    set_clock("2024-12-28 17:01")  # half an hour without an act
    desk, conversation, _ = await talk()
    await act(desk, "emergency.call", conversation=conversation)
    assert (await desk.take("emergency"))["supervisors_here"] == 0


async def test_second_call_is_the_first(seed, process):
    desk, _, conversation, emergency = await called()
    await act(desk, "emergency.call", conversation=conversation)
    assert str((await run(Emergency.objects.get)).id) == emergency


async def test_first_supervisor_is_the_second_person(seed, process):
    desk, sara, _, emergency = await called()
    other = await board(await supervisor("other", is_wide=False))
    await act(sara, "emergency.come", emergency=emergency)
    await act(other, "emergency.come", emergency=emergency)
    assert (await desk.take("emergency", second="sara"))["came_at"]


async def test_what_was_asked_is_seen_by_both(seed, process):
    desk, sara, _, emergency = await called()
    await act(desk, "emergency.check", emergency=emergency, step="place")
    while "place" not in (await sara.take("emergency"))["checks"]:
        pass


async def test_decision_ends_the_call_and_its_words_are_sealed(seed, process):
    desk, sara, conversation, emergency = await called()
    await act(sara, "emergency.come", emergency=emergency)
    answer = await act(
        sara, "emergency.decide", emergency=emergency, decision="refer", ground="danger_to_life", words=WORDS
    )
    assert answer["type"] == "done"
    assert (await desk.take("emergency", decision="refer"))["ground"] == "danger_to_life"
    row, talk_row = await run(Emergency.objects.get), await run(Conversation.objects.get, id=conversation)
    assert WORDS.encode() not in bytes(row.words_sealed)
    assert sealer(talk_row.id, talk_row.key_sealed).open(row.words_sealed) == WORDS
    assert await acts() == ["emergency.called", "emergency.answered", "emergency.decided"]


@pytest.mark.parametrize(
    ("comes", "fields", "code"),
    [
        (False, {"decision": "guide", "words": WORDS}, "not_allowed"),
        (True, {"decision": "refer", "words": WORDS}, "reason_needed"),
        (True, {"decision": "guide", "words": ""}, "reason_needed"),
    ],
)
async def test_decision_needs_two_people_words_and_a_ground(seed, process, comes, fields, code):
    _, sara, _, emergency = await called()
    if comes:
        await act(sara, "emergency.come", emergency=emergency)
    assert (await act(sara, "emergency.decide", emergency=emergency, **fields))["code"] == code


async def test_counselor_does_not_decide(seed, process):
    desk, sara, _, emergency = await called()
    await act(sara, "emergency.come", emergency=emergency)
    answer = await act(desk, "emergency.decide", emergency=emergency, decision="watch", words=WORDS)
    assert answer["code"] == "not_allowed"


# --- help outside ---


async def test_referral_is_followed_until_it_is_closed(seed, process):
    desk, sara, conversation, _ = await called()
    await act(desk, "referral.open", conversation=conversation, **REFERRAL)
    opened = await desk.take("referral")
    assert (opened["called_at"], opened["closed_at"]) == (None, None)
    await act(sara, "referral.follow", referral=opened["referral"], answered_by="当直の方", follows="面談")
    assert (await sara.take("referral"))["called_at"]
    await desk.send("conversation.close", conversation=conversation)
    await desk.take("closed")
    await act(sara, "referral.follow", referral=opened["referral"], closed=True)
    assert (await sara.take("referral"))["closed_at"]
    again = await act(sara, "referral.follow", referral=opened["referral"], follows="x")
    assert again["code"] == "not_found"
    assert (await acts())[1:] == ["referral.opened", "referral.followed", "referral.closed"]


async def test_referral_from_the_board_comes_to_the_desk_and_not_to_the_visitor(seed, process):
    desk, conversation, token = await talk()
    vera = await visitor(token)
    await vera.take("welcome")
    sara = await board(await supervisor())
    await act(sara, "referral.open", conversation=conversation, **REFERRAL)
    opened = await desk.take("referral")
    assert (opened["conversation"], opened["service"]) == (conversation, REFERRAL["service"])
    await act(sara, "referral.follow", referral=opened["referral"], answered_by="当直の方", closed=True)
    assert (await desk.take("referral"))["closed_at"]
    await vera.hush()
    assert REFERRAL["service"] not in str(vera.kept)
    assert "referral" not in {frame["type"] for frame in vera.kept}


async def test_own_referral_comes_to_each_tab_once(seed, process):
    desk, conversation, _ = await talk()
    other = await connect(await run(User.objects.get, username="carla"))
    await act(desk, "referral.open", conversation=conversation, **REFERRAL)
    opened = await other.take("referral")
    assert (await desk.take("referral"))["referral"] == opened["referral"]
    await desk.hush()
    assert not [frame for frame in desk.kept if frame["type"] == "referral"]


async def test_referral_s_words_are_sealed(seed, process):
    desk, _, conversation, _ = await called()
    await act(desk, "referral.open", conversation=conversation, **REFERRAL)
    row = await run(Referral.objects.get)
    assert WORDS.encode() not in bytes(row.facts_sealed)


async def test_counselor_of_another_talk_refers_nobody(seed, process):
    _, _, conversation, _ = await called()
    chris = await available(await member("chris", organization="org-b"))
    answer = await act(chris, "referral.open", conversation=conversation, **REFERRAL)
    assert answer["code"] == "not_found"


# --- the directory, and drills ---

LINES = """kind,name,area,phone,hours,new_year_hours
police,みなと警察署,東京都,110,24時間,24時間
child_guidance,児童相談所,東京都,189,24時間,12/29〜1/3も24時間
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "services.csv"
    path.write_text(LINES)
    return path


def load(path: Path) -> str:
    out = StringIO()
    call_command("load_directory", str(path), stdout=out)
    return out.getvalue()


async def test_directory_has_numbers_and_a_drill_s_has_none(seed, process, directory):
    await run(load, directory)
    carla = await available(await member("carla"))
    await carla.send("directory.look", kind="police")
    assert [one["phone"] for one in (await carla.take("directory"))["services"]] == ["110"]
    await carla.send("directory.look", drill=True)
    assert {one["phone"] for one in (await carla.take("directory"))["services"]} == {""}


async def test_drill_is_marked_everywhere(seed, process):
    desk, conversation, _ = await talk()
    await act(desk, "emergency.call", conversation=conversation, drill=True)
    assert (await desk.take("emergency"))["drill"] is True
    await act(desk, "referral.open", conversation=conversation, drill=True, **REFERRAL)
    assert (await desk.take("referral"))["drill"] is True
    facts = await run(lambda: list(AuditEntry.objects.values_list("facts", flat=True)))
    assert all(one["is_drill"] for one in facts)


def test_file_is_the_whole_directory(directory):
    load(directory)
    directory.write_text(LINES.splitlines()[0] + "\nother,こころの電話,,0120-000-000,,\n")
    assert load(directory) == "1 services are in the directory.\n"
    assert OutsideService.objects.get().name == "こころの電話"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name,kind\n", ":1: the first line names the columns"),
        (LINES.replace("police,", "polise,"), ":2: unknown kind 'polise'"),
        (LINES.replace("みなと警察署", ""), ":2: a service needs a name"),
        (LINES + LINES.splitlines()[1] + "\n", ":4: みなと警察署 stands twice"),
        (LINES + "other,x,y,1,a,b,c\n", ":4: more columns"),
        (LINES + f"other,{'x' * 201},y,1,a,b\n", ":4: name is too long"),
    ],
)
def test_faulty_file_changes_nothing(directory, text, fault):
    load(directory)
    directory.write_text(text)
    with pytest.raises(CommandError, match=fault):
        load(directory)
    assert OutsideService.objects.count() == 2


async def test_call_goes_with_message_id_once(seed, process):
    desk, conversation, _ = await talk()
    key = message_id()
    for _ in range(2):
        await desk.send("emergency.call", conversation=conversation, id=key)
        await desk.take("done", id=key)
    assert await run(Emergency.objects.count) == 1


async def test_call_can_be_answered_and_decided_when_the_talk_has_ended(seed, process):
    """Whoever breaks off while help is being called is who it is needed for most."""
    desk, sara, conversation, emergency = await called()
    await desk.send("conversation.close", conversation=conversation)
    await desk.take("closed")
    assert (await act(sara, "emergency.come", emergency=emergency))["type"] == "done"
    fields = {"decision": "refer", "ground": "danger_to_life", "words": WORDS}
    assert (await act(sara, "emergency.decide", emergency=emergency, **fields))["type"] == "done"
    assert (await act(sara, "referral.open", conversation=conversation, **REFERRAL))["type"] == "done"
