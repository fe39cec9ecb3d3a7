"""Below ``/staff/``. Of allauth only what staff need: nobody signs up, and there is no mail."""

from allauth.account import views as account
from django.urls import include, path

from staff import views

urlpatterns = [
    path("", views.home, name="staff_home"),
    path("desk/", views.desk, name="staff_desk"),
    path("board/", views.board, name="staff_board"),
    path("login/", account.LoginView.as_view(template_name="staff/login.html"), name="account_login"),
    path("logout/", views.sign_out, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.ReauthenticateView.as_view(), name="account_reauthenticate"),
    path("mfa/", include("allauth.mfa.urls")),
]
