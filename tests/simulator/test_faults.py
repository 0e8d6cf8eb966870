"""Faults on demand: each kind, and which requests are picked."""

import threading
import time
from typing import Any

import pytest
import requests

from tests.simulator.conftest import Client, codes


def _set(client: Client, *faults: dict[str, Any]) -> None:
    client.simulator.control("faults", list(faults))


def _group(client: Client, name: str = "Series") -> requests.Response:
    answer: requests.Response = client.post("gameCenterGroups", {"referenceName": name})
    return answer


def _groups(client: Client) -> int:
    return len(client.simulator.state()["gameCenterGroups"])


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("500", 500), ("503", 503), ("401", 401)])
def test_a_refusal_on_demand_does_nothing(client: Client, kind: str, status: int) -> None:
    _set(client, {"kind": kind, "method": "POST", "count": 1})
    assert _group(client).status_code == status
    assert _groups(client) == 0
    assert _group(client).status_code == 201


def test_a_refusal_says_when_to_come_back_only_if_told_to(client: Client) -> None:
    _set(client, {"kind": "429", "nth": 1}, {"kind": "503", "nth": 1, "retry_after": 7})
    assert "Retry-After" not in client.send("GET", "/v1/apps").headers
    assert client.send("GET", "/v1/apps").headers["Retry-After"] == "7"


def test_a_dropped_connection_has_done_nothing_or_everything(client: Client) -> None:
    for kind, made in (("drop_before", 0), ("drop_after", 1), ("500_applied", 2), ("rubbish", 3)):
        _set(client, {"kind": kind, "method": "POST", "count": 1})
        url = f"{client.simulator.url}/v1/gameCenterGroups"
        body = {"data": {"type": "gameCenterGroups"}}
        if kind.startswith("drop"):
            with pytest.raises(requests.ConnectionError):
                client.session.post(url, json=body, timeout=5)
        else:
            assert client.session.post(url, json=body, timeout=5).status_code == {"rubbish": 200}.get(kind, 500)
        assert _groups(client) == made
    journal = client.simulator.requests()
    assert [(one["fault"], one["applied"], one["status"]) for one in journal] == [
        ("drop_before", False, -1),
        ("drop_after", True, -1),
        ("500_applied", True, 500),
        ("rubbish", True, -1),
    ]


def test_half_a_body_arrives_and_the_write_was_done(client: Client) -> None:
    _set(client, {"kind": "cut_body", "method": "POST"})
    url = f"{client.simulator.url}/v1/gameCenterGroups"
    with pytest.raises(requests.RequestException):
        client.session.post(url, json={"data": {"type": "gameCenterGroups"}}, timeout=5).json()
    assert _groups(client) == 1


def test_a_slow_answer_holds_up_nobody_else(client: Client) -> None:
    _set(client, {"kind": "slow", "ms": 400, "path": "Groups"})
    threads = [threading.Thread(target=_group, args=(Client(client.simulator),)) for _ in range(4)]
    started = time.monotonic()
    for one in threads:
        one.start()
    client.get("/v1/apps")
    assert time.monotonic() - started < 0.4
    for one in threads:
        one.join()
    assert 0.4 <= time.monotonic() - started < 1.5
    assert client.simulator.control("stats")["most_open"] >= 4


@pytest.mark.parametrize(("when", "held"), [("before", 0), ("after", 1)])
def test_a_held_request_waits_until_it_is_released(client: Client, when: str, held: int) -> None:
    _set(client, {"kind": "hold", "method": "POST", "when": when})
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(_group(Client(client.simulator)).status_code))
    thread.start()
    _wait_until_held(client)
    assert (_groups(client), answers) == (held, [])
    client.simulator.control("release", {})
    thread.join(5)
    assert (_groups(client), answers) == (1, [201])


def test_a_held_request_can_be_dropped(client: Client) -> None:
    _set(client, {"kind": "hold", "method": "POST"})
    failures: list[Exception] = []

    def ask() -> None:
        try:
            _group(Client(client.simulator))
        except requests.ConnectionError as error:
            failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    _wait_until_held(client)
    client.simulator.control("release", {"drop": True})
    thread.join(5)
    assert (len(failures), _groups(client)) == (1, 0)


def _wait_until_held(client: Client) -> None:
    deadline = time.monotonic() + 5
    while not any(one["held"] for one in client.simulator.requests()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_lists_lag_behind_writes_for_some_seconds(client: Client) -> None:
    client.simulator.control("clock", {"freeze": True})
    _set(client, {"kind": "lag", "seconds": 30})
    made = _group(client).json()["data"]["id"]
    client.patch("gameCenterGroups", made, {"referenceName": "Renamed"})
    assert client.get("/v1/gameCenterGroups")["data"] == []
    assert client.get(f"/v1/gameCenterGroups/{made}")["data"]["attributes"]["referenceName"] == "Renamed"
    client.simulator.control("clock", {"advance": 31})
    assert len(client.get("/v1/gameCenterGroups")["data"]) == 1
    client.send("DELETE", f"/v1/gameCenterGroups/{made}")
    assert client.get("/v1/gameCenterGroups")["data"][0]["attributes"]["referenceName"] == "Renamed"
    client.simulator.control("faults", {"clear": True})
    assert client.get("/v1/gameCenterGroups")["data"] == []


def test_related_lists_and_linkages_lag_too(client: Client) -> None:
    detail = client.detail_id()
    _set(client, {"kind": "lag", "seconds": 30})
    made = client.create(detail_id=detail).json()["data"]["id"]
    client.localize(client.version_id(client.achievements(detail)[0]["id"]))
    assert made not in [one["id"] for one in client.achievements(detail)]
    path = f"/v1/gameCenterDetails/{detail}/relationships/gameCenterAchievements"
    assert made not in [one["id"] for one in client.get(path)["data"]]
    shown = client.get(f"/v1/gameCenterDetails/{detail}/gameCenterAchievements?include=localizations")
    assert len(shown["data"][0]["relationships"]["localizations"]["data"]) == 2
    client.simulator.control("clock", {"advance": 31})
    assert made in [one["id"] for one in client.achievements(detail)]


def test_lists_lag_behind_writes_for_some_reads(client: Client) -> None:
    _set(client, {"kind": "lag", "reads": 2, "path": "Groups"})
    _group(client)
    assert [len(client.get("/v1/gameCenterGroups")["data"]) for _ in range(3)] == [0, 0, 1]


def test_which_requests_go_wrong_is_chosen_by_counting(client: Client) -> None:
    def pattern(length: int = 6, **fault: Any) -> str:
        _set(client, {"kind": "500", "path": r"^/v1/apps", **fault})
        return "".join("x" if client.send("GET", "/v1/apps").status_code == 500 else "." for _ in range(length))

    assert pattern(nth=2) == ".x...."
    assert pattern(nth=[1, 4]) == "x..x.."
    assert pattern(every=2) == ".x.x.x"
    assert pattern(every=2, after=1, count=2) == "..x.x."
    assert pattern(probability=0.5, seed=3) == pattern(probability=0.5, seed=3)
    assert pattern(path="Groups") == "......"
    assert pattern(method="POST,PATCH") == "......"


def test_the_first_try_of_every_request_can_go_wrong(client: Client) -> None:
    _set(client, {"kind": "500", "per": "request", "nth": 1, "method": "POST"})
    assert [_group(client, name).status_code for name in "aabba"] == [500, 201, 500, 201, 201]
    _set(client, {"kind": "500", "per": "route", "nth": 1})
    paths = ("/v1/apps", "/v1/gameCenterGroups", "/v1/apps")
    assert [client.send("GET", path).status_code for path in paths] == [500, 500, 200]


def test_a_fault_ends_by_itself_after_its_time(client: Client) -> None:
    _set(client, {"kind": "503", "for_seconds": 0.2})
    assert client.send("GET", "/v1/apps").status_code == 503
    time.sleep(0.25)
    assert client.send("GET", "/v1/apps").status_code == 200
    assert client.simulator.control("faults")["faults"][0]["hits"] == 1


def test_a_fault_that_makes_no_sense_is_refused(client: Client) -> None:
    for wrong in ({"kind": "flood"}, {"kind": "500", "colour": 1}, {"kind": "hold", "when": "never"}):
        with pytest.raises(ValueError, match=r"error"):
            client.simulator.control("faults", [wrong])


def test_uploads_go_wrong_too(client: Client) -> None:
    version = client.version_id(client.achievements()[0]["id"])
    image = client.reserve(client.localize(version).json()["data"]["id"]).json()["data"]
    _set(client, {"kind": "503", "path": "_uploads", "count": 1})
    assert [one.status_code for one in client.upload(image)] == [503]
    assert [one.status_code for one in client.upload(image)] == [200]


def test_a_fault_that_is_no_fault_of_the_request_still_counts_the_quota(client: Client) -> None:
    _set(client, {"kind": "429", "count": 1})
    refused = client.send("GET", "/v1/apps")
    assert codes(refused) == ["RATE_LIMIT_EXCEEDED"]
    assert "user-hour-rem:3599" in refused.headers["X-Rate-Limit"]
