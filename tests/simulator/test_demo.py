"""The demo studio: games of every kind, texts in a dozen languages, drawn pictures."""

import requests

from achievements_admin.simulator import artwork, demo_games
from achievements_admin.simulator.demo_phrases import LOCALES
from achievements_admin.simulator.pictures import inspect
from achievements_admin.simulator.process import SimulatorProcess
from achievements_admin.simulator.rules import Rules
from tests.simulator.conftest import Client


def _games() -> dict[str, list[dict[str, object]]]:
    teams = demo_games.document()["teams"]
    return {app["name"]: app.get("achievements", []) for team in teams for app in team["apps"]}


def test_there_are_games_of_every_kind() -> None:
    games = _games()
    assert len(games) == 8
    assert len(games["Tide Runner"]) == 100
    assert sum(int(str(one["points"])) for one in games["Tide Runner"]) == 1000
    assert games["Comet Post"] == []


def test_no_game_breaks_apples_limits_but_for_the_one_text_that_is_meant_to() -> None:
    rules, too_long = Rules(), 0
    for achievements in _games().values():
        identifiers = [one["vendor_identifier"] for one in achievements]
        assert len(set(identifiers)) == len(identifiers)
        assert len(achievements) <= rules.achievements_per_app
        assert sum(int(str(one["points"])) for one in achievements) <= rules.total_points_max
        for one in achievements:
            for version in one["versions"]:  # type: ignore[attr-defined]
                for text in version["localizations"]:
                    assert len(text["name"]) <= rules.name_max, text
                    too_long += len(text["before_earned_description"]) > rules.description_max
                    assert len(text["after_earned_description"]) <= rules.description_max, text
                    assert text["locale"] in LOCALES
    assert too_long == 1


def test_every_state_of_a_version_occurs(process: SimulatorProcess) -> None:
    process.reset("demo", entirely=True)
    state = process.state()
    assert {one["state"] for one in state["gameCenterAchievementVersions"]} == {
        *("PREPARE_FOR_SUBMISSION", "READY_FOR_REVIEW", "WAITING_FOR_REVIEW", "IN_REVIEW", "DEVELOPER_REJECTED"),
        *("REJECTED", "ACCEPTED", "PENDING_RELEASE", "LIVE", "REPLACED_WITH_NEW_VERSION"),
    }
    assert {one["live"] for one in state["gameCenterAchievementReleases"]} == {True, False}
    assert {one["state"] for one in state["gameCenterAchievementImages"]} == {"COMPLETE", "FAILED"}


def test_pictures_are_drawn_when_they_are_asked_for(process: SimulatorProcess) -> None:
    process.reset("demo", entirely=True)
    client = Client(process)
    detail = client.detail_id("Tide Runner")
    first = client.achievements(detail)[0]["id"]
    text = client.localizations(client.version_id(first))[0]["id"]
    image = client.get(f"/v2/gameCenterAchievementLocalizations/{text}/image")["data"]["attributes"]
    address = image["imageAsset"]["templateUrl"].replace("{w}x{h}bb.{f}", "128x128bb.png")
    content = requests.get(address, timeout=10).content
    assert len(content) == image["fileSize"]
    picture = inspect(content)
    assert (picture.width, picture.height, picture.has_alpha) == (512, 512, False)


def test_a_drawing_is_the_same_every_time_and_different_for_each_name() -> None:
    names = [f"achievement {n}" for n in range(30)]
    drawn = [artwork.draw(name) for name in names]
    assert len(set(drawn)) == len(names)
    artwork.draw.cache_clear()
    assert artwork.draw(names[0]) == drawn[0]
    assert {len(one) for one in drawn} == {artwork.FILE_BYTES}
