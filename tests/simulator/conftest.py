"""One simulator for all its tests, put back entirely before each; a client whose traffic Apple's document judges."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from achievements_admin.simulator.pictures import plain_png
from achievements_admin.simulator.process import SimulatorProcess
from achievements_admin.simulator.seeds import Seed
from tests import openapi

PNG = plain_png(512)


@pytest.fixture(scope="session")
def process() -> Iterator[SimulatorProcess]:
    """The process, empty."""
    with SimulatorProcess(seed="empty") as running:
        yield running


@pytest.fixture
def simulator(process: SimulatorProcess) -> SimulatorProcess:
    """The process as it was when it began, with a game of five drafts in two languages and an empty game."""
    seed = Seed()
    seed.game("Lantern Keep", achievements=5, locales=2)
    seed.game("Empty Game")
    seed.team("Other Studio")
    seed.game("Foreign Game", achievements=1)
    process.reset(seed, entirely=True)
    return process


class Client:
    """Plain requests; every answer, and every request that was accepted, is checked against Apple's document."""

    def __init__(self, simulator: SimulatorProcess, team: int = 1) -> None:
        self.simulator = simulator
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update(simulator.authorization(team))

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        """Send to a path, or to a whole address."""
        url = path if path.startswith("http") else self.simulator.url + path
        path = url.removeprefix(self.simulator.url)
        response = self.session.request(method, url, json=body, timeout=20, **options)
        if openapi.available() and path.startswith("/v") and response.status_code != 406:
            content = response.json() if response.content else None
            openapi.check_response(method, path, response.status_code, content)
            if response.status_code < 300:
                openapi.check_request(method, path, None, body)
        return response

    def get(self, path: str, status: int = 200) -> Any:
        """The document of a GET."""
        response = self.send("GET", path)
        assert response.status_code == status, response.text
        return response.json()

    def post(self, kind: str, attributes: Any = None, links: Any = None, *, version: str = "v1", **more: Any) -> Any:
        """Create something; returns the response."""
        resource: dict[str, Any] = {"type": kind}
        if attributes is not None:
            resource["attributes"] = attributes
        if links is not None:
            resource["relationships"] = {
                name: {"data": {"type": target, "id": identifier}} for name, (target, identifier) in links.items()
            }
        return self.send("POST", f"/{version}/{kind}", {"data": resource, **more})

    def patch(
        self, kind: str, identifier: str, attributes: Any = None, links: Any = None, *, version: str = "v1"
    ) -> Any:
        """Change something; returns the response."""
        resource: dict[str, Any] = {"type": kind, "id": identifier}
        if attributes is not None:
            resource["attributes"] = attributes
        if links is not None:
            resource["relationships"] = {
                name: {"data": {"type": target, "id": one}} for name, (target, one) in links.items()
            }
        return self.send("PATCH", f"/{version}/{kind}/{identifier}", {"data": resource})

    # What most tests begin with

    def detail_id(self, name: str = "Lantern Keep") -> str:
        """Game Center of a game."""
        apps = self.get("/v1/apps?include=gameCenterDetail")["data"]
        found = next(one for one in apps if one["attributes"]["name"] == name)
        identifier: str = found["relationships"]["gameCenterDetail"]["data"]["id"]
        return identifier

    def app_id(self, name: str = "Lantern Keep") -> str:
        """A game."""
        apps = self.get("/v1/apps")["data"]
        identifier: str = next(one["id"] for one in apps if one["attributes"]["name"] == name)
        return identifier

    def achievements(self, detail_id: str = "") -> list[Any]:
        """The achievements of a game, as the second generation shows them."""
        found: list[Any] = self.get(
            f"/v1/gameCenterDetails/{detail_id or self.detail_id()}/gameCenterAchievementsV2?limit=200"
        )["data"]
        return found

    def version_id(self, achievement_id: str) -> str:
        """The newest version."""
        versions = self.get(f"/v2/gameCenterAchievements/{achievement_id}/versions")["data"]
        identifier: str = max(versions, key=lambda one: one["attributes"]["version"])["id"]
        return identifier

    def localizations(self, version_id: str) -> list[Any]:
        """The texts of a version."""
        found: list[Any] = self.get(f"/v2/gameCenterAchievementVersions/{version_id}/localizations?include=image")[
            "data"
        ]
        return found

    def create(self, identifier: str = "new_one", *, detail_id: str = "", group_id: str = "", **values: Any) -> Any:
        """POST of the second generation; returns the response."""
        owner = {"gameCenterDetail": {"data": {"type": "gameCenterDetails", "id": detail_id or self.detail_id()}}}
        if group_id:
            owner = {"gameCenterGroup": {"data": {"type": "gameCenterGroups", "id": group_id}}}
        version = {"type": "gameCenterAchievementVersions", "id": "${v1}"}
        body = {
            "data": {
                "type": "gameCenterAchievements",
                "attributes": {**ACHIEVEMENT, "vendorIdentifier": identifier, **values},
                "relationships": {**owner, "versions": {"data": [version]}},
            },
            "included": [version],
        }
        return self.send("POST", "/v2/gameCenterAchievements", body)

    def localize(self, version_id: str, locale: str = "fr-FR", **values: Any) -> Any:
        """A text in the second generation; returns the response."""
        links = {"version": ("gameCenterAchievementVersions", version_id)}
        return self.post(
            "gameCenterAchievementLocalizations", {**TEXTS, "locale": locale, **values}, links, version="v2"
        )

    def reserve(self, localization_id: str, *, size: int = len(PNG), name: str = "a.png", version: str = "v2") -> Any:
        """A reservation for an image; returns the response."""
        parent = "localization" if version == "v2" else "gameCenterAchievementLocalization"
        links = {parent: ("gameCenterAchievementLocalizations", localization_id)}
        return self.post("gameCenterAchievementImages", {"fileSize": size, "fileName": name}, links, version=version)

    def upload(self, image: Any, content: bytes = PNG, **options: Any) -> list[requests.Response]:
        """Send all parts as told."""
        answers = []
        for one in image["attributes"]["uploadOperations"]:
            headers = {header["name"]: header["value"] for header in one["requestHeaders"]}
            part = content[one["offset"] : one["offset"] + one["length"]]
            options.setdefault("headers", headers)
            answers.append(requests.request(one["method"], one["url"], data=part, timeout=20, **options))
        return answers

    def add_image(self, localization_id: str, content: bytes = PNG, *, version: str = "v2", name: str = "a.png") -> str:
        """Reserve, upload and commit; returns the identifier."""
        image = self.reserve(localization_id, size=len(content), name=name, version=version).json()["data"]
        assert [one.status_code for one in self.upload(image, content)] == [200]
        committed = self.patch("gameCenterAchievementImages", image["id"], {"uploaded": True}, version=version)
        assert committed.status_code == 200, committed.text
        identifier: str = image["id"]
        return identifier


TEXTS = {"name": "Premier pas", "beforeEarnedDescription": "Faites un pas.", "afterEarnedDescription": "Voilà."}
ACHIEVEMENT = {
    "referenceName": "First Win",
    "vendorIdentifier": "first_win",
    "points": 10,
    "showBeforeEarned": True,
    "repeatable": False,
}


@pytest.fixture
def client(simulator: SimulatorProcess) -> Client:
    """A client of the first team."""
    return Client(simulator)


def codes(response: requests.Response) -> list[str]:
    """The codes of an error document."""
    return [one["code"] for one in json.loads(response.content)["errors"]]
