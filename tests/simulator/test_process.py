"""The process: flags, signals, a taken port, a state file, the control plane."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from achievements_admin.simulator import demo
from achievements_admin.simulator.process import SimulatorProcess
from achievements_admin.simulator.seeds import Seed
from tests.simulator.conftest import Client

ROOT = Path(__file__).resolve().parents[2]


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "achievements_admin.simulator", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=20, check=False)


def test_a_taken_port_is_one_sentence_and_exit_code_two(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = _run("--port", str(port), "--keys-folder", str(tmp_path), "--seed", "empty")
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert f"port {port} is taken" in ended.stderr


@pytest.mark.parametrize(
    "flags",
    [["--rules", "colour=red"], ["--seed", "nowhere.json"], ["--faults", "nowhere.json"], ["--key", "K:nowhere.pem"]],
    ids=lambda flags: flags[0],
)
def test_flags_that_make_no_sense_are_one_sentence(tmp_path: Path, flags: list[str]) -> None:
    ended = _run("--port", "0", "--keys-folder", str(tmp_path), *flags)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly(number: signal.Signals) -> None:
    with SimulatorProcess(seed="empty") as running:
        requests.get(f"{running.url}/v1/apps", headers=running.authorization(), timeout=10)
        os.kill(running.pid, number)
        assert running.stop() == 0


def test_a_given_key_sees_the_demo_studio_and_may_name_any_issuer(tmp_path: Path) -> None:
    with SimulatorProcess(seed="empty", keys_folder=tmp_path) as made:
        key = made.keys[0]
    running = SimulatorProcess(seed="demo", keys_folder=tmp_path)
    running.arguments += ["--key", f"{key.key_id}:{key.public_key_path}"]
    with running:
        answer = requests.get(f"{running.url}/v1/apps", headers=running.authorization(iss="any-issuer"), timeout=10)
        assert "Lantern Keep" in answer.text
        second = requests.get(f"{running.url}/v1/apps", headers=running.authorization(team=2), timeout=10)
        assert second.status_code == 401


def test_what_was_written_outlives_the_process_in_a_state_file(tmp_path: Path) -> None:
    seed = Seed()
    seed.game("Lantern Keep", achievements=3, locales=1)
    path, keys = tmp_path / "state.json", tmp_path / "keys"
    with SimulatorProcess(seed=seed, state=path, keys_folder=keys, rules={"image_processing_seconds": 0}) as first:
        client = Client(first)
        version = client.version_id(client.create(activityProperties={"level": "1"}).json()["data"]["id"])
        client.add_image(client.localize(version).json()["data"]["id"])
        order = [{"type": one["type"], "id": one["id"]} for one in reversed(client.achievements())]
        client.send(
            "PATCH", f"/v1/gameCenterDetails/{client.detail_id()}/relationships/gameCenterAchievements", {"data": order}
        )
        before = first.control("state?contents=true")
        deadline = time.monotonic() + 5
        while not path.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
    with SimulatorProcess(seed=seed, state=path, keys_folder=keys) as second:
        after = second.control("state?contents=true")
        assert {**after, "now": 0} == {**before, "now": 0}
        assert Client(second).create().status_code == 409
    json.loads(path.read_text())


def test_a_killed_simulator_starts_again_at_the_same_address() -> None:
    with SimulatorProcess(seed="empty") as running:
        url = running.url
        running.kill()
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{url}/v1/apps", timeout=5)
        running.start()
        assert running.url == url
        assert requests.get(f"{url}/v1/apps", headers=running.authorization(), timeout=5).status_code == 200


def test_a_body_without_a_length_is_refused(client: Client) -> None:
    url = f"{client.simulator.url}/v1/gameCenterGroups"
    assert client.session.post(url, data=iter([b"{}"]), timeout=5).status_code == 411


def test_the_demo_keys_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    keys = demo.ensure_keys(tmp_path / "keys")
    assert [one.team_name for one in keys] == ["Northlight Studio", "Northlight Labs"]
    contents = [one.private_key_path.read_bytes() for one in keys]
    assert contents[0].startswith(b"-----BEGIN PRIVATE KEY-----")
    for one in keys:
        for path in (one.private_key_path, one.public_key_path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.private_key_path.read_bytes() for one in demo.ensure_keys(tmp_path / "keys")] == contents


def test_the_store_can_be_changed_behind_the_clients_back(client: Client) -> None:
    first = client.achievements()[0]["id"]
    change = {"type": "gameCenterAchievements", "id": first, "set": {"points": 77, "referenceName": "Theirs"}}
    assert client.simulator.control("change", change)["changed"]["points"] == 77
    attributes = client.get(f"/v2/gameCenterAchievements/{first}")["data"]["attributes"]
    assert (attributes["points"], attributes["referenceName"]) == (77, "Theirs")
    client.simulator.control("change", {"type": "gameCenterAchievements", "id": first, "delete": True})
    client.get(f"/v2/gameCenterAchievements/{first}", 404)
    for wrong in ({"type": "cars", "id": "1", "set": {}}, {**change, "set": {"colour": 1}}):
        with pytest.raises(ValueError, match="error"):
            client.simulator.control("change", wrong)


def test_the_journal_tells_reads_from_writes_that_were_applied(client: Client) -> None:
    detail = client.detail_id()
    since = client.simulator.control("requests")["last"]
    client.create(detail_id=detail)
    client.create(detail_id=detail)
    client.get("/v1/apps?limit=5")
    journal = client.simulator.requests(since)
    assert [(one["method"], one["status"], one["applied"]) for one in journal] == [
        ("POST", 201, True),
        ("POST", 409, False),
        ("GET", 200, False),
    ]
    assert journal[0]["body"]["data"]["attributes"]["vendorIdentifier"] == "new_one"
    assert journal[2]["path"] == "/v1/apps?limit=5"
    assert journal[0]["key_id"] == client.simulator.keys[0].key_id


def test_latency_overlaps(client: Client) -> None:
    client.simulator.control("latency", {"ms": 300})
    clients = [Client(client.simulator) for _ in range(8)]
    threads = [threading.Thread(target=one.get, args=("/v1/apps",)) for one in clients]
    started = time.monotonic()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert 0.3 <= time.monotonic() - started < 1.2


def test_an_unknown_control_request_lists_what_there_is(client: Client) -> None:
    with pytest.raises(ValueError, match="POST /_simulator/faults"):
        client.simulator.control("nowhere")


def test_rules_from_the_command_line_are_typed() -> None:
    rules = {"points_min": 1, "v2_refused": True, "image_sizes": (512,), "retry_after": "yes", "review_seconds": 1.5}
    with SimulatorProcess(seed="big:3:2", rules=rules) as running:
        found = running.control("rules")
        assert (found["points_min"], found["v2_refused"], found["image_sizes"]) == (1, True, [512])
        assert (found["retry_after"], found["review_seconds"]) == (True, 1.5)
        assert len(running.state()["gameCenterAchievementLocalizations"]) == 6
