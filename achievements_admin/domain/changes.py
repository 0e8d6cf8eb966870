"""Changes: what is wanted against what is, each with a natural key, a before, an after and a price.

A natural key names a thing without Apple's identifiers, so that it can be looked up after an answer was lost:
`apps/<app>/achievements/<vendor identifier>`, the same under `groups/<group>`, and `apps/<app>/detail`. Under an
achievement `localizations/<locale>` is a text of the version that is edited, and `version` that version itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

ATTRIBUTES = (
    "reference_name",
    "vendor_identifier",
    "points",
    "show_before_earned",
    "repeatable",
    "archived",
    "activity_properties",
)
"""Attributes of an achievement, in the order in which pages show them."""

TEXTS = ("name", "before_earned_description", "after_earned_description")
"""Attributes of a text, in the order in which pages show them."""

Values = Mapping[str, Any]


class Kind(StrEnum):
    """What a change does."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Resource(StrEnum):
    """What a change is made to."""

    DETAIL = "detail"
    ACHIEVEMENT = "achievement"
    VERSION = "version"
    LOCALIZATION = "localization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an achievement shall be, as far as somebody has said so: the rest stays as it is.

    `texts` holds by locale some of TEXTS, or None for a language that shall go.
    """

    vendor_identifier: str
    attributes: Values = field(default_factory=dict)
    texts: Mapping[str, Values | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing to be created, updated or deleted at Apple.

    `before` and `after` hold the same attribute names: of an update only those that change, of a creation `before` is
    None, of a deletion `after` is None. `home` is the key of the game or group. `parent` is the key of the change that
    must have ended well before. `listed_under` is the key of the list at Apple that shows the thing, if any does.
    """

    kind: Kind
    resource: Resource
    key: str
    home: str
    title: str
    before: Values | None
    after: Values | None
    apple_id: str = ""
    parent: str = ""
    listed_under: str = ""

    @property
    def phase(self) -> int:
        """When it is applied: Apple checks the sum of points at every request, so what lowers them goes first."""
        if self.parent:
            return 1
        if self.kind is Kind.DELETE:
            return 0
        lowers = self.before is not None and self.after is not None and "points" in self.after
        return 0 if lowers and (self.after or {})["points"] < (self.before or {})["points"] else 1

    def as_json(self) -> dict[str, Any]:
        """The change as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Values) -> Self:
        """The change that `as_json` wrote."""
        return cls(**{**document, "kind": Kind(document["kind"]), "resource": Resource(document["resource"])})


def app_key(apple_id: str) -> str:
    """Key of a game."""
    return f"apps/{apple_id}"


def group_key(apple_id: str) -> str:
    """Key of a group."""
    return f"groups/{apple_id}"


def achievement_key(home: str, vendor_identifier: str) -> str:
    """Key of an achievement in the game or group `home`."""
    return f"{home}/achievements/{vendor_identifier}"


def localization_key(achievement: str, locale: str) -> str:
    """Key of a text of the achievement with this key."""
    return f"{achievement}/localizations/{locale}"


def version_key(achievement: str) -> str:
    """Key of the version of the achievement with this key that is edited."""
    return f"{achievement}/version"


def achievement_of(key: str) -> str:
    """Key of the achievement to which a thing belongs, or is."""
    return "/".join(key.split("/")[:4])


def creation(home: str, wanted: Values) -> Change:
    """The change that creates an achievement."""
    return Change(
        kind=Kind.CREATE,
        resource=Resource.ACHIEVEMENT,
        key=achievement_key(home, wanted["vendor_identifier"]),
        home=home,
        title=wanted["reference_name"],
        before=None,
        after={name: wanted[name] for name in ATTRIBUTES if name in wanted and name != "archived"},
        listed_under=home,
    )


def update(home: str, *, apple_id: str, base: Values, wanted: Values) -> Change | None:
    """The change from `base` to `wanted`, None when they agree; what `wanted` does not name stays as it is."""
    after = {name: value for name, value in wanted.items() if name in base and base[name] != value}
    if not after:
        return None
    return Change(
        kind=Kind.UPDATE,
        resource=Resource.ACHIEVEMENT,
        key=achievement_key(home, base["vendor_identifier"]),
        home=home,
        title=base["reference_name"],
        before={name: base[name] for name in after},
        after=after,
        apple_id=apple_id,
        listed_under=home,
    )


def deletion(home: str, *, apple_id: str, base: Values) -> Change:
    """The change that deletes an achievement."""
    return Change(
        kind=Kind.DELETE,
        resource=Resource.ACHIEVEMENT,
        key=achievement_key(home, base["vendor_identifier"]),
        home=home,
        title=base["reference_name"],
        before=dict(base),
        after=None,
        apple_id=apple_id,
        listed_under=home,
    )


def opening(achievement: str, *, home: str, title: str, locales: Sequence[str]) -> Change:
    """The change that opens a new version with the texts of the live one, in `locales`."""
    return Change(
        kind=Kind.CREATE,
        resource=Resource.VERSION,
        key=version_key(achievement),
        home=home,
        title=title,
        before=None,
        after={"locales": sorted(locales)},
    )


def text(
    achievement: str,
    locale: str,
    *,
    home: str,
    title: str,
    base: Values | None,
    wanted: Values | None,
    parent: str = "",
    listed_under: str = "",
) -> Change | None:
    """The change of one text from `base` (None: there is none) to `wanted` (None: it shall go); None when they agree.

    Of a text that is there `wanted` need name only what shall differ.
    """
    before = after = None
    if base is None and wanted is not None:
        kind, after = Kind.CREATE, {name: wanted.get(name, "") for name in TEXTS}
    elif base is not None and wanted is None:
        kind, before = Kind.DELETE, {name: base[name] for name in TEXTS}
    elif base is not None and wanted is not None:
        kind, after = (
            Kind.UPDATE,
            {name: wanted[name] for name in TEXTS if name in wanted and wanted[name] != base[name]},
        )
        before = {name: base[name] for name in after}
    if not after and not before:
        return None
    return Change(
        kind=kind,
        resource=Resource.LOCALIZATION,
        key=localization_key(achievement, locale),
        home=home,
        title=title,
        before=before,
        after=after,
        parent=parent,
        listed_under=listed_under,
    )


def game_center(home: str, *, app_id: str, title: str) -> Change:
    """The change that turns Game Center on for a game."""
    return Change(
        kind=Kind.CREATE,
        resource=Resource.DETAIL,
        key=f"{home}/detail",
        home=home,
        title=title,
        before=None,
        after={"app_id": app_id},
    )


def in_order(planned: Sequence[Change]) -> list[Change]:
    """The order in which Apple needs them: what lowers points and what goes, then things before what hangs on them."""
    place = {resource: number for number, resource in enumerate(Resource)}
    return sorted(planned, key=lambda change: (change.phase, place[change.resource]))


def cost(planned: Sequence[Change]) -> int:
    """API requests that applying takes: one per change, and what Apple holds is read before anything is replaced.

    A single change reads its own thing, several read the lists that show them. A version that is opened is read back
    with its texts; those that Apple does not carry over cost a request each on top, which nobody can know before.
    """
    lists = {change.listed_under for change in planned if change.kind is not Kind.CREATE and change.listed_under}
    return len(planned) + len(lists) + sum(change.resource is Resource.VERSION for change in planned)
