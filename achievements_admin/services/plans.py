"""Plans: what somebody means to change, checked against every rule before anything is sent."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from achievements_admin.domain import changes, limits, validation
from achievements_admin.domain.changes import Change
from achievements_admin.domain.validation import Problem
from achievements_admin.models import Achievement, App, Group, ItemState, JobItem, Plan

from . import catalog, jobs, members
from .audit import By
from .errors import Invalid, NotAllowed
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
    return _plan(home, [change], title=f"Create {wanted['reference_name']}", by=by, token=token)


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
    return _plan(home, [change], title=f"Edit {achievement}", by=by, token=token)


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
    return _plan(home, [change], title=f"Delete {achievement}", by=by, token=token)


def enable_game_center(app: App, by: By, token: str = "") -> Plan:
    """Plan to turn Game Center on for a game."""
    _require(by, "game_center.enable", app)
    title = f"Turn Game Center on for {app}"
    change = changes.game_center(catalog.key(app), app_id=app.apple_id, title=title)
    return _echo(token, [change]) or _plan(app, [change], title=title, by=by, token=token)


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
    plan = Plan.objects.filter(token=token).first() if token else None
    if plan is None:
        return None
    if (
        plan.changes != [change.as_json() for change in planned]
        or JobItem.objects.filter(job__plan=plan, state__in=RETRIED).exists()
    ):
        return None
    return plan


def _plan(home: Home, planned: Sequence[Change], *, title: str, by: By, token: str) -> Plan:
    assert by.member is not None
    if not token or Plan.objects.filter(token=token).exists():
        token = uuid.uuid4().hex
    values = {
        "team": home.team,
        "app": home if isinstance(home, App) else None,
        "group": home if isinstance(home, Group) else None,
        "title": title[:300],
        "changes": [change.as_json() for change in planned],
        "created_by": by.member,
    }
    try:
        with transaction.atomic():
            return Plan.objects.create(token=token[:64], **values)
    except IntegrityError:
        # The same form arrived twice at the same moment: the other request has made the plan.
        return Plan.objects.get(token=token[:64])


def achievements_left(home: Home) -> int | None:
    """How many achievements Apple still takes in a game; None for a group, which has no limit of its own."""
    if isinstance(home, Group):
        return None
    return max(0, limits.current().achievements_max - home.achievements.count())
