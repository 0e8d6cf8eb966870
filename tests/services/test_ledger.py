"""The ledger: every change is sent once, whatever happens to the answer, the worker or the button."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from achievements_admin.domain import changes
from achievements_admin.models import Achievement, App, AuditEntry, Grant, ItemState, Job, JobItem, Member, Plan
from achievements_admin.services import catalog, jobs, plans
from achievements_admin.services.audit import By
from achievements_admin.services.errors import Invalid, NotAllowed
from tests import factories
from tests.studio import Studio

pytestmark = pytest.mark.django_db(transaction=True)

WANTED = {
    "reference_name": "Night owl",
    "vendor_identifier": "night_owl",
    "points": 5,
    "show_before_earned": True,
    "repeatable": False,
    "activity_properties": {},
}


@pytest.fixture
def by() -> By:
    return By(factories.member("lead", email="lead@example.com"), "127.0.0.1")


@pytest.fixture(params=["v1", "v2"])
def game(request: pytest.FixtureRequest, studio: Studio) -> App:
    """A game with a few drafts, read into the mirror, spoken to in either generation."""
    return studio.game(generation=request.param)


def draft(game: App) -> Achievement:
    return catalog.achievement(game, game.achievements.filter(has_been_live=False).earliest("position").apple_id)


def edit(game: App, by: By, **wanted: Any) -> JobItem:
    row = draft(game)
    plan = plans.edit(row, catalog.values(row), wanted, by)
    assert plan is not None
    return plans.apply_now(plan, by)


def create(game: App, by: By, **wanted: Any) -> JobItem:
    return plans.apply_now(plans.create(game, WANTED | wanted, by), by)


# --- what a producer does ---


def test_a_new_achievement_is_at_apple_in_the_mirror_and_in_the_audit(studio: Studio, game: App, by: By) -> None:
    item = create(game, by)
    assert (item.state, item.message) == (ItemState.VERIFIED, "Apple has it, read back and compared.")
    assert studio.at_apple(item.apple_id)["points"] == 5
    row = catalog.achievement(game, item.apple_id)
    assert (row.reference_name, row.versions.count()) == ("Night owl", 1)
    entry = AuditEntry.objects.get(action="achievement.created")
    assert (entry.actor, entry.key, entry.after["points"]) == (
        "lead@example.com",
        f"apps/{game.apple_id}/achievements/night_owl",
        5,
    )
    assert [(sent["method"], sent["status"]) for sent in entry.requests] == [("POST", 201)]


def test_an_edit_sends_only_what_differs_after_reading_back(studio: Studio, game: App, by: By) -> None:
    row = draft(game)
    studio.forget_requests()
    item = edit(game, by, points=7, repeatable=row.repeatable)
    assert item.state == ItemState.VERIFIED
    read, write = studio.requests()
    assert (read["method"], write["method"]) == ("GET", "PATCH")
    assert write["body"]["data"]["attributes"] == {"points": 7}
    assert studio.at_apple(item.apple_id)["points"] == 7
    assert Achievement.objects.get(pk=row.pk).points == 7


def test_archive_and_restore(studio: Studio, game: App, by: By) -> None:
    row = studio.live_achievement(game)
    for archived in (True, False):
        plan = plans.archive(catalog.achievement(game, row.apple_id), archived, by)
        assert plan is not None
        assert plans.apply_now(plan, by).state == ItemState.VERIFIED
        assert studio.at_apple(row.apple_id)["archived"] is archived


def test_a_draft_is_deleted_and_a_live_one_is_not_even_tried(studio: Studio, game: App, by: By) -> None:
    row, live = draft(game), studio.live_achievement(game)
    assert plans.apply_now(plans.delete(row, by), by).state == ItemState.VERIFIED
    assert studio.at_apple(row.apple_id) is None
    assert not Achievement.objects.filter(pk=row.pk).exists()
    studio.forget_requests()
    with pytest.raises(Invalid, match="Archive it instead"):
        plans.delete(catalog.achievement(game, live.apple_id), by)
    assert studio.requests() == []


def test_deleting_what_is_gone_at_apple_already_is_fine(studio: Studio, game: App, by: By) -> None:
    row = draft(game)
    plan = plans.delete(row, by)
    studio.remove_at_apple(row.apple_id)
    assert plans.apply_now(plan, by).state == ItemState.SKIPPED
    assert not Achievement.objects.filter(pk=row.pk).exists()


def test_game_center_is_turned_on_once(studio: Studio, by: By) -> None:
    game = studio.game_without_game_center()
    item = plans.apply_now(plans.enable_game_center(game, by), by)
    assert item.state == ItemState.VERIFIED
    game.refresh_from_db()
    assert game.detail_id == item.apple_id


# --- the same thing twice ---


def test_the_same_form_sent_twice_is_one_change(studio: Studio, game: App, by: By) -> None:
    items = [plans.apply_now(plans.create(game, WANTED, by, token="form-1"), by) for _ in range(2)]
    assert items[0].pk == items[1].pk
    assert studio.named("night_owl") == 1


def test_two_presses_at_the_same_moment_are_one_change(studio: Studio, game: App, by: By) -> None:
    studio.fault(kind="slow", ms=300, method="POST")
    states: list[str] = []

    def press() -> None:
        states.append(plans.apply_now(plans.create(game, WANTED, by, token="form-2"), by).state)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == [ItemState.VERIFIED, ItemState.VERIFIED]
    assert studio.named("night_owl") == 1


def test_applying_what_apple_holds_already_sends_no_write(studio: Studio, game: App, by: By) -> None:
    row = draft(game)
    plan = plans.edit(row, catalog.values(row), {"points": 9}, by)
    assert plan is not None
    studio.change_at_apple(row.apple_id, points=9)
    studio.forget_requests()
    assert plans.apply_now(plan, by).state == ItemState.SKIPPED
    assert studio.writes() == []
    assert Achievement.objects.get(pk=row.pk).points == 9


def test_two_plans_for_the_same_thing_do_not_run_at_once(studio: Studio, game: App, by: By) -> None:
    row = draft(game)
    first, second = (plans.edit(row, catalog.values(row), {"points": points}, by) for points in (1, 2))
    assert first and second
    jobs.start(first, by)
    with pytest.raises(Invalid, match="changing this right now"):
        jobs.start(second, by)


# --- answers that are lost ---


@pytest.mark.parametrize("kind", ["drop_after", "500_applied", "drop_before", "500", "cut_body"])
def test_a_creation_whose_answer_is_lost_is_found_again_and_made_once(
    studio: Studio, game: App, by: By, kind: str
) -> None:
    studio.fault(kind=kind, method="POST", count=1)
    item = create(game, by)
    assert item.state == ItemState.VERIFIED
    assert studio.named("night_owl") == 1
    applied = kind in {"drop_after", "500_applied", "cut_body"}
    # One list more than without the fault; where it had not been applied, the creation itself goes out again.
    assert [sent["method"] for sent in item.requests] == (["POST", "GET"] if applied else ["POST", "GET", "POST"])


@pytest.mark.parametrize("kind", ["drop_after", "500_applied", "drop_before", "500"])
def test_an_edit_whose_answer_is_lost_is_read_back(studio: Studio, game: App, by: By, kind: str) -> None:
    studio.fault(kind=kind, method="PATCH", count=1)
    item = edit(game, by, points=8)
    assert (item.state, studio.at_apple(item.apple_id)["points"]) == (ItemState.VERIFIED, 8)


@pytest.mark.parametrize("kind", ["drop_after", "500_applied", "drop_before"])
def test_a_deletion_whose_answer_is_lost_is_read_back(studio: Studio, game: App, by: By, kind: str) -> None:
    row = draft(game)
    studio.fault(kind=kind, method="DELETE", count=1)
    assert plans.apply_now(plans.delete(row, by), by).state == ItemState.VERIFIED
    assert studio.at_apple(row.apple_id) is None


def test_a_creation_is_found_again_in_a_list_that_lags(studio: Studio, game: App, by: By) -> None:
    studio.fault(kind="drop_after", method="POST", count=1)
    studio.fault(kind="lag", reads=2)
    item = create(game, by)
    for _ in range(6):
        if item.state != ItemState.WAITING:
            break
        JobItem.objects.update(due_at=None)
        jobs.work_on(item.job_id)
        item.refresh_from_db()
    assert item.state == ItemState.VERIFIED
    assert studio.named("night_owl") == 1


# --- workers that die ---


def interrupted(game: App, by: By, state: ItemState) -> JobItem:
    """An item whose worker died in this state, its lease run out."""
    job = jobs.start(plans.create(game, WANTED, by), by)
    past = timezone.now() - timedelta(seconds=1)
    JobItem.objects.filter(job=job).update(state=state, claimed_by="dead", lease_until=past, attempts=1)
    return job.items.get()


def after_sweep(item: JobItem) -> JobItem:
    jobs.sweep()
    jobs.work_on(item.job_id)
    item.refresh_from_db()
    return item


def test_what_was_claimed_when_its_worker_died_is_done_by_another(studio: Studio, game: App, by: By) -> None:
    item = after_sweep(interrupted(game, by, ItemState.CLAIMED))
    assert (item.state, studio.named("night_owl")) == (ItemState.VERIFIED, 1)


@pytest.mark.parametrize("was_applied", [True, False])
def test_what_was_sending_when_its_worker_died_is_looked_up_first(
    studio: Studio, game: App, by: By, was_applied: bool
) -> None:
    if was_applied:
        studio.create_at_apple(game, **WANTED)
    item = interrupted(game, by, ItemState.SENDING)
    studio.forget_requests()
    item = after_sweep(item)
    assert (item.state, studio.named("night_owl")) == (ItemState.VERIFIED, 1)
    assert len(studio.writes()) == (0 if was_applied else 1)


def test_a_worker_that_slept_past_its_lease_writes_nothing_more(studio: Studio, game: App, by: By) -> None:
    studio.fault(kind="slow", ms=1500, method="POST", count=1)
    job = jobs.start(plans.create(game, WANTED, by), by)
    studio.forget_requests()

    def sleeper() -> None:
        jobs.work(job, worker="sleeper")
        connection.close()

    thread = threading.Thread(target=sleeper)
    thread.start()
    studio.wait_for(lambda: JobItem.objects.get(job=job).state == ItemState.SENDING)
    JobItem.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs.sweep()
    thread.join()
    # Its own answer was worth nothing any more: what it then claimed anew it looked up first, and did not send again.
    item = JobItem.objects.get(job=job)
    assert (item.state, item.attempts, studio.named("night_owl")) == (ItemState.VERIFIED, 2, 1)
    assert AuditEntry.objects.filter(action="achievement.created").count() == 1
    assert [sent["method"] for sent in studio.writes()] == ["POST"]


def test_the_intent_is_in_the_ledger_before_the_request_leaves(studio: Studio, game: App, by: By) -> None:
    studio.fault(kind="slow", ms=1000, method="POST", count=1)
    seen: list[tuple[str, Any]] = []

    def press() -> None:
        create(game, by)
        connection.close()

    thread = threading.Thread(target=press)
    thread.start()
    studio.wait_for(lambda: studio.is_busy())
    item = JobItem.objects.get()
    seen.append((item.state, item.change["after"]["vendor_identifier"]))
    thread.join()
    assert seen == [(ItemState.SENDING, "night_owl")]


# --- other people, other places ---


def test_what_changed_at_apple_after_the_form_was_opened_is_a_conflict(studio: Studio, game: App, by: By) -> None:
    row = draft(game)
    plan = plans.edit(row, catalog.values(row), {"points": 9}, by)
    assert plan is not None
    studio.change_at_apple(row.apple_id, points=3)
    studio.forget_requests()
    item = plans.apply_now(plan, by)
    assert (item.state, item.actual["points"], studio.writes()) == (ItemState.CONFLICT, 3, [])
    assert Achievement.objects.get(pk=row.pk).points == 3
    again = plans.edit(catalog.achievement(game, row.apple_id), item.actual, {"points": 9}, by)
    assert again is not None
    assert plans.apply_now(again, by).state == ItemState.VERIFIED


def test_a_change_at_apple_of_another_attribute_is_no_conflict(studio: Studio, game: App, by: By) -> None:
    row = draft(game)
    plan = plans.edit(row, catalog.values(row), {"points": 9}, by)
    assert plan is not None
    studio.change_at_apple(row.apple_id, referenceName="Theirs")
    assert plans.apply_now(plan, by).state == ItemState.VERIFIED
    assert studio.at_apple(row.apple_id)["referenceName"] == "Theirs"
    assert Achievement.objects.get(pk=row.pk).reference_name == "Theirs"


def test_an_edit_of_what_was_deleted_at_apple_says_so(studio: Studio, game: App, by: By) -> None:
    row = draft(game)
    plan = plans.edit(row, catalog.values(row), {"points": 9}, by)
    assert plan is not None
    studio.remove_at_apple(row.apple_id)
    item = plans.apply_now(plan, by)
    assert item.state == ItemState.CONFLICT
    assert "deleted" in item.message


def test_interleaved_edits_of_two_people_never_overwrite_silently(studio: Studio, by: By) -> None:
    game = studio.game()
    other = By(factories.member("producer", email="other@example.com"))
    row = draft(game)
    opened = catalog.values(row)
    mine = plans.edit(row, opened, {"points": 1}, by)
    theirs = plans.edit(row, opened, {"points": 2}, other)
    assert mine and theirs
    assert plans.apply_now(theirs, other).state == ItemState.VERIFIED
    assert plans.apply_now(mine, by).state == ItemState.CONFLICT
    assert studio.at_apple(row.apple_id)["points"] == 2


def test_a_right_that_was_taken_away_stops_what_is_waiting(studio: Studio, game: App, by: By) -> None:
    plan = plans.create(game, WANTED, by)
    job = jobs.start(plan, by)
    Grant.objects.all().delete()
    studio.forget_requests()
    jobs.work_on(job.pk)
    item = job.items.get()
    assert item.state == ItemState.FAILED
    assert "Nothing was sent" in item.message
    assert studio.requests() == []


@pytest.mark.parametrize(
    "wish",
    [
        lambda game, by: plans.create(game, WANTED, by),
        lambda game, by: plans.edit(draft(game), {}, {"points": 1}, by),
        lambda game, by: plans.delete(draft(game), by),
        lambda game, by: plans.enable_game_center(game, by),
    ],
)
def test_a_viewer_changes_nothing(studio: Studio, wish: Callable[[App, By], Plan]) -> None:
    with pytest.raises(NotAllowed, match="Your role"):
        wish(studio.game(), By(factories.member("viewer")))
    assert not Plan.objects.exists()


# --- Apple says no ---


def test_an_identifier_that_apple_alone_knows_to_be_taken_is_refused_in_words(
    studio: Studio, game: App, by: By
) -> None:
    studio.create_at_apple(game, **WANTED | {"points": 3})
    item = create(game, by)
    assert item.state == ItemState.FAILED
    assert "already been used" in item.message
    assert item.error["errors"]


def test_what_somebody_else_made_just_so_is_taken_as_it_is(studio: Studio, game: App, by: By) -> None:
    studio.create_at_apple(game, **WANTED)
    item = create(game, by)
    assert (item.state, studio.named(WANTED["vendor_identifier"])) == (ItemState.SKIPPED, 1)
    assert catalog.achievement(game, item.apple_id).points == WANTED["points"]


def test_a_revoked_key_fails_the_change_and_is_remembered_at_the_key(studio: Studio, game: App, by: By) -> None:
    plan = plans.create(game, WANTED, by)
    studio.key(revoked=True)
    item = plans.apply_now(plan, by)
    assert item.state == ItemState.FAILED
    assert "API key" in item.message
    assert "API key" in game.team.keys.get().refusal
    studio.key(revoked=False)
    studio.connect()
    assert game.team.keys.get().refusal == ""


def test_the_role_of_a_key_and_a_missing_agreement_are_told_apart(studio: Studio, game: App, by: By) -> None:
    studio.key(role="CUSTOMER_SUPPORT")
    assert "role" in create(game, by).message
    studio.key(role="ADMIN", agreement=False)
    assert "agreement" in create(game, by).message


def test_after_a_429_the_change_waits_and_says_until_when(studio: Studio, game: App, by: By) -> None:
    studio.fault(kind="429", method="POST", retry_after=120, count=1)
    item = create(game, by)
    assert (item.state, item.outcome_unknown) == (ItemState.WAITING, False)
    assert "goes on by itself" in item.message
    assert item.due_at > timezone.now() + timedelta(seconds=100)
    assert studio.named("night_owl") == 0


def test_apple_out_of_reach_is_one_sentence_and_nothing_half_done(studio: Studio, game: App, by: By) -> None:
    plan = plans.edit(draft(game), {}, {"points": 1}, by)
    assert plan is not None
    studio.fault(kind="drop_before", count=10)
    item = plans.apply_now(plan, by)
    assert item.state == ItemState.FAILED
    assert item.message == "The connection to Apple was lost. Try again."
    assert Achievement.objects.get(pk=draft(game).pk).points != 1


def test_a_form_sent_again_after_a_failure_is_a_new_try(studio: Studio, game: App, by: By) -> None:
    studio.key(role="CUSTOMER_SUPPORT")
    assert plans.apply_now(plans.create(game, WANTED, by, token="form-3"), by).state == ItemState.FAILED
    studio.key(role="ADMIN")
    assert plans.apply_now(plans.create(game, WANTED, by, token="form-3"), by).state == ItemState.VERIFIED
    assert studio.named("night_owl") == 1


def test_a_job_is_closed_when_its_last_item_has_ended(studio: Studio, by: By) -> None:
    create(studio.game(), by)
    job = Job.objects.get()
    assert job.finished_at is not None
    assert job.plan.applied_at is not None
    assert changes.Change.from_json(job.plan.changes[0]).key == job.items.get().key
    assert Member.objects.get(pk=job.started_by_id).email == "lead@example.com"
