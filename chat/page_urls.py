"""The visitor's pages."""

from django.urls import path

from chat import leaflet_views, pages

urlpatterns = [
    path("", pages.start, name="start"),
    path("ja/", pages.start, name="start-ja"),
    path("ja/chat/<slug:audience>/", pages.entry, name="entry"),
    path("ja/talk/", pages.talk, name="talk"),
    path("ja/talk/leave/", pages.leave, name="leave"),
    path("ja/leaflet/<slug:audience>/", leaflet_views.leaflet, name="leaflet"),
    path("ja/leaflet/<slug:audience>.pdf", leaflet_views.leaflet_pdf, name="leaflet-pdf"),
    path("ja/calendar/<slug:audience>.ics", leaflet_views.campaign_calendar, name="calendar"),
    path("ja/for-schools/", leaflet_views.for_schools, name="for-schools"),
    path("close/", pages.close, name="close"),
    path("close/rest.css", pages.close_rest, name="close-rest"),
]
