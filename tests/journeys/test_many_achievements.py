"""Many at once, in a browser: ticked, wished, planned, applied by a worker, watched, undone."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from achievements_admin.models import Job
from achievements_admin.services import jobs
from tests.studio import Studio

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [1440, 390])
def test_tick_with_shift_change_watch_and_undo(
    studio: Studio, signed_in: Callable[..., Page], check: Callable[[Page], None], width: int
) -> None:
    game = studio.game()
    page = signed_in(width=width)
    page.goto(f"/apps/{game.apple_id}/achievements/")
    ticks = page.locator("[data-tick]")
    ticks.nth(0).click()
    ticks.nth(3).click(modifiers=["Shift"])
    expect(page.locator("[data-count]")).to_have_text("4 ticked")

    # What is ticked survives a filter that hides it.
    page.goto(f"/apps/{game.apple_id}/achievements/?q=zebra")
    page.goto(f"/apps/{game.apple_id}/achievements/")
    expect(page.locator("[data-count]")).to_have_text("4 ticked")
    check(page)
    page.get_by_role("button", name="Change…").click()
    expect(page.get_by_role("heading", name="Change 4 achievements")).to_be_visible()
    page.get_by_label("Find", exact=True).fill("Achievement")
    page.get_by_label("Replace by").fill("Trophy")
    expect(page.locator("#preview")).to_contain_text("4 changes in 4 of 4")
    check(page)
    page.get_by_role("button", name="See the plan").click()
    expect(page.get_by_role("heading", name="Edit 4 of Lantern Keep")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Apply 4 changes").click()
    expect(page.locator("#progress")).to_contain_text("of 4 done")
    check(page)
    work()
    expect(page.get_by_role("button", name="Undo…")).to_be_visible()
    check(page)
    assert studio.at_apple(first(game))["referenceName"] == "Trophy 0"
    page.get_by_role("button", name="Undo…").click()
    page.get_by_role("button", name="Apply 4 changes").click()
    expect(page.locator("#progress")).to_be_visible()
    work()
    expect(page.get_by_role("button", name="Undo…")).to_be_visible()
    assert studio.at_apple(first(game))["referenceName"] == "Achievement 0"
    page.goto("/jobs/")
    check(page)


def first(game: object) -> str:
    """The first achievement of a game, by Apple's identifier."""
    return str(game.achievements.earliest("position").apple_id)  # type: ignore[attr-defined]


def work() -> None:
    """What a worker does when it hears the bell."""

    def hand() -> None:
        jobs.work_on(Job.objects.latest("pk").pk)
        connection.close()

    thread = threading.Thread(target=hand)
    thread.start()
    thread.join()
