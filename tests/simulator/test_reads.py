"""Lists: parameters, includes and their caps, pages, filters, quota headers."""

import pytest

from achievements_admin.simulator.process import SimulatorProcess
from achievements_admin.simulator.seeds import Seed
from tests.simulator.conftest import Client, codes


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/apps?colour=red", "colour"),
        ("/v1/apps?limit=201", "limit"),
        ("/v1/apps?limit=0", "limit"),
        ("/v1/apps?limit[reviewSubmissions]=51", "limit[reviewSubmissions]"),
        ("/v1/apps?limit[gameCenterDetail]=5", "limit[gameCenterDetail]"),
        ("/v1/apps?include=achievements", "include"),
        ("/v1/apps?fields[apps]=colour", "fields[apps]"),
        ("/v1/apps?fields[cars]=colour", "fields[cars]"),
        ("/v1/apps?sort=points", "sort"),
        ("/v1/apps?filter[reviewSubmissions.state]=DONE", "filter[reviewSubmissions.state]"),
        ("/v1/apps?filter[colour]=red", "filter[colour]"),
        ("/v1/apps?cursor=nonsense", "cursor"),
        ("/v1/reviewSubmissions", "filter[app]"),
    ],
)
def test_a_parameter_that_apple_does_not_know_is_refused(client: Client, path: str, parameter: str) -> None:
    refused = client.get(path, 400)["errors"][0]
    assert refused["code"].startswith("PARAMETER_ERROR.")
    assert refused["source"] == {"parameter": parameter}


def test_achievements_can_not_be_filtered_by_vendor_identifier(client: Client) -> None:
    path = f"/v1/gameCenterDetails/{client.detail_id()}/gameCenterAchievements?filter[vendorIdentifier]=x"
    assert client.get(path, 400)["errors"][0]["code"] == "PARAMETER_ERROR.INVALID"


def test_a_single_resource_takes_no_limit(client: Client) -> None:
    client.get(f"/v1/apps/{client.app_id()}?limit=1", 400)


def test_relationships_have_data_only_when_they_are_included(client: Client) -> None:
    plain = client.get(f"/v1/apps/{client.app_id()}")["data"]["relationships"]["gameCenterDetail"]
    assert "data" not in plain
    assert plain["links"]["related"].endswith("/gameCenterDetail")
    assert "included" not in client.get("/v1/apps")


def test_included_relations_are_capped_at_ten_unless_more_is_asked_for(process: SimulatorProcess) -> None:
    seed = Seed()
    seed.game("Wide", achievements=1, locales=40)
    process.reset(seed, entirely=True)
    client = Client(process)
    path = f"/v1/gameCenterDetails/{client.detail_id('Wide')}/gameCenterAchievements?include=localizations"
    found = client.get(path)
    relation = found["data"][0]["relationships"]["localizations"]
    assert (len(relation["data"]), relation["meta"]["paging"]) == (10, {"total": 40, "limit": 10})
    assert len(found["included"]) == 10
    found = client.get(f"{path}&limit[localizations]=50")
    assert len(found["data"][0]["relationships"]["localizations"]["data"]) == 40


def test_sparse_fields_leave_out_the_rest_even_what_is_needed_for_matching(client: Client) -> None:
    found = client.get("/v1/apps?fields[apps]=name&include=gameCenterDetail")
    assert set(found["data"][0]["attributes"]) == {"name"}
    assert "relationships" not in found["data"][0]
    assert found["included"]


def test_pages_are_followed_to_the_end_by_their_links(process: SimulatorProcess) -> None:
    seed = Seed()
    seed.game("Long", achievements=60, points=1)
    process.reset(seed, entirely=True)
    client = Client(process)
    path = f"/v1/gameCenterDetails/{client.detail_id('Long')}/gameCenterAchievementsV2"
    first = client.get(path)
    assert (len(first["data"]), first["meta"]["paging"]["total"]) == (50, 60)
    second = client.get(first["links"]["next"])
    assert len(second["data"]) == 10
    assert "next" not in second["links"]
    assert first["meta"]["paging"]["nextCursor"] in first["links"]["next"]
    identifiers = {one["id"] for one in (*first["data"], *second["data"])}
    assert len(identifiers) == 60
    three = client.get(f"{path}?limit=20&fields[gameCenterAchievements]=points")
    assert "limit=20" in three["links"]["next"]


def test_a_cursor_stays_good_when_an_entry_before_it_is_deleted(client: Client) -> None:
    path = f"/v1/gameCenterDetails/{client.detail_id()}/gameCenterAchievementsV2?limit=2"
    first = client.get(path)
    assert client.send("DELETE", f"/v2/gameCenterAchievements/{first['data'][0]['id']}").status_code == 204
    assert client.get(first["links"]["next"])["data"][0]["attributes"]["vendorIdentifier"] == "achievement_003"


def test_lists_are_filtered(client: Client) -> None:
    path = f"/v1/gameCenterDetails/{client.detail_id()}/gameCenterAchievementsV2"
    assert len(client.get(f"{path}?filter[referenceName]=Achievement%202")["data"]) == 1
    assert client.get(f"{path}?filter[archived]=true")["data"] == []
    assert len(client.get(f"{path}?filter[archived]=true,false")["data"]) == 5
    assert len(client.get("/v1/apps?filter[name]=lantern&sort=-name")["data"]) == 1
    assert client.get("/v1/apps?filter[reviewSubmissions.state]=IN_REVIEW&include=reviewSubmissions")["data"] == []


def test_every_answer_says_how_much_of_the_hour_is_left(client: Client) -> None:
    client.simulator.control("quota", {"used": 10})
    answer = client.send("GET", "/v1/apps")
    assert answer.headers["X-Rate-Limit"] == "user-hour-lim:3600;user-hour-rem:3589;"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("minute", ["user-minute-lim:150"]),
        ("both", ["user-hour-lim:3600", "user-minute-lim:150"]),
        ("twice", [", user-minute"]),
    ],
)
def test_the_quota_header_comes_in_the_forms_that_have_been_seen(
    client: Client, form: str, expected: list[str]
) -> None:
    client.simulator.control("rules", {"rate_header": form, "minute_limit": 150})
    header = client.send("GET", "/v1/apps").headers["X-Rate-Limit"]
    assert all(one in header for one in expected), header


def test_an_hour_that_is_used_up_rolls_on(client: Client) -> None:
    client.simulator.control("rules", {"hour_limit": 3})
    client.simulator.control("quota", {"used": 3})
    refused = client.send("GET", "/v1/apps")
    assert (refused.status_code, codes(refused)) == (429, ["RATE_LIMIT_EXCEEDED"])
    assert "Retry-After" not in refused.headers
    client.simulator.control("rules", {"retry_after": True})
    assert 3590 < int(client.send("GET", "/v1/apps").headers["Retry-After"]) <= 3600
    client.simulator.control("clock", {"advance": 3601})
    assert client.send("GET", "/v1/apps").status_code == 200


def test_a_minute_limit_is_enforced_when_it_is_set(client: Client) -> None:
    client.simulator.control("rules", {"minute_limit": 2})
    assert [client.send("GET", "/v1/apps").status_code for _ in range(3)] == [200, 200, 429]
    client.simulator.control("clock", {"advance": 61})
    assert client.send("GET", "/v1/apps").status_code == 200


def test_nulls_come_where_the_schema_has_none_by_a_rule(client: Client) -> None:
    client.simulator.control("rules", {"nulls_for_empty": True, "missing_related_is_null": True})
    answer = client.session.get(f"{client.simulator.url}/v1/gameCenterDetails/{client.detail_id()}/gameCenterGroup")
    assert answer.json()["data"] is None
    links = {"app": ("apps", client.app_id())}
    resource = {
        "type": "reviewSubmissions",
        "relationships": {"app": {"data": {"type": "apps", "id": links["app"][1]}}},
    }
    answer = client.session.post(f"{client.simulator.url}/v1/reviewSubmissions", json={"data": resource})
    assert answer.json()["data"]["attributes"]["submittedDate"] is None
