"""Whether one more can be served before closing: asked before somebody enters, and told to them."""

from __future__ import annotations

import time

from chat import runtime
from chat.actions.estimates import estimate_for
from chat.actions.rebuild import with_queue
from chat.rules.admission import NOBODY_AHEAD, LaneAhead
from chat.rules.errors import ChatError
from chat.rules.types import Lane
from chat.store.errors import StoreDown

_FRESH_S = 1.0
_known: dict[Lane, tuple[float, LaneAhead]] = {}


async def lane_ahead(lane: Lane) -> LaneAhead:
    """Say who would be before one who enters now, and for how long: at most a second old.

    Where the queue can not be asked nobody is held up by it.
    """
    known = _known.get(lane)
    if known is not None and time.monotonic() - known[0] < _FRESH_S:
        return known[1]
    queue = runtime.current().queue
    try:
        (count,) = await with_queue(lambda: queue.counts([lane]))
    except (StoreDown, ChatError):
        return NOBODY_AHEAD
    waiting = count.waiting
    ahead = LaneAhead(waiting, await estimate_for(lane, waiting + 1) if waiting else None)
    _known[lane] = (time.monotonic(), ahead)
    return ahead


def forget() -> None:
    """Ask again at the next call: between tests."""
    _known.clear()
