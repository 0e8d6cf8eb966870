"""The whole store as JSON: for verdicts, and for a file that outlives the process."""

import base64
import json
import os
import threading
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .records import RECORDS, Record
from .store import GROUP_ORDER, Store

if TYPE_CHECKING:
    from .world import World

Json = dict[str, Any]
SAVE_SECONDS = 0.5
_NAMES = {table: tuple(one.name for one in fields(kind)) for table, kind in RECORDS.items()}


def row(record: Record) -> Json:
    """A record as JSON."""
    return {name: getattr(record, name) for name in _NAMES[record.table]}


def dump(world: "World", *, contents: bool = False) -> Json:
    """Teams and all records by type; achievements are in the order of their lists."""
    store = world.store
    dumped: Json = {
        "now": world.clock.now(),
        "teams": dict(store.teams),
        **{table: [row(one) for one in rows.values()] for table, rows in store.tables.rows.items()},
        "order": {
            owner: list(many)
            for parent in ("detail_id", "group_id")
            for owner, many in store.tables.index["gameCenterAchievements", parent].items()
            if many
        },
    }
    dumped["group_order"] = {owner: list(many) for owner, many in store.tables.index[GROUP_ORDER].items()}
    if contents:
        dumped["contents"] = {key: base64.b64encode(value).decode() for key, value in store.contents.items()}
    return dumped


def save(world: "World", path: Path) -> None:
    """Write the store to a file, whole or not at all."""
    with world.lock:
        saved = dump(world, contents=True)
        saved["used_identifiers"] = sorted(world.store.used_identifiers)
        saved["rejects"] = sorted(world.store.rejects)
        saved["scheduled"] = [[one.due, one.action, one.identifier] for one in world.store.scheduled]
        saved["clock_offset"] = world.clock.offset
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(saved))
    os.replace(beside, path)


def restore(world: "World", path: Path) -> None:
    """Read the store from a file."""
    saved = json.loads(path.read_text())
    world.clock.offset = saved.get("clock_offset", 0.0)
    store = Store(world.clock)
    store.teams = saved["teams"]
    for table, kind in RECORDS.items():
        tuples = {one.name for one in fields(kind) if "tuple" in str(one.type)}
        for given in saved[table]:
            store.put(kind(**{name: _tuple(value) if name in tuples else value for name, value in given.items()}))
    for owner, many in saved["order"].items():
        parent = "group_id" if owner in store.tables.rows["gameCenterGroups"] else "detail_id"
        store.reorder(parent, owner, many)
    for owner, many in saved.get("group_order", {}).items():
        store.reorder_group(owner, many)
    store.contents = {key: base64.b64decode(value) for key, value in saved.get("contents", {}).items()}
    store.used_identifiers = {(owner, identifier) for owner, identifier in saved.get("used_identifiers", [])}
    store.rejects = set(saved.get("rejects", []))
    for due, action, identifier in saved.get("scheduled", []):
        store.schedule(0.0, action, identifier, since=due)
    world.store = store


def _tuple(value: Any) -> Any:
    return tuple(_tuple(one) for one in value) if isinstance(value, list) else value


class Keeper:
    """Saves the store a moment after it has changed, and once more at the end."""

    def __init__(self, world: "World", path: Path) -> None:
        self._world, self._path = world, path
        self._changed, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="state", daemon=True)
        self._thread.start()

    def note_change(self) -> None:
        """Something has changed."""
        self._changed.set()

    def close(self) -> None:
        """Save and stop."""
        self._ended.set()
        self._changed.set()
        self._thread.join()
        save(self._world, self._path)

    def _run(self) -> None:
        while True:
            self._changed.wait()
            if self._ended.wait(SAVE_SECONDS):
                return
            self._changed.clear()
            save(self._world, self._path)
