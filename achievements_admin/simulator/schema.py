"""The resources of the API as a table of our own: attributes, relationships, and how each finds its targets [S].

The same record shows through two kinds where the generations differ: `gameCenterAchievements` (first) and
`gameCenterAchievementsV2`. Relationships to what the simulator does not keep (leaderboards, builds) are known by name,
so that a valid request is not refused, and are always empty.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .records import (
    Achievement,
    AppStoreVersion,
    Detail,
    GameCenterAppVersion,
    Item,
    Localization,
    Record,
    Release,
    Submission,
    Version,
)
from .rules import Rules
from .store import GROUP_ORDER, Tables


@dataclass(frozen=True, slots=True)
class View:
    """What a read looks at: the tables (perhaps lagging), the rules, and the address to build links with."""

    tables: Tables
    rules: Rules
    base: str
    now: float
    upload_url: Callable[[str, int], str] = lambda image_id, part: ""


Targets = Callable[[View, Any], tuple[str, ...]]


def _none(view: View, record: Any) -> tuple[str, ...]:
    return ()


def _one(name: str) -> Targets:
    def targets(view: View, record: Any) -> tuple[str, ...]:
        identifier = getattr(record, name)
        return (identifier,) if identifier else ()

    return targets


def _many(kind: type[Record], parent: str) -> Targets:
    return lambda view, record: view.tables.children_ids(kind, parent, record.id)


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship: its target kind, whether it is to many, and whether the API gives it links."""

    name: str
    target: str
    targets: Targets = _none
    many: bool = False
    linked: bool = True
    includable: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """A resource as one generation shows it."""

    name: str
    type: str
    path: str
    table: str
    attributes: tuple[str, ...]
    relations: dict[str, Relation]
    fields: frozenset[str] = field(default_factory=frozenset)
    includes: frozenset[str] = field(default_factory=frozenset)
    field_types: dict[str, frozenset[str] | None] = field(default_factory=dict)  # None: a type we do not keep


KINDS: dict[str, Kind] = {}


def _kind(
    name: str, attributes: str, *relations: Relation, version: str = "v1", shown_as: str = "", more_fields: str = ""
) -> None:
    kind_type = shown_as or name
    by_name = {relation.name: relation for relation in relations}
    names = tuple(attributes.split())
    KINDS[name] = Kind(
        name=name,
        type=kind_type,
        path=f"/{version}/{kind_type}",
        table=kind_type,
        attributes=names,
        relations=by_name,
        fields=frozenset((*names, *by_name, *more_fields.split())),
        includes=frozenset(one.name for one in relations if one.includable),
    )


def _foreign(names: str, *, many: bool, linked: bool = True, includable: bool = True) -> tuple[Relation, ...]:
    """Relationships to resources that are not kept: `name:type`, or `name` where the type is the same word."""
    pairs = (one.partition(":") for one in names.split())
    return tuple(Relation(n, "~" + (t or n), many=many, linked=linked, includable=includable) for n, _, t in pairs)


_kind(
    "apps",
    "accessibilityUrl name bundleId sku primaryLocale isOrEverWasMadeForKids subscriptionStatusUrl "
    "subscriptionStatusUrlVersion subscriptionStatusUrlForSandbox subscriptionStatusUrlVersionForSandbox "
    "contentRightsDeclaration streamlinedPurchasingEnabled",
    Relation("gameCenterDetail", "gameCenterDetails", lambda v, r: v.tables.children_ids(Detail, "app_id", r.id)[:1]),
    Relation("appStoreVersions", "appStoreVersions", _many(AppStoreVersion, "app_id"), many=True),
    Relation("reviewSubmissions", "reviewSubmissions", _many(Submission, "app_id"), many=True),
    *_foreign(
        "appEncryptionDeclarations betaGroups preReleaseVersions betaAppLocalizations builds appInfos appClips "
        "inAppPurchases subscriptionGroups gameCenterEnabledVersions appCustomProductPages "
        "inAppPurchasesV2:inAppPurchases promotedPurchases appEvents "
        "appStoreVersionExperimentsV2:appStoreVersionExperiments androidToIosAppMappingDetails",
        many=True,
    ),
    *_foreign(
        "ciProduct:ciProducts betaLicenseAgreement:betaLicenseAgreements betaAppReviewDetail:betaAppReviewDetails "
        "endUserLicenseAgreement:endUserLicenseAgreements subscriptionGracePeriod:subscriptionGracePeriods",
        many=False,
    ),
    *_foreign("appStoreIcon:buildIcons", many=False, linked=False),
    more_fields="accessibilityDeclarations betaTesters appTags appPricePoints appPriceSchedule appAvailabilityV2 "
    "perfPowerMetrics customerReviews customerReviewSummarizations alternativeDistributionKey analyticsReportRequests "
    "marketplaceSearchDetail buildUploads backgroundAssets betaFeedbackScreenshotSubmissions "
    "betaFeedbackCrashSubmissions searchKeywords webhooks",
)


def listed_achievements(view: View, detail: Detail) -> tuple[str, ...]:
    """A game in a group lists none of its own: they are listed at the group [R], a switchable rule (facts 4)."""
    if detail.group_id and view.rules.group_member_lists_empty:
        return ()
    return view.tables.children_ids(Achievement, "detail_id", detail.id)


def group_achievements(view: View, group: Record) -> tuple[str, ...]:
    """The group's own, then what its games brought along; one that was mapped onto a group's is the group's [H]."""
    listed = list(view.tables.children_ids(Achievement, "group_id", group.id))
    shows_members = view.rules.group_member_lists_empty and view.rules.group_lists_member_achievements
    for detail_id in view.tables.children_ids(Detail, "group_id", group.id) if shows_members else ():
        members = view.tables.children(Achievement, "detail_id", detail_id)
        listed.extend(one.id for one in members if one.group_achievement_id is None)
    places = {one: place for place, one in enumerate(view.tables.index[GROUP_ORDER].get(group.id, ()))}
    return tuple(sorted(listed, key=lambda one: places.get(one, len(places))))


def _app_versions(view: View, detail: Detail) -> tuple[str, ...]:
    return view.tables.children_ids(GameCenterAppVersion, "app_id", detail.app_id)


_BOARDS = (
    "gameCenterLeaderboards gameCenterLeaderboardsV2:gameCenterLeaderboards gameCenterLeaderboardSets "
    "gameCenterLeaderboardSetsV2:gameCenterLeaderboardSets gameCenterActivities gameCenterChallenges"
)
_kind(
    "gameCenterDetails",
    "arcadeEnabled challengeEnabled",
    Relation("app", "apps", _one("app_id"), linked=False),
    Relation("gameCenterAppVersions", "gameCenterAppVersions", _app_versions, many=True),
    Relation("gameCenterGroup", "gameCenterGroups", _one("group_id")),
    Relation("gameCenterAchievements", "gameCenterAchievements", listed_achievements, many=True),
    # [S] the document's `included` here knows the first generation's shape only, for both relationships.
    Relation("gameCenterAchievementsV2", "gameCenterAchievements", listed_achievements, many=True),
    Relation("achievementReleases", "gameCenterAchievementReleases", _many(Release, "detail_id"), many=True),
    *_foreign(_BOARDS, many=True),
    *_foreign(
        "activityReleases:gameCenterActivityVersionReleases challengeReleases:gameCenterChallengeVersionReleases "
        "leaderboardReleases:gameCenterLeaderboardReleases leaderboardSetReleases:gameCenterLeaderboardSetReleases "
        "challengesMinimumPlatformVersions:appStoreVersions",
        many=True,
    ),
    *_foreign(
        "defaultLeaderboard:gameCenterLeaderboards defaultLeaderboardV2:gameCenterLeaderboards "
        "defaultGroupLeaderboard:gameCenterLeaderboards defaultGroupLeaderboardV2:gameCenterLeaderboards",
        many=False,
        linked=False,
    ),
)
_kind(
    "gameCenterGroups",
    "referenceName",
    Relation("gameCenterDetails", "gameCenterDetails", _many(Detail, "group_id"), many=True),
    Relation("gameCenterAchievements", "gameCenterAchievements", group_achievements, many=True),
    Relation("gameCenterAchievementsV2", "gameCenterAchievements", group_achievements, many=True),
    *_foreign(_BOARDS, many=True),
)

_ACHIEVEMENT = "referenceName vendorIdentifier points showBeforeEarned repeatable archived activityProperties"
_OWNERS = (
    Relation("gameCenterDetail", "gameCenterDetails", _one("detail_id"), linked=False),
    Relation("gameCenterGroup", "gameCenterGroups", _one("group_id"), linked=False),
)


def _v1_localizations(view: View, achievement: Achievement) -> tuple[str, ...]:
    version = view.tables.first_generation_version(achievement.id)
    return view.tables.children_ids(Localization, "version_id", version.id)


def _v1_achievement(view: View, localization: Localization) -> tuple[str, ...]:
    version = view.tables.get(Version, localization.version_id)
    return (version.achievement_id,) if version else ()


def _image(view: View, localization: Localization) -> tuple[str, ...]:
    image = view.tables.image_of(localization.id)
    return (image.id,) if image else ()


_kind(
    "gameCenterAchievements",
    _ACHIEVEMENT,
    *_OWNERS,
    Relation("groupAchievement", "gameCenterAchievements", _one("group_achievement_id")),
    Relation("localizations", "gameCenterAchievementLocalizations", _v1_localizations, many=True),
    Relation("releases", "gameCenterAchievementReleases", _many(Release, "achievement_id"), many=True),
    *_foreign("activity:gameCenterActivities", many=False),
)
_kind(
    "gameCenterAchievementsV2",
    _ACHIEVEMENT,
    *_OWNERS,
    Relation("versions", "gameCenterAchievementVersions", _many(Version, "achievement_id"), many=True),
    *_foreign("activity:gameCenterActivities", many=False),
    version="v2",
    shown_as="gameCenterAchievements",
)
_kind(
    "gameCenterAchievementVersions",
    "version state",
    Relation("achievement", "gameCenterAchievementsV2", _one("achievement_id"), linked=False),
    Relation("localizations", "gameCenterAchievementLocalizationsV2", _many(Localization, "version_id"), many=True),
    version="v2",
)
_TEXTS = "locale name beforeEarnedDescription afterEarnedDescription"
_kind(
    "gameCenterAchievementLocalizations",
    _TEXTS,
    Relation("gameCenterAchievement", "gameCenterAchievements", _v1_achievement),
    Relation("gameCenterAchievementImage", "gameCenterAchievementImages", _image),
)
_kind(
    "gameCenterAchievementLocalizationsV2",
    _TEXTS,
    Relation("version", "gameCenterAchievementVersions", _one("version_id"), linked=False),
    Relation("image", "gameCenterAchievementImagesV2", _image),
    version="v2",
    shown_as="gameCenterAchievementLocalizations",
)
_IMAGE = "fileSize fileName imageAsset uploadOperations assetDeliveryState"
_kind(
    "gameCenterAchievementImages",
    _IMAGE,
    Relation(
        "gameCenterAchievementLocalization",
        "gameCenterAchievementLocalizations",
        _one("localization_id"),
        linked=False,
    ),
)
_kind(
    "gameCenterAchievementImagesV2",
    _IMAGE,
    Relation("localization", "gameCenterAchievementLocalizationsV2", _one("localization_id"), linked=False),
    version="v2",
    shown_as="gameCenterAchievementImages",
)
_kind(
    "gameCenterAchievementReleases",
    "live",
    Relation("gameCenterDetail", "gameCenterDetails", _one("detail_id"), linked=False),
    Relation("gameCenterAchievement", "gameCenterAchievements", _one("achievement_id"), linked=False),
)
_kind(
    "gameCenterAppVersions",
    "enabled",
    Relation("compatibilityVersions", "gameCenterAppVersions", lambda v, r: r.compatible_ids, many=True),
    Relation("appStoreVersion", "appStoreVersions", _one("app_store_version_id")),
)
_kind(
    "appStoreVersions",
    "platform versionString appStoreState appVersionState copyright reviewType releaseType earliestReleaseDate "
    "usesIdfa downloadable createdDate",
    Relation("app", "apps", _one("app_id"), linked=False),
    Relation(
        "gameCenterAppVersion",
        "gameCenterAppVersions",
        lambda v, r: v.tables.children_ids(GameCenterAppVersion, "app_store_version_id", r.id)[:1],
    ),
    *_foreign(
        "appStoreVersionLocalizations appStoreVersionExperiments "
        "appStoreVersionExperimentsV2:appStoreVersionExperiments",
        many=True,
    ),
    *_foreign(
        "build:builds appStoreVersionPhasedRelease:appStoreVersionPhasedReleases "
        "routingAppCoverage:routingAppCoverages appStoreReviewDetail:appStoreReviewDetails "
        "appStoreVersionSubmission:appStoreVersionSubmissions appClipDefaultExperience:appClipDefaultExperiences "
        "alternativeDistributionPackage:alternativeDistributionPackages",
        many=False,
    ),
    more_fields="customerReviews",
)


def _submitted_app_version(view: View, submission: Submission) -> tuple[str, ...]:
    items = view.tables.children(Item, "submission_id", submission.id)
    return tuple(one.target_id for one in items if one.target == "appStoreVersion")[:1]


_kind(
    "reviewSubmissions",
    "platform submittedDate state",
    Relation("app", "apps", _one("app_id"), linked=False),
    Relation("items", "reviewSubmissionItems", _many(Item, "submission_id"), many=True),
    Relation("appStoreVersionForReview", "appStoreVersions", _submitted_app_version, linked=False),
    *_foreign("submittedByActor:actors lastUpdatedByActor:actors", many=False, linked=False),
)


def _reviewed(target: str) -> Targets:
    return lambda view, item: (item.target_id,) if item.target == target else ()


REVIEWABLE: dict[str, str] = {
    "appStoreVersion": "appStoreVersions",
    "appCustomProductPageVersion": "appCustomProductPageVersions",
    "appStoreVersionExperiment": "appStoreVersionExperiments",
    "appStoreVersionExperimentV2": "appStoreVersionExperiments",
    "appEvent": "appEvents",
    "backgroundAssetVersion": "backgroundAssetVersions",
    "gameCenterAchievementVersion": "gameCenterAchievementVersions",
    "gameCenterActivityVersion": "gameCenterActivityVersions",
    "gameCenterChallengeVersion": "gameCenterChallengeVersions",
    "gameCenterLeaderboardSetVersion": "gameCenterLeaderboardSetVersions",
    "gameCenterLeaderboardVersion": "gameCenterLeaderboardVersions",
    "inAppPurchaseVersion": "inAppPurchaseVersions",
    "subscriptionVersion": "subscriptionVersions",
    "subscriptionGroupVersion": "subscriptionGroupVersions",
}
KEPT_REVIEWABLE = ("appStoreVersion", "gameCenterAchievementVersion")
_kind(
    "reviewSubmissionItems",
    "state",
    *(Relation(name, REVIEWABLE[name], _reviewed(name), linked=False) for name in KEPT_REVIEWABLE),
    *(Relation(name, "~" + target, linked=False) for name, target in REVIEWABLE.items() if name not in KEPT_REVIEWABLE),
)
_kind(
    "gameCenterPlayerAchievementSubmissions",
    "bundleId challengeIds percentageAchieved scopedPlayerId submittedDate vendorIdentifier preReleased",
)


def _fill_field_types() -> None:
    """`fields[type]` may name the kind's own type and every type that can be included with it."""
    for kind in KINDS.values():
        kind.field_types[kind.type] = kind.fields
        for name in kind.includes:
            target = kind.relations[name].target
            if target.startswith("~"):
                kind.field_types.setdefault(target[1:], None)
            elif KINDS[target].type not in kind.field_types:
                kind.field_types[KINDS[target].type] = KINDS[target].fields


_fill_field_types()
