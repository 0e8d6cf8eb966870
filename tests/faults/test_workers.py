"""Real workers, killed and starved: nothing is lost or done twice, and work goes on by itself (P1, P2, P4, P9)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection

from achievements_admin.domain.bulk import BulkEdit
from achievements_admin.models import App, AuditEntry, ItemState, Job
from achievements_admin.services import broker, catalog, plans, steering
from achievements_admin.services.audit import By
from achievements_admin.services.catalog import Filters
from tests import factories
from tests import studio as studios
from tests.studio import Studio
from tests.verdict import CLEAN, verdict

pytestmark = pytest.mark.django_db(transaction=True)
ITEMS = 12
LEASE, SWEEP = 2, 1
DEADLINE = 40.0


def database_url() -> str:
    """The test database, as a worker finds it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    return f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


class Workers:
    """Celery's own processes, each in a process group of its own so that a kill leaves nothing of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a worker or the scheduler on the test's database, broker and simulator."""
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "achievements_admin.settings",
            "DATABASE_URL": database_url(),
            "LEASE_SECONDS": str(LEASE),
            "SWEEP_SECONDS": str(SWEEP),
            "ASC_API_URL": settings.ASC_API_URL,
            "ASC_TIMEOUT_SECONDS": "1.5",
        }
        with (self._folder / f"{len(self._running)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "--app", "achievements_admin.celery", *arguments],
                env=environment,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        """A worker as `make run` starts it."""
        return self.start(
            "worker", "--pool=threads", "--concurrency=4", "--without-gossip", "--without-mingle", "--loglevel=INFO"
        )

    def beat(self) -> subprocess.Popen[bytes]:
        """The scheduler."""
        return self.start("beat", f"--schedule={self._folder / 'beat'}", "--pidfile=")

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL the whole group."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End what is left."""
        for process in self._running:
            if process.poll() is None:
                self.kill(process)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    """Workers on the test's own broker, which is empty at first."""
    broker_is_empty()
    made = Workers(tmp_path)
    yield made
    made.stop()
    broker_is_empty()


def broker_is_empty() -> None:
    """What FLUSHALL does, on either broker."""
    if settings.REDIS_URL:
        redis.Redis.from_url(settings.REDIS_URL).flushdb()
    else:
        for message in Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]).glob("*"):
            message.unlink(missing_ok=True)


@pytest.fixture
def game(studio: Studio) -> App:
    studio.simulator.reset(studios.seed(ITEMS, ("en-US",)))
    return studio.game()


@pytest.fixture
def start(game: App) -> Callable[[], Job]:
    """Applies a plan that changes every achievement of the game."""
    by = By(factories.member("lead", email="lead@example.com"))

    def begin() -> Job:
        return plans.apply(plans.bulk(catalog.filtered(game, Filters()), BulkEdit(repeatable=True), by), by)

    return begin


def ended(job: Job) -> bool:
    return Job.objects.get(pk=job.pk).finished_at is not None


def wait(condition: Callable[[], Any], seconds: float = DEADLINE) -> float:
    """Seconds until something holds."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "it did not come to pass"
        time.sleep(0.05)
    return time.monotonic() - started


def assert_clean(studio: Studio, job: Job) -> None:
    """The four numbers are 0, all is done, and the audit has each change once."""
    assert verdict(studio, job) == CLEAN
    assert steering.progress(job).done == ITEMS
    assert AuditEntry.objects.filter(action="achievement.updated").count() == ITEMS


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3, 5, 8, ITEMS])
def test_a_worker_killed_at_any_request_loses_and_doubles_nothing(
    studio: Studio, workers: Workers, start: Callable[[], Job], number: int, moment: str
) -> None:
    job = start()
    studio.fault(kind="hold", method="PATCH", nth=number, when=moment)
    first = workers.worker()
    wait(lambda: any(sent["held"] for sent in studio.simulator.requests()))
    workers.kill(first)
    studio.simulator.control("release", {"drop": True})
    studio.simulator.control("faults", {"clear": True})
    killed = time.monotonic()
    done = steering.progress(job).done
    workers.beat()
    workers.worker()
    wait(lambda: steering.progress(job).done > done or ended(job))
    print(f"kill {moment} request {number}: next progress after {time.monotonic() - killed:.1f} s")
    wait(lambda: ended(job))
    assert_clean(studio, job)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_broker_can_be_flushed_at_any_time(
    studio: Studio, workers: Workers, start: Callable[[], Job], share: float
) -> None:
    job = start()
    studio.fault(kind="hold", method="PATCH", nth=max(1, round(ITEMS * share)))
    first = workers.worker()
    wait(lambda: any(sent["held"] for sent in studio.simulator.requests()))
    workers.kill(first)
    broker_is_empty()
    studio.simulator.control("release", {"drop": True})
    studio.simulator.control("faults", {"clear": True})
    workers.beat()
    workers.worker()
    wait(lambda: ended(job))
    assert_clean(studio, job)


def test_a_ring_that_nobody_heard_is_rung_again(studio: Studio, workers: Workers, start: Callable[[], Job]) -> None:
    job = start()
    broker_is_empty()
    workers.beat()
    workers.worker()
    wait(lambda: ended(job))
    assert_clean(studio, job)


def test_a_message_that_is_delivered_three_times_to_two_workers_does_no_harm(
    studio: Studio, workers: Workers, start: Callable[[], Job]
) -> None:
    job = start()
    for _ in range(3):
        broker.ring("achievements_admin.tasks.work_on_job", job.pk)
    studio.forget_requests()
    workers.beat()
    workers.worker()
    workers.worker()
    wait(lambda: ended(job))
    assert len(studio.writes()) == ITEMS
    assert_clean(studio, job)


@pytest.mark.postgres  # SQLite's one lock stays with a process that is stopped while it writes
def test_a_worker_that_sleeps_past_its_lease_writes_nothing_more(
    studio: Studio, workers: Workers, start: Callable[[], Job]
) -> None:
    job = start()
    studio.fault(kind="hold", method="PATCH", nth=3, when="after")
    sleeper = workers.worker()
    wait(lambda: any(sent["held"] for sent in studio.simulator.requests()))
    os.killpg(sleeper.pid, signal.SIGSTOP)
    studio.simulator.control("faults", {"clear": True})
    workers.beat()
    workers.worker()
    wait(lambda: ended(job))
    finished = Job.objects.get(pk=job.pk).finished_at
    studio.simulator.control("release", {})
    os.killpg(sleeper.pid, signal.SIGCONT)
    time.sleep(1.5)
    assert finished is not None
    assert not job.items.filter(updated_at__gt=finished + timedelta(seconds=1)).exists()
    assert set(job.items.values_list("state", flat=True)) <= {ItemState.VERIFIED, ItemState.SKIPPED}
    assert_clean(studio, job)
