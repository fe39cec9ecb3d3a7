"""The sign-in library's pages for second factors, in our templates."""

from __future__ import annotations

from allauth.mfa.base.views import AuthenticateView, IndexView, ReauthenticateView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    ListWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.http import HttpResponse

from staff.mfa import is_last


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Take a passkey away, unless it is the last factor of an account that must have one."""

    template_name = "staff/mfa/passkey_remove.html"

    def form_valid(self, form: object) -> HttpResponse:
        if is_last(self.get_object()):
            told: HttpResponse = self.render_to_response(self.get_context_data(is_last=True))
            return told
        response: HttpResponse = super().form_valid(form)
        return response


authenticate = AuthenticateView.as_view(template_name="staff/mfa/authenticate.html")
index = IndexView.as_view(template_name="staff/mfa/index.html")
reauthenticate = ReauthenticateView.as_view(template_name="staff/mfa/reauthenticate.html")
activate_totp = ActivateTOTPView.as_view(template_name="staff/mfa/totp_add.html")
deactivate_totp = DeactivateTOTPView.as_view(template_name="staff/mfa/totp_remove.html")
add_passkey = AddWebAuthnView.as_view(template_name="staff/mfa/passkey_add.html")
list_passkeys = ListWebAuthnView.as_view(template_name="staff/mfa/passkeys.html")
edit_passkey = EditWebAuthnView.as_view(template_name="staff/mfa/passkey_rename.html")
remove_passkey = RemovePasskey.as_view()
reauthenticate_by_passkey = ReauthenticateWebAuthnView.as_view(
    template_name="staff/mfa/reauthenticate_by_passkey.html"
)
view_codes = ViewRecoveryCodesView.as_view(template_name="staff/mfa/codes.html")
renew_codes = GenerateRecoveryCodesView.as_view(template_name="staff/mfa/codes_renew.html")
