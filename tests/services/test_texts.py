"""Texts in plans: each language is a change of its own, and a live text is edited in a version that is opened first."""

from typing import Any

import pytest

from achievements_admin.domain import changes
from achievements_admin.domain.bulk import BulkEdit
from achievements_admin.domain.changes import Wanted
from achievements_admin.models import Achievement, App, ItemState, Job, Plan
from achievements_admin.services import catalog, jobs, plans, steering
from achievements_admin.services.audit import By
from achievements_admin.services.errors import Invalid
from achievements_admin.services.plans import Proposal
from tests import factories
from tests import studio as studios
from tests.studio import Studio
from tests.verdict import CLEAN, verdict

pytestmark = pytest.mark.django_db(transaction=True)
TEXTS = {"name": "Licht", "before_earned_description": "Finde es", "after_earned_description": "Gefunden"}


@pytest.fixture
def by() -> By:
    return By(factories.member("lead", email="lead@example.com"))


@pytest.fixture(params=["v1", "v2"])
def game(request: pytest.FixtureRequest, studio: Studio) -> App:
    """A game with six achievements in three languages, half of them live."""
    return studio.game(generation=request.param)


@pytest.fixture
def v2(studio: Studio) -> App:
    return studio.game(generation="v2")


def new(number: int, locales: tuple[str, ...] = ("en-US", "de-DE")) -> Wanted:
    attributes = {"reference_name": f"New {number}", "points": 1}
    return Wanted(vendor_identifier=f"new{number}", attributes=attributes, texts=dict.fromkeys(locales, TEXTS))


def keep(game: App, by: By, *wanted: Wanted) -> Plan:
    return plans.keep(game, plans.propose(game, wanted), by, title="Test")


def run(plan: Plan, by: By) -> Job:
    job = plans.apply(plan, by)
    jobs.work_on(job.pk)
    return Job.objects.get(pk=job.pk)


def states(job: Job) -> set[str]:
    return set(job.items.values_list("state", flat=True))


def sentences(proposal: Proposal) -> str:
    return " ".join(problem.message for found in proposal.problems.values() for problem in found)


def held(game: App, vendor_identifier: str) -> dict[str, dict[str, str]]:
    return catalog.texts(next(row for row in catalog.everything(game) if row.vendor_identifier == vendor_identifier))


def test_new_achievements_come_with_their_texts_in_one_request_each(studio: Studio, game: App, by: By) -> None:
    plan = keep(game, by, *(new(number) for number in range(5)))
    studio.forget_requests()
    job = run(plan, by)
    assert states(job) == {ItemState.VERIFIED}
    assert len(studio.requests()) == 15
    assert verdict(studio, job) == CLEAN
    assert held(game, "new3") == {"en-US": TEXTS, "de-DE": TEXTS}
    studio.judge()


def test_the_same_wish_again_is_no_change(studio: Studio, game: App, by: By) -> None:
    run(keep(game, by, new(1)), by)
    assert plans.propose(game, [new(1)]).changes == []
    with pytest.raises(Invalid, match="nothing to change"):
        keep(game, by, new(1))


def test_a_draft_text_is_edited_where_it_is(studio: Studio, game: App, by: By) -> None:
    plan = keep(game, by, Wanted(vendor_identifier="a0", texts={"ja": {"name": "X"}, "de-DE": None, "fr-FR": TEXTS}))
    assert [change["resource"] for change in plan.changes] == ["localization"] * 3
    studio.forget_requests()
    job = run(plan, by)
    assert states(job) == {ItemState.VERIFIED}
    assert len(studio.requests()) == 4
    texts = held(game, "a0")
    assert sorted(texts) == ["en-US", "fr-FR", "ja"]
    assert texts["ja"]["name"] == "X"
    assert verdict(studio, job) == CLEAN


@pytest.mark.parametrize("copies", [True, False])
def test_a_live_text_is_edited_in_a_new_version_that_keeps_the_other_languages(
    studio: Studio, v2: App, by: By, copies: bool
) -> None:
    studio.simulator.control("rules", {"new_version_copies_localizations": copies})
    plan = keep(v2, by, Wanted(vendor_identifier="a4", texts={"ja": {"name": "X"}, "fr-FR": TEXTS}))
    assert [change["resource"] for change in plan.changes] == ["version", "localization", "localization"]
    studio.forget_requests()
    job = run(plan, by)
    assert states(job) == {ItemState.VERIFIED}
    assert len(studio.requests()) == changes.cost([changes.Change.from_json(one) for one in plan.changes]) + (
        0 if copies else 4
    )
    row = Achievement.objects.get(vendor_identifier="a4")
    assert [version.state for version in row.versions.all()] == ["LIVE", "PREPARE_FOR_SUBMISSION"]
    texts = held(v2, "a4")
    assert sorted(texts) == ["de-DE", "en-US", "fr-FR", "ja"]
    assert texts["ja"] == {"name": "X", "before_earned_description": "Before", "after_earned_description": "After"}
    assert verdict(studio, job) == CLEAN
    studio.judge()


def test_in_the_first_generation_a_live_text_is_edited_where_it_is(studio: Studio, by: By) -> None:
    game = studio.game(generation="v1")
    plan = keep(game, by, Wanted(vendor_identifier="a4", texts={"ja": {"name": "X"}}))
    assert [change["resource"] for change in plan.changes] == ["localization"]
    assert states(run(plan, by)) == {ItemState.VERIFIED}
    assert held(game, "a4")["ja"]["name"] == "X"


def test_a_version_that_somebody_opened_meanwhile_is_used(studio: Studio, v2: App, by: By) -> None:
    plan = keep(v2, by, Wanted(vendor_identifier="a4", texts={"ja": {"name": "X"}}))
    studio.open_version_at_apple(Achievement.objects.get(vendor_identifier="a4").apple_id)
    job = run(plan, by)
    assert sorted(states(job)) == [ItemState.SKIPPED, ItemState.VERIFIED]
    assert held(v2, "a4")["ja"]["name"] == "X"


def test_a_text_that_was_changed_at_apple_meanwhile_is_a_conflict(studio: Studio, game: App, by: By) -> None:
    plan = keep(game, by, Wanted(vendor_identifier="a0", texts={"ja": {"name": "X"}, "de-DE": {"name": "Y"}}))
    text = Achievement.objects.get(vendor_identifier="a0").versions.get().localizations.get(locale="ja")
    studio.simulator.control(
        "change", {"type": "gameCenterAchievementLocalizations", "id": text.apple_id, "set": {"name": "Theirs"}}
    )
    job = run(plan, by)
    conflict = job.items.get(state=ItemState.CONFLICT)
    assert conflict.actual["name"] == "Theirs"
    assert held(game, "a0")["ja"]["name"] == "Theirs"
    steering.resolve(conflict, by, keep_mine=True)
    jobs.work_on(job.pk)
    assert states(job) == {ItemState.VERIFIED}
    assert held(game, "a0")["ja"]["name"] == "X"


def test_a_language_that_somebody_added_meanwhile_is_a_conflict_that_can_be_settled(
    studio: Studio, game: App, by: By
) -> None:
    run(keep(game, by, Wanted(vendor_identifier="a0", texts={"fr-FR": TEXTS | {"name": "Theirs"}})), by)
    version = Achievement.objects.get(vendor_identifier="a0").versions.get()
    version.localizations.filter(locale="fr-FR").delete()
    job = run(keep(game, by, Wanted(vendor_identifier="a0", texts={"fr-FR": TEXTS})), by)
    conflict = job.items.get(state=ItemState.CONFLICT)
    steering.resolve(conflict, by, keep_mine=True)
    jobs.work_on(job.pk)
    assert states(job) == {ItemState.VERIFIED}
    assert held(game, "a0")["fr-FR"] == TEXTS


def test_what_hangs_on_a_failure_is_blocked_and_goes_on_with_it(studio: Studio, game: App, by: By) -> None:
    plan = keep(game, by, new(1), new(2))
    studio.create_at_apple(game, **studios.ATTRIBUTES_OF_A_NEW_ONE | {"vendor_identifier": "new1"})
    job = run(plan, by)
    by_key = {item.key.split("/", 3)[3]: item.state for item in job.items.all()}
    assert by_key["new1"] == ItemState.FAILED
    assert by_key["new1/localizations/en-US"] == by_key["new1/localizations/de-DE"] == ItemState.BLOCKED
    assert by_key["new2/localizations/en-US"] == ItemState.VERIFIED
    assert job.finished_at
    found = next(
        one for one in studio.simulator.state()["gameCenterAchievements"] if one["vendor_identifier"] == "new1"
    )
    studio.change_at_apple(found["id"], reference_name="New 1", points=1)
    steering.retry(job, by)
    jobs.work_on(job.pk)
    assert states(job) == {ItemState.VERIFIED, ItemState.SKIPPED}
    assert verdict(studio, job) == CLEAN


def test_undo_takes_texts_back_and_says_that_a_version_stays(studio: Studio, v2: App, by: By) -> None:
    job = run(keep(v2, by, Wanted(vendor_identifier="a4", texts={"ja": {"name": "X"}}), new(1)), by)
    plan = steering.undo(job, by)
    assert list(plan.problems.values()) == ["Apple never deletes a version. It stays open until it is submitted."]
    assert states(run(plan, by)) == {ItemState.VERIFIED}
    assert held(v2, "a4")["ja"]["name"] == "Name 4"
    assert studio.named("new1") == 0


def test_all_problems_of_all_texts_are_said_at_once(studio: Studio, game: App, by: By) -> None:
    wanted = [
        Wanted(vendor_identifier="a0", texts={"ja": {"name": "x" * 31}, "de_DE": TEXTS, "fr-FR": {"name": "x"}}),
        Wanted(vendor_identifier="a1", texts=dict.fromkeys(("en-US", "de-DE", "ja"))),
        Wanted(vendor_identifier="new", attributes={"points": 101}, texts={"ja": TEXTS | {"name": "\x00"}}),
    ]
    said = sentences(plans.propose(game, wanted))
    for words in (
        "The name in ja has 31 characters; Apple takes 30.",
        "Apple knows no language “de_DE”. Did you mean de-DE?",
        "The description after it is earned in fr-FR is empty",
        "Apple wants at least one language",
        "Give it a reference name",
        "Points go from 0 to 100",
        "control character",
    ):
        assert words in said


def test_what_hangs_on_a_change_that_is_left_out_is_left_out_too(studio: Studio, v2: App, by: By) -> None:
    bad = Wanted(vendor_identifier="new", attributes={"reference_name": "N", "points": 999}, texts={"ja": TEXTS})
    plan = keep(v2, by, bad, Wanted(vendor_identifier="a4", texts={"ja": {"name": "X"}, "de-DE": {"name": "Y"}}))
    assert len(plan.applicable) == 3
    plans.take_out(plan, [one["key"] for one in plan.changes if one["resource"] == "version"])
    assert plan.applicable == []


def test_a_text_in_review_can_not_be_edited(studio: Studio, v2: App, by: By) -> None:
    Achievement.objects.get(vendor_identifier="a0").versions.update(state="IN_REVIEW")
    proposal = plans.propose(v2, [Wanted(vendor_identifier="a0", texts={"ja": {"name": "X"}})])
    assert "Apple locks an achievement" in sentences(proposal)


def test_version_identifiers_that_no_answer_names_come_from_one_list(studio: Studio, v2: App, by: By) -> None:
    studio.simulator.control("rules", {"creation_names_version": False})
    studio.forget_requests()
    job = run(keep(v2, by, *(new(number) for number in range(8))), by)
    assert verdict(studio, job) == CLEAN
    assert states(job) == {ItemState.VERIFIED}
    assert len(studio.requests()) <= 24 + 4


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (BulkEdit(find="name", replace="Nom", fields=("name",)), {"name": "Nom 0"}),
        (BulkEdit(find=r"(\w+) (\d)", replace=r"\2 \1", is_pattern=True, fields=("name",)), {"name": "0 Name"}),
        (
            BulkEdit(find="e", replace="ä", fields=("name",), locales=("ja",)),
            {"name": "Namä 0"},
        ),
        (BulkEdit(copy_from="en-US", copy_to=("ja",), copy_over=True), None),
    ],
)
def test_find_and_replace_and_copying_reach_every_text(
    studio: Studio, game: App, by: By, wish: BulkEdit, expected: dict[str, Any] | None
) -> None:
    rows = [row for row in catalog.everything(game) if not row.has_been_live]
    proposal = plans.preview(rows, wish)
    if expected is None:
        assert proposal.changes == []
        return
    change = next(one for one in proposal.changes if one.key.endswith("a0/localizations/ja"))
    assert change.after == expected
    assert len(proposal.changes) == len(rows) * (len(wish.locales) or 3)


def test_an_expression_that_never_ends_is_refused(studio: Studio, v2: App, by: By) -> None:
    run(keep(v2, by, Wanted(vendor_identifier="a0", texts={"ja": {"before_earned_description": "a" * 119 + "!"}})), by)
    wish = BulkEdit(find="(a|aa)+$", replace="", is_pattern=True, fields=("before_earned_description",))
    with pytest.raises(Invalid, match="takes too long"):
        plans.preview(catalog.everything(v2), wish)


def test_one_plan_reaches_several_games(studio: Studio, by: By) -> None:
    studio.simulator.reset(studios.seed_of_two_games())
    games = [studio.game(apple_id=apple_id) for apple_id in ("1000000001", "1000000004")]
    found = catalog.search(by.member, "Name 1")
    rows = catalog.picked(by.member, [row.apple_id for row in found])
    assert {row.app for row in rows} == set(games)
    plan = plans.bulk(rows, BulkEdit(find="Name", replace="Title", fields=("name",)), by)
    assert plan.title == f"Edit {len(rows)} of 2 games"
    job = run(plan, by)
    assert states(job) == {ItemState.VERIFIED}
    assert all(held(game, "a1")["ja"]["name"] == "Title 1" for game in games)
    assert verdict(studio, job) == CLEAN
    producer = By(factories.member("producer", app=games[0]))
    assert producer.member
    assert not plans.may_see(producer.member, plan)
    assert job not in steering.visible(producer.member)
