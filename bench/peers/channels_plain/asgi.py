"""What the Channels tutorial comes to: a generic consumer, a group a talk, the pub/sub layer."""

from __future__ import annotations

import os
from typing import Any

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        SECRET_KEY="a peer in a measurement; it keeps nothing",
        INSTALLED_APPS=["channels"],
        CHANNEL_LAYERS={
            "default": {
                "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
                "CONFIG": {"hosts": [os.environ["REDIS_URL"]]},
            }
        },
    )
    django.setup()

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application


class Relay(AsyncJsonWebsocketConsumer):
    """Pass each message on to the other members of its group."""

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        if content["type"] == "join":
            self.joined = list(content["talks"])
            for talk in self.joined:
                await self.channel_layer.group_add(talk, self.channel_name)
            await self.send_json({"type": "joined"})
        else:
            event = {"type": "relay", "sender": self.channel_name, "message": content}
            await self.channel_layer.group_send(content["conversation"], event)

    async def relay(self, event: Any) -> None:
        if event["sender"] != self.channel_name:
            await self.send_json(event["message"])

    async def disconnect(self, code: int) -> None:
        for talk in getattr(self, "joined", []):
            await self.channel_layer.group_discard(talk, self.channel_name)


application = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": Relay.as_asgi()})
