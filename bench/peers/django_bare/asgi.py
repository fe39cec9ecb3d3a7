"""One async view without middleware, templates or a database; it answers with ``BARE_BYTES`` bytes."""

from __future__ import annotations

import os

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        SECRET_KEY="a peer in a measurement; it keeps nothing",
        ROOT_URLCONF="bench.peers.django_bare.asgi",
        ALLOWED_HOSTS=["127.0.0.1"],
    )
    django.setup()

from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

BODY = b"x" * int(os.environ.get("BARE_BYTES", "1000"))


async def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BODY)


urlpatterns = [path("", page)]
application = get_asgi_application()
