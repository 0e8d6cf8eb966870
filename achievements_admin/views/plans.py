"""Many changes at once: the wish, the plan that comes of it, and its application."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from achievements_admin.domain.changes import Change, cost
from achievements_admin.forms.bulk import BulkForm
from achievements_admin.models import Achievement
from achievements_admin.services import budget, catalog, members, plans
from achievements_admin.services.catalog import Filters
from achievements_admin.services.errors import Invalid

from .acting import by, member
from .places import Place, place

SHOWN_FIRST = 5


def _chosen(request: HttpRequest, here: Place) -> list[Achievement]:
    """The rows that were ticked, or all that the filter of the list shows."""
    if request.POST.get("all"):
        return catalog.filtered(here.home, Filters.from_query(request.GET))
    return catalog.chosen(here.home, request.POST.getlist("row"))


@require_POST
def bulk(request: HttpRequest, kind: str, apple_id: str) -> HttpResponse:
    """The form for the chosen rows; sent with a wish, the plan; while one types, what its first rows would become."""
    here = place(request, kind, apple_id)
    here.require(request, "achievements.change")
    rows = _chosen(request, here)
    if not rows:
        messages.error(request, "Tick the achievements first that you want to change.")
        return redirect(here.list_url)
    is_delete, is_sent = "delete" in request.POST, "plan" in request.POST
    form = BulkForm(request.POST if is_sent or is_delete or request.htmx else None)  # type: ignore[attr-defined]
    context = {"place": here, "rows": rows, "form": form, "total": len(rows)}
    if form.is_valid():
        if request.htmx:  # type: ignore[attr-defined]
            planned, problems = plans.preview(here.home, rows, form.wish())
            shown = [(change, problems.get(change.key, "")) for change in planned[:SHOWN_FIRST]]
            context |= {"shown": shown, "changing": len(planned), "refused": len(problems)}
            return render(request, "plans/bulk.html#preview", context)
        try:
            plan = plans.bulk(here.home, rows, form.wish(), by(request), delete=is_delete)
            return redirect("plan", plan.pk)
        except Invalid as error:
            for problem in error.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    return render(request, "plans/bulk.html", context, status=422 if form.errors else 200)


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
        "may_apply": members.can(
            member(request), "achievements.change", app=plan.app, team=None if plan.app else plan.team
        ),
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
