"""Games, groups and submissions as Apple's answers show them."""

from typing import Any

import pytest

from achievements_admin.appstore.client import AppStore
from achievements_admin.appstore.transport import Transport
from achievements_admin.domain.achievement import App, AppVersion, Detail, Group, Version, VersionState

from .conftest import Answer, ScriptedServer
from .test_generations import many, one, page, resource


@pytest.fixture
def store(transport: Transport) -> AppStore:
    """The client on the scripted server."""
    return AppStore(transport)


def app(identifier: str = "1", **relations: Any) -> dict[str, Any]:
    """A game."""
    attributes = {"name": "Space", "bundleId": "com.example.space", "sku": "S", "primaryLocale": "en-US"}
    return resource("apps", identifier, attributes, **relations)


def submission(identifier: str, state: str) -> dict[str, Any]:
    """A review submission."""
    return resource("reviewSubmissions", identifier, {"platform": "IOS", "state": state, "submittedDate": None})


def test_games_come_with_their_details(server: ScriptedServer, store: AppStore) -> None:
    server.script(page([app(gameCenterDetail=one("gameCenterDetails", "D1")), app("2")]))
    with_center, without = store.list_apps()
    assert with_center == App(
        id="1", name="Space", bundle_id="com.example.space", sku="S", primary_locale="en-US", detail_id="D1"
    )
    assert without.detail_id == ""


def test_one_game_is_asked_for_by_its_identifier(server: ScriptedServer, store: AppStore) -> None:
    server.script(page([]))
    assert store.list_apps("7", with_details=False) == []
    assert "filter%5Bid%5D=7" in server.received[0].path
    assert "include" not in server.received[0].path


def test_a_game_with_detail_and_group_is_one_request(server: ScriptedServer, store: AppStore) -> None:
    relations = {"app": one("apps", "1"), "gameCenterGroup": one("gameCenterGroups", "G")}
    found = resource("gameCenterDetails", "D1", {"arcadeEnabled": True}, **relations)
    group = resource("gameCenterGroups", "G", {"referenceName": "Friends"})
    server.script(Answer(body={"data": found, "included": [app(), group]}))
    answer = store.get_detail("1")
    assert answer is not None
    game, detail = answer
    assert game is not None
    assert game.detail_id == "D1"
    friends = Group(id="G", reference_name="Friends")
    assert detail == Detail(id="D1", app_id="1", group=friends, arcade_enabled=True)
    assert len(server.received) == 1


@pytest.mark.parametrize("answer", [Answer(body={"data": None}), Answer(status=404, body={"errors": []})])
def test_a_game_without_game_center_has_no_detail(server: ScriptedServer, store: AppStore, answer: Answer) -> None:
    server.script(answer)
    assert store.get_detail("1") is None


def test_a_group_shows_all_its_details(server: ScriptedServer, store: AppStore) -> None:
    whole = resource("gameCenterGroups", "A", gameCenterDetails=many("gameCenterDetails", "D1", "D2"))
    cut = resource("gameCenterGroups", "B", gameCenterDetails=many("gameCenterDetails", "D3", total=51))
    rest = [{"type": "gameCenterDetails", "id": f"D{number}"} for number in range(3, 54)]
    server.script(page([whole, cut]), page(rest))
    first, second = store.list_groups()
    assert first.detail_ids == ("D1", "D2")
    assert len(second.detail_ids) == 51


def test_versions_of_a_game_show_whether_game_center_is_on(server: ScriptedServer, store: AppStore) -> None:
    attributes = {"platform": "IOS", "versionString": "1.0", "appStoreState": "PREPARE_FOR_SUBMISSION"}
    switched = resource("appStoreVersions", "S1", attributes, gameCenterAppVersion=one("gameCenterAppVersions", "C1"))
    plain = resource("appStoreVersions", "S2", {**attributes, "appVersionState": "READY_FOR_REVIEW"})
    server.script(page([switched, plain], resource("gameCenterAppVersions", "C1", {"enabled": True})))
    on, off = store.list_app_versions("1")
    assert on == AppVersion(
        id="S1",
        platform="IOS",
        version_string="1.0",
        state="PREPARE_FOR_SUBMISSION",
        game_center_app_version_id="C1",
        is_game_center_enabled=True,
    )
    assert (off.state, off.game_center_app_version_id) == ("READY_FOR_REVIEW", "")


def test_submissions_made_elsewhere_are_found_with_one_request(server: ScriptedServer, store: AppStore) -> None:
    found = app(reviewSubmissions=many("reviewSubmissions", "S1", "S2"))
    server.script(page([found], submission("S1", "IN_REVIEW"), submission("S2", "COMPLETE")))
    listed = store.list_apps_in_review(["WAITING_FOR_REVIEW", "IN_REVIEW"])
    assert {app_id: [each.id for each in each_list] for app_id, each_list in listed.items()} == {"1": ["S1"]}
    assert "filter%5BreviewSubmissions.state%5D=WAITING_FOR_REVIEW,IN_REVIEW" in server.received[0].path
    assert len(server.received) == 1


def test_submissions_that_the_list_left_out_are_read(server: ScriptedServer, store: AppStore) -> None:
    found = app(reviewSubmissions=many("reviewSubmissions", "S1", total=51))
    server.script(page([found], submission("S1", "COMPLETE")), page([submission("S9", "IN_REVIEW")]))
    assert [each.id for each in store.list_apps_in_review(["IN_REVIEW"])["1"]] == ["S9"]
    assert server.received[1].path.startswith("/v1/apps/1/reviewSubmissions?filter%5Bstate%5D=IN_REVIEW")


def test_items_show_the_state_of_the_version_that_they_are_about(server: ScriptedServer, store: AppStore) -> None:
    kind = "gameCenterAchievementVersions"
    item = resource("reviewSubmissionItems", "I1", {"state": "ACCEPTED"}, gameCenterAchievementVersion=one(kind, "V1"))
    other = resource("reviewSubmissionItems", "I2", {"state": "ACCEPTED"})
    server.script(page([item, other], resource(kind, "V1", {"version": 3, "state": "IN_REVIEW"})))
    first, second = store.list_submission_items("S1")
    assert first.version == Version(id="V1", number=3, state=VersionState.IN_REVIEW)
    assert (first.version_id, second.version_id, second.version) == ("V1", "", None)


def test_a_draft_has_no_date(server: ScriptedServer, store: AppStore) -> None:
    server.script(Answer(body={"data": submission("S1", "READY_FOR_REVIEW")}))
    assert store.get_submission("S1").submitted == ""


def test_only_what_was_given_is_filtered_by(server: ScriptedServer, store: AppStore) -> None:
    server.script(page([]))
    store.list_submissions("1", platform="IOS")
    assert server.received[0].path == "/v1/reviewSubmissions?limit=200&filter%5Bapp%5D=1&filter%5Bplatform%5D=IOS"
