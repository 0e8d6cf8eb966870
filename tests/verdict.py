"""The four numbers in which every fault test ends: what the ledger says against what Apple holds."""

from typing import Any

from achievements_admin.models import ItemState, Job
from tests.studio import Studio, values

CLEAN = {"lost": 0, "duplicated": 0, "wrong": 0, "stuck": 0}
FINAL = (ItemState.VERIFIED, ItemState.SKIPPED, ItemState.CONFLICT, ItemState.FAILED, ItemState.CANCELLED)


def verdict(studio: Studio, job: Job) -> dict[str, int]:
    """`lost`: a verified item whose effect is absent; `duplicated`: two things with one natural key; `wrong`: a value
    that differs from the plan; `stuck`: an item that has not ended."""
    held: dict[str, list[dict[str, Any]]] = {}
    for row in values(studio.simulator.state()["gameCenterAchievements"]):
        held.setdefault(row["vendor_identifier"], []).append(row)
    found = CLEAN | {"duplicated": sum(len(same) > 1 for same in held.values())}
    for item in job.items.all():
        found["stuck"] += item.state not in FINAL
        wanted = item.change["after"]
        if item.state not in (ItemState.VERIFIED, ItemState.SKIPPED) or not wanted:
            continue
        row = held.get(item.key.rsplit("/", 1)[1], [{}])[0]
        found["lost"] += not row
        found["wrong"] += sum(row.get(name) != value for name, value in wanted.items()) if row else 0
    return found
