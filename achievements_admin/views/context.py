"""What the frame around every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from achievements_admin.services import budget, catalog, members

SHORTCUTS = 8


def frame(request: HttpRequest) -> dict[str, Any]:
    """Studio, shortcuts to games, gauges; nothing but the name for whoever is not signed in."""
    shown: dict[str, Any] = {"studio_name": settings.STUDIO_NAME}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return shown
    return shown | {
        "rail_games": lambda: catalog.games(user)[:SHORTCUTS],
        "gauges": lambda: budget.gauges(user),
        "may_manage_team": members.can(user, "team.manage"),
    }
