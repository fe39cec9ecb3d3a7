"""A relay on picows, without JSON on the way out, without Redis: ``python -m bench.peers.bare PORT``."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server


class Wire(msgspec.Struct):
    """As much of a frame as the relay looks at."""

    type: str
    talks: list[str] = []
    conversation: str = ""


_decode = msgspec.json.Decoder(Wire).decode
_members: dict[str, list[WSTransport]] = {}


class Relay(WSListener):
    """Pass each message on to the other members of its talk, as it came."""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        data = frame.get_payload_as_bytes()
        wire = _decode(data)
        if wire.type == "join":
            for talk in wire.talks:
                _members.setdefault(talk, []).append(transport)
            transport.send(WSMsgType.TEXT, b'{"type":"joined"}')
        else:
            for member in _members[wire.conversation]:
                if member is not transport:
                    member.send(WSMsgType.TEXT, data)


async def serve(port: int) -> None:
    """Relay until the process is ended."""

    def listener(_: Any) -> Relay:
        return Relay()

    server = await ws_create_server(listener, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
