"""Who is next in a lane."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_BOOST_MINUTES = (0, 5, 10, 20)

KNOWN_FOR_S = 1800  # who comes back within this time goes first to the counselor who knows the talk


def boost_ms(urgency: int) -> int:
    """Say how much earlier an urgent ticket counts.

    Never more than 20 minutes, whatever the urgency: so whoever has waited 20 minutes longer than
    someone else is always before them (promise 4).
    """
    return _BOOST_MINUTES[min(max(urgency, 0), len(_BOOST_MINUTES) - 1)] * 60_000


def score_ms(opened_at: datetime, urgency: int) -> int:
    """Place a ticket in its lane, lowest first: milliseconds since 1970 less the boost.

    All tickets age alike, so a score never changes.
    """
    return (opened_at - _EPOCH) // _MILLISECOND - boost_ms(urgency)


def moved_score_ms(opened_at: datetime, precedence: int, score_now_ms: int) -> int:
    """Place a ticket anew that a supervisor has raised or lowered.

    Its place is that of a ticket which entered with this urgency, so the bound of ``boost_ms`` holds however
    often it is moved. Who was put back in front of the lane stays there.
    """
    is_put_back = score_now_ms < score_ms(opened_at, len(_BOOST_MINUTES) - 1)
    return score_now_ms if is_put_back else score_ms(opened_at, precedence)


def requeued_score_ms(opened_ms: int) -> int:
    """Place a ticket whose counselor was lost: a day before its entry, in front of all who were not put back.

    Only as many can stand there as talks were running, so nobody is held up for ever.
    """
    return opened_ms - 24 * 3_600_000
