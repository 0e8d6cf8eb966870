"""The endpoints: which methods each path has, and who answers (facts 5; [S])."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import achievements, errors, games, images, localizations, reads, review
from .calls import Answer, Call
from .queries import Filter
from .reads import Listing
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
    Record,
    Release,
    Submission,
    Version,
    store_state,
)
from .schema import View

Endpoint = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path; `{id}` in the template stands for the identifier."""

    method: str
    template: str
    endpoint: Endpoint


ROUTES: dict[str, dict[str, Route]] = {}

_PLATFORM = Filter(review.PLATFORMS)
_SUBMISSION_STATE = Filter(
    frozenset("READY_FOR_REVIEW WAITING_FOR_REVIEW IN_REVIEW UNRESOLVED_ISSUES CANCELING COMPLETING COMPLETE".split())
)
_VERSION_STATES = frozenset(
    "ACCEPTED DEVELOPER_REJECTED IN_REVIEW INVALID_BINARY METADATA_REJECTED PENDING_APPLE_RELEASE "
    "PENDING_DEVELOPER_RELEASE PREPARE_FOR_SUBMISSION PROCESSING_FOR_DISTRIBUTION READY_FOR_DISTRIBUTION "
    "READY_FOR_REVIEW REJECTED REPLACED_WITH_NEW_VERSION WAITING_FOR_EXPORT_COMPLIANCE WAITING_FOR_REVIEW".split()
)
_STORE_STATES = frozenset(
    "ACCEPTED DEVELOPER_REMOVED_FROM_SALE DEVELOPER_REJECTED IN_REVIEW INVALID_BINARY METADATA_REJECTED "
    "PENDING_APPLE_RELEASE PENDING_CONTRACT PENDING_DEVELOPER_RELEASE PREPARE_FOR_SUBMISSION PREORDER_READY_FOR_SALE "
    "PROCESSING_FOR_APP_STORE READY_FOR_REVIEW READY_FOR_SALE REJECTED REMOVED_FROM_SALE "
    "WAITING_FOR_EXPORT_COMPLIANCE WAITING_FOR_REVIEW REPLACED_WITH_NEW_VERSION NOT_APPLICABLE".split()
)
_ANY = Filter()
Values = tuple[str, ...]


def _is(name: str) -> reads.Test:
    return lambda view, record, values: str(getattr(record, name)) in values


def _flag(name: str) -> reads.Test:
    return lambda view, record, values: ("true" if getattr(record, name) else "false") in values


def _versions_of(view: View, app: App) -> list[AppStoreVersion]:
    return view.tables.children(AppStoreVersion, "app_id", app.id)


def _submissions_of(view: View, app: App) -> list[Submission]:
    return view.tables.children(Submission, "app_id", app.id)


def _name_contains(view: View, app: App, values: Values) -> bool:
    return any(one.lower() in app.name.lower() for one in values)


def _has_enabled_version(view: View, app: App, values: Values) -> bool:
    versions = view.tables.children(GameCenterAppVersion, "app_id", app.id)
    return ("true" if any(one.enabled for one in versions) else "false") in values


def _details_in_group(view: View, group: Group, values: Values) -> bool:
    return bool(set(values) & set(view.tables.children_ids(Detail, "group_id", group.id)))


def _detail_enabled(view: View, detail: Detail, values: Values) -> bool:
    versions = view.tables.children(GameCenterAppVersion, "app_id", detail.app_id)
    return ("true" if any(one.enabled for one in versions) else "false") in values


_APPS = Listing(
    filters={
        "name": _ANY,
        "bundleId": _ANY,
        "sku": _ANY,
        "id": _ANY,
        "appStoreVersions": _ANY,
        "appStoreVersions.appStoreState": Filter(_STORE_STATES),
        "appStoreVersions.platform": _PLATFORM,
        "appStoreVersions.appVersionState": Filter(_VERSION_STATES),
        "reviewSubmissions.state": _SUBMISSION_STATE,
        "reviewSubmissions.platform": _PLATFORM,
        "exists[gameCenterEnabledVersions]": _ANY,
    },
    tests={
        "name": _name_contains,
        "bundleId": _is("bundle_id"),
        "sku": _is("sku"),
        "id": _is("id"),
        "appStoreVersions": lambda v, r, x: any(one.id in x for one in _versions_of(v, r)),
        "appStoreVersions.appStoreState": lambda v, r, x: any(store_state(o.state) in x for o in _versions_of(v, r)),
        "appStoreVersions.platform": lambda v, r, x: any(one.platform in x for one in _versions_of(v, r)),
        "appStoreVersions.appVersionState": lambda v, r, x: any(one.state in x for one in _versions_of(v, r)),
        "reviewSubmissions.state": lambda v, r, x: any(one.state in x for one in _submissions_of(v, r)),
        "reviewSubmissions.platform": lambda v, r, x: any(one.platform in x for one in _submissions_of(v, r)),
        "exists[gameCenterEnabledVersions]": _has_enabled_version,
    },
    sorts=frozenset({"name", "-name", "bundleId", "-bundleId", "sku", "-sku"}),
)
_APP_VERSIONS = Listing(
    filters={
        "platform": _PLATFORM,
        "versionString": _ANY,
        "appStoreState": Filter(_STORE_STATES),
        "appVersionState": Filter(_VERSION_STATES),
        "id": _ANY,
    },
    tests={
        "platform": _is("platform"),
        "versionString": _is("version_string"),
        "appStoreState": lambda v, r, x: store_state(r.state) in x,
        "appVersionState": _is("state"),
        "id": _is("id"),
    },
)
# `vendorIdentifier` can't be filtered by [S].
_ACHIEVEMENTS = Listing(
    filters={"referenceName": _ANY, "archived": _ANY, "id": _ANY},
    tests={"referenceName": _is("reference_name"), "archived": _flag("archived"), "id": _is("id")},
)
_RELEASES_OF_ACHIEVEMENT = Listing(
    filters={"live": _ANY, "gameCenterDetail": _ANY},
    tests={"live": _flag("live"), "gameCenterDetail": _is("detail_id")},
)
_RELEASES_OF_DETAIL = Listing(
    filters={"live": _ANY, "gameCenterAchievement": _ANY},
    tests={"live": _flag("live"), "gameCenterAchievement": _is("achievement_id")},
)
_ENABLED = Listing(filters={"enabled": _ANY}, tests={"enabled": _flag("enabled")})
_GROUPS = Listing(filters={"gameCenterDetails": _ANY}, tests={"gameCenterDetails": _details_in_group})
_GROUP_DETAILS = Listing(
    filters={"gameCenterAppVersions.enabled": _ANY}, tests={"gameCenterAppVersions.enabled": _detail_enabled}
)
_SUBMISSION_FILTERS = {"platform": _PLATFORM, "state": _SUBMISSION_STATE}
_SUBMISSION_TESTS: dict[str, reads.Test] = {"platform": _is("platform"), "state": _is("state")}
_APP_SUBMISSIONS = Listing(filters=_SUBMISSION_FILTERS, tests=_SUBMISSION_TESTS)
_SUBMISSIONS = Listing(
    filters={**_SUBMISSION_FILTERS, "app": Filter(is_required=True)}, tests={**_SUBMISSION_TESTS, "app": _is("app_id")}
)


def _add(method: str, template: str, endpoint: Endpoint) -> None:
    ROUTES.setdefault(template, {})[method] = Route(method, template, endpoint)


def _one(parent: str, record: type[Record], relation: str, kind: str, *, version: str = "v1") -> None:
    """A to-one relationship: what it points to, and the linkage."""
    base = f"/{version}/{record.table}/{{id}}"
    _add("GET", f"{base}/{relation}", reads.related_one(parent, record, relation, kind))
    _add("GET", f"{base}/relationships/{relation}", reads.linkage_one(parent, record, relation, kind))


def _many(
    parent: str,
    record: type[Record],
    relation: str,
    kind: str,
    listing: Listing = reads.PLAIN,
    *,
    version: str = "v1",
    has_linkage: bool = True,
) -> None:
    """A to-many relationship: the list, and the linkages."""
    base = f"/{version}/{record.table}/{{id}}"
    _add("GET", f"{base}/{relation}", reads.related_many(parent, record, relation, kind, listing))
    if has_linkage:
        _add("GET", f"{base}/relationships/{relation}", reads.linkage_many(parent, record, relation, kind))


def _resource(
    path: str, kind: str, record: type[Record], *, create: Any = None, update: Any = None, delete: Any = None
) -> None:
    """POST on the collection; GET, PATCH and DELETE of one."""
    if create:
        _add("POST", path, create)
    if record not in {Item}:
        _add("GET", f"{path}/{{id}}", reads.instance(kind, record))
    if update:
        _add("PATCH", f"{path}/{{id}}", update)
    if delete:
        _add("DELETE", f"{path}/{{id}}", delete)


def _apps_and_games() -> None:
    _add("GET", "/v1/apps", reads.collection("apps", _APPS))
    _resource("/v1/apps", "apps", App, update=games.update_app)
    _one("apps", App, "gameCenterDetail", "gameCenterDetails")
    _many("apps", App, "appStoreVersions", "appStoreVersions", _APP_VERSIONS, has_linkage=False)
    _many("apps", App, "reviewSubmissions", "reviewSubmissions", _APP_SUBMISSIONS, has_linkage=False)
    detail = "gameCenterDetails"
    _resource(f"/v1/{detail}", detail, Detail, create=games.create_detail, update=games.update_detail)
    _many(detail, Detail, "achievementReleases", "gameCenterAchievementReleases", _RELEASES_OF_DETAIL)
    _many(detail, Detail, "gameCenterAppVersions", "gameCenterAppVersions", _ENABLED)
    _one(detail, Detail, "gameCenterGroup", "gameCenterGroups")
    group = "gameCenterGroups"
    _add("GET", f"/v1/{group}", reads.collection(group, _GROUPS))
    _resource(
        f"/v1/{group}",
        group,
        Group,
        create=games.create_group,
        update=games.update_group,
        delete=games.delete_group,
    )
    _many(group, Group, "gameCenterDetails", detail, _GROUP_DETAILS)
    for kind, record, parent in ((detail, Detail, "detail_id"), (group, Group, "group_id")):
        for relation in ("gameCenterAchievements", "gameCenterAchievementsV2"):
            _many(kind, record, relation, relation, _ACHIEVEMENTS)
            _add("PATCH", f"/v1/{kind}/{{id}}/relationships/{relation}", achievements.order(parent))
    version = "gameCenterAppVersions"
    _resource(
        f"/v1/{version}",
        version,
        GameCenterAppVersion,
        create=games.create_app_version,
        update=games.update_app_version,
    )
    _one(version, GameCenterAppVersion, "appStoreVersion", "appStoreVersions")
    _many(version, GameCenterAppVersion, "compatibilityVersions", version, _ENABLED)
    links = f"/v1/{version}/{{id}}/relationships/compatibilityVersions"
    _add("POST", links, games.change_compatibility(is_adding=True))
    _add("DELETE", links, games.change_compatibility(is_adding=False))
    _add("POST", "/v1/gameCenterPlayerAchievementSubmissions", games.submit_player)


def _first_generation() -> None:
    achievement, localization = "gameCenterAchievements", "gameCenterAchievementLocalizations"
    image, release = "gameCenterAchievementImages", "gameCenterAchievementReleases"
    _resource(
        f"/v1/{achievement}",
        achievement,
        Achievement,
        create=achievements.create_first_generation,
        update=achievements.update(achievement),
        delete=achievements.delete,
    )
    _one(achievement, Achievement, "groupAchievement", achievement)
    _add("PATCH", f"/v1/{achievement}/{{id}}/relationships/groupAchievement", achievements.link_group_achievement)
    _many(achievement, Achievement, "localizations", localization)
    _many(achievement, Achievement, "releases", release, _RELEASES_OF_ACHIEVEMENT)
    _resource(
        f"/v1/{localization}",
        localization,
        Localization,
        create=localizations.create_first_generation,
        update=localizations.update(localization),
        delete=localizations.delete(is_first_generation=True),
    )
    _one(localization, Localization, "gameCenterAchievement", achievement)
    _one(localization, Localization, "gameCenterAchievementImage", image)
    _resource(
        f"/v1/{image}",
        image,
        Image,
        create=images.reserve(image),
        update=images.commit(image),
        delete=images.delete(image),
    )
    _resource(f"/v1/{release}", release, Release, create=games.create_release, delete=games.delete_release)


def _second_generation() -> None:
    achievement, localization = "gameCenterAchievementsV2", "gameCenterAchievementLocalizationsV2"
    image, version = "gameCenterAchievementImagesV2", "gameCenterAchievementVersions"
    _resource(
        f"/v2/{Achievement.table}",
        achievement,
        Achievement,
        create=achievements.create,
        update=achievements.update(achievement),
        delete=achievements.delete,
    )
    _many(achievement, Achievement, "versions", version, version="v2")
    # A version can be neither deleted nor changed, only reviewed [S].
    _resource(f"/v2/{version}", version, Version, create=localizations.create_version)
    _many(version, Version, "localizations", localization, version="v2")
    _resource(
        f"/v2/{Localization.table}",
        localization,
        Localization,
        create=localizations.create,
        update=localizations.update(localization),
        delete=localizations.delete(is_first_generation=False),
    )
    _one(localization, Localization, "image", image, version="v2")
    _resource(
        f"/v2/{Image.table}",
        image,
        Image,
        create=images.reserve(image),
        update=images.commit(image),
        delete=images.delete(image),
    )


def _review() -> None:
    submission, item = "reviewSubmissions", "reviewSubmissionItems"
    _add("GET", f"/v1/{submission}", reads.collection(submission, _SUBMISSIONS))
    _resource(f"/v1/{submission}", submission, Submission, create=review.create, update=review.update)
    _many(submission, Submission, "items", item)
    _resource(
        f"/v1/{item}", item, Item, create=review.create_item, update=review.update_item, delete=review.delete_item
    )


_apps_and_games()
_first_generation()
_second_generation()
_review()


def template_of(path: str) -> tuple[str, str]:
    """The template of a path, and the identifier in it."""
    pieces = path.split("/")
    if len(pieces) < 4:
        return path, ""
    identifier, pieces[3] = pieces[3], "{id}"
    return "/".join(pieces), identifier


_OPERATIONS = {"GET": "GET_RELATIONSHIP", "PATCH": "REPLACE", "POST": "ADD", "DELETE": "REMOVE"}


def find(method: str, path: str) -> tuple[Route, str]:
    """The route of a request and the identifier in its path; raises a Refusal 403, 404 or 405."""
    template, identifier = template_of(path)
    methods = ROUTES.get(template)
    if methods is None or (identifier == "" and "{id}" in template):
        raise errors.path_not_found(path)
    route = methods.get(method)
    if route is not None:
        return route, identifier
    name = template.rpartition("/")[2]
    if "/relationships/" in template and method in _OPERATIONS:
        allowed = [_OPERATIONS[one] for one in methods]
        raise errors.operation_not_allowed(f"relationship '{name}'", _OPERATIONS[method], allowed)
    raise errors.method_not_allowed(method)
