"""Forms over HTTP down to Apple: what comes back when it works, and when it does not."""

from collections.abc import Callable

import pytest
from django.test import Client

from achievements_admin.models import Achievement, App, JobItem, Plan
from tests.studio import Studio

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[..., Client]
HTMX = {"HX-Request": "true"}
TYPED = {"reference_name": "Night owl", "vendor_identifier": "night_owl", "points": "5", "show_before_earned": "on"}


@pytest.fixture
def game(studio: Studio) -> App:
    return studio.game()


def base(game: App) -> str:
    return f"/apps/{game.apple_id}/achievements/"


def first(game: App) -> Achievement:
    return game.achievements.earliest("position")


def edited(row: Achievement, **typed: str) -> dict[str, str]:
    return {"reference_name": row.reference_name, "points": str(row.points), "show_before_earned": "on"} | typed


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_creating_leads_to_the_new_achievement(
    studio: Studio, signed_in: SignIn, game: App, headers: dict[str, str]
) -> None:
    response = signed_in().post(f"{base(game)}new", TYPED, headers=headers)
    row = Achievement.objects.get(vendor_identifier="night_owl")
    assert response.headers["HX-Redirect" if headers else "Location"] == f"{base(game)}{row.apple_id}/"
    assert studio.named("night_owl") == 1


def test_bad_input_comes_back_whole_with_every_problem_and_nothing_is_sent(
    studio: Studio, signed_in: SignIn, game: App
) -> None:
    studio.forget_requests()
    typed = {
        "reference_name": "x" * 300,
        "vendor_identifier": "a b",
        "points": "10.5",
        "activity_properties": "no equals",
    }
    for headers in ({}, HTMX):
        response = signed_in().post(f"{base(game)}new", typed, headers=headers)
        text = response.content.decode()
        assert response.status_code == 422
        for words in ("4 things to mend", "300 characters", "a space", "whole number", "Line 1"):
            assert words in text
        assert 'value="10.5"' in text
        assert ("<html" in text) is (not headers)
    assert studio.requests() == []
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"points": "101"}, "from 0 to 100"),
        ({"points": "-1"}, "from 0 to 100"),
        ({"points": ""}, "whole number"),
        ({"vendor_identifier": "a0"}, "taken"),
        ({"vendor_identifier": "x" * 101}, "101 characters"),
        ({"reference_name": " "}, "reference name"),
        ({"reference_name": "nul\x00"}, "ull characters"),
    ],
)
def test_each_rule_is_one_clear_sentence(
    studio: Studio, signed_in: SignIn, game: App, typed: dict[str, str], words: str
) -> None:
    response = signed_in().post(f"{base(game)}new", TYPED | typed)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not JobItem.objects.exists()


@pytest.mark.parametrize("name", ["🏆 emoji", "الفوز الأول", "<script>alert(1)</script>", "a & b \"quoted\" 'single'"])
def test_any_text_goes_to_apple_and_back_unchanged(studio: Studio, signed_in: SignIn, game: App, name: str) -> None:
    client = signed_in()
    client.post(f"{base(game)}new", TYPED | {"reference_name": name})
    row = Achievement.objects.get(vendor_identifier="night_owl")
    assert row.reference_name == name
    found = studio.at_apple(row.apple_id)
    assert found is not None
    assert found["referenceName"] == name
    assert "<script>alert" not in client.get(f"{base(game)}{row.apple_id}/").content.decode()


def test_achievement_101_and_points_over_the_total_are_refused(studio: Studio, signed_in: SignIn, game: App) -> None:
    Achievement.objects.filter(pk=first(game).pk).update(points=960)
    assert "are left" in signed_in().post(f"{base(game)}new", TYPED | {"points": "50"}).content.decode()
    row = first(game)
    plain = {f.attname: getattr(row, f.attname) for f in Achievement._meta.concrete_fields if f.attname != "id"}
    Achievement.objects.bulk_create(
        Achievement(**plain | {"apple_id": f"x{n}", "vendor_identifier": f"x{n}", "points": 0}) for n in range(94)
    )
    assert "Apple allows 100" in signed_in().post(f"{base(game)}new", TYPED).content.decode()


def test_a_form_that_was_open_since_yesterday_is_a_conflict_with_theirs_mine_and_base(
    studio: Studio, signed_in: SignIn, game: App
) -> None:
    client, row = signed_in(), first(game)
    opened = client.get(f"{base(game)}{row.apple_id}/").context["form"]
    studio.change_at_apple(row.apple_id, points=44)
    typed = edited(row, points="7", base=opened["base"].value(), token=opened["token"].value())
    response = client.post(f"{base(game)}{row.apple_id}/", typed, headers=HTMX)
    text = response.content.decode()
    assert response.status_code == 409
    for words in ("Somebody changed this", '<td dir="auto">5</td>', "<del>44</del>", "<ins>7</ins>", 'value="7"'):
        assert words in text
    again = response.context["form"]
    typed |= {"base": again["base"].value(), "token": again["token"].value()}
    assert client.post(f"{base(game)}{row.apple_id}/", typed, headers=HTMX).headers["HX-Redirect"]
    found = studio.at_apple(row.apple_id)
    assert found is not None
    assert found["points"] == 7


def test_without_base_and_token_the_mirror_stands_for_what_was_opened(
    studio: Studio, signed_in: SignIn, game: App
) -> None:
    row = first(game)
    assert signed_in().post(f"{base(game)}{row.apple_id}/", edited(row, points="8")).status_code == 302
    found = studio.at_apple(row.apple_id)
    assert found is not None
    assert found["points"] == 8


def test_a_base_that_is_nonsense_is_not_believed(studio: Studio, signed_in: SignIn, game: App) -> None:
    row = first(game)
    for nonsense in ("{", "[]", '"x"', "null"):
        response = signed_in().post(f"{base(game)}{row.apple_id}/", edited(row, base=nonsense))
        assert response.status_code == 302


def test_what_apple_refuses_is_said_with_the_whole_answer_to_fold_out_and_nothing_typed_is_lost(
    studio: Studio, signed_in: SignIn, game: App
) -> None:
    studio.create_at_apple(
        game,
        reference_name="Theirs",
        vendor_identifier="night_owl",
        points=1,
        show_before_earned=True,
        repeatable=False,
    )
    response = signed_in().post(f"{base(game)}new", TYPED, headers=HTMX)
    text = response.content.decode()
    assert response.status_code == 422
    for words in ("Apple does not have the change", "already been used", "ENTITY_ERROR", 'value="Night owl"'):
        assert words in text


@pytest.mark.parametrize(
    ("fault", "words"),
    [({"kind": "500"}, "Apple"), ({"kind": "drop_before"}, "lost"), ({"kind": "rubbish"}, "answer")],
)
def test_when_apple_is_in_trouble_the_form_says_so(
    studio: Studio, signed_in: SignIn, game: App, fault: dict[str, str], words: str
) -> None:
    row = first(game)
    studio.fault(**fault)
    response = signed_in().post(f"{base(game)}{row.apple_id}/", edited(row, points="9"))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert 'value="9"' in response.content.decode()
    studio.simulator.control("faults", {"clear": True})


def test_after_a_429_the_page_says_that_it_goes_on_by_itself(studio: Studio, signed_in: SignIn, game: App) -> None:
    row = first(game)
    studio.fault(kind="429", method="PATCH", retry_after=120)
    page = signed_in().post(f"{base(game)}{row.apple_id}/", edited(row, points="9"), follow=True)
    assert "goes on by itself" in page.content.decode()
    studio.simulator.control("faults", {"clear": True})


@pytest.mark.parametrize("path", ["new", "{}/", "{}/archive", "{}/delete"])
def test_a_viewer_is_refused_every_change_and_told_who_can(
    studio: Studio, signed_in: SignIn, game: App, path: str
) -> None:
    row = first(game)
    studio.forget_requests()
    response = signed_in("viewer").post(f"{base(game)}{path.format(row.apple_id)}", edited(row, points="9") | TYPED)
    assert response.status_code == 403
    assert "takes the role" in response.content.decode()
    assert studio.requests() == []


def test_a_viewer_sees_the_form_but_nothing_to_press(signed_in: SignIn, game: App) -> None:
    text = signed_in("viewer").get(f"{base(game)}{first(game).apple_id}/").content.decode()
    assert "disabled" in text
    assert "Save at Apple" not in text
    assert "Delete…" not in text


def test_refresh_by_hand_reads_and_says_what_changed(studio: Studio, signed_in: SignIn, game: App) -> None:
    studio.change_at_apple(first(game).apple_id, points=44)
    client = signed_in("viewer")
    part = client.post(f"/apps/{game.apple_id}/refresh", headers=HTMX)
    assert "1 change found" in part.content.decode()
    assert part.headers["HX-Trigger"] == "refreshed" or "refreshed" in part.headers["HX-Trigger"]
    assert client.post(f"/apps/{game.apple_id}/refresh").status_code == 302


def test_refresh_that_fails_says_why_and_keeps_the_page(studio: Studio, signed_in: SignIn, game: App) -> None:
    studio.fault(kind="drop_before")
    part = signed_in().post(f"/apps/{game.apple_id}/refresh", headers=HTMX).content.decode()
    assert "Could not be read from Apple" in part
    studio.simulator.control("faults", {"clear": True})


def test_game_center_is_turned_on_by_a_lead_from_the_games_page(studio: Studio, signed_in: SignIn) -> None:
    game = studio.game_without_game_center()
    refused = signed_in("producer").post(f"/apps/{game.apple_id}/game-center")
    assert refused.status_code == 403
    page = signed_in("lead").post(f"/apps/{game.apple_id}/game-center", follow=True).content.decode()
    assert "Create the first one" in page


def test_a_team_whose_key_was_removed_shows_its_games_and_says_what_is_missing(
    studio: Studio, signed_in: SignIn, game: App
) -> None:
    studio.team.keys.all().delete()
    client, row = signed_in(), first(game)
    assert client.get(base(game)).status_code == 200
    response = client.post(f"{base(game)}{row.apple_id}/", edited(row, points="9"))
    assert response.status_code == 422
    assert "no API key" in response.content.decode()
    part = client.post(f"/apps/{game.apple_id}/refresh", headers=HTMX)
    assert "no API key" in part.content.decode()
