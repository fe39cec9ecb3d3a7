"""A counselor's laptop, as a process that can be frozen: ``python -m tests.faults.laptop WS ORIGIN COOKIE``.

It takes one talk and says its id. After that it writes into the talk each second, and says in the end with
which code the server has let it go.
"""

from __future__ import annotations

import sys
import time
import uuid

from websockets.exceptions import ConnectionClosed

from tests.faults.peers import Peer


def main() -> None:
    """Talk until the line has ended."""
    url, origin, cookie = sys.argv[1:]
    peer = Peer(url, Cookie=cookie, Origin=origin)
    peer.send("hello", v=1, cursors={})
    peer.send("availability.set", state="available", capacity=1)
    talk = peer.take("assigned")["conversation"]
    peer.send("assignment.confirm", conversation=talk)
    print(talk, flush=True)
    try:
        for number in range(10_000):
            peer.send("message.send", id=str(uuid.uuid4()), conversation=talk, body=f"{number}")
            time.sleep(1)
    except ConnectionClosed:
        print("ended", peer.closed(), flush=True)


if __name__ == "__main__":
    main()
