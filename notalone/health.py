"""Is this process alive, is it ready, how is it doing: for balancers and for Prometheus."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import secrets
from collections.abc import Awaitable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chat import db, runtime

logger = logging.getLogger(__name__)

ANSWER_WITHIN_S = 2.0


async def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process lives."""
    return _unstored(HttpResponse("ok\n", content_type="text/plain"))


async def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database and Redis answer, else 503 that names what fails."""
    if runtime.is_draining():
        failing = ["draining"]
    else:
        answers = {"database": _answers(db.run(_ask_database)), "redis": _answers(_ask_redis())}
        fine = await asyncio.gather(*answers.values())
        failing = [part for part, is_fine in zip(answers, fine, strict=True) if not is_fine]
    return _unstored(JsonResponse({"ready": not failing, "failing": failing}, status=503 if failing else 200))


async def metrics(request: HttpRequest) -> HttpResponse:
    """Give the metrics to an allowed network or the holder of the token; to others there is nothing here."""
    if not (_is_from_allowed_network(request) or _has_token(request)):
        return _unstored(HttpResponseNotFound("not found\n", content_type="text/plain"))
    return _unstored(HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST))


async def _answers(question: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await question
    except Exception as error:  # whatever it is, the part is not ready
        logger.warning("not ready: %s", type(error).__name__)
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        # a table of ours, so that a database which was never migrated is not called ready
        cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
        cursor.fetchone()


async def _ask_redis() -> None:
    """Write, since one that is full, or a copy, still answers."""
    await runtime.current().queue.try_out()


def _is_from_allowed_network(request: HttpRequest) -> bool:
    # A proxy on this machine comes from loopback for everybody: what it forwards needs the token.
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "")
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in settings.METRICS_NETWORKS)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    expected: str = settings.METRICS_TOKEN
    return bool(expected) and scheme == "Bearer" and secrets.compare_digest(given.encode(), expected.encode())


def _unstored(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
