"""The achievements of a game or group: browse, open, create, edit, archive, delete."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from achievements_admin.domain import changes, limits, validation
from achievements_admin.forms.achievements import AchievementForm
from achievements_admin.models import Achievement, ItemState, JobItem
from achievements_admin.services import audit, catalog, mirror, plans
from achievements_admin.services.catalog import Filters
from achievements_admin.services.errors import Invalid, Refused

from .acting import by
from .middleware import draft
from .outcomes import is_settled_well, tell
from .parts import render_page
from .places import Place, place


@require_safe
def overview(request: HttpRequest, kind: str, apple_id: str) -> HttpResponse:
    """A game's own address leads to its achievements."""
    return redirect(place(request, kind, apple_id).url("achievements"))


@require_safe
def browse(request: HttpRequest, kind: str, apple_id: str) -> HttpResponse:
    """The list, filtered and sorted as the address says."""
    here = place(request, kind, apple_id)
    filters = Filters.from_query(request.GET)
    context = {
        "place": here,
        "filters": filters,
        "filter_query": filters.as_query(page=1),
        "counts": catalog.counts(here.home),
        "page": catalog.achievements(here.home, filters),
        "is_stale": mirror.is_stale(here.home),
        "may_change": here.can(request, "achievements.change"),
        "may_enable": here.can(request, "game_center.enable"),
        "limits": limits.current(),
        "token": uuid4().hex,
    }
    return render_page(request, "achievements/list.html", context, parts=("rows", "budget"))


@require_POST
def refresh(request: HttpRequest, kind: str, apple_id: str) -> HttpResponse:
    """Read the game from Apple; a page that is open then fetches what changed.

    Where somebody else's reading is running, the page asks again with `waited` until that one has ended.
    """
    here = place(request, kind, apple_id)
    here.require(request, "sync")
    before, reading = _outline(here), None
    has_waited = "waited" in request.POST
    try:
        if not has_waited or mirror.is_stale(here.home):
            reading = mirror.refresh(here.subject)
    except Refused as error:
        if not request.htmx:  # type: ignore[attr-defined]
            messages.error(request, str(error))
    if not request.htmx:  # type: ignore[attr-defined]
        shown = request.POST.get("achievement")
        return redirect(here.url("achievement", shown) if shown else here.list_url)
    here = place(request, kind, apple_id)
    context = {"place": here, "changed": reading and reading.changed, "is_waiting": reading and reading.was_running}
    response = render(request, "components/_age.html", context)
    is_news = context["changed"] or before != _outline(here) or (has_waited and not context["is_waiting"])
    return trigger_client_event(response, "refreshed") if is_news else response


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, kind: str, apple_id: str) -> HttpResponse:
    """A new achievement."""
    here = place(request, kind, apple_id)
    here.require(request, "achievements.change")
    if request.method != "POST":
        return _form(request, here, AchievementForm(draft(request), is_new=True))
    form = AchievementForm(request.POST, is_new=True)
    if not form.is_valid():
        _add_rules(form, here)
        return _form(request, here, form, status=422)
    try:
        item = plans.apply_now(
            plans.create(here.home, form.wanted(), by(request), form.cleaned_data["token"]), by(request)
        )
    except Invalid as error:
        form.add_problems(error.problems)
        return _form(request, here, form, status=422)
    return _after(request, here, form, item)


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, kind: str, apple_id: str, achievement_id: str) -> HttpResponse:
    """One achievement with everything that belongs to it, and its edit."""
    here = place(request, kind, apple_id)
    achievement = here.achievement(achievement_id)
    values = catalog.values(achievement)
    if request.method != "POST":
        return _form(request, here, AchievementForm(draft(request), values=values), achievement)
    here.require(request, "achievements.change")
    form = AchievementForm(request.POST, values=values)
    if not form.is_valid():
        return _form(request, here, form, achievement, status=422)
    try:
        plan = plans.edit(achievement, form.opened_on(), form.wanted(), by(request), form.cleaned_data["token"])
        item = plans.apply_now(plan, by(request)) if plan else None
    except Invalid as error:
        form.add_problems(error.problems)
        return _form(request, here, form, achievement, status=422)
    if item is None:
        messages.info(request, f"{achievement} is as you want it already; nothing was sent.")
        return _leave(request, here.url("achievement", achievement.apple_id))
    return _after(request, here, form, item, achievement)


@require_POST
def archive(request: HttpRequest, kind: str, apple_id: str, achievement_id: str, archived: bool) -> HttpResponse:
    """Archive an achievement, or restore it."""
    here = place(request, kind, apple_id)
    achievement = here.achievement(achievement_id)
    try:
        plan = plans.archive(achievement, archived, by(request), request.POST.get("token", ""))
        if plan:
            tell(request, plans.apply_now(plan, by(request)))
    except Invalid as error:
        messages.error(request, str(error))
    return redirect(here.url("achievement", achievement_id))


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, kind: str, apple_id: str, achievement_id: str) -> HttpResponse:
    """Say what deleting means, then do it."""
    here = place(request, kind, apple_id)
    here.require(request, "achievements.delete")
    achievement = here.achievement(achievement_id)
    if request.method == "POST":
        try:
            item = plans.apply_now(plans.delete(achievement, by(request), request.POST.get("token", "")), by(request))
        except Invalid as error:
            messages.error(request, str(error))
            return redirect(here.url("achievement", achievement_id))
        tell(request, item)
        gone = item.state in {ItemState.VERIFIED, ItemState.SKIPPED}
        return redirect(here.url("achievements") if gone else here.url("achievement", achievement_id))
    context = {
        "place": here,
        "achievement": achievement,
        "standing": catalog.standing(achievement),
        "token": uuid4().hex,
    }
    return render(request, "achievements/delete.html", context)


def _outline(here: Place) -> tuple[str, bool, bool]:
    """What the pages of a game are built on: whose achievements, whether there can be any, whether they were read."""
    return catalog.key(here.home), here.has_game_center, here.home.synced_at is not None


def _add_rules(form: AchievementForm, here: Place) -> None:
    """Beside what can't be read, say what breaks Apple's rules, so that every problem shows at once."""
    readable = {name: value for name, value in form.cleaned_data.items() if name in changes.ATTRIBUTES}
    problems = validation.attribute_problems(readable, siblings=catalog.siblings(here.home), is_group=here.is_group)
    form.add_problems([problem for problem in problems if problem.field in readable])


def _after(
    request: HttpRequest, here: Place, form: AchievementForm, item: JobItem, achievement: Achievement | None = None
) -> HttpResponse:
    """Leave the form when all is well; otherwise show it again with what happened and everything that was typed."""
    if is_settled_well(item):
        tell(request, item)
        known = item.apple_id or (achievement.apple_id if achievement else "")
        exists = known and item.state in {ItemState.VERIFIED, ItemState.SKIPPED}
        return _leave(request, here.url("achievement", known) if exists or achievement else here.url("achievements"))
    form.reopen(item.actual or form.present)
    conflict = _conflict(form, item) if item.state == ItemState.CONFLICT else []
    status = 409 if item.state == ItemState.CONFLICT else 422
    return _form(request, here, form, achievement, status=status, item=item, conflict=conflict)


def _conflict(form: AchievementForm, item: JobItem) -> list[dict[str, Any]]:
    """Per attribute that the edit touches: how it was, what Apple holds now, what was typed."""
    before, after, actual = item.change["before"] or {}, item.change["after"] or {}, item.actual or {}
    return [
        {"name": name, "base": before.get(name), "theirs": actual.get(name), "mine": after[name]}
        for name in after
        if item.actual is not None and actual.get(name) != before.get(name)
    ]


def _leave(request: HttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


def _form(
    request: HttpRequest,
    here: Place,
    form: AchievementForm,
    achievement: Achievement | None = None,
    *,
    status: int = 200,
    **shown: Any,
) -> HttpResponse:
    """The page of an achievement, or only its form where htmx asks."""
    siblings = catalog.siblings(here.home, excluding=achievement)
    context: dict[str, Any] = {
        "place": here,
        "form": form,
        "achievement": achievement,
        "points_left": None if here.is_group else validation.points_left(siblings),
        "achievements_left": plans.achievements_left(here.home),
        "may_change": here.can(request, "achievements.change"),
        "limits": limits.current(),
        **shown,
    }
    if achievement:
        context |= {
            "standing": catalog.standing(achievement),
            "group_achievement": catalog.group_achievement(achievement),
            "history": audit.history(catalog.achievement_key(achievement)),
            "is_stale": mirror.is_stale(here.home),
            "token": uuid4().hex,
        }
    page = "achievements/detail.html" if achievement else "achievements/new.html"
    template = "achievements/_form.html" if request.htmx and request.method == "POST" else page  # type: ignore[attr-defined]
    return render(request, template, context, status=status)
