"""Review: submissions, versions and releases move through Apple's states by themselves."""

from typing import Any

import pytest

from achievements_admin.simulator.process import SimulatorProcess
from achievements_admin.simulator.seeds import Seed, achievement
from tests.simulator.conftest import Client, codes

SLOW = {"review_start_seconds": 100, "review_seconds": 100, "cancel_seconds": 100, "publish_seconds": 0}


@pytest.fixture
def studio(process: SimulatorProcess) -> Client:
    """One live achievement and four complete drafts; a draft version of the game."""
    seed = Seed()
    live = achievement(9, vendor_identifier="live_one", state="LIVE")
    versions = [
        {"version_string": "1.0", "state": "READY_FOR_DISTRIBUTION"},
        {"version_string": "1.1", "state": "PREPARE_FOR_SUBMISSION"},
    ]
    game = seed.game("Lantern Keep", achievements=4, locales=2, versions=versions)
    game["achievements"].append(live)
    seed.game("Never Live", achievements=2)
    process.reset(seed, entirely=True)
    process.control("rules", SLOW)
    return Client(process)


def _submission(client: Client, name: str = "Lantern Keep") -> str:
    made = client.post("reviewSubmissions", {"platform": "IOS"}, {"app": ("apps", client.app_id(name))}).json()["data"]
    assert made["attributes"] == {"platform": "IOS", "state": "READY_FOR_REVIEW"}
    identifier: str = made["id"]
    return identifier


def _add(client: Client, submission: str, version: str) -> Any:
    links = {
        "reviewSubmission": ("reviewSubmissions", submission),
        "gameCenterAchievementVersion": ("gameCenterAchievementVersions", version),
    }
    return client.post("reviewSubmissionItems", None, links)


def _add_app_version(client: Client, submission: str, version: str) -> Any:
    links = {
        "reviewSubmission": ("reviewSubmissions", submission),
        "appStoreVersion": ("appStoreVersions", version),
    }
    return client.post("reviewSubmissionItems", None, links)


def _version(client: Client, place: int, name: str = "Lantern Keep") -> str:
    return client.version_id(client.achievements(client.detail_id(name))[place]["id"])


def _state(client: Client, version: str) -> str:
    found: str = client.get(f"/v2/gameCenterAchievementVersions/{version}")["data"]["attributes"]["state"]
    return found


def _submit(client: Client, submission: str, **attributes: Any) -> Any:
    return client.patch("reviewSubmissions", submission, attributes or {"submitted": True})


def _submission_state(client: Client, submission: str) -> str:
    found: str = client.get(f"/v1/reviewSubmissions/{submission}")["data"]["attributes"]["state"]
    return found


def _advance(client: Client, seconds: float) -> None:
    client.simulator.control("clock", {"advance": seconds})


def test_a_version_goes_from_draft_to_live_by_itself(studio: Client) -> None:
    submission, version = _submission(studio), _version(studio, 0)
    assert _state(studio, version) == "PREPARE_FOR_SUBMISSION"
    assert _add(studio, submission, version).status_code == 201
    assert _state(studio, version) == "READY_FOR_REVIEW"
    submitted = _submit(studio, submission).json()["data"]["attributes"]
    assert submitted["state"] == "WAITING_FOR_REVIEW"
    assert submitted["submittedDate"]
    assert _state(studio, version) == "WAITING_FOR_REVIEW"
    _advance(studio, 101)
    assert (_state(studio, version), _submission_state(studio, submission)) == ("IN_REVIEW", "IN_REVIEW")
    _advance(studio, 101)
    assert (_state(studio, version), _submission_state(studio, submission)) == ("LIVE", "COMPLETE")
    items = studio.get(f"/v1/reviewSubmissions/{submission}/items?include=gameCenterAchievementVersion")["data"]
    assert [one["attributes"]["state"] for one in items] == ["APPROVED"]


def test_days_can_pass_at_once(studio: Client) -> None:
    submission, version = _submission(studio), _version(studio, 0)
    _add(studio, submission, version)
    _submit(studio, submission)
    _advance(studio, 10_000)
    assert _state(studio, version) == "LIVE"


def test_a_new_version_replaces_the_live_one_when_it_is_out(studio: Client) -> None:
    live = studio.achievements()[4]["id"]
    first = studio.version_id(live)
    made = studio.post(
        "gameCenterAchievementVersions", None, {"achievement": ("gameCenterAchievements", live)}, version="v2"
    )
    assert made.json()["data"]["attributes"] == {"version": 2, "state": "PREPARE_FOR_SUBMISSION"}
    second = made.json()["data"]["id"]
    assert [one["attributes"]["locale"] for one in studio.localizations(second)] == ["en-US"]
    again = studio.post(
        "gameCenterAchievementVersions", None, {"achievement": ("gameCenterAchievements", live)}, version="v2"
    )
    assert codes(again) == ["STATE_ERROR.ENTITY_STATE_INVALID"]
    submission = _submission(studio)
    _add(studio, submission, second)
    _submit(studio, submission)
    _advance(studio, 300)
    assert (_state(studio, first), _state(studio, second)) == ("REPLACED_WITH_NEW_VERSION", "LIVE")


def test_a_new_version_is_empty_by_a_rule(studio: Client) -> None:
    studio.simulator.control("rules", {"new_version_copies_localizations": False})
    links = {"achievement": ("gameCenterAchievements", studio.achievements()[4]["id"])}
    made = studio.post("gameCenterAchievementVersions", None, links, version="v2").json()["data"]["id"]
    assert studio.localizations(made) == []


def test_one_rejected_item_leaves_issues_and_holds_the_rest(studio: Client) -> None:
    submission, good, bad = _submission(studio), _version(studio, 0), _version(studio, 1)
    for version in (good, bad):
        _add(studio, submission, version)
    studio.simulator.control("review", {"reject": [bad]})
    _submit(studio, submission)
    _advance(studio, 300)
    assert _submission_state(studio, submission) == "UNRESOLVED_ISSUES"
    assert (_state(studio, good), _state(studio, bad)) == ("ACCEPTED", "REJECTED")
    another = _submission(studio)
    refused = _add(studio, another, bad)
    assert codes(refused) == ["STATE_ERROR.ITEM_PART_OF_ANOTHER_SUBMISSION"]
    assert codes(_submit(studio, submission)) == ["STATE_ERROR.ENTITY_STATE_INVALID"]
    items = studio.get(f"/v1/reviewSubmissions/{submission}/items")["data"]
    rejected = next(one["id"] for one in items if one["attributes"]["state"] == "REJECTED")
    assert studio.patch("reviewSubmissionItems", rejected, {"resolved": True}).status_code == 200
    assert _submit(studio, submission).status_code == 200
    _advance(studio, 300)
    assert (_state(studio, good), _state(studio, bad)) == ("LIVE", "LIVE")


def test_cancelling_takes_its_time_and_makes_the_versions_editable_again(studio: Client) -> None:
    submission, version = _submission(studio), _version(studio, 0)
    _add(studio, submission, version)
    assert codes(_submit(studio, submission, canceled=True)) == ["STATE_ERROR.ENTITY_STATE_INVALID"]
    _submit(studio, submission)
    localization = studio.localizations(version)[0]["id"]
    kind = "gameCenterAchievementLocalizations"
    assert studio.patch(kind, localization, {"name": "Other"}, version="v2").status_code == 409
    assert _submit(studio, submission, canceled=True).json()["data"]["attributes"]["state"] == "CANCELING"
    _advance(studio, 101)
    assert (_submission_state(studio, submission), _state(studio, version)) == ("COMPLETE", "DEVELOPER_REJECTED")
    assert studio.patch(kind, localization, {"name": "Other"}, version="v2").status_code == 200
    refused = _submit(studio, submission, canceled=True)
    assert refused.json()["errors"][0]["detail"] == "Resource is not in cancellable state"
    assert _add(studio, _submission(studio), version).status_code == 201


def test_an_item_leaves_a_draft_but_not_a_submission(studio: Client) -> None:
    submission, version = _submission(studio), _version(studio, 0)
    item = _add(studio, submission, version).json()["data"]["id"]
    assert studio.send("DELETE", f"/v1/reviewSubmissionItems/{item}").status_code == 204
    assert _state(studio, version) == "PREPARE_FOR_SUBMISSION"
    item = _add(studio, submission, version).json()["data"]["id"]
    _submit(studio, submission)
    refused = studio.send("DELETE", f"/v1/reviewSubmissionItems/{item}")
    assert refused.json()["errors"][0]["detail"] == "Item was already submitted"
    assert studio.patch("reviewSubmissionItems", item, {"removed": True}).status_code == 200
    assert (_state(studio, version), _submission_state(studio, submission)) == ("DEVELOPER_REJECTED", "COMPLETE")


def test_what_is_missing_is_nested_in_the_refusal(studio: Client) -> None:
    version = _version(studio, 0)
    localization = studio.localize(version).json()["data"]["id"]
    refused = _add(studio, _submission(studio), version)
    error = refused.json()["errors"][0]
    assert error["code"] == "STATE_ERROR.ENTITY_STATE_INVALID"
    (path, problems) = next(iter(error["meta"]["associatedErrors"].items()))
    assert path == f"/v2/gameCenterAchievementLocalizations/{localization}"
    assert problems[0]["code"] == "ENTITY_ERROR.RELATIONSHIP.REQUIRED"
    assert "image" in problems[0]["detail"]


def test_an_item_is_exactly_one_thing_that_exists(studio: Client) -> None:
    submission = _submission(studio)
    links = {"reviewSubmission": ("reviewSubmissions", submission)}
    assert codes(studio.post("reviewSubmissionItems", None, links)) == ["ENTITY_ERROR.RELATIONSHIP.REQUIRED"]
    links["appEvent"] = ("appEvents", "1")
    assert codes(studio.post("reviewSubmissionItems", None, links)) == ["ENTITY_ERROR.RELATIONSHIP.INVALID"]
    foreign = _version(studio, 0, "Never Live")
    assert codes(_add(studio, submission, foreign)) == ["ENTITY_ERROR.RELATIONSHIP.INVALID"]
    assert codes(_submit(studio, submission)) == ["STATE_ERROR.ENTITY_STATE_INVALID"]


def test_the_first_components_go_with_a_version_of_the_game(studio: Client) -> None:
    submission, version = _submission(studio, "Never Live"), _version(studio, 0, "Never Live")
    _add(studio, submission, version)
    assert "together with a version of the app" in _submit(studio, submission).json()["errors"][0]["detail"]
    studio.simulator.control("rules", {"first_components_need_app_version": False})
    assert _submit(studio, submission).status_code == 200


def test_with_a_version_of_the_game_components_wait_for_its_release(studio: Client) -> None:
    submission, version = _submission(studio), _version(studio, 0)
    drafts = studio.get(f"/v1/apps/{studio.app_id()}/appStoreVersions?filter[appVersionState]=PREPARE_FOR_SUBMISSION")
    app_version = drafts["data"][0]["id"]
    studio.simulator.control(
        "change", {"type": "appStoreVersions", "id": app_version, "set": {"release_type": "MANUAL"}}
    )
    assert _add_app_version(studio, submission, app_version).status_code == 201
    _add(studio, submission, version)
    _submit(studio, submission)
    _advance(studio, 300)
    assert (_state(studio, version), _submission_state(studio, submission)) == ("PENDING_RELEASE", "COMPLETE")
    out = {"type": "appStoreVersions", "id": app_version, "set": {"appVersionState": "READY_FOR_DISTRIBUTION"}}
    studio.simulator.control("change", out)
    assert _state(studio, version) == "LIVE"


def test_a_release_of_the_first_generation_goes_live_with_the_game(studio: Client) -> None:
    detail, first = studio.detail_id(), studio.achievements()[0]["id"]
    links = {
        "gameCenterDetail": ("gameCenterDetails", detail),
        "gameCenterAchievement": ("gameCenterAchievements", first),
    }
    release = studio.post("gameCenterAchievementReleases", None, links).json()["data"]
    assert release["attributes"] == {"live": False}
    assert codes(studio.post("gameCenterAchievementReleases", None, links)) == ["STATE_ERROR.ALREADY_EXISTS"]
    refused = _add(studio, _submission(studio), studio.version_id(first))
    assert codes(refused) == ["STATE_ERROR.RELEASE_CONFLICT"]
    draft = studio.get(f"/v1/apps/{studio.app_id()}/appStoreVersions?filter[versionString]=1.1")["data"][0]["id"]
    submission = _submission(studio)
    _add_app_version(studio, submission, draft)
    _submit(studio, submission)
    _advance(studio, 300)
    found = studio.get(f"/v1/gameCenterDetails/{detail}/achievementReleases?filter[live]=true")["data"]
    assert [one["id"] for one in found] == [release["id"]]
    assert studio.send("DELETE", f"/v1/gameCenterAchievementReleases/{release['id']}").status_code == 409
