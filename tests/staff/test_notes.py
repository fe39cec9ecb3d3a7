"""Private notes: for the staff who see the talk, and never for a visitor, whichever way."""

from __future__ import annotations

import inspect
import json

import msgspec
import pytest
from django.test import AsyncClient

from chat import protocol
from chat.consumers import visitor as visitor_consumer
from chat.db import run
from staff.models import Note, User
from tests.sockets import Peer, available, member, message_id, visitor
from tests.sockets import desk as connect
from tests.staff.supervisors import REASON, act, board, supervisor, talk

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "くすりの話が気になる"


async def test_note_comes_to_every_tab_of_the_counselor(seed, process):
    desk, conversation, _ = await talk()
    key = message_id()
    await desk.send("note.add", conversation=conversation, id=key, body=SECRET)
    note = await desk.take("note")
    assert (note["id"], note["kind"], note["body"], note["author"]) == (key, "note", SECRET, "Carla")


async def test_note_is_there_again_after_a_reload(seed, process):
    desk, conversation, _ = await talk()
    await desk.send("note.add", conversation=conversation, id=message_id(), body=SECRET)
    await desk.take("note")
    again = await connect(await run(User.objects.get, username="carla"))
    assert (await again.take("note"))["body"] == SECRET


async def test_note_sent_again_is_one_note(seed, process):
    desk, conversation, _ = await talk()
    key = message_id()
    for _ in range(2):
        await desk.send("note.add", conversation=conversation, id=key, body=SECRET)
        await desk.take("note")
    assert await run(Note.objects.count) == 1


@pytest.mark.parametrize(
    ("body", "code"), [("", "body_empty"), ("あ" * 2001, "body_too_long"), ("\x00", "bad_frame")]
)
async def test_note_that_is_none_is_refused(seed, process, body, code):
    desk, conversation, _ = await talk()
    await desk.send("note.add", conversation=conversation, id=message_id(), body=body)
    assert (await desk.take("error"))["code"] == code


async def test_counselor_without_the_talk_writes_no_note(seed, process):
    _, conversation, _ = await talk()
    chris = await connect(await member("chris", organization="org-b"))
    await chris.send("note.add", conversation=conversation, id=message_id(), body=SECRET)
    assert (await chris.take("error"))["code"] == "not_found"


async def test_note_is_sealed(seed, process):
    desk, conversation, _ = await talk()
    await desk.send("note.add", conversation=conversation, id=message_id(), body=SECRET)
    await desk.take("note")
    assert SECRET.encode() not in bytes((await run(Note.objects.get)).body_sealed)


# --- whispers that were read ---


async def whispered() -> tuple[Peer, Peer, str, str]:
    """Give Carla's desk, Sara's board, the talk and the whisper that Sara has sent."""
    desk, conversation, _ = await talk()
    sara = await board(await supervisor())
    await act(sara, "conversation.join", conversation=conversation, mode="whisper", reason=REASON)
    key = message_id()
    await sara.send("note.add", conversation=conversation, id=key, body=SECRET)
    assert not (await desk.take("note", id=key)).get("is_read")
    return desk, sara, conversation, key


async def test_read_whisper_is_read_in_every_tab_and_after_a_reload(seed, process):
    desk, sara, conversation, key = await whispered()
    carla = await run(User.objects.get, username="carla")
    other = await connect(carla)
    assert not (await other.take("note", id=key)).get("is_read")
    assert (await act(desk, "whisper.read", conversation=conversation, whisper=key))["type"] == "done"
    assert (await other.take("whisper.read"))["whisper"] == key
    again = await connect(carla)
    assert (await again.take("note", id=key))["is_read"] is True
    newer = message_id()
    await sara.send("note.add", conversation=conversation, id=newer, body=SECRET)
    assert not (await again.take("note", id=newer)).get("is_read")


async def test_who_gets_the_talk_has_not_read_its_whispers(seed, process):
    desk, sara, conversation, key = await whispered()
    await act(desk, "whisper.read", conversation=conversation, whisper=key)
    taken = await act(sara, "conversation.take", conversation=conversation, reason=REASON)
    assert taken["type"] == "done"
    assert not (await sara.take("note", id=key)).get("is_read")


async def test_note_or_another_talk_s_whisper_is_not_read(seed, process):
    desk, _, conversation, key = await whispered()
    note = message_id()
    await desk.send("note.add", conversation=conversation, id=note, body=SECRET)
    await desk.take("note", id=note)
    refused = await act(desk, "whisper.read", conversation=conversation, whisper=note)
    assert refused["code"] == "not_found"
    chris = await available(await member("chris", organization="org-b"))
    refused = await act(chris, "whisper.read", conversation=conversation, whisper=key)
    assert refused["code"] == "not_found"


# --- no way to a visitor ---


async def test_visitor_s_socket_hears_nothing_of_notes_and_whispers(seed, process):
    desk, conversation, token = await talk()
    vera = await visitor(token)
    await vera.take("welcome")
    sara = await board(await supervisor())
    await act(sara, "conversation.join", conversation=conversation, mode="whisper", reason=REASON)
    await desk.send("note.add", conversation=conversation, id=message_id(), body=SECRET)
    await desk.take("note")
    await sara.send("note.add", conversation=conversation, id=message_id(), body=SECRET)
    await desk.take("note", kind="whisper")
    vera.kept.clear()
    await vera.send("ping", id="1")
    await vera.take("pong")
    assert vera.kept == []
    again = await visitor(token)
    await again.take("welcome")
    await again.send("ping", id="2")
    await again.take("pong", id="2")
    assert SECRET not in json.dumps(again.kept, ensure_ascii=False)


async def test_visitor_s_pages_and_api_hold_no_note(seed, process):
    desk, conversation, token = await talk()
    await desk.send("note.add", conversation=conversation, id=message_id(), body=SECRET)
    await desk.take("note")
    browser = AsyncClient()
    browser.cookies["notalone_ticket"] = token
    for path in ("/ja/talk/", "/api/v1/services"):
        assert SECRET not in (await browser.get(path)).content.decode()
    hello = {"frames": [{"type": "hello", "v": 1, "token": token, "last_seq": 0}]}
    for path in ("/api/v1/poll", "/api/v1/letters"):
        answer = await browser.post(path, hello, content_type="application/json")
        assert SECRET not in answer.content.decode()


def test_no_frame_to_visitors_has_a_place_for_a_note():
    assert protocol.Note not in protocol.VISITOR_SERVER_FRAMES
    assert protocol.Helper not in protocol.VISITOR_SERVER_FRAMES
    for frame in protocol.VISITOR_SERVER_FRAMES:
        assert not {"note", "kind", "author"} & set(frame.__struct_fields__)


def test_visitor_s_side_knows_no_note():
    """Neither the code of the visitor's socket nor the room that it stands in names them."""
    source = inspect.getsource(visitor_consumer)
    assert "Note" not in source
    assert "notes_topic" not in source


@pytest.mark.parametrize("tag", ["note.add", "note"])
def test_visitor_can_send_none(tag):
    frame = {"type": tag, "conversation": "x", "id": message_id(), "body": "x"}
    with pytest.raises(msgspec.ValidationError):
        protocol.visitor_decoder.decode(json.dumps(frame))
