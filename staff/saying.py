"""What the service itself says in a talk."""

from __future__ import annotations

import uuid

from chat.actions import talk
from chat.actions.desk import Held

WORDS_OF = uuid.UUID("6d0e4d0c-5a0d-5d0e-9a35-2f0f3c0b6f01")  # names what follows from an act


def say(held: Held, act: str, body: str) -> None:
    """Say something in a talk; an act that is sent again says it once."""
    writer = talk.Writer(held.conversation, held.hours, "system", author=None, origin="")
    client_id = str(uuid.uuid5(WORDS_OF, f"{held.conversation} {act}"))
    writer.post(client_id, body, lambda outcome: None)  # a talk that has ended needs no such words
