"""The staff's socket."""

from django.urls import URLPattern, path

from staff.consumers import StaffSocket

websocket_urlpatterns: list[URLPattern] = [path("ws/staff/", StaffSocket.as_asgi())]  # type: ignore[arg-type]  # an ASGI app
