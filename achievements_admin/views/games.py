"""Home: all games, and search over them; what belongs to one game as a whole."""

from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from achievements_admin.models import Team
from achievements_admin.services import audit, catalog, members, plans
from achievements_admin.services.errors import Invalid

from .acting import by, member
from .outcomes import tell
from .parts import render_page
from .places import place

FOUND_SHOWN = 50


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """All games, or what a search finds in them."""
    query = request.GET.get("q", "").strip()
    who = member(request)
    found = catalog.search(who, query)
    shown = list(found[:FOUND_SHOWN])
    context = {
        "query": query,
        "games": catalog.games(who, query),
        "found": shown,
        "found_total": found.count() if len(shown) == FOUND_SHOWN else len(shown),
        "may_change": any(members.can_at(who, "achievements.change", home) for home in {one.home for one in shown}),
        "has_teams": Team.objects.exists(),
    }
    return render_page(request, "games/home.html", context, parts=("results",))


@require_safe
def history(request: HttpRequest, kind: str, apple_id: str) -> HttpResponse:
    """What happened to a game or group, here and at Apple."""
    here = place(request, kind, apple_id)
    context = {"place": here, "entries": audit.history(catalog.key(here.home), most=200)}
    return render(request, "games/history.html", context)


@require_POST
def enable_game_center(request: HttpRequest, apple_id: str) -> HttpResponse:
    """Turn Game Center on for a game."""
    app = catalog.game(member(request), apple_id)
    try:
        plan = plans.enable_game_center(app, by(request), request.POST.get("token", ""))
        tell(request, plans.apply_now(plan, by(request)))
    except Invalid as error:
        messages.error(request, str(error))
    return redirect("app-achievements", apple_id)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
