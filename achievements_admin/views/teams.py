"""The team page: members, invitations, Apple teams and their keys. Admins only."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from achievements_admin.domain.validation import Problem
from achievements_admin.forms.members import InviteForm
from achievements_admin.forms.teams import ConnectForm
from achievements_admin.models import Role, Team
from achievements_admin.services import members as people
from achievements_admin.services import teams
from achievements_admin.services.errors import Invalid, Refused

from .acting import by, member


def show(request: HttpRequest, *, status: int = 200, **shown: Any) -> HttpResponse:
    """The whole page, with a form that was sent in place of an empty one."""
    people.require(member(request), "team.manage")
    context = {
        "members": [(person, people.studio_role(person)) for person in people.roster()],
        "invitations": people.pending_invitations(),
        "teams": teams.teams(),
        "roles": Role.choices,
        "generations": Team.Generation.choices,
        "connect_form": ConnectForm(),
        "invite_form": InviteForm(),
    }
    return render(request, "team/page.html", context | shown, status=status)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Members and Apple teams."""
    return show(request)


@sensitive_post_parameters()
@require_POST
def connect(request: HttpRequest) -> HttpResponse:
    """Check a key at Apple and store it."""
    people.require(member(request), "team.manage")
    form = ConnectForm(request.POST, request.FILES)
    problem: Refused | None = None
    if form.is_valid():
        given = dict(form.cleaned_data)
        given["private_key"] = given.pop("private_key_text")
        given["generation"] = given["generation"] or Team.Generation.AUTO
        try:
            team = teams.connect(**given, by=by(request))
        except Invalid as error:
            add_problems(form, error.problems)
        except Refused as error:
            problem = error
        else:
            messages.success(request, f"{team} is connected. Its games appear after the first reading.")
            return redirect("team")
    return show(request, status=422, connect_form=form, refused=problem)


@require_POST
def remove_key(request: HttpRequest, key_pk: int) -> HttpResponse:
    """Forget a key."""
    teams.remove_key(key_pk, by=by(request))
    messages.success(request, "The key is removed here. Revoke it in App Store Connect, too, if nobody needs it.")
    return redirect("team")


@require_POST
def set_generation(request: HttpRequest, team_pk: int) -> HttpResponse:
    """Choose the generation of Apple's API for a team."""
    try:
        team = teams.set_generation(team_pk, request.POST.get("generation", ""), by=by(request))
        messages.success(request, f"{team} speaks {team.get_generation_display().lower()} from now on.")
    except Invalid as error:
        messages.error(request, str(error))
    return redirect("team")


def add_problems(form: Any, problems: list[Problem]) -> None:
    """Show each problem beside its field, or above the form where it has none."""
    for problem in problems:
        form.add_error(problem.field if problem.field in form.fields else None, problem.message)
