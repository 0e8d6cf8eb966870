"""Watching a job and steering it: how far it is, stop, go on, try again, undo."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from achievements_admin.domain import changes
from achievements_admin.domain.changes import Change, Kind, Resource
from achievements_admin.domain.validation import Problem
from achievements_admin.models import ACTIVE_STATES, ItemState, Job, JobItem, Member, Plan

from . import audit, jobs, members, plans
from .audit import By
from .errors import Invalid, NotFound

RETRIED = (ItemState.FAILED, ItemState.BLOCKED, ItemState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `seconds_left` is a guess from the rate so far, None while there is none."""

    total: int
    counts: Mapping[str, int]
    is_finished: bool
    rate_per_minute: float
    seconds_left: int | None
    waits_until: datetime | None

    def count(self, *states: str) -> int:
        """How many items are in one of these states."""
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def done(self) -> int:
        """Items that Apple holds as wanted."""
        return self.count(ItemState.VERIFIED, ItemState.SKIPPED)

    @property
    def ended(self) -> int:
        """Items on which nothing more happens by itself."""
        return self.total - self.count(*ACTIVE_STATES)

    @property
    def troubled(self) -> int:
        """Items that somebody should look at."""
        return self.count(ItemState.FAILED, ItemState.CONFLICT, ItemState.UNKNOWN, ItemState.BLOCKED)

    @property
    def cancelled(self) -> int:
        """Items that were stopped before they began."""
        return self.count(ItemState.CANCELLED)

    @property
    def percent(self) -> int:
        """How much of it has ended."""
        return 100 * self.ended // self.total if self.total else 100


def progress(job: Job) -> Progress:
    """How far a job is, from its rows: one query."""
    rows = list(job.items.values("state").annotate(number=Count("pk"), due=Min("due_at")).order_by())
    counts = {row["state"]: row["number"] for row in rows}
    total = sum(counts.values())
    active = sum(counts.get(state, 0) for state in ACTIVE_STATES)
    now = timezone.now()
    minutes = ((job.finished_at or now) - job.created_at) / timedelta(minutes=1)
    rate = (total - active) / minutes if minutes > 0 else 0.0
    due = next((row["due"] for row in rows if row["state"] == ItemState.WAITING), None)
    return Progress(
        total=total,
        counts=counts,
        is_finished=active == 0,
        rate_per_minute=rate,
        seconds_left=round(60 * active / rate) if rate and active else None,
        waits_until=due if due and due > now and active == counts.get(ItemState.WAITING, 0) else None,
    )


def visible(member: Member) -> QuerySet[Job]:
    """The jobs on games and groups that a member may see, the newest first."""
    found = Job.objects.select_related("plan__app", "plan__group", "started_by", "team")
    if members.can(member, "view"):
        return found
    return (
        found.filter(plan__app__in=members.visible_apps(member))
        | found.filter(plan__group__in=members.visible_groups(member))
        | found.filter(plan__created_by=member)
    ).distinct()


def job(member: Member, pk: int) -> Job:
    """One job; NotFound where there is none or the member may not see it."""
    found = visible(member).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such job, or you may not see it.")
    return found


def running(member: Member) -> int:
    """How many jobs that the member may see are still at work."""
    return visible(member).filter(finished_at=None).count()


def cancel(job: Job, by: By) -> int:
    """Stop what has not begun; what is on its way to Apple ends by itself. Returns how many items were stopped."""
    _require(job, by)
    with transaction.atomic():
        stopped = job.items.filter(state=ItemState.WAITING, outcome_unknown=False).update(
            state=ItemState.CANCELLED, message="Stopped before it was sent."
        )
        Job.objects.filter(pk=job.pk).update(cancelled_at=timezone.now())
        audit.record("job.cancelled", by=by, team=job.team.name, title=job.plan.title, job_id=job.pk)
    jobs.finish(job)
    return stopped


def retry(job: Job, by: By) -> int:
    """Try again what failed or was stopped; returns how many items that is."""
    _require(job, by)
    try:
        with transaction.atomic():
            opened = job.items.filter(state__in=RETRIED).update(
                state=ItemState.WAITING, attempts=0, due_at=None, message="", error=None
            )
            Job.objects.filter(pk=job.pk).update(finished_at=None, cancelled_at=None)
            jobs.block(job)
            audit.record("job.retried", by=by, team=job.team.name, title=job.plan.title, job_id=job.pk)
    except IntegrityError as error:
        raise Invalid([Problem("", "Another job is changing one of these right now. Wait for it to end.")]) from error
    transaction.on_commit(lambda: jobs.ring(job.pk))
    return opened


def resolve(item: JobItem, by: By, *, keep_mine: bool) -> None:
    """End a conflict: apply the change over what Apple holds now, or leave that as it is."""
    _require(item.job, by)
    if item.state != ItemState.CONFLICT:
        raise Invalid([Problem("", "This is no conflict any more.")])
    if not keep_mine:
        JobItem.objects.filter(pk=item.pk, state=ItemState.CONFLICT).update(
            state=ItemState.CANCELLED, message="Left as it is at Apple."
        )
        return
    if item.actual is None:
        raise Invalid([Problem("", "It is gone at Apple, so there is nothing to apply the change to.")])
    before = {name: item.actual[name] for name in item.change["after"] or item.change["before"]}
    kind = Kind.UPDATE if item.change["kind"] == Kind.CREATE else item.change["kind"]
    with transaction.atomic():
        change = item.change | {"kind": kind, "before": before, "apple_id": item.apple_id}
        JobItem.objects.filter(pk=item.pk, state=ItemState.CONFLICT).update(
            change=change, state=ItemState.WAITING, attempts=0, due_at=None, message=""
        )
        _open_blocked(item)
        Job.objects.filter(pk=item.job_id).update(finished_at=None)
    jobs.ring(item.job_id)


def _open_blocked(item: JobItem) -> None:
    """What hangs on an item that is tried again waits again."""
    found = [item.pk]
    while found:
        blocked = JobItem.objects.filter(depends_on__in=found, state=ItemState.BLOCKED)
        found = list(blocked.values_list("pk", flat=True))
        JobItem.objects.filter(pk__in=found).update(state=ItemState.WAITING, message="")


def undo(job: Job, by: By) -> Plan:
    """A new plan that takes back what a job did; what Apple does not let be undone is listed as its problems."""
    _require(job, by)
    done = job.items.filter(state=ItemState.VERIFIED).order_by("-sequence")
    made = {item.key for item in done if item.change["resource"] == "achievement" and item.change["kind"] == "create"}
    planned, problems = [], {}
    for item in done:
        change = Change.from_json(item.change)
        if change.resource is Resource.LOCALIZATION and changes.achievement_of(change.key) in made:
            continue  # It goes with its achievement.
        back = _back(change, item.apple_id)
        planned.append(back)
        if change.resource is Resource.VERSION:
            problems[back.key] = "Apple never deletes a version. It stays open until it is submitted."
        elif change.resource is Resource.DETAIL:
            problems[back.key] = "Apple offers no way to turn Game Center off again."
        elif change.resource is Resource.ACHIEVEMENT and change.kind is Kind.DELETE:
            problems[back.key] = "Apple has deleted it for good, and its identifier may not be used again."
    if not planned:
        raise Invalid([Problem("", "This job changed nothing, so there is nothing to undo.")])
    return plans.store(
        job.plan.homes, changes.in_order(planned), title=f"Undo: {job.plan.title}", by=by, problems=problems
    )


def _back(change: Change, apple_id: str) -> Change:
    """The change that takes a change back."""
    kinds = {Kind.CREATE: Kind.DELETE, Kind.UPDATE: Kind.UPDATE, Kind.DELETE: Kind.CREATE}
    before = dict(change.after) if change.after is not None else None
    after = dict(change.before) if change.before is not None else None
    return Change(
        kind=kinds[change.kind],
        resource=change.resource,
        key=change.key,
        home=change.home,
        title=change.title,
        before=before,
        after=after,
        apple_id=apple_id,
        listed_under=change.listed_under or (changes.version_key(changes.achievement_of(change.key))),
    )


def _require(job: Job, by: By) -> None:
    assert by.member is not None
    for home in job.plan.homes:
        members.require_at(by.member, "achievements.change", home)
