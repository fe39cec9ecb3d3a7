"""The application as plain ASGI: pages and API by Django, sockets by Channels, static files beside them."""

import logging
import os
from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application

from notalone.logging import configure

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notalone.settings")
if not logging.getLogger().handlers:  # a launcher of ours, or a test, may have done it
    configure(settings.LOG_FORMAT)
django_application = get_asgi_application()  # before anything that needs the app registry

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 — after the registry is ready
from django.urls import re_path  # noqa: E402

from chat import views  # noqa: E402
from chat.routing import websocket_urlpatterns as visitor_sockets  # noqa: E402
from notalone.short_way import with_short_way  # noqa: E402
from notalone.static import serve  # noqa: E402
from staff.routing import websocket_urlpatterns as staff_sockets  # noqa: E402


async def no_such_socket(scope: Any, receive: Any, send: Any) -> None:
    """Turn away a socket on a path of nobody's, without a traceback."""
    await receive()
    await send({"type": "websocket.close", "code": 4403})


application = ProtocolTypeRouter(
    {
        "http": serve(with_short_way(django_application, views.tickets)),
        "websocket": URLRouter([*visitor_sockets, *staff_sockets, re_path("", no_such_socket)]),  # type: ignore[arg-type, list-item]  # ASGI apps,
    }
)
