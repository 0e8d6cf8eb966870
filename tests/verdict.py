"""The four numbers in which every fault test ends: what the ledger says against what Apple holds."""

from typing import Any

from achievements_admin.models import ItemState, Job, JobItem
from tests.studio import Studio, values

CLEAN = {"lost": 0, "duplicated": 0, "wrong": 0, "stuck": 0}
FINAL = (ItemState.VERIFIED, ItemState.SKIPPED, ItemState.CONFLICT, ItemState.FAILED, ItemState.CANCELLED)


def verdict(studio: Studio, *jobs: Job) -> dict[str, int]:
    """`lost`: a verified item whose effect is absent; `duplicated`: two things with one natural key; `wrong`: a value
    that differs from the plan; `stuck`: an item that has not ended."""
    held = _held(studio)
    found = CLEAN | {"duplicated": sum(len(same) > 1 for same in held.values())}
    for item in JobItem.objects.filter(job__in=jobs):
        found["stuck"] += item.state not in FINAL
        wanted = item.change["after"]
        if item.state not in (ItemState.VERIFIED, ItemState.SKIPPED) or item.change["resource"] not in KINDS:
            continue
        row = held.get(item.key, [{}])[0]
        if wanted is None:
            found["wrong"] += bool(row)
            continue
        found["lost"] += not row
        found["wrong"] += sum(not _same(row.get(name), value, name) for name, value in wanted.items()) if row else 0
    return found


KINDS = ("achievement", "version", "localization")


def _held(studio: Studio) -> dict[str, list[dict[str, Any]]]:
    """What Apple holds, by natural key: of texts those of the highest version."""
    state = studio.simulator.state()
    apps = {row["id"]: f"apps/{row['app_id']}" for row in values(state["gameCenterDetails"])}
    found: dict[str, list[dict[str, Any]]] = {}
    names: dict[str, str] = {}
    for row in values(state["gameCenterAchievements"]):
        home = apps[row["detail_id"]] if row["detail_id"] else f"groups/{row['group_id']}"
        names[row["id"]] = f"{home}/achievements/{row['vendor_identifier']}"
        found.setdefault(names[row["id"]], []).append(row)
    newest: dict[str, dict[str, Any]] = {}
    for row in sorted(values(state["gameCenterAchievementVersions"]), key=lambda row: row["number"]):
        newest[row["achievement_id"]] = row
    texts: dict[str, list[dict[str, Any]]] = {}
    for row in values(state["gameCenterAchievementLocalizations"]):
        texts.setdefault(row["version_id"], []).append(row)
    for achievement_id, version in newest.items():
        here = texts.get(version["id"], [])
        name = names[achievement_id]
        found[f"{name}/version"] = [{"locales": [row["locale"] for row in here]}]
        for row in here:
            found.setdefault(f"{name}/localizations/{row['locale']}", []).append(row)
    return found


def _same(held: Any, wanted: Any, name: str) -> bool:
    return set(wanted) <= set(held) if name == "locales" else held == wanted
