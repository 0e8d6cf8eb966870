"""Benchmarks: `make bench`. Every figure stands beside what it is to be compared with, measured in the same run."""

import os
import statistics
import time
from urllib.parse import urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
from django.conf import settings

settings.INSTALLED_APPS += ["django.contrib.admin"]
settings.ROOT_URLCONF = "tests.bench_urls"
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_databases, setup_test_environment  # noqa: E402

from achievements_admin.models import Achievement, App, Team  # noqa: E402
from achievements_admin.services import mirror  # noqa: E402
from achievements_admin.services.mirror import Reading  # noqa: E402
from achievements_admin.simulator.process import SimulatorProcess  # noqa: E402
from tests import factories, studio  # noqa: E402
from tests.studio import Studio  # noqa: E402

A, LOCALES = 100, ("en-US", "de-DE", "fr-FR", "es-ES", "it", "ja", "ko", "zh-Hans", "pt-BR", "nl-NL")
LATENCY_MS, CONNECTIONS = 300, settings.ASC_CONNECTIONS
ROUNDS = 30


def say(*cells: object) -> None:
    """One row of a table."""
    print(f"{cells[0]!s:<46}" + "".join(f"{cell!s:>12}" for cell in cells[1:]), flush=True)


def read() -> Reading:
    """One sync of the game."""
    found: list[Reading] = []
    mirror.sync_team(Team.objects.get(), app_id="1000000001", tell=lambda outcome, home: found.append(outcome))  # type: ignore[arg-type]
    return found[0]


def bench_sync(simulator: SimulatorProcess) -> None:
    """Requests against the floor (one list, and one per version for texts and images), and the wall clock."""
    say(f"sync of {A} achievements x {len(LOCALES)}", "requests", "floor", "seconds", "bound", "ratio")
    for generation in ("v1", "v2"):
        App.objects.all().delete()
        Team.objects.update(generation=generation)
        simulator.control("latency", {"ms": LATENCY_MS})
        started = time.perf_counter()
        first = read()
        seconds = time.perf_counter() - started
        simulator.control("latency", {"ms": 0})
        bound = first.requests * LATENCY_MS / 1000 / CONNECTIONS
        say(
            f"  {generation}, first, {LATENCY_MS} ms",
            first.requests,
            1 + A,
            f"{seconds:.2f}",
            f"{bound:.2f}",
            f"{seconds / bound:.2f}",
        )
        second = read()
        open_versions = A // 2 if generation == "v2" else 0
        say(f"  {generation}, again ({open_versions} versions open)", second.requests, 1 + open_versions)


def milliseconds(client: Client, url: str) -> float:
    """Server time of a page, once."""
    started = time.perf_counter()
    assert client.get(url).status_code == 200
    return (time.perf_counter() - started) * 1000


def queries(client: Client, url: str) -> int:
    """SQL queries of a page."""
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)


def bench_list() -> None:
    """The list page against the Django admin changelist of the same rows, alternating in one run."""
    client = Client()
    client.force_login(factories.member("admin"))
    app = App.objects.get(apple_id="1000000001")
    ours, admin = f"/apps/{app.apple_id}/achievements/", "/admin/achievements_admin/achievement/"
    for url in (ours, admin):
        client.get(url)
    say("page", "ours ms", "admin ms", "ratio", "queries")
    say(f"  list of {A} achievements x {len(LOCALES)}", *compare(client, ours, admin))
    row = app.achievements.earliest("position")
    plain = {f.attname: getattr(row, f.attname) for f in Achievement._meta.concrete_fields if f.attname != "id"}
    Achievement.objects.bulk_create(
        [
            Achievement(**{**plain, "apple_id": f"x{n}", "vendor_identifier": f"x{n}", "position": n})
            for n in range(A, 10_000)
        ],
        batch_size=1000,
    )
    say("  the same at 10,000 achievements", *compare(client, ours, admin))
    whole = len(client.get(ours).content)
    part = len(client.get(f"{ours}?state=rejected", headers={"HX-Request": "true"}).content)
    say("  bytes: page, fragment of an empty filter", whole, part, f"{part / whole:.2f}")


def compare(client: Client, ours: str, admin: str) -> tuple[str, str, str, int]:
    """Both pages' times, taken by turns; their ratio; our queries."""
    mine, theirs = [], []
    for _ in range(ROUNDS):
        mine.append(milliseconds(client, ours))
        theirs.append(milliseconds(client, admin))
    times = statistics.median(mine), statistics.median(theirs)
    return f"{times[0]:.1f}", f"{times[1]:.1f}", f"{times[0] / times[1]:.2f}", queries(client, ours)


def main() -> None:
    """All benchmarks."""
    setup_test_environment()
    setup_databases(verbosity=0, interactive=False)
    with SimulatorProcess(port=urlsplit(settings.ASC_API_URL).port or 0) as simulator:
        Studio(simulator, studio.seed(A, LOCALES))
        bench_sync(simulator)
        bench_list()


if __name__ == "__main__":
    main()
