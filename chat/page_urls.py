"""The visitor's pages."""

from django.urls import path

from chat import pages

urlpatterns = [
    path("", pages.start, name="start"),
    path("ja/", pages.start, name="start-ja"),
    path("ja/chat/<slug:audience>/", pages.entry, name="entry"),
    path("ja/talk/", pages.talk, name="talk"),
    path("ja/talk/leave/", pages.leave, name="leave"),
    path("close/", pages.close, name="close"),
    path("close/rest.css", pages.close_rest, name="close-rest"),
]
