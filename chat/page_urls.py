"""The visitor's pages, each under its language: ``/ja/…``."""

from django.urls import path

from chat import leaflet_views, mail_pages, pages, return_pages, start_page

urlpatterns = [
    path("", start_page.start, name="start"),
    path("chat/<slug:audience>/", pages.entry, name="entry"),
    path("talk/", pages.talk, name="talk"),
    path("talk/leave/", pages.leave, name="leave"),
    path("talk/phrase/", return_pages.phrase, name="phrase"),
    path("return/", return_pages.come_back, name="return"),
    path("mail/", mail_pages.thread, name="mail-thread"),
    path("mail/phrase/", mail_pages.thread_phrase, name="mail-phrase"),
    path("mail/<slug:audience>/", mail_pages.write, name="mail-write"),
    path("leaflet/<slug:audience>/", leaflet_views.leaflet, name="leaflet"),
    path("leaflet/<slug:audience>.pdf", leaflet_views.leaflet_pdf, name="leaflet-pdf"),
    path("calendar/<slug:audience>.ics", leaflet_views.campaign_calendar, name="calendar"),
    path("for-schools/", leaflet_views.for_schools, name="for-schools"),
]
