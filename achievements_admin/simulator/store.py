"""The one store behind both generations: tables of frozen records, found by identifier or by what they belong to."""

import hashlib
import itertools
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from .clock import Clock
from .records import (
    RECORDS,
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
)

R = TypeVar("R", bound=Record)
Index = dict[str, tuple[str, ...]]
GROUP_ORDER = ("gameCenterAchievements", "group order")


class Tables:
    """Records by table and identifier, and the identifiers by parent in the order of the list."""

    __slots__ = ("index", "rows")

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {table: {} for table in RECORDS}
        self.index: dict[tuple[str, str], Index] = {
            (table, parent): {} for table, record in RECORDS.items() for parent in record.parents
        }
        # A group shows what its games brought along, too, so that its order is not that of its own achievements.
        self.index[GROUP_ORDER] = {}

    def get(self, kind: type[R], identifier: str | None) -> R | None:
        """The record, or None."""
        return cast(R | None, self.rows[kind.table].get(identifier)) if identifier is not None else None

    def children_ids(self, kind: type[R], parent: str, identifier: str) -> tuple[str, ...]:
        """Identifiers of the records that belong to something, in order."""
        return self.index[kind.table, parent].get(identifier, ())

    def children(self, kind: type[R], parent: str, identifier: str) -> list[R]:
        """The records that belong to something, in order."""
        rows = self.rows[kind.table]
        return [rows[one] for one in self.index[kind.table, parent].get(identifier, ())]

    def all(self, kind: type[R]) -> Iterator[R]:
        """Every record of a table."""
        return iter(self.rows[kind.table].values())

    # The questions that several modules ask.

    def detail_of(self, app_id: str) -> Detail | None:
        """Game Center of a game, when it is on."""
        return next(iter(self.children(Detail, "app_id", app_id)), None)

    def versions(self, achievement_id: str) -> list[Version]:
        """All versions, oldest first."""
        return self.children(Version, "achievement_id", achievement_id)

    def first_generation_version(self, achievement_id: str) -> Version:
        """The version that the first generation sees: the live one, or the newest where none is live."""
        versions = self.versions(achievement_id)
        return next((one for one in versions if one.state == "LIVE"), versions[-1])

    def localizations(self, version_id: str) -> list[Localization]:
        """The texts of a version."""
        return self.children(Localization, "version_id", version_id)

    def image_of(self, localization_id: str) -> Image | None:
        """The image of a localization: the newest, should there be two."""
        images = self.children(Image, "localization_id", localization_id)
        return images[-1] if images else None

    def app_of(self, achievement: Achievement) -> App | None:
        """The game of an achievement that is not a group's."""
        detail = self.get(Detail, achievement.detail_id)
        return self.get(App, detail.app_id) if detail else None


@dataclass(slots=True)
class Scheduled:
    """Something that will happen by itself."""

    due: float
    number: int
    action: str
    identifier: str


@dataclass(slots=True)
class Past:
    """The tables before one write; what a lagging list still shows."""

    moment: float
    tables: Tables
    reads: int = 0


@dataclass(slots=True)
class Store:
    """Everything that the server knows about its teams' games."""

    clock: Clock
    tables: Tables = field(default_factory=Tables)
    teams: dict[str, str] = field(default_factory=dict)  # identifier -> name
    contents: dict[str, bytes] = field(default_factory=dict)  # image content by key
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)  # uploads in progress, by image
    used_identifiers: set[tuple[str, str]] = field(default_factory=set)  # (owner, vendor identifier), deleted ones too
    rejects: set[str] = field(default_factory=set)  # versions that the next review will refuse
    scheduled: list[Scheduled] = field(default_factory=list)
    past: deque[Past] = field(default_factory=deque)
    keeps_past: bool = False
    changes: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_id(self) -> str:
        """An identifier that was never used."""
        return str(uuid.uuid4())

    def fixed_id(self, *parts: str) -> str:
        """An identifier that is the same in every run, for seeds."""
        return str(uuid.UUID(hashlib.md5("/".join(parts).encode(), usedforsecurity=False).hexdigest(), version=4))

    def put(self, record: R) -> R:
        """Add a record, or replace the one with its identifier."""
        self._begin_change(record.table)
        rows = self.tables.rows[record.table]
        old = rows.get(record.id)
        rows[record.id] = record
        for parent in record.parents:
            before = getattr(old, parent) if old is not None else None
            after = getattr(record, parent)
            if before == after:
                continue
            index = self.tables.index[record.table, parent]
            if before is not None:
                index[before] = tuple(one for one in index[before] if one != record.id)
            if after is not None:
                index[after] = (*index.get(after, ()), record.id)
        return record

    def change(self, record: R, **values: Any) -> R:
        """Replace some values of a record."""
        return self.put(replace(record, **values))

    def remove(self, record: Record) -> None:
        """Take a record away, with everything that belongs to it."""
        for dependant in self._dependants(record):
            self.remove(dependant)
        self._begin_change(record.table)
        del self.tables.rows[record.table][record.id]
        for parent in record.parents:
            index = self.tables.index[record.table, parent]
            owner = getattr(record, parent)
            if owner is not None:
                index[owner] = tuple(one for one in index[owner] if one != record.id)
        if isinstance(record, Image):
            self.contents.pop(record.content, None)
            self.parts.pop(record.id, None)

    def _dependants(self, record: Record) -> Iterable[Record]:
        tables = self.tables
        if isinstance(record, Achievement):
            return [*tables.versions(record.id), *tables.children(Release, "achievement_id", record.id)]
        if isinstance(record, Version):
            return [*tables.localizations(record.id), *tables.children(Item, "target_id", record.id)]
        if isinstance(record, Localization):
            return tables.children(Image, "localization_id", record.id)
        if isinstance(record, Group):
            return tables.children(Achievement, "group_id", record.id)
        if isinstance(record, Submission):
            return tables.children(Item, "submission_id", record.id)
        return ()

    def reorder(self, parent: str, owner: str, identifiers: Iterable[str]) -> None:
        """Give what belongs to a detail or group another order."""
        self._begin_change(Achievement.table)
        self.tables.index[Achievement.table, parent][owner] = tuple(identifiers)

    def reorder_group(self, group_id: str, identifiers: Iterable[str]) -> None:
        """Give all that a group lists another order."""
        self._begin_change(Achievement.table)
        self.tables.index[GROUP_ORDER][group_id] = tuple(identifiers)

    def schedule(self, seconds: float, action: str, identifier: str, *, since: float | None = None) -> None:
        """Let something happen later; `since` is when the waiting began (now, unless it is itself overdue)."""
        start = self.clock.now() if since is None else since
        self.scheduled.append(Scheduled(start + seconds, next(self._numbers), action, identifier))
        self.scheduled.sort(key=lambda one: (one.due, one.number))

    def _begin_change(self, table: str) -> None:
        """Keep the state before the change for lists that lag: only the tables that change are copied."""
        self.changes += 1
        if not self.keeps_past:
            return
        old = self.tables
        self.past.append(Past(self.clock.now(), old))
        new = Tables.__new__(Tables)
        new.rows = {**old.rows, table: dict(old.rows[table])}
        new.index = {key: dict(index) if key[0] == table else index for key, index in old.index.items()}
        self.tables = new

    # Typed shortcuts for the kinds that are looked up most.

    def app(self, identifier: str) -> App | None:
        """A game."""
        return self.tables.get(App, identifier)

    def app_store_versions(self, app_id: str) -> list[AppStoreVersion]:
        """Versions of a game in the store, oldest first."""
        return self.tables.children(AppStoreVersion, "app_id", app_id)

    def game_center_version(self, app_store_version_id: str) -> GameCenterAppVersion | None:
        """Game Center of a version of the game."""
        return next(
            iter(self.tables.children(GameCenterAppVersion, "app_store_version_id", app_store_version_id)), None
        )
