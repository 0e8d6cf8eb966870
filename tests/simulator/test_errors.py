"""Every answer that Apple gives when something is wrong, by its code."""

from typing import Any

import pytest

from tests.simulator.conftest import ACHIEVEMENT, TEXTS, Client, codes


def _owner(client: Client) -> Any:
    return {"gameCenterDetail": ("gameCenterDetails", client.detail_id())}


def test_what_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get("/v1/apps/1", 404)["errors"][0]["detail"] == "There is no resource of type 'apps' with id '1'"
    client.get("/v1/cars", 404)
    client.get("/v1/gameCenterDetails//gameCenterAchievements", 404)


def test_a_method_that_a_path_does_not_have_is_refused(client: Client) -> None:
    assert client.send("DELETE", "/v1/apps").status_code == 405
    path = f"/v2/gameCenterAchievements/{client.achievements()[0]['id']}/relationships/versions"
    refused = client.send("PATCH", path, {"data": []})
    assert refused.status_code == 403
    assert "'versions' does not allow 'REPLACE'" in refused.json()["errors"][0]["detail"]


def test_media_types_are_checked(client: Client) -> None:
    refused = client.send("GET", "/v1/apps", headers={"Accept": "text/html"})
    assert (refused.status_code, refused.headers["Content-Type"]) == (406, "text/plain")
    url = f"{client.simulator.url}/v1/gameCenterGroups"
    assert client.session.post(url, data="{}", headers={"Content-Type": "text/plain"}).status_code == 415


def test_a_body_that_is_no_json_or_no_document_is_refused(client: Client) -> None:
    url = f"{client.simulator.url}/v1/gameCenterGroups"
    headers = {"Content-Type": "application/json"}
    refused = client.session.post(url, data="{", headers=headers)
    assert (refused.status_code, codes(refused)) == (400, ["ENTITY_INVALID"])
    refused = client.session.post(url, data="[]", headers=headers)
    assert (refused.status_code, codes(refused)) == (422, ["ENTITY_UNPROCESSABLE"])


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"points": None}, "ENTITY_ERROR.ATTRIBUTE.REQUIRED", "/data/attributes/points"),
        ({"points": "10"}, "ENTITY_ERROR.ATTRIBUTE.TYPE", "/data/attributes/points"),
        ({"points": 101}, "ENTITY_ERROR.ATTRIBUTE.INVALID", "/data/attributes/points"),
        ({"points": -1}, "ENTITY_ERROR.ATTRIBUTE.INVALID", "/data/attributes/points"),
        ({"colour": "red"}, "ENTITY_ERROR.ATTRIBUTE.UNKNOWN", "/data/attributes/colour"),
        ({"archived": True}, "ENTITY_ERROR.ATTRIBUTE.NOT_ALLOWED", "/data/attributes/archived"),
        ({"referenceName": "x" * 256}, "ENTITY_ERROR.ATTRIBUTE.INVALID.TOO_LONG", "/data/attributes/referenceName"),
        (
            {"vendorIdentifier": "x" * 101},
            "ENTITY_ERROR.ATTRIBUTE.INVALID.TOO_LONG",
            "/data/attributes/vendorIdentifier",
        ),
        ({"vendorIdentifier": "ü"}, "ENTITY_ERROR.ATTRIBUTE.INVALID", "/data/attributes/vendorIdentifier"),
        (
            {"vendorIdentifier": "achievement_001"},
            "ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE",
            "/data/attributes/vendorIdentifier",
        ),
    ],
)
def test_attributes_of_a_new_achievement_are_checked(client: Client, change: Any, code: str, pointer: str) -> None:
    refused = client.post("gameCenterAchievements", {**ACHIEVEMENT, **change}, _owner(client))
    assert (refused.status_code, codes(refused)) == (409, [code])
    assert refused.json()["errors"][0]["source"] == {"pointer": pointer}


def test_all_problems_are_reported_at_once(client: Client) -> None:
    refused = client.post("gameCenterAchievements", {"points": "1", "colour": 1}, _owner(client))
    assert len(codes(refused)) == 6


def test_a_missing_attribute_is_named(client: Client) -> None:
    given = {name: value for name, value in ACHIEVEMENT.items() if name != "repeatable"}
    refused = client.post("gameCenterAchievements", given, _owner(client))
    assert refused.json()["errors"][0]["source"] == {"pointer": "/data/attributes/repeatable"}


def test_relationships_are_checked(client: Client) -> None:
    assert codes(client.post("gameCenterAchievements", ACHIEVEMENT)) == ["ENTITY_ERROR.RELATIONSHIP.REQUIRED"]
    for links, code in (
        ({"gameCenterDetail": ("gameCenterDetails", "x")}, "INVALID"),
        ({"gameCenterDetail": ("apps", client.app_id())}, "INVALID"),
        ({"colour": ("apps", "1")}, "UNKNOWN"),
    ):
        refused = client.post("gameCenterAchievements", ACHIEVEMENT, links)
        assert (refused.status_code, codes(refused)) == (409, [f"ENTITY_ERROR.RELATIONSHIP.{code}"])


def test_an_achievement_of_the_second_generation_needs_a_version_with_a_local_id(client: Client) -> None:
    refused = client.post("gameCenterAchievements", ACHIEVEMENT, _owner(client), version="v2")
    assert codes(refused) == ["ENTITY_ERROR.RELATIONSHIP.REQUIRED"]
    version = {"type": "gameCenterAchievementVersions", "id": "v1"}
    body = {
        "data": {
            "type": "gameCenterAchievements",
            "attributes": ACHIEVEMENT,
            "relationships": {
                "gameCenterDetail": {"data": {"type": "gameCenterDetails", "id": client.detail_id()}},
                "versions": {"data": [version]},
            },
        },
        "included": [version],
    }
    refused = client.send("POST", "/v2/gameCenterAchievements", body)
    assert codes(refused) == ["ENTITY_ERROR.INCLUDED.INVALID_ID"]
    assert refused.json()["errors"][0]["source"] == {"pointer": "/included/0/id"}
    version["id"] = "${v1}"
    assert client.send("POST", "/v2/gameCenterAchievements", body | {"included": []}).status_code == 409
    made = client.send("POST", "/v2/gameCenterAchievements", body)
    assert made.status_code == 201
    assert made.json()["included"][0]["attributes"] == {"version": 1, "state": "PREPARE_FOR_SUBMISSION"}


def test_type_and_id_of_a_body_have_to_fit_the_path(client: Client) -> None:
    identifier = client.achievements()[0]["id"]
    body = {"data": {"type": "apps", "id": "x", "attributes": {"points": 1}}}
    refused = client.send("PATCH", f"/v2/gameCenterAchievements/{identifier}", body)
    assert codes(refused) == ["ENTITY_ERROR.TYPE.INVALID", "ENTITY_ERROR.ID.INVALID"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "x" * 31}, "ENTITY_ERROR.ATTRIBUTE.INVALID.TOO_LONG"),
        ({"beforeEarnedDescription": "x" * 121}, "ENTITY_ERROR.ATTRIBUTE.INVALID.TOO_LONG"),
        ({"name": " "}, "ENTITY_ERROR.ATTRIBUTE.REQUIRED"),
        ({"locale": "en"}, "ENTITY_ERROR.ATTRIBUTE.INVALID"),
        ({"locale": "en-us"}, "ENTITY_ERROR.ATTRIBUTE.INVALID"),
        ({"locale": "en-US"}, "ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE"),
    ],
)
def test_texts_are_checked(client: Client, change: Any, code: str) -> None:
    version = client.version_id(client.achievements()[0]["id"])
    assert codes(client.localize(version, **{"locale": "it", **change})) == [code]
    assert client.localize(version, "it", **{**TEXTS, "name": "x" * 30}).status_code == 201


def test_the_locale_of_a_text_can_not_be_changed_and_null_clears(client: Client) -> None:
    text = client.localizations(client.version_id(client.achievements()[0]["id"]))[0]["id"]
    kind = "gameCenterAchievementLocalizations"
    assert codes(client.patch(kind, text, {"locale": "it"}, version="v2")) == ["ENTITY_ERROR.ATTRIBUTE.NOT_ALLOWED"]
    cleared = client.patch(kind, text, {"name": None}, version="v2")
    assert cleared.json()["data"]["attributes"]["name"] == ""


def test_the_duplicate_can_hide_behind_another_error(client: Client) -> None:
    client.simulator.control("rules", {"duplicate_error_second": True})
    refused = codes(client.create("achievement_001"))
    assert refused == ["ENTITY_ERROR.RELATIONSHIP.INVALID", "ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE"]


def test_a_team_can_be_refused_the_second_generation(client: Client) -> None:
    detail = client.detail_id()
    client.simulator.control("rules", {"v2_refused": True})
    client.get(f"/v1/gameCenterDetails/{detail}/gameCenterAchievementsV2", 403)
    client.get(f"/v1/gameCenterDetails/{detail}/gameCenterAchievements")
    assert client.create(detail_id=detail).status_code == 403
    client.simulator.control("rules", {"v2_refused": False})
    assert client.create(detail_id=detail).status_code == 201
    client.simulator.control("keys", {"key": client.simulator.keys[0].key_id, "v2": False})
    assert client.create("other", detail_id=detail).status_code == 403
