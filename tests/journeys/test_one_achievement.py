"""A producer's whole way with one achievement, in a browser, down to Apple and back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from achievements_admin.models import Achievement, App, Grant
from tests.studio import Studio

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("generation", ["v1", "v2"])
def test_create_edit_conflict_archive_restore_and_delete(
    studio: Studio, signed_in: SignIn, check: Check, generation: str, width: int
) -> None:
    game = studio.game(generation=generation)
    page = signed_in(width=width)
    check(page)
    page.get_by_role("main").get_by_role("link", name="Lantern Keep").click()
    check(page)

    # Create, after a first try with everything wrong.
    page.get_by_role("link", name="New achievement").click()
    page.get_by_label("Identifier").fill("night owl")
    page.get_by_label("Points").fill("200")
    expect(page.locator("#count-points")).to_have_text("770 left of the total")
    page.get_by_role("button", name="Create achievement").click()
    expect(page.get_by_role("alert")).to_contain_text("3 things to mend")
    check(page)
    page.get_by_label("Reference name").fill("Night owl 🦉")
    page.get_by_label("Identifier").fill("night_owl")
    page.get_by_label("Points").fill("20")
    page.get_by_role("button", name="Create achievement").click()
    expect(page.get_by_role("heading", name="Night owl 🦉")).to_be_visible()
    check(page)
    row = Achievement.objects.get(vendor_identifier="night_owl")
    assert at_apple(studio, row)["points"] == 20

    # Edit.
    page.get_by_label("Points").fill("25")
    page.get_by_label("Shown before it is earned").uncheck()
    page.get_by_role("button", name="Save at Apple").click()
    expect(page.get_by_role("status")).to_contain_text("Edit Night owl 🦉: done")
    assert (at_apple(studio, row)["points"], at_apple(studio, row)["showBeforeEarned"]) == (25, False)

    # Somebody else changes it meanwhile; ours is applied over theirs on purpose.
    page.get_by_label("Points").fill("30")
    studio.change_at_apple(row.apple_id, points=10)
    page.get_by_role("button", name="Save at Apple").click()
    conflict = page.get_by_role("alert")
    expect(conflict).to_contain_text("Somebody changed this at Apple")
    expect(conflict.get_by_role("row", name="Points")).to_contain_text("25")
    expect(conflict.locator("del")).to_have_text("10")
    expect(conflict.locator("ins")).to_have_text("30")
    check(page)
    assert at_apple(studio, row)["points"] == 10
    page.get_by_role("button", name="Apply mine over theirs").click()
    expect(conflict).to_have_count(0)
    expect(page.get_by_role("status")).to_contain_text("Edit Night owl 🦉: done")
    assert at_apple(studio, row)["points"] == 30

    # Archive and restore one that players have.
    live = game.achievements.filter(has_been_live=True).earliest("position")
    page.goto(f"/apps/{game.apple_id}/achievements/{live.apple_id}/")
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
    assert at_apple(studio, live)["archived"] is True
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("button", name="Archive")).to_be_visible()
    assert at_apple(studio, live)["archived"] is False

    # Delete: refused for the live one, done for the draft.
    page.get_by_role("link", name="Delete…").click()
    expect(page.get_by_role("main")).to_contain_text("Apple does not allow it")
    check(page)
    page.goto(f"/apps/{game.apple_id}/achievements/{row.apple_id}/delete")
    check(page)
    page.get_by_role("button", name="Delete it at Apple").click()
    expect(page.get_by_role("status")).to_contain_text("done")
    assert studio.at_apple(row.apple_id) is None
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("main")).to_contain_text("deleted it")
    check(page)


def at_apple(studio: Studio, row: Achievement) -> dict[str, object]:
    found = studio.at_apple(row.apple_id)
    assert found is not None
    return found


def test_all_of_it_works_with_javascript_off(studio: Studio, signed_in: SignIn) -> None:
    game = studio.game()
    page = signed_in(java_script_enabled=False)
    page.goto(f"/apps/{game.apple_id}/achievements/")
    page.get_by_role("link", name="New achievement").click()
    page.get_by_label("Identifier").fill("a b")
    page.get_by_role("button", name="Create achievement").click()
    expect(page.get_by_role("alert")).to_contain_text("to mend")
    page.get_by_label("Reference name").fill("Plain")
    page.get_by_label("Identifier").fill("plain")
    page.get_by_label("Points").fill("1")
    page.get_by_role("button", name="Create achievement").click()
    expect(page.get_by_role("heading", name="Plain")).to_be_visible()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("button", name="Delete it at Apple").click()
    assert studio.named("plain") == 0
    page.get_by_role("button", name="Refresh").click()
    page.get_by_label("Search in Lantern Keep").fill("achievement 1")
    page.get_by_label("Search in Lantern Keep").press("Enter")
    expect(page.locator("#rows tbody tr")).to_have_count(1)


def test_a_double_click_on_save_and_the_back_button_make_one_achievement(studio: Studio, signed_in: SignIn) -> None:
    game = studio.game()
    studio.fault(kind="slow", ms=400, method="POST")
    page = signed_in(java_script_enabled=False)
    page.goto(f"/apps/{game.apple_id}/achievements/new")
    page.get_by_label("Reference name").fill("Twice")
    page.get_by_label("Identifier").fill("twice")
    page.get_by_label("Points").fill("1")
    page.get_by_role("button", name="Create achievement").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", name="Twice")).to_be_visible()
    assert studio.named("twice") == 1
    page.go_back()
    page.get_by_label("Reference name").fill("Twice")
    page.get_by_label("Identifier").fill("twice")
    page.get_by_label("Points").fill("1")
    page.get_by_role("button", name="Create achievement").click()
    expect(page.get_by_role("alert")).to_contain_text("The identifier twice is taken here")
    assert studio.named("twice") == 1


def test_a_session_that_runs_out_while_typing_loses_nothing(studio: Studio, signed_in: SignIn) -> None:
    game = studio.game()
    page = signed_in()
    page.goto(f"/apps/{game.apple_id}/achievements/new")
    page.get_by_label("Reference name").fill("Typed for an hour")
    page.get_by_label("Identifier").fill("typed.long")
    page.get_by_label("Points").fill("7")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Create achievement").click()
    page.get_by_label("Email").fill("lena@example.com")
    page.get_by_label("Password").fill("correct-horse-battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Reference name")).to_have_value("Typed for an hour")
    expect(page.get_by_label("Points")).to_have_value("7")
    page.get_by_role("button", name="Create achievement").click()
    expect(page.get_by_role("heading", name="Typed for an hour")).to_be_visible()


def test_an_old_page_refreshes_itself_and_shows_what_changed_without_losing_the_place(
    studio: Studio, signed_in: SignIn
) -> None:
    game = studio.game()
    row = game.achievements.earliest("position")
    studio.change_at_apple(row.apple_id, points=44)
    App.objects.update(synced_at=game.synced_at.replace(year=2020))
    page = signed_in()
    page.goto(f"/apps/{game.apple_id}/achievements/?sort=-points")
    expect(page.locator("#age")).to_contain_text("1 change found")
    expect(page.locator("#rows tbody tr").first).to_contain_text("44")
    assert "sort=-points" in page.url


def test_search_as_one_types_is_in_the_address_and_by_keyboard(studio: Studio, signed_in: SignIn) -> None:
    studio.game()
    page = signed_in()
    page.keyboard.press("/")
    page.keyboard.type("name 2")
    expect(page.get_by_role("link", name="Achievement 2")).to_be_visible()
    expect(page.locator("#results tbody tr")).to_have_count(1)
    assert page.url.endswith("?q=name+2") or page.url.endswith("?q=name%202")


def test_what_is_left_of_the_total_is_shown_while_typing(studio: Studio, signed_in: SignIn) -> None:
    game = studio.game()
    page = signed_in()
    page.goto(f"/apps/{game.apple_id}/achievements/new")
    page.get_by_label("Points").fill("100")
    expect(page.locator("#count-points")).to_have_text("870 left of the total")
    page.get_by_label("Reference name").fill("x" * 250)
    expect(page.locator("#count-reference_name")).to_have_class(re.compile("is-near"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_any_page(
    studio: Studio, signed_in: SignIn, check: Check, scheme: str, width: int
) -> None:
    game = studio.game()
    row = game.achievements.earliest("position")
    Grant.objects.update(role="admin")
    page = signed_in(width=width, color_scheme=scheme)
    base = f"/apps/{game.apple_id}"
    for path in (
        "/",
        "/?q=name",
        "/groups/",
        "/team/",
        f"{base}/achievements/",
        f"{base}/achievements/new",
        f"{base}/achievements/{row.apple_id}/",
        f"{base}/history/",
        "/nowhere",
        "/accounts/password/change/",
    ):
        page.goto(path)
        check(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} is wider than the window"
