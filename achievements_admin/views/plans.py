"""Many changes at once: the wish, the plan that comes of it, and its application."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from achievements_admin.domain.changes import Change, achievement_of, cost
from achievements_admin.forms.bulk import BulkForm
from achievements_admin.models import Achievement
from achievements_admin.services import budget, catalog, plans
from achievements_admin.services.catalog import Filters
from achievements_admin.services.errors import Invalid

from .acting import by, member
from .places import Place, place

SHOWN_FIRST = 5


def _chosen(request: HttpRequest, here: Place | None) -> list[Achievement]:
    """The rows that were ticked, or all that the filter of the list, or the search over all games, shows."""
    if here is None:
        if request.POST.get("all"):
            return catalog.found_everywhere(member(request), request.GET.get("q", ""))
        return catalog.picked(member(request), request.POST.getlist("row"))
    if request.POST.get("all"):
        return catalog.filtered(here.home, Filters.from_query(request.GET))
    return catalog.chosen(here.home, request.POST.getlist("row"))


@require_POST
def bulk(request: HttpRequest, kind: str = "", apple_id: str = "") -> HttpResponse:
    """The form for the chosen rows; sent with a wish, the plan; while one types, what its first rows would become.

    Without a game, the rows may be of several, as a search over all games finds them.
    """
    here = place(request, kind, apple_id) if kind else None
    if here:
        here.require(request, "achievements.change")
    back = here.list_url if here else f"{reverse('home')}?{request.GET.urlencode()}"
    rows = _chosen(request, here)
    if not rows:
        messages.error(request, "Tick the achievements first that you want to change.")
        return redirect(back)
    is_delete, is_sent = "delete" in request.POST, "plan" in request.POST
    locales = sorted({locale for row in rows for locale in catalog.texts(row)})
    form = BulkForm(request.POST if is_sent or is_delete or request.htmx else None, locales=locales)  # type: ignore[attr-defined]
    games = len({row.home for row in rows})
    context = {"place": here, "rows": rows, "form": form, "total": len(rows), "games": games, "back": back}
    if form.is_valid():
        try:
            if request.htmx:  # type: ignore[attr-defined]
                context |= _preview(rows, form)
            else:
                return redirect("plan", plans.bulk(rows, form.wish(), by(request), delete=is_delete).pk)
        except Invalid as error:
            for problem in error.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "plans/bulk.html#preview", context)
    return render(request, "plans/bulk.html", context, status=422 if form.errors else 200)


def _preview(rows: list[Achievement], form: BulkForm) -> dict[str, Any]:
    """What the first rows would become, and how many there are in all."""
    proposal = plans.preview(rows, form.wish())
    shown = [
        (change, " ".join(problem.message for problem in proposal.problems.get(change.key, ())))
        for change in proposal.changes[:SHOWN_FIRST]
    ]
    touched = {achievement_of(change.key) for change in proposal.changes}
    return {
        "shown": shown,
        "changing": len(proposal.changes),
        "touched": len(touched),
        "refused": len(proposal.problems),
    }


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """What a plan would change, what stands in the way, what it costs."""
    plan = plans.plan(member(request), pk)
    requests = cost([Change.from_json(change) for change in plan.applicable])
    left = next((g.remaining for g in budget.gauges(member(request)) if g.team_name == plan.team.name), None)
    context = {
        "plan": plan,
        "requests": requests,
        "left": left,
        "percent": round(100 * requests / left) if left else None,
        "may_apply": plans.may_apply(member(request), plan),
        "job": getattr(plan, "job", None),
    }
    return render(request, "plans/show.html", context)


@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a plan to the workers, without the changes that are not ticked."""
    plan = plans.plan(member(request), pk)
    if not plan.applied_at:
        plans.take_out(plan, request.POST.getlist("change"))
    try:
        return redirect("job", plans.apply(plan, by(request)).pk)
    except Invalid as error:
        messages.error(request, str(error))
        return redirect("plan", pk)
