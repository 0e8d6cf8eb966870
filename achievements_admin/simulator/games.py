"""Game Center of games: details, groups, versions of the game, releases of the first generation, players' progress."""

from typing import Any

from . import bodies, errors
from .bodies import Attribute, Link, Shape
from .calls import Answer, Call
from .errors import Refusal, refuse_if
from .records import (
    Achievement,
    App,
    AppStoreVersion,
    Detail,
    GameCenterAppVersion,
    Group,
    Item,
    PlayerSubmission,
    Release,
    Submission,
    Version,
)
from .schema import KINDS

_SWITCH = Attribute("boolean", is_nullable=True)
_BOARDS = ("defaultLeaderboard", "defaultLeaderboardV2", "defaultGroupLeaderboard", "defaultGroupLeaderboardV2")


def _known(kind: str) -> frozenset[str]:
    return frozenset(KINDS[kind].attributes)


_TEXT = Attribute("string", is_nullable=True)
UPDATE_APP = Shape(
    "apps",
    "UPDATE",
    {
        "accessibilityUrl": _TEXT,
        "bundleId": _TEXT,
        "primaryLocale": _TEXT,
        "subscriptionStatusUrl": _TEXT,
        "subscriptionStatusUrlVersion": _TEXT,
        "subscriptionStatusUrlForSandbox": _TEXT,
        "subscriptionStatusUrlVersionForSandbox": _TEXT,
        "contentRightsDeclaration": _TEXT,
        "streamlinedPurchasingEnabled": _SWITCH,
    },
    {},
    _known("apps"),
)
CREATE_DETAIL = Shape(
    "gameCenterDetails",
    "CREATE",
    {"challengeEnabled": _SWITCH},
    {"app": Link("apps", is_required=True)},
    _known("gameCenterDetails"),
)
UPDATE_DETAIL = Shape(
    "gameCenterDetails",
    "UPDATE",
    {"challengeEnabled": _SWITCH},
    {"gameCenterGroup": Link("gameCenterGroups"), **{name: Link("gameCenterLeaderboards") for name in _BOARDS}},
    _known("gameCenterDetails"),
)
CREATE_GROUP = Shape("gameCenterGroups", "CREATE", {"referenceName": _TEXT})
UPDATE_GROUP = Shape("gameCenterGroups", "UPDATE", {"referenceName": _TEXT})
CREATE_APP_VERSION = Shape(
    "gameCenterAppVersions",
    "CREATE",
    {},
    {"appStoreVersion": Link("appStoreVersions", is_required=True)},
    _known("gameCenterAppVersions"),
)
UPDATE_APP_VERSION = Shape("gameCenterAppVersions", "UPDATE", {"enabled": _SWITCH})
CREATE_RELEASE = Shape(
    "gameCenterAchievementReleases",
    "CREATE",
    {},
    {
        "gameCenterDetail": Link("gameCenterDetails", is_required=True),
        "gameCenterAchievement": Link("gameCenterAchievements", is_required=True),
    },
    _known("gameCenterAchievementReleases"),
)
CREATE_PLAYER_SUBMISSION = Shape(
    "gameCenterPlayerAchievementSubmissions",
    "CREATE",
    {
        "bundleId": Attribute("string", is_required=True),
        "vendorIdentifier": Attribute("string", is_required=True),
        "percentageAchieved": Attribute("integer", is_required=True),
        "scopedPlayerId": Attribute("string", is_required=True),
        "challengeIds": Attribute("strings", is_nullable=True),
        "submittedDate": _TEXT,
        "preReleased": _SWITCH,
    },
)


def update_app(call: Call) -> Answer:
    """PATCH /v1/apps/{id}: only the primary locale is kept."""
    app = call.found(App)
    given = call.body(UPDATE_APP).attributes
    if given.get("primaryLocale"):
        if not call.rules.allows_locale(given["primaryLocale"]):
            raise Refusal(
                errors.attribute_invalid("primaryLocale", f"'{given['primaryLocale']}' is not a valid locale")
            )
        app = call.store.change(app, primary_locale=given["primaryLocale"])
    return call.updated("apps", app)


def create_detail(call: Call) -> Answer:
    """POST /v1/gameCenterDetails: Game Center is switched on for a game."""
    body = call.body(CREATE_DETAIL)
    app = call.target(App, "app", body.links["app"])
    if call.store.tables.detail_of(app.id) is not None:
        raise errors.already_exists("The given app already has a gameCenterDetail.")
    detail = Detail(
        id=call.store.new_id(),
        team=call.key.team,
        created=call.view.now,
        app_id=app.id,
        challenge_enabled=bool(body.attributes.get("challengeEnabled")),
    )
    return call.created("gameCenterDetails", call.store.put(detail))


def update_detail(call: Call) -> Answer:
    """PATCH /v1/gameCenterDetails/{id}: this is how a game joins a group; leaving is not offered [S]."""
    detail = call.found(Detail)
    body = call.body(UPDATE_DETAIL)
    boards = [
        errors.relationship_invalid(name, "Cannot find this leaderboard") for name in _BOARDS if name in body.links
    ]
    refuse_if(boards)
    values: dict[str, Any] = {}
    if body.attributes.get("challengeEnabled") is not None:
        values["challenge_enabled"] = body.attributes["challengeEnabled"]
    if "gameCenterGroup" in body.links:
        values["group_id"] = call.target(Group, "gameCenterGroup", body.links["gameCenterGroup"]).id
        if detail.group_id and detail.group_id != values["group_id"]:
            # [H] an app leaves only if no released version carried a component of the group; one group per app.
            text = "The app is already a member of another group."
            raise errors.state_invalid(f"gameCenterDetails with id '{detail.id}' is not in valid state.", text)
    return call.updated("gameCenterDetails", call.store.change(detail, **values) if values else detail)


def create_group(call: Call) -> Answer:
    """POST /v1/gameCenterGroups; it has no key of its own, so that twice makes two."""
    name = call.body(CREATE_GROUP).attributes.get("referenceName")
    group = Group(id=call.store.new_id(), team=call.key.team, created=call.view.now, reference_name=name)
    return call.created("gameCenterGroups", call.store.put(group))


def update_group(call: Call) -> Answer:
    """PATCH /v1/gameCenterGroups/{id}."""
    group = call.found(Group)
    given = call.body(UPDATE_GROUP).attributes
    if "referenceName" in given:
        group = call.store.change(group, reference_name=given["referenceName"])
    return call.updated("gameCenterGroups", group)


def delete_group(call: Call) -> Answer:
    """DELETE /v1/gameCenterGroups/{id}, when no game is in it and nothing of it has gone live [I]."""
    group = call.found(Group)
    tables = call.store.tables
    title = f"gameCenterGroups with id '{group.id}' is not in valid state."
    if tables.children_ids(Detail, "group_id", group.id):
        raise errors.state_invalid(title, "The group still has apps.")
    for achievement in tables.children(Achievement, "group_id", group.id):
        if any(one.state in {"LIVE", "REPLACED_WITH_NEW_VERSION"} for one in tables.versions(achievement.id)):
            raise errors.state_invalid(title, "The group has achievements that have gone live.")
    call.store.remove(group)
    return Answer(204)


def create_app_version(call: Call) -> Answer:
    """POST /v1/gameCenterAppVersions: Game Center for a version of the game."""
    wanted = call.body(CREATE_APP_VERSION).links["appStoreVersion"]
    app_store_version = call.target(AppStoreVersion, "appStoreVersion", wanted)
    if call.store.game_center_version(app_store_version.id) is not None:
        raise errors.already_exists("The given appStoreVersion already has a gameCenterAppVersion.")
    if call.store.tables.detail_of(app_store_version.app_id) is None:
        raise Refusal(errors.relationship_invalid("appStoreVersion", "Game Center is not enabled for the app"))
    made = GameCenterAppVersion(
        id=call.store.new_id(),
        team=call.key.team,
        created=call.view.now,
        app_store_version_id=app_store_version.id,
        app_id=app_store_version.app_id,
    )
    return call.created("gameCenterAppVersions", call.store.put(made))


def update_app_version(call: Call) -> Answer:
    """PATCH /v1/gameCenterAppVersions/{id}: on or off."""
    version = call.found(GameCenterAppVersion)
    enabled = call.body(UPDATE_APP_VERSION).attributes.get("enabled")
    if enabled is not None:
        version = call.store.change(version, enabled=enabled)
    return call.updated("gameCenterAppVersions", version)


def change_compatibility(*, is_adding: bool) -> Any:
    """POST and DELETE of …/relationships/compatibilityVersions."""

    def endpoint(call: Call) -> Answer:
        version = call.found(GameCenterAppVersion)
        named = bodies.parse_linkage(call.content, "gameCenterAppVersions", is_many=True)
        for one in named:
            call.target(GameCenterAppVersion, "compatibilityVersions", one)
        kept = tuple(one for one in version.compatible_ids if one not in named)
        call.store.change(version, compatible_ids=(*kept, *named) if is_adding else kept)
        return Answer(204)

    return endpoint


def create_release(call: Call) -> Answer:
    """POST /v1/gameCenterAchievementReleases: the achievement goes out with the game's next version (facts 2)."""
    links = call.body(CREATE_RELEASE).links
    detail = call.target(Detail, "gameCenterDetail", links["gameCenterDetail"])
    achievement = call.target(Achievement, "gameCenterAchievement", links["gameCenterAchievement"])
    if achievement.detail_id != detail.id and achievement.group_id != (detail.group_id or "-"):
        text = f"The achievement '{achievement.id}' does not belong to this app or its group"
        raise Refusal(errors.relationship_invalid("gameCenterAchievement", text))
    tables = call.store.tables
    if any(one.achievement_id == achievement.id for one in tables.children(Release, "detail_id", detail.id)):
        raise errors.already_exists("The given achievement already has a release for this gameCenterDetail.")
    newest = tables.versions(achievement.id)[-1]
    if call.rules.releases_conflict_with_review and _is_in_submission(call, newest):
        raise errors.state_of_another(
            "ITEM_PART_OF_ANOTHER_SUBMISSION",
            f"gameCenterAchievementVersions with id {newest.id} is part of a reviewSubmission",
        )
    is_live = newest.state == "LIVE"
    made = Release(
        id=call.store.new_id(),
        team=call.key.team,
        created=call.view.now,
        detail_id=detail.id,
        achievement_id=achievement.id,
        live=is_live and achievement.detail_id == detail.id,
    )
    return call.created("gameCenterAchievementReleases", call.store.put(made))


def _is_in_submission(call: Call, version: Version) -> bool:
    for item in call.store.tables.children(Item, "target_id", version.id):
        submission = call.store.tables.get(Submission, item.submission_id)
        if item.state != "REMOVED" and submission is not None and submission.state != "COMPLETE":
            return True
    return False


def delete_release(call: Call) -> Answer:
    """DELETE /v1/gameCenterAchievementReleases/{id}, which makes sense only while it is not live."""
    release = call.found(Release)
    version = call.store.tables.versions(release.achievement_id)[-1]
    if release.live or version.state in {"WAITING_FOR_REVIEW", "IN_REVIEW", "PENDING_RELEASE"}:
        raise errors.state_invalid(
            f"gameCenterAchievementReleases with id '{release.id}' is not in valid state.",
            "A release that is live or in review can't be deleted.",
        )
    call.store.remove(release)
    return Answer(204)


def submit_player(call: Call) -> Answer:
    """POST /v1/gameCenterPlayerAchievementSubmissions; it has no key, so that twice counts twice."""
    given = call.body(CREATE_PLAYER_SUBMISSION).attributes
    tables = call.store.tables
    app = next((one for one in tables.children(App, "team", call.key.team) if one.bundle_id == given["bundleId"]), None)
    if app is None:
        raise Refusal(errors.attribute_invalid("bundleId", f"There is no app with the bundle id '{given['bundleId']}'"))
    if not 0 <= given["percentageAchieved"] <= 100:
        raise Refusal(errors.attribute_invalid("percentageAchieved", "percentageAchieved must be between 0 and 100"))
    detail = tables.detail_of(app.id)
    owned = tables.children(Achievement, "detail_id", detail.id) if detail else []
    owned += tables.children(Achievement, "group_id", detail.group_id) if detail and detail.group_id else []
    if given["vendorIdentifier"] not in {one.vendor_identifier for one in owned}:
        raise Refusal(errors.attribute_invalid("vendorIdentifier", "There is no achievement with this identifier"))
    made = PlayerSubmission(
        id=call.store.new_id(),
        team=call.key.team,
        created=call.view.now,
        bundle_id=given["bundleId"],
        vendor_identifier=given["vendorIdentifier"],
        percentage_achieved=given["percentageAchieved"],
        scoped_player_id=given["scopedPlayerId"],
        challenge_ids=tuple(given.get("challengeIds") or ()),
        submitted_date=given.get("submittedDate"),
        pre_released=bool(given.get("preReleased")),
    )
    return call.created("gameCenterPlayerAchievementSubmissions", call.store.put(made))
