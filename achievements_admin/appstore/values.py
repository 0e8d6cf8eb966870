"""Apple's resources as values of the domain, the same for both generations."""

from collections.abc import Mapping
from typing import Any

from achievements_admin.domain.achievement import (
    Achievement,
    App,
    AppVersion,
    Detail,
    Group,
    Image,
    ImageState,
    Localization,
    Owner,
    Release,
    Submission,
    SubmissionItem,
    Version,
    VersionState,
)

from .documents import Resource


def achievement(
    resource: Resource,
    *,
    owner: Owner | None = None,
    versions: tuple[Version, ...] = (),
    releases: tuple[Release, ...] = (),
) -> Achievement:
    """An achievement."""
    given = resource.attributes
    return Achievement(
        id=resource.id,
        reference_name=resource.text("referenceName"),
        vendor_identifier=resource.text("vendorIdentifier"),
        points=int(given.get("points", 0)),
        show_before_earned=bool(given.get("showBeforeEarned")),
        repeatable=bool(given.get("repeatable")),
        archived=bool(given.get("archived")),
        activity_properties=dict(_mapping(given.get("activityProperties"))),
        owner=owner,
        group_achievement_id=resource.related_id("groupAchievement"),
        versions=versions,
        releases=releases,
    )


def version(resource: Resource) -> Version:
    """A version, without texts."""
    return Version(
        id=resource.id,
        number=int(resource.attributes.get("version", 1)),
        state=version_state(resource.text("state")),
    )


def version_state(state: str) -> VersionState:
    """A state of Apple's. One that is newer than this program passes for "in review": locked, and read again."""
    return VersionState.__members__.get(state or VersionState.PREPARE_FOR_SUBMISSION, VersionState.IN_REVIEW)


def localization(resource: Resource, *, image: Image | None = None) -> Localization:
    """A text."""
    return Localization(
        id=resource.id,
        locale=resource.text("locale"),
        name=resource.text("name"),
        before_earned_description=resource.text("beforeEarnedDescription"),
        after_earned_description=resource.text("afterEarnedDescription"),
        image=image,
    )


def image(resource: Resource) -> Image:
    """An image. A state that is newer than this program passes for "uploaded": still to be looked at."""
    given = resource.attributes
    delivery = _mapping(given.get("assetDeliveryState"))
    asset = _mapping(given.get("imageAsset"))
    state = str(delivery.get("state") or ImageState.AWAITING_UPLOAD)
    reasons = (_mapping(each) for each in delivery.get("errors") or ())
    return Image(
        id=resource.id,
        file_name=resource.text("fileName"),
        file_size=int(given.get("fileSize", 0)),
        state=ImageState.__members__.get(state, ImageState.UPLOAD_COMPLETE),
        template_url=str(asset.get("templateUrl") or ""),
        width=int(asset.get("width") or 0),
        height=int(asset.get("height") or 0),
        errors=tuple(str(each.get("description") or each.get("code") or "") for each in reasons),
    )


def release(resource: Resource, *, detail_id: str = "", achievement_id: str = "") -> Release:
    """A release; identifiers are those of the answer, else those that the caller knows."""
    return Release(
        id=resource.id,
        live=bool(resource.attributes.get("live")),
        detail_id=resource.related_id("gameCenterDetail") or detail_id,
        achievement_id=resource.related_id("gameCenterAchievement") or achievement_id,
    )


def app(resource: Resource, *, detail_id: str = "") -> App:
    """A game."""
    return App(
        id=resource.id,
        name=resource.text("name"),
        bundle_id=resource.text("bundleId"),
        sku=resource.text("sku"),
        primary_locale=resource.text("primaryLocale"),
        detail_id=detail_id or resource.related_id("gameCenterDetail"),
    )


def group(resource: Resource, *, detail_ids: tuple[str, ...] = ()) -> Group:
    """A group."""
    return Group(id=resource.id, reference_name=resource.text("referenceName"), detail_ids=detail_ids)


def detail(resource: Resource, *, app_id: str = "", group: Group | None = None) -> Detail:
    """The Game Center side of a game."""
    return Detail(
        id=resource.id,
        app_id=app_id or resource.related_id("app"),
        group=group,
        arcade_enabled=bool(resource.attributes.get("arcadeEnabled")),
    )


def app_version(resource: Resource, *, switch: Resource | None) -> AppVersion:
    """A version of a game; `switch` is its `gameCenterAppVersion`."""
    return AppVersion(
        id=resource.id,
        platform=resource.text("platform"),
        version_string=resource.text("versionString"),
        state=resource.text("appVersionState") or resource.text("appStoreState"),
        game_center_app_version_id=switch.id if switch else "",
        is_game_center_enabled=bool(switch and switch.attributes.get("enabled")),
    )


def submission(resource: Resource, *, app_id: str = "") -> Submission:
    """A review submission, without its items."""
    return Submission(
        id=resource.id,
        app_id=app_id or resource.related_id("app"),
        platform=resource.text("platform"),
        state=resource.text("state"),
        submitted=resource.text("submittedDate"),
    )


def submission_item(resource: Resource, *, reviewed: Resource | None = None) -> SubmissionItem:
    """What is handed in for review; `reviewed` is the achievement version."""
    return SubmissionItem(
        id=resource.id,
        state=resource.text("state"),
        version_id=resource.related_id("gameCenterAchievementVersion"),
        app_version_id=resource.related_id("appStoreVersion"),
        version=version(reviewed) if reviewed else None,
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
