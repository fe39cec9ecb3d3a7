"""Looking after accounts: the list, links for new people, and one page for each account."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chat import db
from chat.control import revoke
from staff import invitations, members, second_factor
from staff.forms import PlaceForm, RightsForm
from staff.models import Invitation, User
from staff.pages import staff_page
from staff.reach import Place
from staff.roles import supervisor_required

View = Callable[..., Awaitable[HttpResponse]]


def shown_again(view: View) -> Callable[..., Coroutine[Any, Any, HttpResponse]]:
    """Ask who is there once more, unless they have shown it within five minutes.

    Wraps a view that gets the user. A form that was sent is not kept: its page is shown again.
    """

    @wraps(view)
    async def guarded(request: HttpRequest, user: User, *args: object, **kwargs: object) -> HttpResponse:
        at = second_factor.shown_again_at(request.session, user)
        if at is not None and time.time() - at < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return await view(request, user, *args, **kwargs)
        member = kwargs.get("member_id")
        page = reverse("staff_member", args=[member]) if member else reverse("staff_members")
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': page})}")

    return guarded


@require_safe
@supervisor_required
@shown_again
async def show_members(request: HttpRequest, user: User) -> HttpResponse:
    """List the accounts and the open links that are one's to look after."""
    return await _list(request, user, PlaceForm(None, user))


@require_POST
@supervisor_required
@shown_again
async def invite(request: HttpRequest, user: User) -> HttpResponse:
    """Make a link into a place, and show it, this once."""
    form = PlaceForm(request.POST, user)
    if not await db.run(form.is_valid):
        return await _list(request, user, form)
    invitation, token = await db.run(invitations.invite, user, form.place())
    return _link(request, user, invitation, token)


@require_POST
@supervisor_required
@shown_again
async def withdraw(request: HttpRequest, user: User, invitation_id: object) -> HttpResponse:
    """Make a link useless."""
    await _or_404(invitations.withdraw, user, str(invitation_id))
    return redirect("staff_members")


@require_safe
@supervisor_required
@shown_again
async def show_member(request: HttpRequest, user: User, member_id: int) -> HttpResponse:
    """Show one account and what can be done with it."""
    member = await _member(user, member_id)
    return await db.run(_page, request, user, member, _rights_form(None, user, member))


@require_POST
@supervisor_required
@shown_again
async def change_rights(request: HttpRequest, user: User, member_id: int) -> HttpResponse:
    """Give an account another place, or shut it; its sockets end within seconds."""
    member = await _member(user, member_id)
    form = _rights_form(request.POST, user, member)
    if member.pk == user.pk or not await db.run(form.is_valid):
        return await db.run(_page, request, user, member, form)
    await _or_404(
        members.change_rights, user, member_id, form.place(), is_active=form.cleaned_data["is_active"]
    )
    await revoke(str(member_id))
    return redirect("staff_member", member_id=member_id)


@require_POST
@supervisor_required
@shown_again
async def renew(request: HttpRequest, user: User, member_id: int) -> HttpResponse:
    """Give an account a link to a new password and factor; until it is used nobody signs in."""
    member = await _member(user, member_id)
    invitation, token = await _or_404(invitations.invite_again, user, member)
    await revoke(str(member_id))
    return _link(request, user, invitation, token)


@require_POST
@supervisor_required
@shown_again
async def sign_out_member(request: HttpRequest, user: User, member_id: int) -> HttpResponse:
    """End everything that an account has open. One's own has a button of its own."""
    if (await _member(user, member_id)).pk == user.pk:
        raise Http404
    await _or_404(members.sign_out, user, member_id)
    await revoke(str(member_id))
    return redirect("staff_member", member_id=member_id)


# --- parts ---


async def _or_404(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return await db.run(work, *args, **kwargs)
    except invitations.NotYours:
        raise Http404 from None


async def _member(user: User, member_id: int) -> User:
    member = await db.run(members.member_for, user, member_id)
    if member is None:
        raise Http404
    return member


def _rights_form(data: Any, user: User, member: User) -> RightsForm:
    now = Place(member.role, member.organization_id, member.is_service_wide)
    return RightsForm(
        data,
        user,
        initial={
            "role": now.role,
            "organization": now.organization_id,
            "is_service_wide": now.is_service_wide,
            "is_active": member.is_active,
        },
    )


async def _list(request: HttpRequest, user: User, form: PlaceForm) -> HttpResponse:
    def read() -> HttpResponse:
        context = {
            "members": members.within_reach(user),
            "invitations": invitations.open_for(user),
            "form": form,
        }
        return staff_page(request, user, "staff/members.html", context)

    return await db.run(read)


def _page(request: HttpRequest, user: User, member: User, form: RightsForm) -> HttpResponse:
    context = {"member": member, "form": form, "is_own": member.pk == user.pk}
    return staff_page(request, user, "staff/member.html", context)


def _link(request: HttpRequest, user: User, invitation: Invitation, token: str) -> HttpResponse:
    link = request.build_absolute_uri(reverse("staff_invited", args=[token]))
    return staff_page(request, user, "staff/link.html", {"invitation": invitation, "link": link})
