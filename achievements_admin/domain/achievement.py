"""Apple's Game Center nouns as plain values.

One vocabulary for both generations of the API, the newer one's: an achievement has versions, a version has
localizations, a localization has an image. In generation v1 an achievement is its own only version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class VersionState(StrEnum):
    """State of one version (`GameCenterVersionState`); in v1 derived from the releases."""

    PREPARE_FOR_SUBMISSION = "PREPARE_FOR_SUBMISSION"
    READY_FOR_REVIEW = "READY_FOR_REVIEW"
    WAITING_FOR_REVIEW = "WAITING_FOR_REVIEW"
    IN_REVIEW = "IN_REVIEW"
    DEVELOPER_REJECTED = "DEVELOPER_REJECTED"
    REJECTED = "REJECTED"
    ACCEPTED = "ACCEPTED"
    PENDING_RELEASE = "PENDING_RELEASE"
    LIVE = "LIVE"
    REPLACED_WITH_NEW_VERSION = "REPLACED_WITH_NEW_VERSION"

    @property
    def is_editable(self) -> bool:
        """Whether texts and images of such a version may still be written."""
        return self in EDITABLE

    @property
    def is_in_review(self) -> bool:
        """Whether Apple holds the version, from submission to release."""
        return self in {
            VersionState.WAITING_FOR_REVIEW,
            VersionState.IN_REVIEW,
            VersionState.ACCEPTED,
            VersionState.PENDING_RELEASE,
        }


EDITABLE = frozenset(
    {
        VersionState.PREPARE_FOR_SUBMISSION,
        VersionState.READY_FOR_REVIEW,
        VersionState.DEVELOPER_REJECTED,
        VersionState.REJECTED,
    }
)


class ImageState(StrEnum):
    """State of an uploaded image (`AppMediaAssetState`)."""

    AWAITING_UPLOAD = "AWAITING_UPLOAD"
    UPLOAD_COMPLETE = "UPLOAD_COMPLETE"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Owner:
    """Where an achievement belongs: the Game Center detail of one game, or a group of games."""

    kind: Literal["detail", "group"]
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The picture of one localization. `template_url` holds `{w}`, `{h}` and `{f}` for size and format."""

    id: str
    file_name: str = ""
    file_size: int = 0
    state: ImageState = ImageState.AWAITING_UPLOAD
    template_url: str = ""
    width: int = 0
    height: int = 0
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Localization:
    """What players read in one language. `image` is None when there is none *or* when it was not asked for."""

    id: str
    locale: str
    name: str
    before_earned_description: str
    after_earned_description: str
    image: Image | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an achievement. `localizations` is None when they were not asked for."""

    id: str
    number: int = 1
    state: VersionState = VersionState.PREPARE_FOR_SUBMISSION
    localizations: tuple[Localization, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A v1 release: attaches an achievement to the next version of the game of `detail_id`."""

    id: str
    live: bool
    detail_id: str = ""
    achievement_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Achievement:
    """An achievement as Apple holds it; `versions` has the highest number last."""

    id: str
    reference_name: str
    vendor_identifier: str
    points: int
    show_before_earned: bool
    repeatable: bool
    archived: bool = False
    activity_properties: Mapping[str, str] = field(default_factory=dict)
    owner: Owner | None = None
    group_achievement_id: str = ""
    versions: tuple[Version, ...] = ()
    releases: tuple[Release, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Achievements that several games share; `detail_ids` are those games' Game Center details, where asked for."""

    id: str
    reference_name: str
    detail_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The Game Center side of one game; a game without one has Game Center switched off."""

    id: str
    app_id: str = ""
    group: Group | None = None
    arcade_enabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A game in App Store Connect. `detail_id` is empty where Game Center is off or was not asked for."""

    id: str
    name: str
    bundle_id: str
    sku: str = ""
    primary_locale: str = ""
    detail_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppVersion:
    """A version of the game itself, and whether Game Center is switched on for it."""

    id: str
    platform: str
    version_string: str
    state: str
    game_center_app_version_id: str = ""
    is_game_center_enabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionItem:
    """One thing handed in for review; `version_id` is an achievement version or empty for anything else.

    `version` is that version with its state, where it was asked for.
    """

    id: str
    state: str
    version_id: str = ""
    app_version_id: str = ""
    version: Version | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A review submission. `submitted` is Apple's date (RFC 3339), empty while it is a draft."""

    id: str
    app_id: str
    platform: str
    state: str
    submitted: str = ""
    items: tuple[SubmissionItem, ...] | None = None
