"""The one-stop page: what is open now, when the next opens, and what follows. It turns over by itself.

Most who come look at this page alone, thousands of them at 16:00:00. So it is made once a second for all
who have no talk here, and a cache on the way may keep it for seconds, never over an edge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from chat import languages
from chat.actions.services import ServicesSnapshot
from chat.cards import Card
from chat.page_parts import LIVE, current_ticket, kind_when_down, page, readings, services_now, shown
from chat.rules.edges import next_edge
from chat.rules.types import AUDIENCES, Audience

TEMPLATE = "chat/start.html"
KEPT_S = 5
_MOST_MADE = 64  # languages, and a second or two of each

_made: dict[tuple[str, ServicesSnapshot], bytes] = {}


@dataclass(frozen=True, slots=True)
class Side:
    """All that one audience may use: what is open, and what is not."""

    audience: Audience
    open_cards: list[Card]
    closed_cards: list[Card]


@require_GET
@kind_when_down
async def start(request: HttpRequest) -> HttpResponse:
    """Show which services are open now, and lead to them."""
    ticket = await current_ticket(request)
    snap = await services_now()
    if ticket is not None and ticket.state in LIVE:
        response = page(request, TEMPLATE, {**start_context(snap), "is_live": True})
    else:
        response = HttpResponse(_made_once(request, snap))
        response["Cache-Control"] = f"public, max-age={min(KEPT_S, turns_in_s(snap))}"
    patch_vary_headers(response, ["Cookie"])
    return response


def start_context(snap: ServicesSnapshot) -> dict[str, Any]:
    """Give what the page needs."""
    context = shown(snap)
    opened, closed = context["open_cards"], context["closed_cards"]
    sides = [
        Side(
            audience,
            [card for card in opened if card.audience == audience],
            [card for card in closed if card.audience == audience],
        )
        for audience in AUDIENCES
    ]
    return {
        **context,
        "sides": [side for side in sides if side.open_cards or side.closed_cards],
        "has_any_open": bool(opened),
        "furigana": readings(),
        "turns_in_s": turns_in_s(snap),
    }


def turns_in_s(snap: ServicesSnapshot) -> int:
    """Say in how many whole seconds the page stops being right; rounded down, so that no copy outlives it."""
    if snap.campaign is None:
        return KEPT_S
    edge = next_edge(snap.campaign, [offered.state for offered in snap.services], snap.now)
    return int((edge - snap.now) / timedelta(seconds=1))


def forget() -> None:
    """Drop what was made (for tests)."""
    _made.clear()


def _made_once(request: HttpRequest, snap: ServicesSnapshot) -> bytes:
    key = (languages.current().code, replace(snap, now=snap.now.replace(microsecond=0)))
    body = _made.get(key)
    if body is None:
        if len(_made) >= _MOST_MADE:
            _made.clear()
        body = render_to_string(TEMPLATE, start_context(snap), request).encode()
        _made[key] = body
    return body
