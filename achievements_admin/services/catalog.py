"""Finding things in the mirror, as far as the member may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from achievements_admin.domain import validation
from achievements_admin.domain.achievement import VersionState
from achievements_admin.models import Achievement, App, Group, Member

from . import members, rows
from .errors import NotFound
from .rows import Home

PAGE_SIZE = 100
SORTS = {
    "position": ("position", "pk"),
    "name": ("reference_name", "pk"),
    "identifier": ("vendor_identifier", "pk"),
    "points": ("points", "position"),
    "state": ("state", "position"),
}
# What a producer calls a state, and the states of Apple's that it covers.
STATES: dict[str, frozenset[str]] = {
    "draft": frozenset({"", VersionState.PREPARE_FOR_SUBMISSION}),
    "ready": frozenset({VersionState.READY_FOR_REVIEW}),
    "review": frozenset(state for state in VersionState if state.is_in_review),
    "rejected": frozenset({VersionState.REJECTED, VersionState.DEVELOPER_REJECTED}),
    "live": frozenset({VersionState.LIVE}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list shows, as it stands in the address of the page; an empty value filters nothing.

    `state` is a name of STATES; `hidden`, `repeatable`, `archived` and `incomplete` are "yes", "no" or empty; `missing`
    is a locale; `sort` is a name of SORTS, with a hyphen before it for the other direction.
    """

    query: str = ""
    state: str = ""
    hidden: str = ""
    repeatable: str = ""
    archived: str = ""
    incomplete: str = ""
    missing: str = ""
    sort: str = "position"
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> Self:
        """Read an address's query; what makes no sense is left out."""
        given = {f.name: str(query.get("q" if f.name == "query" else f.name, "")).strip() for f in fields(cls)}
        page = given.pop("page")
        if given["sort"].removeprefix("-") not in SORTS:
            given["sort"] = "position"
        if given["state"] not in STATES:
            given["state"] = ""
        for name in ("hidden", "repeatable", "archived", "incomplete"):
            if given[name] not in {"yes", "no"}:
                given[name] = ""
        return cls(**given, page=int(page) if page.isdecimal() and len(page) < 6 else 1)

    def as_query(self, **changed: Any) -> str:
        """The query of an address with some values changed; another filter starts at the first page again."""
        other = replace(self, **({"page": 1} | changed))
        default = Filters()
        return urlencode(
            {
                "q" if f.name == "query" else f.name: value
                for f in fields(self)
                if (value := getattr(other, f.name)) != getattr(default, f.name)
            }
        )

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a new search keeps of the address, as names and values."""
        return parse_qsl(self.as_query(query=""))

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered out."""
        return replace(self, sort="position", page=1) != Filters()


def games(member: Member, query: str = "") -> list[App]:
    """The games that the member may see, each with the counts and age of where its achievements are."""
    found = members.visible_apps(member).select_related("team", "group")
    for word in query.split():
        found = found.filter(Q(name__icontains=word) | Q(bundle_id__icontains=word) | Q(apple_id=word))
    apps = list(found)
    for app in apps:
        if app.group:
            app.summary, app.synced_at, app.sync_error = app.group.summary, app.group.synced_at, app.group.sync_error
    return apps


def search(member: Member, query: str) -> QuerySet[Achievement]:
    """Achievements of all games whose name, identifier or texts hold every word."""
    words = query.lower().split()
    found = Achievement.objects.filter(_visible(member)) if words else Achievement.objects.none()
    for word in words:
        found = found.filter(search_text__contains=word)
    return found.select_related("app__team", "group__team").order_by("app__name", "group__reference_name", "position")


def game(member: Member, apple_id: str) -> App:
    """One game; NotFound where there is none or the member may not see it."""
    app = members.visible_apps(member).select_related("team", "group__team").filter(apple_id=apple_id).first()
    if app is None:
        raise NotFound("There is no such game, or you may not see it.")
    return app


def groups(member: Member) -> list[Group]:
    """The groups that the member may see, with their games."""
    return list(
        members.visible_groups(member).select_related("team").prefetch_related("apps").order_by("reference_name")
    )


def group(member: Member, apple_id: str) -> Group:
    """One group; NotFound where there is none or the member may not see it."""
    found = members.visible_groups(member).select_related("team").filter(apple_id=apple_id).first()
    if found is None:
        raise NotFound("There is no such group, or you may not see it.")
    return found


def home_of(app: App) -> Home:
    """Where the achievements of a game are: at its group when it has one."""
    return app.group or app


def key(home: Home) -> str:
    """Natural key of a game or group."""
    return rows.home_key(home)


def achievement_key(achievement: Achievement) -> str:
    """Natural key of an achievement."""
    return rows.key_of(achievement)


def of_home(home: Home) -> QuerySet[Achievement]:
    """All achievements of a game or group, in Apple's order."""
    return home.achievements.order_by("position", "pk")


def achievements(home: Home, filters: Filters) -> Page[Achievement]:
    """The rows of a list page."""
    return Paginator(_matching(home, filters), PAGE_SIZE).get_page(filters.page)


def filtered(home: Home, filters: Filters) -> list[Achievement]:
    """All achievements that a filter shows, over all pages, with their versions and texts."""
    return _whole(_matching(home, filters))


def chosen(home: Home, apple_ids: Sequence[str]) -> list[Achievement]:
    """Those of the named achievements that are in a game or group, with their versions and texts."""
    return _whole(of_home(home).filter(apple_id__in=apple_ids))


def everything(home: Home) -> list[Achievement]:
    """All achievements of a game or group, with their versions and texts."""
    return _whole(of_home(home))


def picked(member: Member, apple_ids: Sequence[str]) -> list[Achievement]:
    """Those of the named achievements, of whatever game, that the member may see, with their versions and texts."""
    found = Achievement.objects.filter(_visible(member), apple_id__in=apple_ids)
    return _whole(found.order_by("app__name", "group__reference_name", "position"))


def found_everywhere(member: Member, query: str) -> list[Achievement]:
    """All that a search over all games finds, with versions and texts."""
    return _whole(search(member, query))


def texts(achievement: Achievement) -> dict[str, dict[str, str]]:
    """The texts, by locale, of the version that is edited: the highest, which may be the live one.

    A version whose texts were not read yet has none.
    """
    versions = list(achievement.versions.all())
    return {text.locale: rows.text_values(text) for text in versions[-1].localizations.all()} if versions else {}


def _whole(found: QuerySet[Achievement]) -> list[Achievement]:
    return list(found.select_related("app__team", "group__team").prefetch_related("versions__localizations"))


def _visible(member: Member) -> Q:
    return Q(app__in=members.visible_apps(member)) | Q(group__in=members.visible_groups(member))


def _matching(home: Home, filters: Filters) -> QuerySet[Achievement]:
    found = of_home(home)
    for word in filters.query.lower().split():
        found = found.filter(search_text__contains=word)
    if filters.state:
        found = found.filter(state__in=STATES[filters.state])
    if filters.hidden:
        found = found.filter(show_before_earned=filters.hidden == "no")
    if filters.repeatable:
        found = found.filter(repeatable=filters.repeatable == "yes")
    if filters.archived:
        found = found.filter(archived=filters.archived == "yes")
    if filters.incomplete:
        found = found.filter(is_complete=filters.incomplete == "no")
    if filters.missing:
        found = found.exclude(languages__has_key=filters.missing)
    order = SORTS[filters.sort.removeprefix("-")]
    if filters.sort.startswith("-"):
        order = (f"-{order[0]}", *order[1:])
    return found.order_by(*order)


def counts(home: Home) -> dict[str, int]:
    """How many achievements each filter would leave, from the home's summary: no query."""
    summary = home.summary or {"achievements": 0, "states": {}, "archived": 0, "hidden": 0, "complete": 0}
    of_state = {name: sum(summary["states"].get(state, 0) for state in covered) for name, covered in STATES.items()}
    return {
        "all": summary["achievements"],
        "points": summary.get("points", 0),
        **of_state,
        "hidden": summary["hidden"],
        "archived": summary["archived"],
        "incomplete": summary["achievements"] - summary["complete"],
    }


def achievement(home: Home, apple_id: str) -> Achievement:
    """One achievement with everything that belongs to it; NotFound where the home has none such."""
    found = (
        of_home(home)
        .select_related("app__team", "group__team")
        .prefetch_related("versions__localizations__image", "releases")
        .filter(apple_id=apple_id)
        .first()
    )
    if found is None:
        raise NotFound("There is no such achievement here. It may have been deleted.")
    return found


def siblings(home: Home, *, excluding: Achievement | None = None) -> list[validation.Sibling]:
    """What the rules need to know of the other achievements of a game or group."""
    found = home.achievements.all() if excluding is None else home.achievements.exclude(pk=excluding.pk)
    return [validation.Sibling(*row) for row in found.values_list("vendor_identifier", "points", "archived")]


def standing(achievement: Achievement) -> validation.Standing:
    """What Apple allows for an achievement just now."""
    states = [version.state for version in achievement.versions.all()]
    return validation.standing(states, has_been_live=achievement.has_been_live)


def values(achievement: Achievement) -> dict[str, Any]:
    """The attributes of an achievement, by Apple's names in snake_case."""
    return rows.values_of(achievement)


def group_achievement(achievement: Achievement) -> Achievement | None:
    """The group achievement onto which an achievement is mapped."""
    if not achievement.group_achievement_id:
        return None
    return Achievement.objects.select_related("group").filter(apple_id=achievement.group_achievement_id).first()
