"""The JSON API as a client that is no browser calls it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import AsyncClient

TICKETS = "/api/v1/tickets"
SERVICES = "/api/v1/services"


class Caller(AsyncClient):
    """A client that calls from an address of its own."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    async def request(self, **request: Any) -> Any:
        return await super().request(client=[self._address, 40000], **request)


async def post(*, address: str = "203.0.113.7", **fields: Any) -> HttpResponse:
    """Ask for a ticket, with a good body unless told otherwise; a field of ``...`` is left out."""
    given = {"audience": "youth", "consent": True} | fields
    body = {name: value for name, value in given.items() if value is not ...}
    response: HttpResponse = await Caller(address).post(TICKETS, body, content_type="application/json")
    return response


async def delete(ticket: str, authorization: str | None) -> HttpResponse:
    """Leave, with this header or without any."""
    headers = {"Authorization": authorization} if authorization is not None else {}
    response: HttpResponse = await AsyncClient().delete(f"{TICKETS}/{ticket}", headers=headers)
    return response


def error_of(response: Any) -> dict[str, Any]:
    """Give the error of an answer that is one."""
    assert response.status_code >= 400, response.content
    return dict(response.json()["error"])
