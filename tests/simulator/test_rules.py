"""Apple's limits and the rules of live achievements, groups and order."""

from typing import Any

from achievements_admin.simulator.process import SimulatorProcess
from achievements_admin.simulator.seeds import Seed
from tests.simulator.conftest import TEXTS, Client, codes


def _live(process: SimulatorProcess, **values: Any) -> Client:
    seed = Seed()
    seed.game("Lantern Keep", achievements=3, locales=2, state="LIVE", **values)
    process.reset(seed, entirely=True)
    return Client(process)


def test_a_game_has_a_thousand_points_at_most(process: SimulatorProcess) -> None:
    seed = Seed()
    seed.game("Lantern Keep", achievements=10, points=99)
    process.reset(seed, entirely=True)
    client = Client(process)
    assert client.create(points=10).status_code == 201
    refused = client.create("one_more", points=1)
    assert codes(refused) == ["ENTITY_ERROR.ATTRIBUTE.INVALID"]
    first = client.achievements()[0]["id"]
    assert client.patch("gameCenterAchievements", first, {"points": 100}, version="v2").status_code == 409
    assert client.patch("gameCenterAchievements", first, {"points": 90}, version="v2").status_code == 200
    assert client.create("one_more", points=9).status_code == 201


def test_archived_points_count_unless_the_rule_says_otherwise(process: SimulatorProcess) -> None:
    client = _live(process, points=400 // 4)
    process.control("rules", {"total_points_max": 300})
    first = client.achievements()[0]["id"]
    assert client.patch("gameCenterAchievements", first, {"archived": True}, version="v2").status_code == 200
    assert client.create(points=1).status_code == 409
    process.control("rules", {"archived_points_count": False})
    assert client.create(points=1).status_code == 201
    assert client.patch("gameCenterAchievements", first, {"archived": False}, version="v2").status_code == 409


def test_a_game_has_a_hundred_achievements_at_most(process: SimulatorProcess) -> None:
    seed = Seed()
    seed.game("Lantern Keep", achievements=100, points=1)
    process.reset(seed, entirely=True)
    refused = Client(process).create()
    assert codes(refused) == ["ENTITY_ERROR.RELATIONSHIP.INVALID"]


def test_an_identifier_is_not_used_again_after_it_was_deleted(client: Client) -> None:
    first = client.achievements()[0]["id"]
    assert client.send("DELETE", f"/v2/gameCenterAchievements/{first}").status_code == 204
    assert codes(client.create("achievement_001")) == ["ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE"]
    client.simulator.control("rules", {"vendor_identifier_reusable_after_delete": True})
    assert client.create("achievement_001").status_code == 201


def test_deleting_an_achievement_takes_all_of_it_along(client: Client) -> None:
    for one in client.achievements():
        assert client.send("DELETE", f"/v1/gameCenterAchievements/{one['id']}").status_code == 204
    state = client.simulator.state()
    assert all(one["team"] == "team-2" for one in state["gameCenterAchievementImages"])
    assert len(state["gameCenterAchievementVersions"]) == 1


def test_a_live_achievement_keeps_its_points_and_can_only_be_archived(process: SimulatorProcess) -> None:
    client = _live(process)
    first = client.achievements()[0]["id"]
    kind = "gameCenterAchievements"
    assert codes(client.patch(kind, first, {"points": 6}, version="v2")) == [
        "ENTITY_ERROR.ATTRIBUTE.INVALID.INVALID_STATE"
    ]
    changed = client.patch(kind, first, {"referenceName": "Other", "points": 5, "archived": True}, version="v2")
    assert changed.json()["data"]["attributes"]["archived"] is True
    assert codes(client.send("DELETE", f"/v2/{kind}/{first}")) == ["STATE_ERROR.ENTITY_STATE_INVALID"]


def test_a_draft_can_not_be_archived(client: Client) -> None:
    first = client.achievements()[0]["id"]
    assert client.patch("gameCenterAchievements", first, {"archived": True}, version="v2").status_code == 409


def test_a_live_version_is_changed_through_the_first_generation_only(process: SimulatorProcess) -> None:
    client = _live(process)
    first = client.achievements()[0]["id"]
    version = client.version_id(first)
    assert codes(client.localize(version)) == ["STATE_ERROR.ENTITY_STATE_INVALID"]
    links = {"gameCenterAchievement": ("gameCenterAchievements", first)}
    kind = "gameCenterAchievementLocalizations"
    assert client.post(kind, {**TEXTS, "locale": "it"}, links).status_code == 201
    assert "it" in [one["attributes"]["locale"] for one in client.localizations(version)]
    text = client.get(f"/v1/gameCenterAchievements/{first}/localizations")["data"][0]["id"]
    assert client.patch(kind, text, {"name": "Changed"}).status_code == 200
    assert client.patch(kind, text, {"name": "Changed again"}, version="v2").status_code == 409
    process.control("rules", {"v1_live_localization_is_live": False, "v1_live_text_editable": False})
    assert client.post(kind, {**TEXTS, "locale": "ja"}, links).status_code == 409
    assert client.patch(kind, text, {"name": "No"}).status_code == 409


def test_the_last_language_stays(client: Client) -> None:
    version = client.version_id(client.achievements()[0]["id"])
    first, second = client.localizations(version)
    assert client.send("DELETE", f"/v2/gameCenterAchievementLocalizations/{first['id']}").status_code == 204
    assert client.send("DELETE", f"/v2/gameCenterAchievementLocalizations/{second['id']}").status_code == 409
    client.simulator.control("rules", {"last_localization_deletable": True})
    assert client.send("DELETE", f"/v2/gameCenterAchievementLocalizations/{second['id']}").status_code == 204


def test_an_order_names_every_achievement_once(client: Client) -> None:
    detail = client.detail_id()
    path = f"/v1/gameCenterDetails/{detail}/relationships/gameCenterAchievementsV2"
    order = [{"type": "gameCenterAchievements", "id": one["id"]} for one in client.achievements()]
    assert client.send("PATCH", path, {"data": order[1:]}).status_code == 409
    assert client.send("PATCH", path, {"data": [*order, order[0]]}).status_code == 409
    assert client.send("PATCH", path, {"data": [*order[1:], {**order[0], "id": "x"}]}).status_code == 409
    client.simulator.control("rules", {"restrict_order_to_full_list": False})
    assert client.send("PATCH", path, {"data": order[2:]}).status_code == 204
    assert [one["id"] for one in client.achievements()] == [one["id"] for one in (*order[2:], *order[:2])]


def test_a_game_in_a_group_lists_its_achievements_at_the_group(client: Client) -> None:
    detail = client.detail_id()
    group = client.post("gameCenterGroups", {"referenceName": "Series"}).json()["data"]["id"]
    assert codes(client.create("no_prefix", group_id=group)) == ["ENTITY_ERROR.ATTRIBUTE.INVALID"]
    shared = client.create("grp.one", group_id=group, points=100)
    assert shared.status_code == 201
    own = client.achievements(detail)[0]["id"]
    client.patch("gameCenterDetails", detail, None, {"gameCenterGroup": ("gameCenterGroups", group)})
    assert client.achievements(detail) == []
    path = f"/v1/gameCenterGroups/{group}/gameCenterAchievementsV2"
    assert len(client.get(path)["data"]) == 6
    link = f"/v1/gameCenterAchievements/{own}/relationships/groupAchievement"
    linkage = {"data": {"type": "gameCenterAchievements", "id": shared.json()["data"]["id"]}}
    assert client.send("PATCH", link, linkage).status_code == 204
    assert own not in [one["id"] for one in client.get(path)["data"]]
    order = [{"type": one["type"], "id": one["id"]} for one in reversed(client.get(path)["data"])]
    relation = f"/v1/gameCenterGroups/{group}/relationships/gameCenterAchievementsV2"
    assert client.send("PATCH", relation, {"data": order[1:]}).status_code == 409
    assert client.send("PATCH", relation, {"data": order}).status_code == 204
    assert [one["id"] for one in client.get(path)["data"]] == [one["id"] for one in order]
    assert client.get(f"/v1/gameCenterAchievements/{own}/groupAchievement")["data"]["id"] == linkage["data"]["id"]
    assert client.send("DELETE", f"/v1/gameCenterGroups/{group}").status_code == 409
    client.simulator.control("rules", {"group_member_lists_empty": False})
    assert len(client.achievements(detail)) == 5
    assert len(client.get(path)["data"]) == 1


def test_leaving_a_group_is_not_offered(client: Client) -> None:
    detail = client.detail_id()
    body = {
        "data": {
            "type": "gameCenterDetails",
            "id": detail,
            "relationships": {"gameCenterGroup": {"data": None}},
        }
    }
    refused = client.send("PATCH", f"/v1/gameCenterDetails/{detail}", body)
    assert codes(refused) == ["ENTITY_ERROR.RELATIONSHIP.REQUIRED"]


def test_player_progress_is_checked_and_stored(client: Client) -> None:
    given = {
        "bundleId": "com.example.lanternkeep",
        "vendorIdentifier": "achievement_001",
        "percentageAchieved": 100,
        "scopedPlayerId": "player-1",
    }
    kind = "gameCenterPlayerAchievementSubmissions"
    assert client.post(kind, given).status_code == 201
    for change in ({"bundleId": "x"}, {"vendorIdentifier": "x"}, {"percentageAchieved": 101}):
        assert codes(client.post(kind, {**given, **change})) == ["ENTITY_ERROR.ATTRIBUTE.INVALID"]
    assert len(client.simulator.state()[kind]) == 1
