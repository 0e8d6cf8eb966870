"""The wish, the plan and the job, as pages: works, denied, missing, wrong method, bad input, htmx part."""

from collections.abc import Callable

import pytest
from django.test import Client

from achievements_admin.models import App, ItemState, Job, JobItem, Plan
from achievements_admin.services import jobs
from tests import factories
from tests.studio import Studio

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[..., Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def game(studio: Studio) -> App:
    return studio.game()


def ids(game: App) -> list[str]:
    return list(game.achievements.values_list("apple_id", flat=True))


def make_plan(client: Client, game: App, **typed: object) -> str:
    wish = {"row": ids(game), "plan": "1", "repeatable": "yes"} | typed
    response = client.post(f"/apps/{game.apple_id}/bulk", wish)
    assert response.status_code == 302, response.content.decode()
    return str(response.headers["Location"])


def make_job(client: Client, game: App) -> str:
    plan = make_plan(client, game)
    keys = [change["key"] for change in Plan.objects.latest("pk").changes]
    return str(client.post(f"{plan}apply", {"change": keys}).headers["Location"])


def test_ticked_rows_lead_to_a_form_then_a_plan_then_a_job(studio: Studio, signed_in: SignIn, game: App) -> None:
    client = signed_in()
    form = client.post(f"/apps/{game.apple_id}/bulk", {"row": ids(game)[:2]})
    assert "Change 2 achievements" in form.content.decode()
    plan = make_plan(client, game)
    page = client.get(plan).content.decode()
    assert "6</b> of 6 changes can be applied" in page
    assert "7</b> requests to Apple" in page
    keys = [change["key"] for change in Plan.objects.get().changes]
    job = client.post(f"{plan}apply", {"change": keys[:4]}).headers["Location"]
    assert client.get(job).status_code == 200
    jobs.work_on(Job.objects.get().pk)
    page = client.get(job).content.decode()
    assert "4</b> of 4 done" in page
    assert "Undo…" in page
    assert "It was applied" in client.get(plan).content.decode()
    assert client.get("/jobs/").content.decode().count("4 of 4") == 1


def test_typing_shows_what_the_first_rows_would_become_and_keeps_nothing(
    studio: Studio, signed_in: SignIn, game: App
) -> None:
    part = signed_in().post(
        f"/apps/{game.apple_id}/bulk",
        {"row": ids(game), "find": "Achievement", "replace": "<b>Trophy</b>", "fields_searched": "reference_name"},
        headers=HTMX,
    )
    text = part.content.decode()
    assert text.strip().startswith('<div id="preview"')
    assert "6 changes in 6 of 6" in text
    assert "<ins>&lt;b&gt;Trophy&lt;/b&gt; 0</ins>" in text
    assert not Plan.objects.exists()


def test_all_of_a_filter_is_chosen_by_the_address(studio: Studio, signed_in: SignIn, game: App) -> None:
    response = signed_in().post(f"/apps/{game.apple_id}/bulk?state=live", {"all": "1"})
    assert response.context["total"] == 3


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Nothing is to be changed"),
        ({"points": "x", "points_mode": "set"}, "Write a number"),
        ({"points": "5"}, "Say what to do with the number"),
        ({"points_mode": "add"}, "Give a number"),
        ({"replace": "x"}, "Say what to look for"),
        ({"find": "x" * 300}, "at most 200"),
        ({"find": "zebra", "fields_searched": "name"}, "like that already"),
        ({"find": "zebra"}, "Say where to look"),
        ({"find": "(", "is_pattern": "on", "fields_searched": "name"}, "This is no regular expression"),
        (
            {"find": "N", "replace": r"\9", "is_pattern": "on", "fields_searched": "name"},
            "replacement can&#x27;t be used",
        ),
        ({"copy_from": "en-US"}, "Say which languages get the texts of en-US"),
        ({"properties_mode": "add", "activity_properties": "no equals sign"}, "Line 1: write a name"),
        ({"points_mode": "explode"}, "valid choice"),
    ],
)
def test_a_wish_that_makes_no_sense_comes_back_with_what_is_wrong(
    studio: Studio, signed_in: SignIn, game: App, typed: dict[str, str], words: str
) -> None:
    response = signed_in().post(f"/apps/{game.apple_id}/bulk", {"row": ids(game), "plan": "1"} | typed)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Plan.objects.exists()


def test_no_row_at_all_is_said_on_the_list(studio: Studio, signed_in: SignIn, game: App) -> None:
    page = signed_in().post(f"/apps/{game.apple_id}/bulk", {"row": ["nonsense"]}, follow=True)
    assert "Tick the achievements first" in page.content.decode()


def test_problems_stand_beside_their_rows_and_can_not_be_ticked(studio: Studio, signed_in: SignIn, game: App) -> None:
    client = signed_in()
    page = client.get(make_plan(client, game, repeatable="", points_mode="set", points="7")).content.decode()
    assert "3</b> have a problem" in page
    assert "Apple freezes the points" in page
    assert page.count("disabled") == 3


def test_deleting_many_lists_what_apple_would_refuse(studio: Studio, signed_in: SignIn, game: App) -> None:
    client = signed_in()
    response = client.post(f"/apps/{game.apple_id}/bulk", {"row": ids(game), "delete": "1"})
    page = client.get(response.headers["Location"]).content.decode()
    assert "Apply 3 changes" in page
    assert "Archive it instead" in page


def test_a_plan_without_a_tick_is_not_applied(studio: Studio, signed_in: SignIn, game: App) -> None:
    client = signed_in()
    page = client.post(f"{make_plan(client, game)}apply", {}, follow=True)
    assert "Nothing of this plan is left to apply" in page.content.decode()
    assert not Job.objects.exists()


def test_a_plan_applied_by_two_people_at_once_is_one_job(studio: Studio, signed_in: SignIn, game: App) -> None:
    client = signed_in()
    plan = make_plan(client, game)
    keys = [change["key"] for change in Plan.objects.get().changes]
    first = client.post(f"{plan}apply", {"change": keys}).headers["Location"]
    second = signed_in("lead").post(f"{plan}apply", {"change": keys[:1]}).headers["Location"]
    assert first == second
    assert JobItem.objects.count() == 6


def test_progress_is_polled_until_the_job_has_ended(studio: Studio, signed_in: SignIn, game: App) -> None:
    client = signed_in()
    job = make_job(client, game)
    part = client.get(job, headers=HTMX)
    assert part.status_code == 200
    assert 'hx-trigger="every 1s"' in part.content.decode()
    assert len(part.content) < 1200
    jobs.work_on(Job.objects.get().pk)
    ended = client.get(job, headers=HTMX)
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (286, "true")
    assert "every 1s" not in ended.content.decode()


def test_a_job_is_stopped_gone_on_with_and_undone(studio: Studio, signed_in: SignIn, game: App) -> None:
    client = signed_in()
    job = make_job(client, game)
    assert "6 were not sent" in client.post(f"{job}cancel", follow=True).content.decode()
    assert "Go on" in client.get(job).content.decode()
    client.post(f"{job}retry")
    jobs.work_on(Job.objects.get().pk)
    assert JobItem.objects.filter(state=ItemState.VERIFIED).count() == 6
    page = client.post(f"{job}undo", follow=True).content.decode()
    assert "Undo: Edit 6 of Lantern Keep" in page
    assert "6</b> of 6 changes can be applied" in page


def test_a_conflict_is_shown_with_theirs_and_resolved(studio: Studio, signed_in: SignIn, game: App) -> None:
    client = signed_in()
    plan = make_plan(
        client, game, repeatable="", find="Achievement", replace="Trophy", fields_searched="reference_name"
    )
    studio.change_at_apple(ids(game)[0], referenceName="Theirs")
    keys = [change["key"] for change in Plan.objects.get().changes]
    job = client.post(f"{plan}apply", {"change": keys}).headers["Location"]
    jobs.work_on(Job.objects.get().pk)
    page = client.get(job).content.decode()
    assert "Theirs" in page
    assert "Apply mine over theirs" in page
    item = JobItem.objects.get(state=ItemState.CONFLICT)
    client.post(f"{job}items/{item.pk}/resolve", {"mine": "1"})
    jobs.work_on(item.job_id)
    found = studio.at_apple(ids(game)[0])
    assert found is not None
    assert found["referenceName"] == "Trophy 0"


def test_the_badge_counts_running_jobs(studio: Studio, signed_in: SignIn, game: App) -> None:
    client = signed_in()
    assert ">1<" not in client.get("/jobs/badge").content.decode().replace("</span>1<", ">1<")
    make_job(client, game)
    assert "</span>1</span>" in client.get("/jobs/badge").content.decode()


def test_a_viewer_looks_but_does_not_apply(studio: Studio, signed_in: SignIn, game: App) -> None:
    producer, viewer = signed_in(), signed_in("viewer")
    plan = make_plan(producer, game)
    page = viewer.get(plan).content.decode()
    assert "You may look at this plan" in page
    job = make_job(producer, game)
    for path in (f"/apps/{game.apple_id}/bulk", f"{plan}apply", f"{job}cancel", f"{job}retry", f"{job}undo"):
        given = {"row": ids(game), "change": [change["key"] for change in Plan.objects.first().changes]}  # type: ignore[union-attr]
        assert viewer.post(path, given).status_code == 403, path
    assert "data-tick" not in viewer.get(f"/apps/{game.apple_id}/achievements/").content.decode()


def test_plans_and_jobs_of_games_that_one_may_not_see_are_404(studio: Studio, signed_in: SignIn, game: App) -> None:
    plan, job = make_plan(signed_in(), game), make_job(signed_in(), game)
    stranger = signed_in(factories.member("producer", app=factories.app("Elsewhere")))
    for path in (plan, job, "/plans/999/", "/jobs/999/"):
        assert stranger.get(path).status_code == 404
    for path in (f"{plan}apply", f"{job}cancel", f"{job}items/1/resolve"):
        assert stranger.post(path).status_code == 404
    assert "Edit 6" not in stranger.get("/jobs/").content.decode()


@pytest.mark.parametrize("path", ["bulk", "plans/1/apply", "jobs/1/cancel", "jobs/1/retry", "jobs/1/undo"])
def test_nothing_of_it_is_done_by_get(studio: Studio, signed_in: SignIn, game: App, path: str) -> None:
    where = f"/apps/{game.apple_id}/{path}" if path == "bulk" else f"/{path}"
    assert signed_in().get(where).status_code == 405
