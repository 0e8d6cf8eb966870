"""Who may ask: tokens, keys, roles, agreements."""

import time
from typing import Any

import jwt
import pytest
import requests

from achievements_admin.simulator.process import SimulatorProcess
from tests.simulator.conftest import Client, codes


def _status(simulator: SimulatorProcess, path: str = "/v1/apps", **claims: Any) -> int:
    headers = simulator.authorization(**claims)
    return requests.get(simulator.url + path, headers=headers, timeout=10).status_code


def test_a_token_of_a_known_key_is_accepted_and_none_is_not(simulator: SimulatorProcess) -> None:
    assert _status(simulator) == 200
    answer = requests.get(f"{simulator.url}/v1/apps", timeout=10)
    assert (answer.status_code, codes(answer)) == (401, ["NOT_AUTHORIZED"])


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": -1},
        {"exp": 1300},
        {"aud": "another"},
        {"iss": "another"},
        {"iat": 300},
        {"iat": None},
        {"exp": None},
        {"iss": None, "sub": "somebody"},
        {"sub": "user"},
    ],
    ids=lambda claims: ",".join(claims),
)
def test_a_token_with_wrong_claims_is_refused(simulator: SimulatorProcess, claims: dict[str, Any]) -> None:
    """Times are seconds from now, when the test runs and not when it was collected."""
    now = int(time.time())
    at = {name: now + value if isinstance(value, int) else value for name, value in claims.items()}
    assert _status(simulator, **at) == 401


def test_an_individual_key_has_a_subject_instead_of_an_issuer(simulator: SimulatorProcess) -> None:
    simulator.control("keys", {"individual": True})
    assert _status(simulator, iss=None, sub="user") == 200
    assert _status(simulator) == 401


def test_a_token_that_another_key_signed_is_refused(simulator: SimulatorProcess) -> None:
    mine, theirs = simulator.keys
    now = int(time.time())
    payload = {"iss": mine.issuer_id, "iat": now, "exp": now + 60, "aud": "appstoreconnect-v1"}
    forged = jwt.encode(payload, theirs.private_key_path.read_bytes(), algorithm="ES256", headers={"kid": mine.key_id})
    headers = {"Authorization": f"Bearer {forged}"}
    assert requests.get(f"{simulator.url}/v1/apps", headers=headers, timeout=10).status_code == 401


def test_a_token_with_another_algorithm_is_refused(simulator: SimulatorProcess) -> None:
    now = int(time.time())
    payload = {"iss": simulator.keys[0].issuer_id, "iat": now, "exp": now + 60, "aud": "appstoreconnect-v1"}
    for secret, algorithm in (("a secret that is long enough for this", "HS256"), ("", "none")):
        forged = jwt.encode(payload, secret, algorithm=algorithm, headers={"kid": simulator.keys[0].key_id})
        headers = {"Authorization": f"Bearer {forged}"}
        assert requests.get(f"{simulator.url}/v1/apps", headers=headers, timeout=10).status_code == 401


def test_a_scoped_token_reads_what_is_in_scope_and_writes_nothing(simulator: SimulatorProcess) -> None:
    scope = ["GET /v1/apps?include=gameCenterDetail"]
    assert _status(simulator, "/v1/apps?include=gameCenterDetail&limit=5", scope=scope) == 200
    assert _status(simulator, "/v1/apps", scope=scope) == 403
    headers = simulator.authorization(scope=["POST /v1/gameCenterGroups"])
    body = {"data": {"type": "gameCenterGroups"}}
    assert (
        requests.post(f"{simulator.url}/v1/gameCenterGroups", json=body, headers=headers, timeout=10).status_code == 403
    )


def test_a_role_that_may_not_write_reads_only(client: Client) -> None:
    client.simulator.control("keys", {"role": "CUSTOMER_SUPPORT"})
    client.get("/v1/apps")
    refused = client.post("gameCenterGroups", {"referenceName": "Series"})
    assert (refused.status_code, codes(refused)) == (403, ["FORBIDDEN_ERROR"])


def test_an_agreement_that_has_expired_stops_everything(client: Client) -> None:
    client.simulator.control("keys", {"agreement": False})
    refused = client.send("GET", "/v1/apps")
    assert codes(refused) == ["FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED"]


def test_a_revoked_key_is_refused_in_the_middle_of_its_token(client: Client) -> None:
    client.get("/v1/apps")
    client.simulator.control("keys", {"key": client.simulator.keys[0].key_id, "revoked": True})
    assert client.send("GET", "/v1/apps").status_code == 401


def test_a_team_sees_only_what_is_its_own(client: Client) -> None:
    other = Client(client.simulator, team=2)
    assert [one["attributes"]["name"] for one in other.get("/v1/apps")["data"]] == ["Foreign Game"]
    mine = client.achievements()[0]["id"]
    other.get(f"/v2/gameCenterAchievements/{mine}", 404)
    assert other.create(detail_id=client.detail_id()).status_code == 409
    assert other.send("DELETE", f"/v2/gameCenterAchievements/{mine}").status_code == 404
