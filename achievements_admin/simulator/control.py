"""The control plane under `/_simulator/`: no token, loopback only, for tests and verdicts; it isn't Apple's."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from typing import Any
from urllib.parse import parse_qs

from . import progress, state
from .records import RECORDS, AppStoreVersion, Record, Version
from .store import Store
from .world import World

Json = dict[str, Any]


class BadRequest(Exception):
    """The control request makes no sense; the text says why."""


def answer(world: World, method: str, path: str, query: str, content: bytes) -> tuple[int, Json]:
    """Answer a control request."""
    name = path.removeprefix("/_simulator").strip("/")
    action = _ACTIONS.get((method, name))
    if action is None:
        known = sorted(f"{one} /_simulator/{path}" for one, path in _ACTIONS)
        return 404, {"error": f"there is no {method} {path}", "known": known}
    try:
        given = json.loads(content) if content else {}
        return 200, action(world, given if method == "POST" else {k: v[-1] for k, v in parse_qs(query).items()})
    except (BadRequest, ValueError, TypeError, KeyError) as error:
        return 400, {"error": f"{type(error).__name__}: {error}"}


def _state(world: World, given: Json) -> Json:
    with world.lock:
        progress.run_due(world.store, world.rules)
        return state.dump(world, contents=given.get("contents") == "true")


def _reset(world: World, given: Json) -> Json:
    world.reset(entirely=bool(given.get("all")))
    return {}


def _seed(world: World, given: Json) -> Json:
    """Another seed, by name or as a document; everything else is reset too."""
    world.plant(given.get("name") or given.get("document") or given)
    world.reset(entirely=bool(given.get("all")))
    return {}


def _faults(world: World, given: Any) -> Json:
    """Set rules: a list of them replaces all, `{"add": {...}}` adds one, `{"clear": true | id}` takes away."""
    if isinstance(given, list):
        world.faults.clear()
        made = [world.faults.add(one) for one in given]
    elif "clear" in given:
        world.faults.clear(given["clear"] if isinstance(given["clear"], str) else "")
        made = []
    else:
        added = given.get("add", given)
        made = [world.faults.add(one) for one in (added if isinstance(added, list) else [added])]
    with world.lock:
        world.store.keeps_past = world.faults.has_lag
    return {"faults": [one.document() for one in made]}


def _list_faults(world: World, given: Json) -> Json:
    return {"faults": [one.document() for one in world.faults.rules]}


def _release(world: World, given: Json) -> Json:
    return {"released": world.faults.release(given.get("id", ""), drop=bool(given.get("drop")))}


def _rules(world: World, given: Json) -> Json:
    with world.lock:
        world.rules = world.rules.changed(given)
    return asdict(world.rules)


def _clock(world: World, given: Json) -> Json:
    """`{"advance": seconds}`, `{"set": moment}`, `{"freeze": true | false}`; what is due then happens at once."""
    with world.lock:
        if "freeze" in given:
            world.clock.freeze(bool(given["freeze"]))
        if "set" in given:
            world.clock.set(float(given["set"]))
        world.clock.advance(float(given.get("advance", 0)))
        before = world.store.changes
        progress.run_due(world.store, world.rules)
        if world.store.changes > before:
            world.on_change()
        return {"now": world.clock.now(), "frozen": world.clock.frozen_at is not None}


def _keys(world: World, given: Json) -> Json:
    """`{"key": id, "revoked": bool, "role": text, "agreement": bool, "individual": bool, "v2": bool}`; no key: all."""
    with world.lock:
        for key in world.keyring.keys.values():
            if given.get("key") not in (None, key.key_id):
                continue
            key.is_revoked = given.get("revoked", key.is_revoked)
            key.role = given.get("role", key.role)
            key.has_agreement = given.get("agreement", key.has_agreement)
            key.is_individual = given.get("individual", key.is_individual)
            key.has_second_generation = given.get("v2", key.has_second_generation)
        if given.get("key") not in (None, *world.keyring.keys):
            raise BadRequest(f"there is no key {given['key']}")
    return _list_keys(world, {})


def _list_keys(world: World, given: Json) -> Json:
    return {
        "keys": [
            {
                "key": one.key_id,
                "team": one.team,
                "issuer_id": one.issuer_id,
                "role": one.role,
                "revoked": one.is_revoked,
                "agreement": one.has_agreement,
                "individual": one.is_individual,
                "v2": one.has_second_generation,
                "used": world.quota.used(one.key_id),
            }
            for one in world.keyring.keys.values()
        ]
    }


def _requests(world: World, given: Json) -> Json:
    entries = world.journal.since(int(given.get("since", 0)), int(given.get("limit", 100_000)))
    return {"requests": [one.document() for one in entries], "last": world.journal.number}


def _stats(world: World, given: Json) -> Json:
    journal = world.journal
    return {
        "requests": journal.number,
        "counts": dict(journal.counts),
        "open": journal.open,
        "most_open": journal.most_open,
        "quota_used": {key: world.quota.used(key) for key in world.keyring.keys},
        "latency_ms": world.latency * 1000,
    }


def _latency(world: World, given: Json) -> Json:
    world.latency = float(given["ms"]) / 1000
    return {"ms": world.latency * 1000}


def _quota(world: World, given: Json) -> Json:
    """`{"reset": true}`, or `{"used": n}`: as if every key had sent so many requests just now."""
    with world.lock:
        world.quota.reset()
        for key in world.keyring.keys:
            for _ in range(int(given.get("used", 0))):
                world.quota.take(key, world.clock.now(), world.rules)
    return _list_keys(world, {})


def _review(world: World, given: Json) -> Json:
    """`{"reject": [version ids]}`: the next review refuses them."""
    with world.lock:
        world.store.rejects.update(given.get("reject", []))
        return {"rejects": sorted(world.store.rejects)}


def _change(world: World, given: Json) -> Json:
    """Edit the store behind the client's back: `{"type", "id", "set": {...}}` or `{"type", "id", "delete": true}`.

    `set` takes the record's own names or Apple's attribute names. A version that becomes LIVE replaces the one before
    it; a version of the game that becomes READY_FOR_DISTRIBUTION takes its releases along.
    """
    with world.lock:
        kind = RECORDS.get(given["type"])
        record = world.store.tables.get(kind, given["id"]) if kind else None
        if record is None:
            raise BadRequest(f"there is no {given['type']} {given['id']}")
        if given.get("delete"):
            world.store.remove(record)
        else:
            record = _set(world.store, record, given["set"])
            if isinstance(record, Version) and record.state == "LIVE":
                progress.make_live(world.store, record)
            if isinstance(record, AppStoreVersion) and record.state == "READY_FOR_DISTRIBUTION":
                progress.release_app_version(world.store, world.rules, record.id, world.clock.now())
        world.on_change()
    return {"changed": state.row(record)}


def _set(store: Store, record: Record, given: Json) -> Record:
    known = {field.name for field in fields(record)}
    values = {_SPELLINGS.get(name, _snake(name)): value for name, value in given.items()}
    unknown = sorted(set(values) - known)
    if unknown:
        raise BadRequest(f"{record.table} has no {', '.join(unknown)}")
    if isinstance(values.get("activity_properties"), dict):
        values["activity_properties"] = tuple(sorted(values["activity_properties"].items()))
    return store.put(replace(record, **values))


_SPELLINGS = {"version": "number", "appVersionState": "state"}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


_ACTIONS: dict[tuple[str, str], Callable[[World, Any], Json]] = {
    ("GET", "state"): _state,
    ("GET", "requests"): _requests,
    ("GET", "stats"): _stats,
    ("GET", "faults"): _list_faults,
    ("GET", "keys"): _list_keys,
    ("GET", "rules"): lambda world, given: asdict(world.rules),
    ("GET", "clock"): lambda world, given: {"now": world.clock.now(), "frozen": world.clock.frozen_at is not None},
    ("POST", "reset"): _reset,
    ("POST", "seed"): _seed,
    ("POST", "faults"): _faults,
    ("POST", "release"): _release,
    ("POST", "rules"): _rules,
    ("POST", "clock"): _clock,
    ("POST", "keys"): _keys,
    ("POST", "latency"): _latency,
    ("POST", "quota"): _quota,
    ("POST", "review"): _review,
    ("POST", "change"): _change,
}
