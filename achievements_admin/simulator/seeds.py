"""What the store begins with: a JSON document of teams, games, groups and achievements, and a builder for such.

The form (all but names may be left out):

    {"teams": [{"name": "Studio", "groups": [GROUP], "apps": [APP]}]}
    GROUP        {"reference_name": "Series", "achievements": [ACHIEVEMENT]}
    APP          {"id": "1000000001", "name", "bundle_id", "sku", "primary_locale", "game_center": true,
                  "group": "Series", "achievements": [ACHIEVEMENT], "submissions": [SUBMISSION],
                  "versions": [{"version_string", "state", "release_type", "platform", "game_center": true}]}
    ACHIEVEMENT  {"reference_name", "vendor_identifier", "points", "show_before_earned", "repeatable", "archived",
                  "versions": [{"state", "localizations": [LOCALIZATION]}], "release": "live" | "waiting",
                  "group_achievement": "grp.id"}
    LOCALIZATION {"locale", "name", "before_earned_description", "after_earned_description", "image": IMAGE}
    IMAGE        true | false | {"file_name", "art", "state", "errors": [["CODE", "text"]]}
    SUBMISSION   {"platform", "state", "submitted_date", "items": [{"achievement": "vendor id", "version": 1, "state"} |
                  {"app_version": "1.0", "state"}]}
"""

from dataclasses import dataclass, field
from typing import Any

from .artwork import FILE_BYTES, SIZE
from .records import (
    Achievement,
    App,
    AppStoreVersion,
    Detail,
    GameCenterAppVersion,
    Group,
    Image,
    Item,
    Localization,
    Release,
    Submission,
    Version,
)
from .store import Store

Json = dict[str, Any]
LOCALES = (
    "en-US de-DE fr-FR es-ES it ja ko zh-Hans pt-BR nl-NL ar-SA tr sv da fi no pl cs hu ro el ru uk he th vi id ms hi "
    "zh-Hant pt-PT en-GB en-AU en-CA fr-CA es-MX ca hr sk bn-BD gu-IN kn-IN ml-IN mr-IN or-IN pa-IN sl-SI ta-IN te-IN "
    "ur-PK"
).split()


def load(store: Store, document: Json) -> None:
    """Put a seed into an empty store. Identifiers depend on the document alone, so that they are the same each time."""
    for number, team in enumerate(document.get("teams", []), start=1):
        _Loader(store, team_id(number)).team(team)


def team_id(number: int) -> str:
    """The identifier of the first team is `team-1`."""
    return f"team-{number}"


@dataclass(slots=True)
class _Loader:
    store: Store
    team_id: str
    groups: dict[str, Group] = field(default_factory=dict)
    by_identifier: dict[str, Achievement] = field(default_factory=dict)

    def team(self, team: Json) -> None:
        self.store.teams[self.team_id] = team.get("name", self.team_id)
        for group in team.get("groups", []):
            name = group["reference_name"]
            made = Group(id=self._id("group", name), team=self.team_id, reference_name=name)
            self.groups[name] = self.store.put(made)
            for achievement in group.get("achievements", []):
                self._achievement(achievement, owner=made.id, group_id=made.id)
        for number, app in enumerate(team.get("apps", []), start=1):
            self._app(app, number)

    def _id(self, *parts: str) -> str:
        return self.store.fixed_id(self.team_id, *parts)

    def _app(self, app: Json, number: int) -> None:
        identifier = app.get("id") or str(1_000_000_000 + number + 1000 * int(self.team_id.rpartition("-")[2]))
        name = app.get("name", f"Game {number}")
        slug = "".join(letter for letter in name.lower() if letter.isalnum())
        bundle_id = app.get("bundle_id", f"com.example.{slug}")
        self.store.put(
            App(
                id=identifier,
                team=self.team_id,
                name=name,
                bundle_id=bundle_id,
                sku=app.get("sku", slug.upper()),
                primary_locale=app.get("primary_locale", "en-US"),
            )
        )
        has_game_center = app.get("game_center", True)
        for version in app.get("versions", [{"version_string": "1.0", "state": "READY_FOR_DISTRIBUTION"}]):
            self._app_version(identifier, version, has_game_center=has_game_center)
        if not has_game_center:
            return
        group = self.groups.get(app.get("group") or "")
        detail = self.store.put(
            Detail(
                id=self._id("detail", identifier),
                team=self.team_id,
                app_id=identifier,
                group_id=group.id if group else None,
            )
        )
        for achievement in app.get("achievements", []):
            self._achievement(achievement, owner=detail.id, detail_id=detail.id)
        for place, submission in enumerate(app.get("submissions", [])):
            self._submission(identifier, submission, place)

    def _app_version(self, app_id: str, version: Json, *, has_game_center: bool) -> None:
        text = version.get("version_string", "1.0")
        platform = version.get("platform", "IOS")
        made = self.store.put(
            AppStoreVersion(
                id=version.get("id") or self._id("app version", app_id, platform, text),
                team=self.team_id,
                app_id=app_id,
                version_string=text,
                platform=platform,
                state=version.get("state", "PREPARE_FOR_SUBMISSION"),
                release_type=version.get("release_type", "AFTER_APPROVAL"),
            )
        )
        if has_game_center and version.get("game_center", True):
            self.store.put(
                GameCenterAppVersion(
                    id=self._id("game center version", app_id, platform, text),
                    team=self.team_id,
                    app_store_version_id=made.id,
                    app_id=app_id,
                )
            )

    def _achievement(
        self, given: Json, *, owner: str, detail_id: str | None = None, group_id: str | None = None
    ) -> None:
        identifier = given["vendor_identifier"]
        mapped = self.by_identifier.get(given.get("group_achievement", ""))
        made = self.store.put(
            Achievement(
                id=self._id("achievement", owner, identifier),
                team=self.team_id,
                detail_id=detail_id,
                group_id=group_id,
                reference_name=given.get("reference_name") or identifier,
                vendor_identifier=identifier,
                points=given.get("points", 5),
                show_before_earned=given.get("show_before_earned", True),
                repeatable=given.get("repeatable", False),
                archived=given.get("archived", False),
                group_achievement_id=mapped.id if mapped else None,
            )
        )
        self.by_identifier[identifier] = made
        self.store.used_identifiers.add((owner, identifier))
        for number, version in enumerate(given.get("versions", [{}]), start=1):
            self._version(made, version, number)
        if given.get("release") and detail_id:
            self.store.put(
                Release(
                    id=self._id("release", owner, identifier),
                    team=self.team_id,
                    detail_id=detail_id,
                    achievement_id=made.id,
                    live=given["release"] == "live",
                )
            )

    def _version(self, achievement: Achievement, version: Json, number: int) -> None:
        made = self.store.put(
            Version(
                id=self._id("version", achievement.id, str(number)),
                team=self.team_id,
                achievement_id=achievement.id,
                number=number,
                state=version.get("state", "PREPARE_FOR_SUBMISSION"),
            )
        )
        for text in version.get("localizations", []):
            localization = self.store.put(
                Localization(
                    id=self._id("localization", made.id, text["locale"]),
                    team=self.team_id,
                    version_id=made.id,
                    locale=text["locale"],
                    name=text.get("name", achievement.reference_name[:30]),
                    before_earned_description=text.get("before_earned_description", "Keep going."),
                    after_earned_description=text.get("after_earned_description", "Well done."),
                )
            )
            if text.get("image"):
                self._image(localization, achievement, text["image"])

    def _image(self, localization: Localization, achievement: Achievement, given: Any) -> None:
        given = given if isinstance(given, dict) else {}
        art = given.get("art", achievement.vendor_identifier)
        state = given.get("state", "COMPLETE")
        self.store.put(
            Image(
                id=self._id("image", localization.id),
                team=self.team_id,
                localization_id=localization.id,
                file_name=given.get("file_name", f"{achievement.vendor_identifier}.png"),
                file_size=given.get("file_size", FILE_BYTES),
                state=state,
                errors=tuple((code, text) for code, text in given.get("errors", [])),
                width=SIZE if state == "COMPLETE" else 0,
                height=SIZE if state == "COMPLETE" else 0,
                content=f"art:{art}",
            )
        )

    def _submission(self, app_id: str, given: Json, place: int) -> None:
        made = self.store.put(
            Submission(
                id=self._id("submission", app_id, str(place)),
                team=self.team_id,
                app_id=app_id,
                platform=given.get("platform", "IOS"),
                state=given.get("state", "READY_FOR_REVIEW"),
                submitted_date=given.get("submitted_date"),
            )
        )
        for item in given.get("items", []):
            target, target_id = self._target(app_id, made, item)
            self.store.put(
                Item(
                    id=self._id("item", made.id, target_id),
                    team=self.team_id,
                    submission_id=made.id,
                    target=target,
                    target_id=target_id,
                    state=item.get("state", "READY_FOR_REVIEW"),
                )
            )

    def _target(self, app_id: str, submission: Submission, item: Json) -> tuple[str, str]:
        if "app_version" in item:
            for version in self.store.app_store_versions(app_id):
                if version.version_string == item["app_version"] and version.platform == submission.platform:
                    return "appStoreVersion", version.id
            raise ValueError(f"there is no version {item['app_version']} of {app_id}")
        achievement = self.by_identifier[item["achievement"]]
        versions = self.store.tables.versions(achievement.id)
        return "gameCenterAchievementVersion", versions[item.get("version", len(versions)) - 1].id


@dataclass(slots=True)
class Seed:
    """Builds a seed: `Seed().game(achievements=100, locales=10, images=True)`."""

    teams: list[Json] = field(default_factory=list)

    def team(self, name: str = "Studio") -> Json:
        """Another team; games and groups go to the latest."""
        team: Json = {"name": name, "apps": [], "groups": []}
        self.teams.append(team)
        return team

    def group(self, reference_name: str, *, achievements: int = 0, **of_each: Any) -> Json:
        """A group with `grp.` achievements; `of_each` as for `achievement`."""
        made = [
            achievement(n, vendor_identifier=f"grp.achievement_{n:03}", **of_each) for n in range(1, achievements + 1)
        ]
        group: Json = {"reference_name": reference_name, "achievements": made}
        self._latest()["groups"].append(group)
        return group

    def game(self, name: str = "", *, achievements: int = 0, of_each: Json | None = None, **values: Any) -> Json:
        """A game; what is not about games (`locales`, `images`, `state`, `points`) goes to each achievement."""
        each: Json = {
            key: values.pop(key) for key in ("locales", "images", "state", "points", "release") if key in values
        }
        each.update(of_each or {})
        apps = self._latest()["apps"]
        number = len(apps) + 1
        made = [achievement(n, **each) for n in range(1, achievements + 1)]
        game = {
            "id": str(1_000_000_000 + 1000 * len(self.teams) + number),
            "name": name or f"Game {number}",
            "achievements": made,
            **values,
        }
        apps.append(game)
        return game

    def _latest(self) -> Json:
        return self.teams[-1] if self.teams else self.team()

    def document(self) -> Json:
        """The seed as JSON."""
        return {"teams": self.teams}


def achievement(
    number: int,
    *,
    vendor_identifier: str = "",
    locales: int | list[str] = 1,
    images: bool = True,
    state: str = "PREPARE_FOR_SUBMISSION",
    points: int = 5,
    **values: Any,
) -> Json:
    """One achievement with one version in as many languages, for a seed."""
    identifier = vendor_identifier or f"achievement_{number:03}"
    codes = LOCALES[:locales] if isinstance(locales, int) else locales
    texts = [
        {
            "locale": code,
            "name": f"Achievement {number} {code}",
            "before_earned_description": f"Reach step {number} ({code}).",
            "after_earned_description": f"You reached step {number} ({code}).",
            "image": images,
        }
        for code in codes
    ]
    return {
        "reference_name": f"Achievement {number}",
        "vendor_identifier": identifier,
        "points": points,
        "versions": [{"state": state, "localizations": texts}],
        **values,
    }


def big(achievements: int, locales: int) -> Json:
    """For benchmarks: one team, one game of live achievements with images, and one empty game."""
    seed = Seed()
    points = min(10, 1000 // max(1, achievements))
    seed.game("Big Game", achievements=achievements, locales=locales, images=True, state="LIVE", points=points)
    seed.game("Empty Game")
    return seed.document()


def named(name: str) -> Json | None:
    """The seeds that have a name: `empty`, `big:A:L`; None for another."""
    if name == "empty":
        return {"teams": [{"name": "Empty Studio"}]}
    kind, _, numbers = name.partition(":")
    if kind == "big":
        achievements, _, locales = numbers.partition(":")
        return big(int(achievements or 100), int(locales or 10))
    return None
