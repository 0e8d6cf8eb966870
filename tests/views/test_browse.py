"""Games, lists, groups and history: what is there, for whom, and at what price."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from achievements_admin.models import Achievement, App
from achievements_admin.services import rows
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[..., Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def game() -> App:
    app = factories.app("Lantern Keep")
    factories.achievement(app, "First light", points=5, state="LIVE", locales=("en-US", "ja"))
    factories.achievement(app, "Cold harbour", points=50, state="REJECTED", show_before_earned=False)
    factories.achievement(app, "Every door", points=20, archived=True, repeatable=True, state="LIVE")
    rows.derive(app)
    return app


def names(client: Client, game: App, query: str = "") -> list[str]:
    page = client.get(f"/apps/{game.apple_id}/achievements/{query}").context["page"]
    return [str(row) for row in page.object_list]


def test_home_shows_every_game_with_its_counts(signed_in: SignIn, game: App) -> None:
    factories.app("Paper Orchard", detail_id="")
    text = signed_in().get("/").content.decode()
    assert "Lantern Keep" in text
    assert "Game Center is off" in text
    assert "1 of 3" in text  # complete in both languages


def test_home_without_a_team_says_what_to_do_first(signed_in: SignIn) -> None:
    assert "Connect a team" in signed_in("admin").get("/").content.decode()
    assert "An admin can connect one" in signed_in("viewer").get("/").content.decode()


@pytest.mark.parametrize("query", ["cold", "COLD HARBOUR", "a", "Done: Cold"])
def test_search_finds_achievements_of_all_games_by_name_identifier_and_text(
    signed_in: SignIn, game: App, query: str
) -> None:
    response = signed_in().get("/", {"q": query}, headers=HTMX)
    assert "Cold harbour" in response.content.decode()
    assert "<html" not in response.content.decode()


def test_search_that_finds_nothing_says_so(signed_in: SignIn, game: App) -> None:
    assert "Nothing has “zebra”" in signed_in().get("/?q=zebra").content.decode()


def test_the_address_of_a_game_leads_to_its_achievements(signed_in: SignIn, game: App) -> None:
    assert signed_in().get(f"/apps/{game.apple_id}/").headers["Location"].endswith("/achievements/")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["First light", "Cold harbour", "Every door"]),
        ("?state=live", ["First light", "Every door"]),
        ("?state=rejected", ["Cold harbour"]),
        ("?hidden=yes", ["Cold harbour"]),
        ("?archived=yes", ["Every door"]),
        ("?archived=no&state=live", ["First light"]),
        ("?repeatable=yes", ["Every door"]),
        ("?incomplete=yes", ["Cold harbour", "Every door"]),
        ("?missing=ja", ["Cold harbour", "Every door"]),
        ("?q=light", ["First light"]),
        ("?q=door+every", ["Every door"]),
        ("?sort=points", ["First light", "Every door", "Cold harbour"]),
        ("?sort=-points", ["Cold harbour", "Every door", "First light"]),
        ("?sort=name", ["Cold harbour", "Every door", "First light"]),
        ("?sort=nonsense&state=nonsense&page=nonsense&hidden=maybe", ["First light", "Cold harbour", "Every door"]),
        ("?page=99", ["First light", "Cold harbour", "Every door"]),
    ],
)
def test_the_list_shows_what_its_address_says(signed_in: SignIn, game: App, query: str, expected: list[str]) -> None:
    assert names(signed_in(), game, query) == expected


def test_filters_that_leave_nothing_offer_a_way_back(signed_in: SignIn, game: App) -> None:
    text = signed_in().get(f"/apps/{game.apple_id}/achievements/?q=zebra").content.decode()
    assert "show all 3" in text


def test_htmx_gets_the_rows_alone_and_they_are_the_same_rows(signed_in: SignIn, game: App) -> None:
    client, url = signed_in(), f"/apps/{game.apple_id}/achievements/?state=live"
    part = client.get(url, headers=HTMX).content.decode()
    page = client.get(url).content.decode()
    assert part.strip().startswith('<div id="rows"')
    assert "First light" in part
    assert "<html" not in part
    assert without_tokens(part).strip() in without_tokens(page)


@pytest.mark.parametrize("path", ["/?q=light", "/apps/{}/achievements/?q=light"])
def test_going_back_never_shows_a_part_in_the_place_of_its_page(signed_in: SignIn, game: App, path: str) -> None:
    client, url = signed_in(), path.format(game.apple_id)
    part = client.get(url, headers=HTMX)
    assert {"HX-Request", "HX-Target"} <= set(part.headers["Vary"].split(", "))
    restored = client.get(url, headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in restored.content.decode()


def without_tokens(text: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


def test_an_empty_game_offers_the_first_step_to_those_who_may_take_it(signed_in: SignIn) -> None:
    url = f"/apps/{factories.app().apple_id}/achievements/"
    assert "Create the first one" in signed_in("producer").get(url).content.decode()
    assert "Create the first one" not in signed_in("viewer").get(url).content.decode()


def test_a_game_without_game_center_offers_to_turn_it_on_to_a_lead(signed_in: SignIn) -> None:
    url = f"/apps/{factories.app(detail_id='').apple_id}/achievements/"
    assert "Turn Game Center on</button>" in signed_in("lead").get(url).content.decode()
    producer = signed_in("producer").get(url).content.decode()
    assert "Turn Game Center on</button>" not in producer
    assert "A lead or an admin can turn it on" in producer


def test_a_page_older_than_its_freshness_refreshes_itself(signed_in: SignIn, game: App) -> None:
    client, url = signed_in(), f"/apps/{game.apple_id}/achievements/"
    assert 'refresh" hx-trigger="load"' not in client.get(url).content.decode()
    App.objects.update(synced_at=game.synced_at.replace(year=2020))
    text = client.get(url).content.decode()
    assert 'refresh" hx-trigger="load"' in text
    assert "d ago" in text


def test_why_a_reading_failed_is_on_the_page(signed_in: SignIn, game: App) -> None:
    App.objects.update(sync_error="Apple can't be reached.")
    assert "can&#x27;t be reached" in signed_in().get(f"/apps/{game.apple_id}/achievements/").content.decode()


def test_a_game_in_a_group_shows_the_groups_achievements_as_the_groups(signed_in: SignIn) -> None:
    group = factories.group("Lantern")
    shared = factories.achievement(group, "Shared", vendor_identifier="grp.shared")
    rows.derive(group)
    app = factories.app("Embers", group=group)
    client = signed_in()
    text = client.get(f"/apps/{app.apple_id}/achievements/").content.decode()
    assert "Shared" in text
    assert "in group" in text
    assert client.get(f"/apps/{app.apple_id}/achievements/{shared.apple_id}/").status_code == 200
    assert client.get(f"/groups/{group.apple_id}/achievements/{shared.apple_id}/").status_code == 200
    assert "Embers" in client.get("/groups/").content.decode()


def test_hostile_text_is_shown_as_text_everywhere(signed_in: SignIn) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    app = factories.app(hostile)
    row = factories.achievement(app, hostile, vendor_identifier=hostile)
    text = row.versions.get().localizations.get()
    text.name = text.before_earned_description = hostile
    text.save()
    rows.derive(app)
    client = signed_in("admin")
    base = f"/apps/{app.apple_id}"
    for url in (
        "/",
        "/?q=script",
        f"{base}/achievements/",
        f"{base}/achievements/{row.apple_id}/",
        f"{base}/history/",
        f"{base}/achievements/{row.apple_id}/delete",
        f"{base}/achievements/new",
    ):
        page = client.get(url).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize("path", ["/apps/1/achievements/", "/groups/x/achievements/", "/apps/1/history/", "/nowhere"])
def test_what_is_not_there_is_404(signed_in: SignIn, path: str) -> None:
    assert signed_in().get(path).status_code == 404


def test_what_a_member_may_not_see_is_404_and_not_in_any_list(signed_in: SignIn, game: App) -> None:
    other = factories.app("Elsewhere", team=factories.team("Other"))
    row = factories.achievement(other, "Secret achievement")
    client = signed_in(factories.member("producer", app=game))
    for path in (f"/apps/{other.apple_id}/achievements/", f"/apps/{other.apple_id}/achievements/{row.apple_id}/"):
        assert client.get(path).status_code == 404
    assert "Elsewhere" not in client.get("/").content.decode()
    assert "Secret achievement" not in client.get("/?q=secret").content.decode()
    assert client.get(f"/apps/{game.apple_id}/achievements/{row.apple_id}/").status_code == 404


@pytest.mark.parametrize("path", ["/", "/groups/", "/apps/{}/achievements/", "/apps/{}/history/"])
def test_pages_that_only_show_refuse_to_be_posted_to(signed_in: SignIn, game: App, path: str) -> None:
    assert signed_in("admin").post(path.format(game.apple_id)).status_code == 405


@pytest.mark.parametrize("path", ["refresh", "game-center", "achievements/{}/archive", "achievements/{}/restore"])
def test_nothing_is_changed_by_get(signed_in: SignIn, game: App, path: str) -> None:
    row = game.achievements.first()
    assert row is not None
    assert signed_in("admin").get(f"/apps/{game.apple_id}/{path.format(row.apple_id)}").status_code == 405


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_the_list_takes_at_most_8_queries_and_the_same_number_at_10000_achievements(signed_in: SignIn) -> None:
    app, client = factories.app(), signed_in()
    factories.achievement(app, "One", locales=("en-US", "ja"))
    rows.derive(app)
    url = f"/apps/{app.apple_id}/achievements/"
    client.get(url)
    one = queries(client, url)
    model = Achievement.objects.get()
    numbers = range(2, 10_001)
    Achievement.objects.bulk_create(
        Achievement(**{**_plain(model), "apple_id": f"x{n}", "vendor_identifier": f"x{n}", "position": n})
        for n in numbers
    )
    many = queries(client, url)
    assert one == many <= 8


def _plain(row: Achievement) -> dict[str, object]:
    return {f.attname: getattr(row, f.attname) for f in Achievement._meta.concrete_fields if f.attname != "id"}
