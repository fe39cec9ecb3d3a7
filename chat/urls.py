"""The JSON API."""

from django.urls import path

from chat import views

urlpatterns = [
    path("services", views.services, name="api-services"),
    path("tickets", views.tickets, name="api-tickets"),
    path("tickets/<str:ticket_id>", views.ticket, name="api-ticket"),
]
