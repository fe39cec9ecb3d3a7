"""The JSON API."""

from django.urls import path

from chat import poll_views, views

urlpatterns = [
    path("services", views.services, name="api-services"),
    path("poll", poll_views.polls, name="api-poll"),
    path("letters", poll_views.letters, name="api-letters"),
    path("tickets", views.tickets, name="api-tickets"),
    path("return", views.come_back),
    path("tickets/<str:ticket_id>/phrase", views.ticket_phrase),
    path("tickets/<str:ticket_id>", views.ticket, name="api-ticket"),
]
