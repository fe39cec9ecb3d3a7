"""WebSocket frames as far as our own servers shorten the way of a text (RFC 6455, section 5.2).

A server of ours offers the consumers two ASGI extensions:

``notalone.send_now``: each message is sent twice, as an acknowledgment and to the other side, so a frame's
way out is the most travelled one there is. A function that takes texts in UTF-8 and says whether it has sent
them. False: the peer reads too slowly, or the socket is opening or closing; then ASGI's own ``send`` waits or
raises as ever.

``notalone.hear_now``: a function to which a consumer gives its hearer, or None. A text that comes while
nothing waits to be received is offered to the hearer, in UTF-8, as it is read: no task is woken. What the
hearer declines, by a False, is received as ever, and so is all that comes before it has been.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

EXTENSION = "notalone.send_now"
HEARING = "notalone.hear_now"

Hearer = Callable[[bytes], bool]

_TEXT = 0x81  # a text in one piece; what a server sends is not masked
_PING, _PONG = 0x89, 0x8A  # in one piece always
_SHORT, _MEDIUM, _LONG = struct.Struct("!BB"), struct.Struct("!BBH"), struct.Struct("!BBQ")
_LENGTHS = {126: struct.Struct("!H"), 127: struct.Struct("!Q")}
_MASKED = 0x80
Unmask = Callable[[bytes, bytes], bytes]


def end_of_frame(data: bytes, max_size: int) -> int:
    """Say where the frame ends that ``data`` begins with: beyond the data where it has not come whole.

    A frame that is longer than may be ends with the data: whoever judges it need not wait for the rest.
    """
    head = 2
    if len(data) < head:
        return head
    size = data[1] & ~_MASKED
    if size in _LENGTHS:
        length = _LENGTHS[size]
        head += length.size
        if len(data) < head:
            return head
        (size,) = length.unpack_from(data, 2)
    if size > max_size:
        return len(data)
    return head + size + (4 if data[1] & _MASKED else 0)


def whole_text(frame: bytes, unmask: Unmask) -> bytes | None:
    """Give what a whole frame from a client says, if it is an unbroken text; None for every other frame."""
    if frame[0] != _TEXT or not frame[1] & _MASKED:
        return None
    size, head = frame[1] & ~_MASKED, 2
    if size in _LENGTHS:
        length = _LENGTHS[size]
        (size,) = length.unpack_from(frame, head)
        head += length.size
    if len(frame) != head + 4 + size:
        return None  # too long: the library says so
    return unmask(frame[head + 4 :], frame[head : head + 4])


def whole_pong(frame: bytes, unmask: Unmask) -> bytes | None:
    """Give what a whole pong from a client carries; None for every other frame."""
    if frame[0] != _PONG or not frame[1] & _MASKED or len(frame) != 6 + (frame[1] & ~_MASKED):
        return None
    return unmask(frame[6:], frame[2:6])


def ping_frame(data: bytes) -> bytes:
    """Give the frame of a ping that carries up to 125 bytes."""
    return _SHORT.pack(_PING, len(data)) + data


def text_frame(data: bytes) -> bytes:
    """Give the frame of a text in UTF-8."""
    size = len(data)
    if size < 126:
        return _SHORT.pack(_TEXT, size) + data
    if size < 65536:
        return _MEDIUM.pack(_TEXT, 126, size) + data
    return _LONG.pack(_TEXT, 127, size) + data
