"""Words at rest: sealed for one owner, and keys that can be changed while the service runs."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chat.actions.open_ticket import TicketRequest, open_ticket
from chat.db import run
from chat.models import Ticket
from chat.sealing import SealBroken, new_data_key, open_data_key, open_event, seal_event, sealer

OLD = "old:" + "11" * 32
NEW = "new:" + "22" * 32


def test_what_is_sealed_opens_for_its_owner_alone() -> None:
    owner, other = uuid.uuid4(), uuid.uuid4()
    _, wrapped = new_data_key(owner)
    sealed = sealer(owner, wrapped).seal("さみしい")
    assert "さみしい".encode() not in sealed
    assert sealer(owner, wrapped).open(sealed) == "さみしい"
    with pytest.raises(SealBroken):
        open_data_key(wrapped, other)


def test_a_changed_byte_does_not_open() -> None:
    owner = uuid.uuid4()
    _, wrapped = new_data_key(owner)
    sealed = bytearray(sealer(owner, wrapped).seal("さみしい"))
    sealed[-1] ^= 1
    with pytest.raises(SealBroken):
        sealer(owner, wrapped).open(bytes(sealed))


def test_the_same_words_are_never_sealed_alike() -> None:
    owner = uuid.uuid4()
    _, wrapped = new_data_key(owner)
    assert sealer(owner, wrapped).seal("はい") != sealer(owner, wrapped).seal("はい")


@pytest.mark.usefixtures("seed", "process")
async def test_after_rotation_the_new_key_alone_opens_everything(settings: Any) -> None:
    settings.CONTENT_KEYS = OLD
    opened = await open_ticket(TicketRequest(audience="youth", consent=True, note="ひみつ"))
    settings.CONTENT_KEYS = f"{NEW},{OLD}"
    await run(call_command, "rotate_keys", verbosity=0)
    settings.CONTENT_KEYS = NEW
    ticket = await run(Ticket.objects.get, id=opened.ticket)
    assert "ひみつ" in sealer(ticket.id, ticket.key_sealed).open(ticket.entry_sealed)


@pytest.mark.usefixtures("seed", "process")
async def test_rotation_names_a_row_whose_key_is_gone(settings: Any) -> None:
    settings.CONTENT_KEYS = OLD
    await open_ticket(TicketRequest(audience="youth", consent=True))
    settings.CONTENT_KEYS = NEW
    with pytest.raises(CommandError, match="NOTALONE_CONTENT_KEYS"):
        await run(call_command, "rotate_keys", verbosity=0)


def test_an_event_on_its_way_shows_no_word() -> None:
    sealed = seal_event("ひみつ".encode())
    assert "ひみつ".encode().hex() not in sealed.encode().hex()
    assert open_event(sealed) == "ひみつ".encode()


@pytest.mark.parametrize(
    "text", ["", "nobody:AAAA", "demo:", "demo:!!", "demo:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
)
def test_an_event_of_another_key_does_not_open(text: str) -> None:
    with pytest.raises(SealBroken):
        open_event(text)
