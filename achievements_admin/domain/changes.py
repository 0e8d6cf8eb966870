"""Changes: what is wanted against what is, each with a natural key, a before, an after and a price.

A natural key names a thing without Apple's identifiers, so that it can be looked up after an answer was lost:
`apps/<app>/achievements/<vendor identifier>`, the same under `groups/<group>`, and `apps/<app>/detail`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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

Values = Mapping[str, Any]


class Kind(StrEnum):
    """What a change does."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Resource(StrEnum):
    """What a change is made to."""

    ACHIEVEMENT = "achievement"
    DETAIL = "detail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing to be created, updated or deleted at Apple.

    `before` and `after` hold the same attribute names: of an update only those that change, of a creation `before` is
    None, of a deletion `after` is None. `home` is the key of the game or group.
    """

    kind: Kind
    resource: Resource
    key: str
    home: str
    title: str
    before: Values | None
    after: Values | None
    apple_id: str = ""

    @property
    def phase(self) -> int:
        """When it is applied: Apple checks the sum of points at every request, so what lowers them goes first."""
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


def cost(planned: Sequence[Change]) -> int:
    """API requests that applying takes: one per change, and what Apple holds is read before anything is replaced.

    A single change reads its own thing, several read one list per game or group.
    """
    homes = {change.home for change in planned if change.kind is not Kind.CREATE}
    return len(planned) + len(homes)
