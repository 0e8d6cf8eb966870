"""Plans: what somebody means to change, checked against every rule before anything is sent."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from achievements_admin.domain import bulk as wishes
from achievements_admin.domain import changes, limits, validation
from achievements_admin.domain.achievement import VersionState
from achievements_admin.domain.bulk import BulkEdit
from achievements_admin.domain.changes import Change, Wanted
from achievements_admin.domain.validation import Problem, Sibling
from achievements_admin.models import Achievement, App, Group, ItemState, Job, JobItem, Member, Plan

from . import catalog, jobs, members, patterns, stores
from .audit import By
from .errors import Invalid, NotAllowed, NotFound
from .rows import Home

# A form sent again with the same token after one of these is a new try, not an echo.
RETRIED = (ItemState.FAILED, ItemState.CONFLICT, ItemState.CANCELLED)
# What a new achievement is where nothing is said; without points and a name it can't be made.
NEW: dict[str, Any] = {
    "reference_name": "",
    "points": None,
    "show_before_earned": True,
    "repeatable": False,
    "archived": False,
}


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
    return store([home], [change], title=f"Create {wanted['reference_name']}", by=by, token=token)


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
    return store([home], [change], title=f"Edit {achievement}", by=by, token=token)


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
    return store([home], [change], title=f"Delete {achievement}", by=by, token=token)


def enable_game_center(app: App, by: By, token: str = "") -> Plan:
    """Plan to turn Game Center on for a game."""
    _require(by, "game_center.enable", app)
    title = f"Turn Game Center on for {app}"
    change = changes.game_center(catalog.key(app), app_id=app.apple_id, title=title)
    return _echo(token, [change]) or store([app], [change], title=title, by=by, token=token)


@dataclass(slots=True)
class Proposal:
    """What a wish comes to: changes in the order that Apple needs, and what stands in their way by a change's key."""

    changes: list[Change] = field(default_factory=list)
    problems: dict[str, list[Problem]] = field(default_factory=dict)

    def add(self, change: Change | None, problems: Sequence[Problem]) -> None:
        """Add a change with its problems; None is no change, and then there are none."""
        if change is not None:
            self.changes.append(change)
            if problems:
                self.problems[change.key] = list(dict.fromkeys(problems))

    def __iadd__(self, other: "Proposal") -> "Proposal":
        self.changes = changes.in_order([*self.changes, *other.changes])
        self.problems |= other.problems
        return self


def propose(home: Home, wanted: Sequence[Wanted]) -> Proposal:
    """What has to change in a game or group, all problems of all of it with it; an unknown identifier is a new one.

    The sum of points is judged as it would be afterwards.
    """
    present = {row.vendor_identifier: row for row in catalog.everything(home)}
    future = {key: catalog.values(row) for key, row in present.items()}
    for one in wanted:
        future[one.vendor_identifier] = NEW | future.get(one.vendor_identifier, {}) | dict(one.attributes)
    siblings = [Sibling(key, values["points"] or 0, values["archived"]) for key, values in future.items()]
    proposal = Proposal()
    can_version = stores.can_version(home)
    for one in wanted:
        others = [sibling for sibling in siblings if sibling.vendor_identifier != one.vendor_identifier]
        row = present.get(one.vendor_identifier)
        if row is None:
            _propose_new(proposal, home, one, others)
        else:
            _propose_edit(proposal, home, row, one, others)
            _propose_texts(proposal, row, one, can_version=can_version)
    proposal.changes = changes.in_order(proposal.changes)
    return proposal


def propose_deletion(home: Home, achievements: Sequence[Achievement]) -> Proposal:
    """What deleting comes to."""
    proposal = Proposal()
    for row in achievements:
        why_not = catalog.standing(row).why_not_deletable
        change = changes.deletion(catalog.key(home), apple_id=row.apple_id, base=catalog.values(row))
        proposal.add(change, [Problem("", why_not)] if why_not else [])
    return proposal


def _propose_new(proposal: Proposal, home: Home, one: Wanted, others: Sequence[Sibling]) -> None:
    values = NEW | {"vendor_identifier": one.vendor_identifier} | dict(one.attributes)
    problems = []
    if values["points"] is None:
        problems.append(Problem("points", "A new achievement needs points; 0 is allowed."))
    judged = values | {"points": values["points"] or 0}
    problems += validation.attribute_problems(judged, siblings=others, is_group=isinstance(home, Group))
    if isinstance(home, App) and not home.detail_id:
        problems.append(Problem("", f"Game Center is off for {home}. Turn it on first."))
    if values["archived"]:
        problems.append(Problem("archived", "A new achievement can't be archived. Archive it once it has been live."))
    change = changes.creation(catalog.key(home), values)
    proposal.add(change, problems)
    for locale, texts in one.texts.items():
        found = changes.text(
            change.key, locale, home=change.home, title=change.title, base=None, wanted=texts, parent=change.key
        )
        proposal.add(found, validation.text_problems(locale, texts or {}))


def _propose_edit(proposal: Proposal, home: Home, row: Achievement, one: Wanted, others: Sequence[Sibling]) -> None:
    base, new = catalog.values(row), dict(one.attributes)
    standing = catalog.standing(row)
    problems = validation.attribute_problems(
        base | new, siblings=others, is_group=isinstance(home, Group), base=base, allowed=standing
    )
    if new.get("archived") and not base["archived"] and standing.why_not_archivable:
        problems.append(Problem("archived", standing.why_not_archivable))
    proposal.add(changes.update(catalog.key(home), apple_id=row.apple_id, base=base, wanted=new), problems)


def _propose_texts(proposal: Proposal, row: Achievement, one: Wanted, *, can_version: bool) -> None:
    """The texts of an achievement that is there; a live text is edited in a new version, which is opened first."""
    held, standing = catalog.texts(row), catalog.standing(row)
    key, home = catalog.achievement_key(row), catalog.key(row.home)
    opens = can_version and row.state in {VersionState.LIVE, VersionState.REPLACED_WITH_NEW_VERSION}
    opening = changes.opening(key, home=home, title=str(row), locales=list(held))
    found = []
    for locale, texts in one.texts.items():
        change = changes.text(
            key,
            locale,
            home=home,
            title=str(row),
            base=held.get(locale),
            wanted=texts,
            parent=opening.key if opens else "",
            listed_under=changes.version_key(key) if can_version else home,
        )
        problems = [] if texts is None else validation.text_problems(locale, texts, base=held.get(locale))
        if standing.is_locked and can_version:
            problems.append(Problem("", standing.why_locked))
        if texts is None and not set(held) - {gone for gone, kept in one.texts.items() if kept is None}:
            problems.append(Problem("locale", "Apple wants at least one language. Keep one, or add another first."))
        if change is not None:
            found.append((change, problems))
    if found and opens:
        proposal.add(opening, [])
    for change, problems in found:
        proposal.add(change, problems)


def keep(home: Home, proposal: Proposal, by: By, *, title: str) -> Plan:
    """Keep a proposal as a plan; raises Invalid when there is nothing in it.

    What breaks a rule stays in the plan with what is wrong; applying leaves it out.
    """
    _require(by, "achievements.change", home)
    return _keep([home], proposal, by, title=title)


def bulk(achievements: Sequence[Achievement], wish: BulkEdit, by: By, *, delete: bool = False) -> Plan:
    """Plan one wish for achievements of one or several games; raises Invalid when it makes no sense or changes nothing.

    Games of several Apple teams are refused, since a plan is applied with one team's key.
    """
    homes = list(dict.fromkeys(row.home for row in achievements))
    for home in homes:
        _require(by, "achievements.delete" if delete else "achievements.change", home)
    if len({home.team for home in homes}) > 1:
        names = " and ".join(sorted({str(home.team) for home in homes}))
        raise Invalid(
            [Problem("", f"These belong to several Apple teams ({names}). Choose those of one team at a time.")]
        )
    proposal = preview(achievements, wish, delete=delete)
    count = len({changes.achievement_of(change.key) for change in proposal.changes})
    where = homes[0] if len(homes) == 1 else f"{len(homes)} games"
    return _keep(homes, proposal, by, title=f"{'Delete' if delete else 'Edit'} {count} of {where}")


def preview(achievements: Sequence[Achievement], wish: BulkEdit, *, delete: bool = False) -> Proposal:
    """What a wish would change, and what stands in the way; raises Invalid when the wish itself makes no sense."""
    if not delete:
        _check(wish.problems)
    substitute = patterns.substitution(wish)
    of_home: dict[Home, list[Achievement]] = {}
    for row in achievements:
        of_home.setdefault(row.home, []).append(row)
    proposal = Proposal()
    for home, rows in of_home.items():
        if delete:
            proposal += propose_deletion(home, rows)
        else:
            present = [wishes.Present(catalog.values(row), catalog.texts(row)) for row in rows]
            proposal += propose(home, wishes.wanted(present, wish, substitute))
    return proposal


def _keep(homes: Sequence[Home], proposal: Proposal, by: By, *, title: str) -> Plan:
    if not proposal.changes:
        raise Invalid([Problem("", "All of it is like that already; there is nothing to change.")])
    problems = {
        key: " ".join(dict.fromkeys(problem.message for problem in found)) for key, found in proposal.problems.items()
    }
    return store(homes, proposal.changes, title=title, by=by, problems=problems)


def take_out(plan: Plan, kept: Collection[str]) -> None:
    """Leave out of a plan what was not ticked."""
    plan.excluded = [change["key"] for change in plan.changes if change["key"] not in kept]
    plan.save(update_fields=["excluded"])


def apply(plan: Plan, by: By) -> Job:
    """Apply a plan by the workers; one whose every change has a problem or was taken out is refused."""
    for home in plan.homes:
        _require(by, "achievements.change", home)
    if not plan.applicable:
        raise Invalid([Problem("", "Nothing of this plan is left to apply.")])
    job = jobs.start(plan, by)
    transaction.on_commit(lambda: jobs.ring(job.pk))
    return job


def plan(member: Member, pk: int) -> Plan:
    """One plan; NotFound where there is none or the member may not see its game or group."""
    found = Plan.objects.select_related("app", "group", "team", "created_by").filter(pk=pk).first()
    if found is None or not may_see(member, found):
        raise NotFound("There is no such plan, or you may not see it.")
    return found


def may_see(member: Member, plan: Plan) -> bool:
    """Whether a member may see a plan: their own, or one whose games and groups they see all."""
    return plan.created_by == member or all(members.can_at(member, "view", home) for home in plan.homes)


def may_apply(member: Member, plan: Plan) -> bool:
    """Whether a member may apply a plan: with the right on each of its games and groups."""
    return all(members.can_at(member, "achievements.change", home) for home in plan.homes)


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
    members.require_at(by.member, action, home)


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
    homes: Sequence[Home],
    planned: Sequence[Change],
    *,
    title: str,
    by: By,
    token: str = "",
    problems: Mapping[str, str] | None = None,
) -> Plan:
    """Keep a plan; the same token again is the same plan. `problems` are sentences by the key of a change."""
    assert by.member is not None
    only = homes[0] if len(homes) == 1 else None
    values = {
        "team": homes[0].team,
        "app": only if isinstance(only, App) else None,
        "group": only if isinstance(only, Group) else None,
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
