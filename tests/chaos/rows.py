"""Print every conversation as the database holds it, one JSON line each, its words opened."""

from __future__ import annotations

import json

import django


def main() -> None:
    django.setup()
    from chat.actions.talk import read_messages
    from chat.models import Conversation

    for key, last_seq in Conversation.objects.values_list("id", "last_seq"):
        messages = [[one.seq, one.id, one.sender, one.body] for one in read_messages(key, 0)]
        print(json.dumps([str(key), last_seq, messages]))


if __name__ == "__main__":
    main()
