"""Members come by invitation, have a role, and go."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from achievements_admin.forms.members import AcceptForm, InviteForm
from achievements_admin.services import members
from achievements_admin.services.errors import Invalid

from .acting import by, member
from .teams import add_problems, show


@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the link is mailed, and shown once for copying."""
    members.require(member(request), "team.manage")
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            invitation, link = members.invite(
                form.cleaned_data["email"],
                role=form.cleaned_data["role"],
                by=by(request),
                link=lambda secret: request.build_absolute_uri(reverse("invitation", args=[secret])),
            )
        except Invalid as error:
            add_problems(form, error.problems)
        else:
            return show(request, invited=invitation, link=link)
    return show(request, status=422, invite_form=form)


@require_POST
def withdraw(request: HttpRequest, invitation_pk: int) -> HttpResponse:
    """Make an invitation worthless."""
    members.withdraw(invitation_pk, by=by(request))
    messages.success(request, "The invitation is withdrawn; its link no longer works.")
    return redirect("team")


@require_POST
def set_role(request: HttpRequest, member_pk: int) -> HttpResponse:
    """Change a member's role."""
    try:
        changed = members.set_role(member_pk, request.POST.get("role", ""), by=by(request))
        messages.success(request, f"{changed} is {members.studio_role(changed)} now.")
    except Invalid as error:
        messages.error(request, str(error))
    return redirect("team")


@require_POST
def remove(request: HttpRequest, member_pk: int) -> HttpResponse:
    """Close a member's account."""
    try:
        members.remove(member_pk, by=by(request))
        messages.success(request, "The member is removed and signed out everywhere.")
    except Invalid as error:
        messages.error(request, str(error))
    return redirect("team")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, secret: str) -> HttpResponse:
    """Take an invitation up: choose a name and a password, and be signed in."""
    invitation = members.invitation(secret)
    form = AcceptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            joined = members.accept(
                secret,
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password"],
                address=request.META.get("REMOTE_ADDR") or None,
            )
        except Invalid as error:
            add_problems(form, error.problems)
        else:
            login(request, joined, backend="allauth.account.auth_backends.AuthenticationBackend")
            return redirect("home")
    status = 422 if request.method == "POST" else 200
    return render(request, "invitations/accept.html", {"form": form, "invitation": invitation}, status=status)
