"""Below ``/staff/``. Of allauth only what staff need, by name: nobody signs up, and there is no mail.

``staff.gate`` closes every path to who is not through, unless the name stands there.
"""

from allauth.account import views as account
from allauth.mfa.recovery_codes.views import download_recovery_codes
from django.urls import path

from staff import (
    account_views,
    check_word_views,
    inbox_views,
    letter_views,
    member_views,
    mfa_views,
    phone_views,
    ready_views,
    report_views,
    views,
)

urlpatterns = [
    path("", views.home, name="staff_home"),
    path("language/", views.choose_language, name="staff_language"),
    path("desk/", views.desk, name="staff_desk"),
    path("board/", views.board, name="staff_board"),
    path("words/", check_word_views.check_words, name="staff_check_words"),
    path("sentences/", ready_views.ready_sentences, name="staff_ready_sentences"),
    path("mail/", inbox_views.inbox, name="staff_inbox"),
    path("mail/all/", letter_views.all_letters, name="staff_letters"),
    path("mail/all/<uuid:letter_id>/", letter_views.one_letter, name="staff_letter"),
    path("mail/<uuid:inquiry_id>/", inbox_views.inquiry, name="staff_inquiry"),
    path("mail/<uuid:inquiry_id>/<slug:verb>/", inbox_views.act, name="staff_inquiry_act"),
    path("phone/", phone_views.phone_consultations, name="staff_phone"),
    path("phone/<uuid:call_id>/", phone_views.phone_consultation, name="staff_phone_one"),
    path("phone/<uuid:call_id>/correct/", phone_views.correct_phone_consultation, name="staff_phone_correct"),
    path("phone/<uuid:call_id>/delete/", phone_views.delete_phone_consultation, name="staff_phone_delete"),
    path("report/", report_views.show_report, name="staff_report"),
    path("report/file/", report_views.download_report, name="staff_report_file"),
    # signing in and out
    path("login/", account.LoginView.as_view(template_name="staff/login.html"), name="account_login"),
    path("login/factor/", mfa_views.authenticate, name="mfa_authenticate"),
    path("login/no-factor/", account_views.no_factor, name="staff_no_factor"),
    path("logout/", views.sign_out, name="account_logout"),
    path("logout/everywhere/", account_views.sign_out_everywhere, name="staff_logout_everywhere"),
    path(
        "inactive/",
        account.AccountInactiveView.as_view(template_name="staff/inactive.html"),
        name="account_inactive",
    ),
    # coming in by a link
    path("invitations/<str:token>/", account_views.invited, name="staff_invited"),
    path("join/", account_views.join, name="staff_join"),
    # showing anew who one is
    path(
        "again/",
        account.ReauthenticateView.as_view(template_name="staff/again.html"),
        name="account_reauthenticate",
    ),
    path("again/code/", mfa_views.reauthenticate, name="mfa_reauthenticate"),
    path("again/passkey/", mfa_views.reauthenticate_by_passkey, name="mfa_reauthenticate_webauthn"),
    # one's own account
    path(
        "password/",
        account.PasswordChangeView.as_view(template_name="staff/password.html"),
        name="account_change_password",
    ),
    path("mfa/", mfa_views.index, name="mfa_index"),
    path("mfa/totp/add/", mfa_views.activate_totp, name="mfa_activate_totp"),
    path("mfa/totp/remove/", mfa_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("mfa/passkeys/", mfa_views.list_passkeys, name="mfa_list_webauthn"),
    path("mfa/passkeys/add/", mfa_views.add_passkey, name="mfa_add_webauthn"),
    path("mfa/passkeys/<int:pk>/remove/", mfa_views.remove_passkey, name="mfa_remove_webauthn"),
    path("mfa/passkeys/<int:pk>/rename/", mfa_views.edit_passkey, name="mfa_edit_webauthn"),
    path("mfa/codes/", mfa_views.view_codes, name="mfa_view_recovery_codes"),
    path("mfa/codes/renew/", mfa_views.renew_codes, name="mfa_generate_recovery_codes"),
    path("mfa/codes/download/", download_recovery_codes, name="mfa_download_recovery_codes"),
    # looking after accounts
    path("members/", member_views.show_members, name="staff_members"),
    path("members/invite/", member_views.invite, name="staff_invite"),
    path("members/links/<uuid:invitation_id>/withdraw/", member_views.withdraw, name="staff_withdraw"),
    path("members/<int:member_id>/", member_views.show_member, name="staff_member"),
    path("members/<int:member_id>/rights/", member_views.change_rights, name="staff_rights"),
    path("members/<int:member_id>/renew/", member_views.renew, name="staff_renew"),
    path("members/<int:member_id>/sign-out/", member_views.sign_out_member, name="staff_sign_out_member"),
]
