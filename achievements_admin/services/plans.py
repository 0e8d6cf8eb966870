"""Plans: what somebody means to change, checked against every rule before anything is sent."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from achievements_admin.domain import bulk as wishes
from achievements_admin.domain import changes, limits, validation
from achievements_admin.domain.bulk import BulkEdit
from achievements_admin.domain.changes import Change
from achievements_admin.domain.validation import Problem, Sibling
from achievements_admin.models import Achievement, App, Group, ItemState, Job, JobItem, Member, Plan

from . import catalog, effects, jobs, members
from .audit import By
from .errors import Invalid, NotAllowed, NotFound
from .rows import Home

# A form sent again with the same token after one of these is a new try, not an echo.
RETRIED = (ItemState.FAILED, ItemState.CONFLICT, ItemState.CANCELLED)


def create(home: Home, wanted: Mapping[str, Any], by: By, token: str = "") -> Plan:
    """Plan a new achievement; raises Invalid with every problem."""
    _require(by, "achievements.change", home)
    change = changes.creation(catalog.key(home), wanted)
    if echo := _echo(token, [change]):
        return echo
    if isinstance(home, App) and not home.detail_id:
        raise Invalid([Problem("", f"Game Center is off for {home}. Turn it on first.")])
    siblings = catalog.siblings(home)
    _check(validation.attribute_problems(wanted, siblings=siblings, is_group=isinstance(home, Group)))
    return store(home, [change], title=f"Create {wanted['reference_name']}", by=by, token=token)


def edit(
    achievement: Achievement, base: Mapping[str, Any], wanted: Mapping[str, Any], by: By, token: str = ""
) -> Plan | None:
    """Plan an edit of an achievement that was opened at `base`; None when nothing changes.

    Attributes that `wanted` does not name stay as they are. Raises Invalid with every problem.
    """
    home = achievement.home
    _require(by, "achievements.change", home)
    base = {**catalog.values(achievement), **base, "vendor_identifier": achievement.vendor_identifier}
    wanted = {name: value for name, value in wanted.items() if name != "vendor_identifier"}
    change = changes.update(catalog.key(home), apple_id=achievement.apple_id, base=base, wanted=wanted)
    if change is None:
        return None
    if echo := _echo(token, [change]):
        return echo
    _check(
        validation.attribute_problems(
            {**base, **wanted},
            siblings=catalog.siblings(home, excluding=achievement),
            is_group=isinstance(home, Group),
            base=base,
            allowed=catalog.standing(achievement),
        )
    )
    return store(home, [change], title=f"Edit {achievement}", by=by, token=token)


def archive(achievement: Achievement, archived: bool, by: By, token: str = "") -> Plan | None:
    """Plan to archive an achievement or to restore it; None when it is so already."""
    _require(by, "achievements.change", achievement.home)
    standing = catalog.standing(achievement)
    why_not = standing.why_not_archivable if archived else standing.why_locked
    if why_not and archived != achievement.archived:
        raise Invalid([Problem("archived", why_not)])
    return edit(achievement, {}, {"archived": archived}, by, token)


def delete(achievement: Achievement, by: By, token: str = "") -> Plan:
    """Plan to delete an achievement; raises Invalid where Apple would not allow it."""
    home = achievement.home
    _require(by, "achievements.delete", home)
    change = changes.deletion(catalog.key(home), apple_id=achievement.apple_id, base=catalog.values(achievement))
    if echo := _echo(token, [change]):
        return echo
    if why_not := catalog.standing(achievement).why_not_deletable:
        raise Invalid([Problem("", why_not)])
    return store(home, [change], title=f"Delete {achievement}", by=by, token=token)


def enable_game_center(app: App, by: By, token: str = "") -> Plan:
    """Plan to turn Game Center on for a game."""
    _require(by, "game_center.enable", app)
    title = f"Turn Game Center on for {app}"
    change = changes.game_center(catalog.key(app), app_id=app.apple_id, title=title)
    return _echo(token, [change]) or store(app, [change], title=title, by=by, token=token)


def bulk(home: Home, achievements: Sequence[Achievement], wish: BulkEdit, by: By, *, delete: bool = False) -> Plan:
    """Plan one wish for many achievements; raises Invalid when the wish makes no sense or changes nothing.

    Rows that break a rule are kept in the plan with what is wrong; applying leaves them out.
    """
    _require(by, "achievements.delete" if delete else "achievements.change", home)
    _check([] if delete else wish.problems)
    planned, problems = preview(home, achievements, wish, delete=delete)
    if not planned:
        raise Invalid([Problem("", "All of them are like that already; there is nothing to change.")])
    what = "Delete" if delete else "Edit"
    return store(home, planned, title=f"{what} {len(planned)} of {home}", by=by, problems=problems)


def preview(
    home: Home, achievements: Sequence[Achievement], wish: BulkEdit, *, delete: bool = False
) -> tuple[list[Change], dict[str, str]]:
    """What a wish would change, and what stands in the way, by the key of a change."""
    key = catalog.key(home)
    bases = [catalog.values(row) for row in achievements]
    after = [{}] * len(bases) if delete else wishes.wanted(bases, wish)
    future = {base["vendor_identifier"]: base | new for base, new in zip(bases, after, strict=True)}
    siblings = [
        Sibling(one.vendor_identifier, future.get(one.vendor_identifier, {}).get("points", one.points), one.archived)
        for one in catalog.siblings(home)
    ]
    planned: list[Change] = []
    problems: dict[str, str] = {}
    for row, base, new in zip(achievements, bases, after, strict=True):
        standing = catalog.standing(row)
        if delete:
            change: Change | None = changes.deletion(key, apple_id=row.apple_id, base=base)
            found = [Problem("", standing.why_not_deletable)] if standing.why_not_deletable else []
        else:
            change = changes.update(key, apple_id=row.apple_id, base=base, wanted=new)
            others = [one for one in siblings if one.vendor_identifier != row.vendor_identifier]
            found = validation.attribute_problems(
                base | new, siblings=others, is_group=isinstance(home, Group), base=base, allowed=standing
            )
            if new.get("archived") and not base["archived"] and standing.why_not_archivable:
                found.append(Problem("archived", standing.why_not_archivable))
        if change is not None:
            planned.append(change)
            if found:
                problems[change.key] = " ".join(dict.fromkeys(problem.message for problem in found))
    return sorted(planned, key=lambda change: change.phase), problems


def take_out(plan: Plan, kept: Collection[str]) -> None:
    """Leave out of a plan what was not ticked."""
    plan.excluded = [change["key"] for change in plan.changes if change["key"] not in kept]
    plan.save(update_fields=["excluded"])


def apply(plan: Plan, by: By) -> Job:
    """Apply a plan by the workers; one whose every change has a problem or was taken out is refused."""
    _require(by, "achievements.change", effects.home_of(plan))
    if not plan.applicable:
        raise Invalid([Problem("", "Nothing of this plan is left to apply.")])
    job = jobs.start(plan, by)
    transaction.on_commit(lambda: jobs.ring(job.pk))
    return job


def plan(member: Member, pk: int) -> Plan:
    """One plan; NotFound where there is none or the member may not see its game or group."""
    found = Plan.objects.select_related("app", "group", "team", "created_by").filter(pk=pk).first()
    if found is None or not members.can(member, "view", app=found.app, team=None if found.app else found.team):
        raise NotFound("There is no such plan, or you may not see it.")
    return found


def apply_now(plan: Plan, by: By) -> JobItem:
    """Apply a plan of one change in this request, by the code that workers use; returns the item as it ended.

    Applying twice is applying once: the second call waits for the first and returns the same item. An item that has
    to wait (for the quota, for Apple) is left to the workers and says until when.
    """
    job = jobs.start(plan, by)
    jobs.work(job, worker=f"web:{uuid.uuid4().hex}", is_background=False)
    return jobs.settled(job)


def _require(by: By, action: str, home: Home) -> None:
    if by.member is None:
        raise NotAllowed("Sign in first.")
    if isinstance(home, App):
        members.require(by.member, action, app=home)
    else:
        members.require(by.member, action, team=home.team)


def _check(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(problems)


def _echo(token: str, planned: Sequence[Change]) -> Plan | None:
    """The plan that the same form asked for before, when it is still the same wish and has not failed."""
    plan = Plan.objects.filter(token=token[:64]).first() if token else None
    if plan is None:
        return None
    if (
        plan.changes != [change.as_json() for change in planned]
        or JobItem.objects.filter(job__plan=plan, state__in=RETRIED).exists()
    ):
        return None
    return plan


def store(
    home: Home,
    planned: Sequence[Change],
    *,
    title: str,
    by: By,
    token: str = "",
    problems: Mapping[str, str] | None = None,
) -> Plan:
    """Keep a plan; the same token again is the same plan. `problems` are sentences by the key of a change."""
    assert by.member is not None
    values = {
        "team": home.team,
        "app": home if isinstance(home, App) else None,
        "group": home if isinstance(home, Group) else None,
        "title": title[:300],
        "changes": [change.as_json() for change in planned],
        "problems": dict(problems or {}),
        "created_by": by.member,
    }
    try:
        with transaction.atomic():
            return Plan.objects.create(token=token[:64] or uuid.uuid4().hex, **values)
    except IntegrityError:
        # The same form came twice at one moment: its plan stands for both. Or it failed before, and is tried anew.
        return _echo(token, planned) or Plan.objects.create(token=uuid.uuid4().hex, **values)


def achievements_left(home: Home) -> int | None:
    """How many achievements Apple still takes in a game; None for a group, which has no limit of its own."""
    if isinstance(home, Group):
        return None
    return max(0, limits.current().achievements_max - home.achievements.count())
