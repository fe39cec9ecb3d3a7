"""Which place is told, and what of a place is news: exact near the front, coarse and rare at the back.

Telling each of ten thousand people every step would cost ten thousand frames a pairing. Near the front each
step is told. Further back a place is rounded up to a mark; marks lie at most an eighth of the place apart, so
one step of the whole lane is news to as many people as there are marks: a hundred, and a logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat.rules.estimate import Range

EXACT = 100
_STEPS = ((200, 10), (400, 20), (1000, 50))  # up to, step; and the same with a nought more, again and again
_MOVED_S = 180
_MOVED_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Told:
    """What someone was told of their place. ``place`` is as told, not as exact."""

    place: int
    range: Range | None


def told_place(place: int) -> int:
    """Give the mark of a 1-based place: itself near the front, else rounded up, by less than an eighth."""
    if place <= EXACT:
        return place
    scale = 1
    while True:
        for upto, step in _STEPS:
            if place <= upto * scale:
                return -(-place // (step * scale)) * step * scale
        scale *= 10


def marks(upto: int) -> list[int]:
    """List the marks from the last exact place up to ``upto``, ascending."""
    found, mark = [], EXACT
    while mark <= upto:
        found.append(mark)
        mark = told_place(mark + 1)
    return found


def told(place: int | None, range: Range | None) -> Told | None:
    """Note an exact place as it would be told from then on; None while there is none."""
    return None if place is None else Told(told_place(place), range)


def is_news(before: Told | None, now: Told) -> bool:
    """Tell whether the place is worth a frame by itself."""
    return before is None or before.place != now.place


def has_moved(before: Range | None, now: Range | None) -> bool:
    """Tell whether a range is no longer what was told: by three minutes and a quarter of it, or in kind."""
    if before is None or now is None:
        return before is not now
    if before.by_close != now.by_close:
        return True
    pairs = ((before.low_s, now.low_s), (before.high_s, now.high_s))
    return any(abs(new - old) >= max(_MOVED_S, _MOVED_SHARE * old) for old, new in pairs)
