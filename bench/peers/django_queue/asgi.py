"""What Django, Channels and uvicorn cost a visitor when they do nothing but what Socket.IO's handler does.

One async view without any middleware answers an entry; one ordinary consumer puts the visitor into a sorted
set and answers with the rank. No database, no checks, no token that opens anything.
"""

from __future__ import annotations

import os
import time
import uuid
from typing import Any

import django
import msgspec
import redis.asyncio
from django.conf import settings

if not settings.configured:
    settings.configure(
        SECRET_KEY="a peer in a measurement; it keeps nothing",
        ROOT_URLCONF="bench.peers.django_queue.asgi",
        ALLOWED_HOSTS=["127.0.0.1"],
    )
    django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

queue = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"])


async def enter(request: HttpRequest) -> HttpResponse:
    """Answer with a word that the consumer takes for a token."""
    msgspec.json.decode(request.body)
    return JsonResponse({"token": uuid.uuid4().hex}, status=201)


class Consumer(AsyncWebsocketConsumer):
    """Take a hello and tell a place; answer pings."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        frame: dict[str, Any] = msgspec.json.decode(text_data or "{}")
        if frame["type"] != "hello":
            await self.send('{"type":"pong"}')
            return
        await queue.zadd("lane", {frame["token"]: time.time()})
        rank = await queue.zrank("lane", frame["token"])
        await self.send(f'{{"type":"welcome","position":{(rank or 0) + 1}}}')


urlpatterns = [path("api/v1/tickets", enter)]
application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter([path("ws/visitor/", Consumer.as_asgi())]),
    }
)
