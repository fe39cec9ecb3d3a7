"""One's own account: coming in by a link, and going out everywhere."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import alogout, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat import db
from chat.control import revoke
from staff import invitations, members, second_factor
from staff.forms import JoinForm
from staff.models import Invitation, User
from staff.roles import signed_in

INVITATION = "invitation"


@require_safe
def no_factor(request: HttpRequest) -> HttpResponse:
    """Say to who has no second factor how to get one."""
    return render(request, "staff/no_factor.html", status=403)


@require_safe
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address at once; the browser's history and referrer then lack it."""
    invitation = invitations.by_token(token)
    if invitation is None:
        return _used_up(request)
    request.session[INVITATION] = str(invitation.pk)
    return redirect("staff_join")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
async def join(request: HttpRequest) -> HttpResponse:
    """Let the invited choose a name and a password; then comes the second factor."""
    response, user = await sync_to_async(_join)(request)
    if user is not None:  # what an account had open before it got a new way in
        await revoke(str(user.pk))
    add_never_cache_headers(response)
    return response


def _join(request: HttpRequest) -> tuple[HttpResponse, User | None]:
    invitation = invitations.by_id(request.session.get(INVITATION) or "")
    if invitation is None:
        return _used_up(request), None
    form = JoinForm(request.POST or None, invitation)
    if not form.is_valid():
        return _form(request, form, invitation), None
    given = form.cleaned_data
    user = invitations.take(str(invitation.pk), given["username"], given["name"], given["password"])
    if user is None:
        return _used_up(request), None
    request.session.pop(INVITATION, None)
    login(request, user, settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, user, "password", reauthenticated=True)
    if not second_factor.is_demanded():
        return redirect("staff_home"), user
    request.session[second_factor.ENROLLING] = str(user.pk)
    return redirect("mfa_index"), user


def _form(request: HttpRequest, form: JoinForm, invitation: Invitation) -> HttpResponse:
    context = {"form": form, "invitation": invitation, "is_counselor": invitation.role == User.COUNSELOR}
    return render(request, "staff/join.html", context)


def _used_up(request: HttpRequest) -> HttpResponse:
    return render(request, "staff/link_used_up.html", status=404)


@require_POST
async def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of one's own, with the sockets that they opened."""
    user = await signed_in(request)
    if user is not None:
        await db.run(members.sign_out, user, user.pk)
        await alogout(request)
        await revoke(str(user.pk))
    return redirect("account_login")
