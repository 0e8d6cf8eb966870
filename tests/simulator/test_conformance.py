"""Every endpoint of the simulator, walked once, with Apple's own document as the judge of every answer and body."""

import re
from typing import Any

import pytest

from achievements_admin.simulator.process import SimulatorProcess
from achievements_admin.simulator.routes import ROUTES
from achievements_admin.simulator.schema import KINDS
from tests import openapi
from tests.simulator.conftest import ACHIEVEMENT, TEXTS, Client

pytestmark = pytest.mark.skipif(not openapi.available(), reason="Apple's OpenAPI document is not beside the project")

# What a dashboard for achievements has no use for.
LEFT_OUT = re.compile(
    r"eaderboard|hallenge|ctivit|atchmaking|EnabledVersions|^/v1/apps/\{id\}/(?!gameC|appS|reviewS|rel)"
)


@pytest.fixture
def demo(process: SimulatorProcess) -> Client:
    """A client of the demo studio."""
    process.reset("demo", entirely=True)
    return Client(process)


def test_every_endpoint_of_apples_document_about_achievements_is_served() -> None:
    wanted = {
        (method.upper(), path)
        for path, operations in openapi.document()["paths"].items()
        for method in operations
        if not LEFT_OUT.search(path) and method != "parameters"
    }
    served = {(method, template) for template, methods in ROUTES.items() for method in methods}
    assert served == wanted


def test_the_table_of_resources_has_what_apples_document_has() -> None:
    for template, methods in ROUTES.items():
        if "GET" not in methods or "/relationships/" in template:
            continue
        parameters = {one["name"]: one for one in openapi.operation("GET", template)["parameters"]}
        kind = _kind_of(template)
        includes = set(parameters.get("include", {}).get("schema", {}).get("items", {}).get("enum", []))
        assert includes == kind.includes, template
        own = parameters[f"fields[{kind.type}]"]["schema"]["items"]["enum"]
        assert set(own) == kind.fields, template
        named = {name[7:-1] for name in parameters if name.startswith("fields[")}
        assert named == set(kind.field_types), template


def _kind_of(template: str) -> Any:
    content = openapi.operation("GET", template)["responses"]["200"]["content"]["application/json"]
    shape = content["schema"]["$ref"].rpartition("/")[2]
    data = openapi.document()["components"]["schemas"][shape]["properties"]["data"]
    name = (data.get("items") or data)["$ref"].rpartition("/")[2]
    found = [
        kind
        for kind in KINDS.values()
        if re.sub(r"s(V2)?$", r"\1", kind.name).lower() == name.lower().replace("versionv2", "version")
    ]
    assert len(found) == 1, (template, name)
    return found[0]


def test_every_read_of_the_demo_studio_is_as_apple_says(demo: Client) -> None:
    state = demo.simulator.state()
    walked = 0
    for template, methods in ROUTES.items():
        if "GET" not in methods:
            continue
        table = template.split("/")[2]
        own = [one["id"] for one in state[table] if one["team"] == "team-1"]
        parameters = [one["name"] for one in openapi.operation("GET", template)["parameters"]]
        paths = [template] if "{id}" not in template else [template.replace("{id}", one) for one in own[:2] + own[-1:]]
        for path in paths:
            for query in _queries(template, parameters, own):
                response = demo.send("GET", path + query)
                assert response.status_code in {200, 404}, (path, query, response.text)
                walked += response.status_code == 200
    assert walked > 120


def _queries(template: str, parameters: list[str], own: list[str]) -> list[str]:
    """Plain, with every include and every cap, and with sparse fields."""
    required = f"?filter[app]={own and ''}" if template == "/v1/reviewSubmissions" else ""
    if required:
        return ["?filter[app]=1590001001"]
    queries = [""]
    if "include" in parameters:
        kind = _kind_of(template)
        caps = "".join(f"&limit[{name}]=50" for name in sorted(kind.includes) if f"limit[{name}]" in parameters)
        queries.append(f"?include={','.join(sorted(kind.includes))}{caps}")
        queries.append(f"?fields[{kind.type}]={kind.attributes[0]}")
    if "limit" in parameters:
        queries.append("?limit=1")
    return queries


def test_every_write_of_the_first_generation_is_as_apple_says(client: Client) -> None:
    app, detail = client.app_id(), client.detail_id()
    owner = {"gameCenterDetail": ("gameCenterDetails", detail)}
    made = client.post("gameCenterAchievements", {**ACHIEVEMENT, "activityProperties": {"level": "1"}}, owner)
    assert made.status_code == 201
    achievement = made.json()["data"]["id"]
    assert made.headers["Location"].endswith(f"/v1/gameCenterAchievements/{achievement}")
    changed = client.patch("gameCenterAchievements", achievement, {"points": 5, "activityProperties": None})
    assert changed.json()["data"]["attributes"]["points"] == 5
    parent = {"gameCenterAchievement": ("gameCenterAchievements", achievement)}
    texts = client.post("gameCenterAchievementLocalizations", {**TEXTS, "locale": "fr-FR"}, parent)
    localization = texts.json()["data"]["id"]
    assert client.patch("gameCenterAchievementLocalizations", localization, {"name": "Pas"}).status_code == 200
    image = client.add_image(localization, version="v1")
    assert client.send("DELETE", f"/v1/gameCenterAchievementImages/{image}").status_code == 204
    release = client.post("gameCenterAchievementReleases", None, {**owner, **parent})
    assert release.json()["data"]["attributes"] == {"live": False}
    assert client.send("DELETE", f"/v1/gameCenterAchievementReleases/{release.json()['data']['id']}").status_code == 204
    german = client.post("gameCenterAchievementLocalizations", {**TEXTS, "locale": "de-DE"}, parent).json()["data"][
        "id"
    ]
    assert client.send("DELETE", f"/v1/gameCenterAchievementLocalizations/{german}").status_code == 204
    assert client.send("DELETE", f"/v1/gameCenterAchievements/{achievement}").status_code == 204
    order = [{"type": one["type"], "id": one["id"]} for one in reversed(client.achievements())]
    for relation in ("gameCenterAchievements", "gameCenterAchievementsV2"):
        path = f"/v1/gameCenterDetails/{detail}/relationships/{relation}"
        assert client.send("PATCH", path, {"data": order}).status_code == 204
        assert [one["id"] for one in client.get(path)["data"]] == [one["id"] for one in order]
    assert client.patch("apps", app, {"primaryLocale": "de-DE"}).status_code == 200


def test_every_write_about_groups_and_versions_of_a_game_is_as_apple_says(client: Client) -> None:
    app, detail = client.app_id(), client.detail_id()
    group = client.post("gameCenterGroups", {"referenceName": "Series"}).json()["data"]["id"]
    empty = client.post("gameCenterGroups").json()["data"]["id"]
    assert client.send("DELETE", f"/v1/gameCenterGroups/{empty}").status_code == 204
    assert client.patch("gameCenterGroups", group, {"referenceName": "The Series"}).status_code == 200
    joined = client.patch("gameCenterDetails", detail, None, {"gameCenterGroup": ("gameCenterGroups", group)})
    assert joined.status_code == 200
    shared = client.create("grp.first", group_id=group).json()["data"]["id"]
    own = client.simulator.state()["gameCenterAchievements"][0]["id"]
    path = f"/v1/gameCenterAchievements/{own}/relationships/groupAchievement"
    assert client.send("PATCH", path, {"data": {"type": "gameCenterAchievements", "id": shared}}).status_code == 204
    assert client.get(path)["data"]["id"] == shared
    for relation in ("gameCenterAchievements", "gameCenterAchievementsV2"):
        path = f"/v1/gameCenterGroups/{group}/relationships/{relation}"
        body = {"data": [{"type": "gameCenterAchievements", "id": shared}]}
        assert client.send("PATCH", path, body).status_code == 204
    versions = client.get(f"/v1/gameCenterDetails/{detail}/gameCenterAppVersions?include=appStoreVersion")
    switch = versions["data"][0]["id"]
    assert client.patch("gameCenterAppVersions", switch, {"enabled": False}).status_code == 200
    links = f"/v1/gameCenterAppVersions/{switch}/relationships/compatibilityVersions"
    linkage = {"data": [{"type": "gameCenterAppVersions", "id": switch}]}
    assert client.send("POST", links, linkage).status_code == 204
    assert client.send("DELETE", links, linkage).status_code == 204
    submitted = {
        "bundleId": client.get(f"/v1/apps/{app}")["data"]["attributes"]["bundleId"],
        "vendorIdentifier": "grp.first",
        "percentageAchieved": 50,
        "scopedPlayerId": "player-1",
    }
    assert client.post("gameCenterPlayerAchievementSubmissions", submitted).status_code == 201


def test_game_center_is_switched_on_for_a_game_and_for_its_version(process: SimulatorProcess) -> None:
    process.reset({"teams": [{"apps": [{"id": "1", "name": "Quiet", "game_center": False}]}]}, entirely=True)
    client = Client(process)
    client.get("/v1/apps/1/gameCenterDetail", 404)
    made = client.post("gameCenterDetails", None, {"app": ("apps", "1")})
    assert made.status_code == 201
    assert client.post("gameCenterDetails", None, {"app": ("apps", "1")}).status_code == 409
    version = client.get("/v1/apps/1/appStoreVersions")["data"][0]["id"]
    links = {"appStoreVersion": ("appStoreVersions", version)}
    assert client.post("gameCenterAppVersions", None, links).json()["data"]["attributes"] == {"enabled": True}
    assert client.post("gameCenterAppVersions", None, links).status_code == 409


def test_every_write_of_the_second_generation_is_as_apple_says(client: Client) -> None:
    made = client.create().json()["data"]
    version = client.version_id(made["id"])
    localization = client.localize(version).json()["data"]["id"]
    assert client.patch("gameCenterAchievementLocalizations", localization, {"name": "Pas"}, version="v2").ok
    image = client.add_image(localization)
    client.simulator.control("clock", {"advance": 5})
    read = client.get(f"/v2/gameCenterAchievementLocalizations/{localization}/image?include=localization")["data"]
    assert read["id"] == image
    assert read["attributes"]["assetDeliveryState"]["state"] == "COMPLETE"
    assert client.patch("gameCenterAchievements", made["id"], {"points": 20}, version="v2").status_code == 200
    german = client.localize(version, "de-DE").json()["data"]["id"]
    assert client.send("DELETE", f"/v2/gameCenterAchievementLocalizations/{german}").status_code == 204
    app = client.app_id()
    submission = client.post("reviewSubmissions", {"platform": "IOS"}, {"app": ("apps", app)}).json()["data"]
    links = {
        "reviewSubmission": ("reviewSubmissions", submission["id"]),
        "gameCenterAchievementVersion": ("gameCenterAchievementVersions", version),
    }
    item = client.post("reviewSubmissionItems", None, links)
    assert item.status_code == 201, item.text
    assert client.send("DELETE", f"/v1/reviewSubmissionItems/{item.json()['data']['id']}").status_code == 204
    assert client.patch("reviewSubmissions", submission["id"], {"platform": "TV_OS"}).status_code == 200
    assert client.send("DELETE", f"/v2/gameCenterAchievementImages/{image}").status_code == 204
    assert client.send("DELETE", f"/v2/gameCenterAchievements/{made['id']}").status_code == 204
    client.get(f"/v2/gameCenterAchievementVersions/{version}", 404)
