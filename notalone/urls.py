"""Every path of the site."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from chat import pages, start_page
from notalone import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/v1/", include("chat.urls")),
    path("staff/", include("staff.urls")),
    path("", start_page.start, name="root"),
    path("close/", pages.close, name="close"),
    path("close/rest.css", pages.close_rest, name="close-rest"),
    *i18n_patterns(path("", include("chat.page_urls"))),
]

handler404 = "chat.pages.not_found"
handler429 = "staff.views.too_many"  # the sign-in library's limits ask for it
handler500 = "chat.pages.server_error"
