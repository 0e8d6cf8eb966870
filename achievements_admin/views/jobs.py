"""Jobs: how far they are, and stop, retry, resolve, undo."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from achievements_admin.models import Job
from achievements_admin.services import steering
from achievements_admin.services.audit import By
from achievements_admin.services.errors import Invalid, NotFound

from .acting import by, member

# htmx stops polling when it is answered with this.
STOP_POLLING = 286
MOST = 100


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """The newest jobs."""
    found = steering.visible(member(request))
    if request.GET.get("mine"):
        found = found.filter(started_by=member(request))
    jobs = [(job, steering.progress(job)) for job in found[:MOST]]
    return render(request, "jobs/list.html", {"jobs": jobs, "mine": bool(request.GET.get("mine"))})


@require_safe
def badge(request: HttpRequest) -> HttpResponse:
    """How many jobs are running, for the rail."""
    return render(request, "components/_jobs_badge.html", {"running": steering.running(member(request))})


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One job; htmx asks for its progress alone, until it has ended."""
    job = steering.job(member(request), pk)
    progress = steering.progress(job)
    context = {"job": job, "progress": progress}
    if request.htmx:  # type: ignore[attr-defined]
        status = STOP_POLLING if progress.is_finished else 200
        response = render(request, "jobs/show.html#progress", context, status=status)
        if progress.is_finished:
            response.headers["HX-Refresh"] = "true"
        return response
    return render(request, "jobs/show.html", context | {"items": job.items.all()[:500]})


def _steer(request: HttpRequest, pk: int, act: Callable[[Job, By], str]) -> HttpResponse:
    job = steering.job(member(request), pk)
    try:
        messages.success(request, act(job, by(request)))
    except Invalid as error:
        messages.error(request, str(error))
    return redirect("job", pk)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop what has not begun."""
    return _steer(request, pk, lambda job, who: f"Stopped; {steering.cancel(job, who)} were not sent.")


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try again what failed or was stopped."""
    return _steer(request, pk, lambda job, who: f"{steering.retry(job, who)} are tried again.")


@require_POST
def resolve(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """End one conflict."""

    def act(job: Job, who: By) -> str:
        item = job.items.select_related("job__plan__app", "job__plan__team").filter(pk=item_pk).first()
        if item is None:
            raise NotFound("There is no such change in this job.")
        keep_mine = "mine" in request.POST
        steering.resolve(item, who, keep_mine=keep_mine)
        return "Yours is applied over theirs." if keep_mine else "Theirs stays."

    return _steer(request, pk, act)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan that takes a job back."""
    job = steering.job(member(request), pk)
    try:
        return redirect("plan", steering.undo(job, by(request)).pk)
    except Invalid as error:
        messages.error(request, str(error))
        return redirect("job", pk)
