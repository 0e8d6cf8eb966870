"""What the server keeps: one frozen record per thing, so that an older state is just an older reference."""

from dataclasses import dataclass
from typing import Any, ClassVar

EDITABLE_STATES = frozenset({"PREPARE_FOR_SUBMISSION", "REJECTED", "DEVELOPER_REJECTED", "READY_FOR_REVIEW"})
IN_REVIEW_STATES = frozenset({"WAITING_FOR_REVIEW", "IN_REVIEW", "ACCEPTED", "PENDING_RELEASE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Anything with an identifier that belongs to one team."""

    table: ClassVar[str] = ""
    parents: ClassVar[tuple[str, ...]] = ()  # fields by which the store finds it again

    id: str
    team: str
    created: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class App(Record):
    """A game; its identifier is the Apple ID."""

    table: ClassVar[str] = "apps"
    parents: ClassVar[tuple[str, ...]] = ("team",)

    name: str
    bundle_id: str
    sku: str
    primary_locale: str = "en-US"

    def attributes(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "name": self.name,
            "bundleId": self.bundle_id,
            "sku": self.sku,
            "primaryLocale": self.primary_locale,
            "isOrEverWasMadeForKids": False,
            "contentRightsDeclaration": "DOES_NOT_USE_THIRD_PARTY_CONTENT",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail(Record):
    """Game Center of one game."""

    table: ClassVar[str] = "gameCenterDetails"
    parents: ClassVar[tuple[str, ...]] = ("app_id", "group_id")

    app_id: str
    group_id: str | None = None
    challenge_enabled: bool = False

    def attributes(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"arcadeEnabled": False, "challengeEnabled": self.challenge_enabled}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Record):
    """Games that share their achievements."""

    table: ClassVar[str] = "gameCenterGroups"
    parents: ClassVar[tuple[str, ...]] = ("team",)

    reference_name: str | None = None

    def attributes(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"referenceName": self.reference_name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Achievement(Record):
    """An achievement of a game or of a group."""

    table: ClassVar[str] = "gameCenterAchievements"
    parents: ClassVar[tuple[str, ...]] = ("detail_id", "group_id")

    detail_id: str | None = None
    group_id: str | None = None
    reference_name: str
    vendor_identifier: str
    points: int
    show_before_earned: bool
    repeatable: bool
    archived: bool = False
    activity_properties: tuple[tuple[str, str], ...] | None = None
    group_achievement_id: str | None = None

    def attributes(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "referenceName": self.reference_name,
            "vendorIdentifier": self.vendor_identifier,
            "points": self.points,
            "showBeforeEarned": self.show_before_earned,
            "repeatable": self.repeatable,
            "archived": self.archived,
            "activityProperties": None if self.activity_properties is None else dict(self.activity_properties),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Record):
    """A version of an achievement; in the first generation an achievement is its own only version."""

    table: ClassVar[str] = "gameCenterAchievementVersions"
    parents: ClassVar[tuple[str, ...]] = ("achievement_id",)

    achievement_id: str
    number: int
    state: str = "PREPARE_FOR_SUBMISSION"

    def attributes(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"version": self.number, "state": self.state}


@dataclass(frozen=True, slots=True, kw_only=True)
class Localization(Record):
    """The texts of a version in one language."""

    table: ClassVar[str] = "gameCenterAchievementLocalizations"
    parents: ClassVar[tuple[str, ...]] = ("version_id",)

    version_id: str
    locale: str
    name: str
    before_earned_description: str
    after_earned_description: str

    def attributes(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "locale": self.locale,
            "name": self.name,
            "beforeEarnedDescription": self.before_earned_description,
            "afterEarnedDescription": self.after_earned_description,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Record):
    """The image of a localization. `content` names bytes in the store, or a drawing made when it is first asked for."""

    table: ClassVar[str] = "gameCenterAchievementImages"
    parents: ClassVar[tuple[str, ...]] = ("localization_id",)

    localization_id: str
    file_name: str
    file_size: int
    state: str = "AWAITING_UPLOAD"
    errors: tuple[tuple[str, str], ...] = ()
    width: int = 0
    height: int = 0
    content: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Record):
    """First generation: an achievement goes out with the game's next version."""

    table: ClassVar[str] = "gameCenterAchievementReleases"
    parents: ClassVar[tuple[str, ...]] = ("detail_id", "achievement_id")

    detail_id: str
    achievement_id: str
    live: bool = False

    def attributes(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"live": self.live}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppStoreVersion(Record):
    """A version of a game in the store."""

    table: ClassVar[str] = "appStoreVersions"
    parents: ClassVar[tuple[str, ...]] = ("app_id",)

    app_id: str
    version_string: str
    platform: str = "IOS"
    state: str = "PREPARE_FOR_SUBMISSION"
    release_type: str = "AFTER_APPROVAL"
    created_date: str = "2026-01-12T09:00:00+00:00"

    def attributes(self) -> dict[str, Any]:
        """As the API shows it; the older state name is the older enumeration's word for the same."""
        return {
            "platform": self.platform,
            "versionString": self.version_string,
            "appStoreState": store_state(self.state),
            "appVersionState": self.state,
            "copyright": "2026 Northlight Studio",
            "reviewType": "APP_STORE",
            "releaseType": self.release_type,
            "downloadable": True,
            "createdDate": self.created_date,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class GameCenterAppVersion(Record):
    """Game Center switched on or off in one version of a game."""

    table: ClassVar[str] = "gameCenterAppVersions"
    parents: ClassVar[tuple[str, ...]] = ("app_store_version_id", "app_id")

    app_store_version_id: str
    app_id: str
    enabled: bool = True
    compatible_ids: tuple[str, ...] = ()

    def attributes(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"enabled": self.enabled}


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission(Record):
    """A review submission of a game on one platform."""

    table: ClassVar[str] = "reviewSubmissions"
    parents: ClassVar[tuple[str, ...]] = ("app_id",)

    app_id: str
    platform: str | None = "IOS"
    state: str = "READY_FOR_REVIEW"
    submitted_date: str | None = None

    def attributes(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"platform": self.platform, "submittedDate": self.submitted_date, "state": self.state}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Record):
    """One thing in a submission: a version of an achievement, or a version of the game."""

    table: ClassVar[str] = "reviewSubmissionItems"
    parents: ClassVar[tuple[str, ...]] = ("submission_id", "target_id")

    submission_id: str
    target: str  # the relationship's name
    target_id: str
    state: str = "READY_FOR_REVIEW"

    def attributes(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"state": self.state}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerSubmission(Record):
    """Progress of a player, sent by the studio."""

    table: ClassVar[str] = "gameCenterPlayerAchievementSubmissions"
    parents: ClassVar[tuple[str, ...]] = ("team",)

    bundle_id: str
    vendor_identifier: str
    percentage_achieved: int
    scoped_player_id: str
    challenge_ids: tuple[str, ...] = ()
    submitted_date: str | None = None
    pre_released: bool = False

    def attributes(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "bundleId": self.bundle_id,
            "vendorIdentifier": self.vendor_identifier,
            "percentageAchieved": self.percentage_achieved,
            "scopedPlayerId": self.scoped_player_id,
            "challengeIds": list(self.challenge_ids),
            "submittedDate": self.submitted_date,
            "preReleased": self.pre_released,
        }


RECORDS: dict[str, type[Record]] = {
    kind.table: kind
    for kind in (
        App,
        Detail,
        Group,
        Achievement,
        Version,
        Localization,
        Image,
        Release,
        AppStoreVersion,
        GameCenterAppVersion,
        Submission,
        Item,
        PlayerSubmission,
    )
}

_STORE_STATES = {
    "READY_FOR_DISTRIBUTION": "READY_FOR_SALE",
    "PROCESSING_FOR_DISTRIBUTION": "PROCESSING_FOR_APP_STORE",
}


def store_state(version_state: str) -> str:
    """The deprecated `appStoreState` for an `appVersionState` [S]."""
    return _STORE_STATES.get(version_state, version_state)
