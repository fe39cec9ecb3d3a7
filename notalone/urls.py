"""Every path of the site."""

from django.urls import include, path

from notalone import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/v1/", include("chat.urls")),
    path("staff/", include("staff.urls")),
    path("", include("chat.page_urls")),
]

handler404 = "chat.pages.not_found"
handler500 = "chat.pages.server_error"
