"""Every address of the dashboard."""

from django.urls import URLPattern, URLResolver, include, path

from .views import achievements, games, groups, jobs, plans, team_urls


def home_urls(kind: str) -> list[URLPattern]:
    """The pages that a game and a group have alike."""
    given = {"kind": kind}
    one = "achievements/<str:achievement_id>/"
    return [
        path("", achievements.overview, given, name=f"{kind}-overview"),
        path("refresh", achievements.refresh, given, name=f"{kind}-refresh"),
        path("achievements/", achievements.browse, given, name=f"{kind}-achievements"),
        path("achievements/new", achievements.create, given, name=f"{kind}-new"),
        path(one, achievements.detail, given, name=f"{kind}-achievement"),
        path(f"{one}archive", achievements.archive, given | {"archived": True}, name=f"{kind}-archive"),
        path(f"{one}restore", achievements.archive, given | {"archived": False}, name=f"{kind}-restore"),
        path(f"{one}delete", achievements.delete, given, name=f"{kind}-delete"),
        path("bulk", plans.bulk, given, name=f"{kind}-bulk"),
        path("history/", games.history, given, name=f"{kind}-history"),
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", games.home, name="home"),
    path("healthz", games.healthz, name="healthz"),
    path("apps/<str:apple_id>/", include(home_urls("app"))),
    path("apps/<str:apple_id>/game-center", games.enable_game_center, name="app-game-center"),
    path("bulk", plans.bulk, name="bulk"),
    path("groups/", groups.browse, name="groups"),
    path("groups/<str:apple_id>/", include(home_urls("group"))),
    path("plans/<int:pk>/", plans.show, name="plan"),
    path("plans/<int:pk>/apply", plans.apply, name="plan-apply"),
    path("jobs/", jobs.browse, name="jobs"),
    path("jobs/badge", jobs.badge, name="jobs-badge"),
    path("jobs/<int:pk>/", jobs.show, name="job"),
    path("jobs/<int:pk>/cancel", jobs.cancel, name="job-cancel"),
    path("jobs/<int:pk>/retry", jobs.retry, name="job-retry"),
    path("jobs/<int:pk>/undo", jobs.undo, name="job-undo"),
    path("jobs/<int:pk>/items/<int:item_pk>/resolve", jobs.resolve, name="job-resolve"),
    path("accounts/", include("allauth.account.urls")),
    *team_urls.urlpatterns,
]
