"""The visitor's socket."""

from django.urls import URLPattern, path

from chat.consumers.visitor import VisitorSocket

websocket_urlpatterns: list[URLPattern] = [path("ws/visitor/", VisitorSocket.as_asgi())]  # type: ignore[arg-type]  # an ASGI app
