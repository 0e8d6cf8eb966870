"""Plans of many changes: previewed whole, applied by workers, stopped, tried again, taken back."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from achievements_admin.domain.bulk import BulkEdit, PointsMode
from achievements_admin.models import (
    Achievement,
    App,
    AuditEntry,
    Group,
    ItemState,
    Job,
    JobItem,
    Plan,
)
from achievements_admin.services import catalog, jobs, mirror, plans, steering
from achievements_admin.services.audit import By
from achievements_admin.services.catalog import Filters
from achievements_admin.services.errors import Invalid, NotAllowed
from tests import factories
from tests import studio as studios
from tests.studio import Studio
from tests.verdict import CLEAN, verdict

pytestmark = pytest.mark.django_db(transaction=True)
EDIT = BulkEdit(repeatable=True)


@pytest.fixture
def by() -> By:
    return By(factories.member("lead", email="lead@example.com"))


@pytest.fixture(params=["v1", "v2"])
def game(request: pytest.FixtureRequest, studio: Studio) -> App:
    """A game with 30 achievements in one language, half of them live."""
    studio.simulator.reset(studios.seed(30, ("en-US",)))
    return studio.game(generation=request.param)


def everything(game: App) -> list[Achievement]:
    return catalog.filtered(game, Filters())


def drafts(game: App) -> list[Achievement]:
    return [row for row in everything(game) if not row.has_been_live]


def planned(game: App, by: By, wish: BulkEdit = EDIT, rows: list[Achievement] | None = None, **given: Any) -> Plan:
    return plans.bulk(everything(game) if rows is None else rows, wish, by, **given)


def run(plan: Plan, by: By) -> Job:
    job = plans.apply(plan, by)
    jobs.work_on(job.pk)
    return Job.objects.get(pk=job.pk)


def test_many_are_changed_with_one_list_and_one_request_each(studio: Studio, game: App, by: By) -> None:
    plan = planned(game, by)
    studio.forget_requests()
    job = run(plan, by)
    assert set(job.items.values_list("state", flat=True)) == {ItemState.VERIFIED}
    assert len(studio.requests()) == 31
    assert verdict(studio, job) == CLEAN
    assert job.finished_at is not None
    assert AuditEntry.objects.filter(action="achievement.updated").count() == 30
    assert all(row.repeatable for row in everything(game))


def test_several_are_in_flight_at_once_but_never_more_than_the_connections(studio: Studio, game: App, by: By) -> None:
    plan = planned(game, by)
    studio.simulator.control("latency", {"ms": 60})
    studio.simulator.control("reset", {"all": False})
    run(plan, by)
    most = studio.simulator.control("stats")["most_open"]
    studio.simulator.control("latency", {"ms": 0})
    assert 3 <= most <= 8


def test_applying_again_sends_nothing(studio: Studio, game: App, by: By) -> None:
    job = run(planned(game, by), by)
    studio.forget_requests()
    assert plans.apply(Plan.objects.get(pk=job.plan_id), by).pk == job.pk
    jobs.work_on(job.pk)
    assert studio.requests() == []
    with pytest.raises(Invalid, match="already"):
        planned(game, by)


def test_what_was_changed_at_apple_meanwhile_is_a_conflict_and_the_rest_is_applied(
    studio: Studio, game: App, by: By
) -> None:
    rows = everything(game)
    plan = planned(game, by, BulkEdit(find="Achievement", replace="Trophy"))
    for row in rows[:10]:
        studio.change_at_apple(row.apple_id, referenceName="Theirs")
    job = run(plan, by)
    states = list(job.items.values_list("state", flat=True))
    assert (states.count(ItemState.CONFLICT), states.count(ItemState.VERIFIED)) == (10, 20)
    assert [studio.at_apple(row.apple_id)["referenceName"] for row in rows[:10]] == ["Theirs"] * 10
    assert verdict(studio, job) == CLEAN

    mine, theirs = job.items.filter(state=ItemState.CONFLICT)[:2]
    steering.resolve(mine, by, keep_mine=True)
    steering.resolve(theirs, by, keep_mine=False)
    jobs.work_on(job.pk)
    mine.refresh_from_db()
    assert mine.state == ItemState.VERIFIED
    assert studio.at_apple(mine.apple_id)["referenceName"].startswith("Trophy")
    assert JobItem.objects.get(pk=theirs.pk).state == ItemState.CANCELLED


def test_rows_that_break_a_rule_are_shown_and_left_out(studio: Studio, game: App, by: By) -> None:
    plan = planned(game, by, BulkEdit(points_mode=PointsMode.SET, points=6))
    assert len(plan.problems) == 15
    assert all("live" in problem for problem in plan.problems.values())
    job = run(plan, by)
    assert job.items.count() == 15
    assert verdict(studio, job) == CLEAN


def test_points_over_the_total_are_found_over_all_rows_together(studio: Studio, game: App, by: By) -> None:
    plan = planned(game, by, BulkEdit(points_mode=PointsMode.SET, points=100), drafts(game))
    assert len(plan.problems) == 15
    with pytest.raises(Invalid, match="Nothing of this plan"):
        plans.apply(plan, by)


def test_points_are_lowered_before_others_are_raised_so_that_the_sum_never_breaks(
    studio: Studio, game: App, by: By
) -> None:
    rows = drafts(game)
    for place, row in enumerate(rows):
        studio.change_at_apple(row.apple_id, points=100 if place < 9 else 0)
    studio.change_at_apple(rows[9].apple_id, points=25)
    mirror.refresh(App.objects.get(pk=game.pk))
    plan = planned(game, by, BulkEdit(points_mode=PointsMode.FIT, points=925), drafts(game)[:9] + drafts(game)[10:])
    changed = {change["before"]["points"] > change["after"]["points"] for change in plan.changes}
    plan = planned(game, by, BulkEdit(points_mode=PointsMode.SET, points=64), drafts(game)[:9] + drafts(game)[10:])
    assert changed
    assert plan.problems == {}
    job = run(plan, by)
    assert set(job.items.values_list("state", flat=True)) == {ItemState.VERIFIED}
    assert verdict(studio, job) == CLEAN


def test_drafts_are_deleted_and_live_ones_left_out(studio: Studio, game: App, by: By) -> None:
    plan = planned(game, by, delete=True)
    assert len(plan.applicable) == 15
    job = run(plan, by)
    assert set(job.items.values_list("state", flat=True)) == {ItemState.VERIFIED}
    assert App.objects.get(pk=game.pk).achievements.count() == 15
    assert len(studio.simulator.state()["gameCenterAchievements"]) == 15 + 1


def test_a_plan_can_be_thinned(studio: Studio, game: App, by: By) -> None:
    plan = planned(game, by)
    plans.take_out(plan, [change["key"] for change in plan.changes[:3]])
    assert run(plan, by).items.count() == 3


def test_undo_takes_back_what_was_done_and_lists_what_can_not_be(studio: Studio, game: App, by: By) -> None:
    names = {row.apple_id: row.reference_name for row in everything(game)}
    job = run(planned(game, by, BulkEdit(find="Achievement", replace="Trophy")), by)
    back = run(steering.undo(job, by), by)
    assert verdict(studio, back) == CLEAN
    assert {row.apple_id: row.reference_name for row in everything(game)} == names
    gone = run(planned(game, by, rows=drafts(game)[:2], delete=True), by)
    plan = steering.undo(gone, by)
    assert len(plan.problems) == 2
    assert plan.applicable == []


def test_cancel_stops_what_has_not_begun_and_it_can_go_on(studio: Studio, game: App, by: By) -> None:
    studio.simulator.control("latency", {"ms": 100})
    job = plans.apply(planned(game, by), by)

    def worker() -> None:
        jobs.work_on(job.pk)
        connection.close()

    thread = threading.Thread(target=worker)
    thread.start()
    studio.wait_for(lambda: job.items.filter(state=ItemState.VERIFIED).count() >= 5)
    steering.cancel(job, by)
    begun = len(studio.writes())
    thread.join()
    studio.simulator.control("latency", {"ms": 0})
    assert len(studio.writes()) - begun <= 8
    progress = steering.progress(Job.objects.get(pk=job.pk))
    assert progress.cancelled >= 5
    assert progress.is_finished
    steering.retry(job, by)
    jobs.work_on(job.pk)
    job = Job.objects.get(pk=job.pk)
    assert steering.progress(job).done == 30
    assert verdict(studio, job) == CLEAN


@pytest.mark.parametrize("kind", ["500", "500_applied", "drop_before", "drop_after", "cut_body"])
def test_at_20_percent_faults_a_job_ends_by_itself(studio: Studio, game: App, by: By, kind: str) -> None:
    job = plans.apply(planned(game, by), by)
    studio.fault(kind=kind, probability=0.2, seed=7)
    for _ in range(30):
        jobs.work_on(job.pk)
        if not job.items.filter(state=ItemState.WAITING).exists():
            break
        JobItem.objects.filter(state=ItemState.WAITING).update(due_at=None)
    studio.simulator.control("faults", {"clear": True})
    assert verdict(studio, job) == CLEAN
    steering.retry(job, by)
    jobs.work_on(job.pk)
    assert steering.progress(Job.objects.get(pk=job.pk)).done == 30


def test_two_workers_on_one_job_do_each_thing_once(studio: Studio, game: App, by: By) -> None:
    job = plans.apply(planned(game, by), by)
    studio.forget_requests()

    def worker() -> None:
        jobs.work_on(job.pk)
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(studio.writes()) == 30
    assert verdict(studio, job) == CLEAN
    assert AuditEntry.objects.filter(action="achievement.updated").count() == 30


def test_a_job_whose_workers_died_is_picked_up_by_the_sweeper(studio: Studio, game: App, by: By) -> None:
    job = plans.apply(planned(game, by), by)
    past = timezone.now() - timedelta(seconds=1)
    for pk in job.items.values_list("pk", flat=True)[:8]:
        JobItem.objects.filter(pk=pk).update(state=ItemState.SENDING, claimed_by="dead", lease_until=past)
    assert jobs.sweep() == 1
    jobs.work_on(job.pk)
    assert verdict(studio, job) == CLEAN
    assert steering.progress(job).done == 30


def test_a_job_whose_worker_died_after_its_last_item_is_closed_by_the_sweeper(
    studio: Studio, game: App, by: By
) -> None:
    job = run(planned(game, by), by)
    Job.objects.update(finished_at=None)
    assert jobs.sweep() == 0
    assert Job.objects.get(pk=job.pk).finished_at is not None


def test_a_quota_that_runs_out_makes_the_job_wait_and_say_until_when(studio: Studio, game: App, by: By) -> None:
    job = plans.apply(planned(game, by), by)
    studio.fault(kind="429", method="PATCH", after=10, retry_after=900)
    studio.forget_requests()
    jobs.work_on(job.pk)
    progress = steering.progress(job)
    assert progress.count(ItemState.WAITING) >= 12
    assert progress.waits_until is not None
    assert timezone.now() + timedelta(minutes=10) < progress.waits_until
    refused = [sent for sent in studio.requests() if sent["status"] == 429]
    assert len(refused) <= 8
    studio.simulator.control("faults", {"clear": True})


def test_progress_is_one_query(studio: Studio, game: App, by: By, django_assert_num_queries: Any) -> None:
    job = run(planned(game, by), by)
    with django_assert_num_queries(1):
        assert steering.progress(job).percent == 100


def test_a_viewer_plans_and_steers_nothing(studio: Studio, game: App, by: By) -> None:
    viewer = By(factories.member("viewer"))
    with pytest.raises(NotAllowed):
        planned(game, viewer)
    job = run(planned(game, by), by)
    for act in (steering.cancel, steering.retry, steering.undo):
        with pytest.raises(NotAllowed):
            act(job, viewer)
    with pytest.raises(NotAllowed):
        plans.apply(Plan.objects.get(), viewer)


def test_a_groups_achievements_are_changed_alike(studio: Studio, by: By) -> None:
    mirror.sync_team(studio.team)
    group = Group.objects.select_related("team").get()
    job = run(plans.bulk(catalog.filtered(group, Filters()), EDIT, by), by)
    assert verdict(studio, job) == CLEAN
    assert steering.progress(job).done == 1
