"""A small studio at Apple (the simulator) with its team connected here: what tests of the services stand on."""

import time
from collections.abc import Callable
from typing import Any

import requests

from achievements_admin.domain.changes import ATTRIBUTES
from achievements_admin.models import Achievement, App, Team, Version
from achievements_admin.services import catalog, mirror, teams
from achievements_admin.services.audit import By
from achievements_admin.simulator.process import SimulatorProcess
from tests import openapi

LOCALES = ("en-US", "de-DE", "ja")


def seed(achievements: int = 6, locales: tuple[str, ...] = LOCALES) -> dict[str, Any]:
    """One team: a game with drafts and live achievements, one without Game Center, one in a group."""

    def achievement(number: int, state: str, prefix: str = "a") -> dict[str, Any]:
        texts = [
            {
                "locale": locale,
                "name": f"Name {number}",
                "before_earned_description": "Before",
                "after_earned_description": "After",
                "image": True,
            }
            for locale in locales
        ]
        return {
            "reference_name": f"Achievement {number}",
            "vendor_identifier": f"{prefix}{number}",
            "points": 5,
            "versions": [{"state": state, "localizations": texts}],
        } | ({"release": "live"} if state == "LIVE" else {})

    half = achievements // 2
    drafts = [achievement(number, "PREPARE_FOR_SUBMISSION") for number in range(half)]
    live = [achievement(number, "LIVE") for number in range(half, achievements)]
    return {
        "teams": [
            {
                "name": "Northlight Studio",
                "groups": [{"reference_name": "Lantern", "achievements": [achievement(1, "LIVE", "grp.g")]}],
                "apps": [
                    {"id": "1000000001", "name": "Lantern Keep", "achievements": drafts + live},
                    {"id": "1000000002", "name": "No Center", "game_center": False},
                    {"id": "1000000003", "name": "Embers", "group": "Lantern"},
                ],
            }
        ]
    }


def seed_of_two_games() -> dict[str, Any]:
    """The small studio with a second game that has drafts with the same texts."""
    document = seed()
    apps = document["teams"][0]["apps"]
    apps.append(apps[0] | {"id": "1000000004", "name": "Lantern Keep II", "achievements": apps[0]["achievements"][:3]})
    return document


ATTRIBUTES_OF_A_NEW_ONE: dict[str, Any] = {
    "reference_name": "Somebody's",
    "vendor_identifier": "theirs",
    "points": 3,
    "show_before_earned": True,
    "repeatable": False,
}


class Studio:
    """The simulator, and the team that is connected to it."""

    def __init__(self, simulator: SimulatorProcess, document: dict[str, Any] | None = None) -> None:
        self.simulator = simulator
        self.simulator.control("keys", {"revoked": False, "role": "ADMIN", "agreement": True})
        self.simulator.control("rules", {"new_version_copies_localizations": True, "creation_names_version": True})
        self.simulator.reset(document or seed())
        self.team = self.connect()
        self._since = 0

    def connect(self, **given: Any) -> Team:
        """Connect the team with the demo's first key."""
        key = self.simulator.keys[0]
        given = {"key_id": key.key_id, "issuer_id": key.issuer_id, "name": key.team_name} | given
        return teams.connect(private_key=key.private_key_path.read_text(), by=By(), **given)

    def game(self, *, generation: str = "auto", apple_id: str = "1000000001") -> App:
        """A game, read into the mirror."""
        mirror.sync_team(self.team, app_id=apple_id)
        if generation != "auto":
            # Versions have other identifiers in the other generation.
            App.objects.filter(apple_id=apple_id).update(generation=generation)
            Version.objects.filter(achievement__app__apple_id=apple_id).delete()
            mirror.sync_team(self.team, app_id=apple_id)
        return App.objects.select_related("team", "group").get(apple_id=apple_id)

    def game_without_game_center(self) -> App:
        """The game whose Game Center is off."""
        return self.game(apple_id="1000000002")

    def live_achievement(self, game: App) -> Achievement:
        """An achievement that players have."""
        return catalog.achievement(game, game.achievements.filter(has_been_live=True).earliest("position").apple_id)

    # --- Apple's side ---

    def at_apple(self, apple_id: str) -> dict[str, Any] | None:
        """Attributes of an achievement as Apple answers them."""
        address = f"{self.simulator.url}/v1/gameCenterAchievements/{apple_id}"
        response = requests.get(address, headers=self.simulator.authorization(), timeout=10)
        return response.json()["data"]["attributes"] if response.status_code == 200 else None

    def named(self, vendor_identifier: str) -> int:
        """How many achievements at Apple have this identifier."""
        rows = self.simulator.state()["gameCenterAchievements"]
        return sum(row["vendor_identifier"] == vendor_identifier for row in values(rows))

    def change_at_apple(self, apple_id: str, **attributes: Any) -> None:
        """Somebody else changes an achievement."""
        self.simulator.control("change", {"type": "gameCenterAchievements", "id": apple_id, "set": attributes})

    def remove_at_apple(self, apple_id: str, type_: str = "gameCenterAchievements") -> None:
        """Somebody else deletes something."""
        self.simulator.control("change", {"type": type_, "id": apple_id, "delete": True})

    def create_at_apple(self, game: App, **wanted: Any) -> None:
        """Somebody else creates an achievement."""
        names = {name: name.split("_")[0] + "".join(p.title() for p in name.split("_")[1:]) for name in ATTRIBUTES}
        attributes = {names[name]: value for name, value in wanted.items()}
        relation = {"gameCenterDetail": {"data": {"type": "gameCenterDetails", "id": game.detail_id}}}
        body = {"data": {"type": "gameCenterAchievements", "attributes": attributes, "relationships": relation}}
        address = f"{self.simulator.url}/v1/gameCenterAchievements"
        response = requests.post(address, json=body, headers=self.simulator.authorization(), timeout=10)
        assert response.status_code == 201, response.text

    def open_version_at_apple(self, achievement_id: str) -> None:
        """Somebody else opens a new version."""
        relation = {"achievement": {"data": {"type": "gameCenterAchievements", "id": achievement_id}}}
        body = {"data": {"type": "gameCenterAchievementVersions", "relationships": relation}}
        address = f"{self.simulator.url}/v2/gameCenterAchievementVersions"
        response = requests.post(address, json=body, headers=self.simulator.authorization(), timeout=10)
        assert response.status_code == 201, response.text

    def fault(self, **rule: Any) -> None:
        """Something goes wrong from now on."""
        self.simulator.control("faults", {"add": rule})

    def key(self, **given: Any) -> None:
        """Revoke the keys, give them another role, end the agreement."""
        self.simulator.control("keys", given)

    # --- what was asked ---

    def forget_requests(self) -> None:
        """Begin to count here."""
        self._since = self.simulator.control("requests?limit=0")["last"]

    def requests(self) -> list[dict[str, Any]]:
        """The requests since `forget_requests`."""
        return self.simulator.requests(self._since)

    def writes(self) -> list[dict[str, Any]]:
        """Those of them that change something."""
        return [sent for sent in self.requests() if sent["method"] != "GET"]

    def judge(self) -> None:
        """Hold every request of this test against Apple's document, where that is at hand; CI has it."""
        if openapi.available():
            for sent in self.simulator.requests():
                if sent["body"] is None and sent["method"] in {"POST", "PATCH"}:
                    continue  # the worker was killed before its request was whole
                openapi.check_request(sent["method"], sent["path"], None, sent["body"])

    def is_busy(self) -> bool:
        """Whether a request is on its way."""
        return bool(self.simulator.control("stats")["open"])

    def wait_for(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not come to pass"
            time.sleep(0.02)


def values(rows: Any) -> list[dict[str, Any]]:
    """Rows of a state, whether by identifier or in a list."""
    return list(rows.values()) if isinstance(rows, dict) else list(rows)
