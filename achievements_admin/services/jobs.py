"""Applying plans: items are claimed by a conditional update, sent once, read back, and settled.

The rows are the truth. Whoever works on an item holds a lease on it; every write to the row demands that the lease is
still held, so a worker that slept past it changes nothing here. What was `sending` when its worker died has an unknown
outcome: its natural key is looked up before anything is sent again.
"""

import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Min, Q
from django.utils import timezone

from achievements_admin.appstore.errors import (
    AppStoreError,
    BudgetExhausted,
    Duplicate,
    InvalidState,
    RateLimited,
)
from achievements_admin.domain.changes import Change, Kind, Resource
from achievements_admin.domain.validation import Problem
from achievements_admin.models import ACTIVE_STATES, FINAL_STATES, AuditEntry, ItemState, Job, JobItem, Plan

from . import audit, broker, effects, members, rows, stores
from .audit import By
from .errors import Invalid, NotAllowed, ServiceError

log = structlog.get_logger()

# How often an item is tried before it is set aside, and how long it rests in between (seconds, doubling).
ATTEMPTS = 6
REST_SECONDS = 2.0
# How long a second press of the button waits for the first one's outcome.
ECHO_SECONDS = 20.0
# How old what was read before a job may be when an item is compared with it.
READ_LASTS = timedelta(minutes=5)
DONE = (ItemState.VERIFIED, ItemState.SKIPPED)


class Before:
    """What Apple held before a job began to change it.

    A job of several items reads it with the lists that show it (a game's achievements, a version's texts), again when
    that is older than five minutes; a job of one item, or an item with an unknown outcome, reads the thing itself.
    """

    def __init__(self, *, is_listed: bool = False) -> None:
        self._is_listed = is_listed
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._read: dict[str, tuple[datetime, dict[str, effects.Answer]]] = {}

    def read(self, store: stores.Store, home: rows.Home, change: Change) -> tuple[effects.Answer, datetime]:
        """What Apple holds under the change's key, and the moment before it was asked."""
        if not (self._is_listed and change.listed_under):
            read_at = timezone.now()
            return effects.of(change).read(store, home, change), read_at
        with self._lock:
            lock = self._locks.setdefault(change.listed_under, threading.Lock())
        with lock:
            known = self._read.get(change.listed_under)
            if known is None or known[0] < timezone.now() - READ_LASTS:
                read_at = timezone.now()
                known = self._read[change.listed_under] = (
                    read_at,
                    effects.read_list(store, home, change.listed_under),
                )
        read_at, held = known
        return held.get(change.key), read_at


class LeaseLost(Exception):
    """Somebody else has the item by now; nothing more may be written to it."""


def start(plan: Plan, by: By) -> Job:
    """Make the job of a plan, once; raises Invalid when another job is at work on the same thing."""
    assert by.member is not None
    planned = [Change.from_json(change) for change in plan.applicable]
    try:
        with transaction.atomic():
            Plan.objects.filter(pk=plan.pk, applied_at=None).update(applied_at=timezone.now())
            job, is_new = Job.objects.get_or_create(
                plan=plan, defaults={"team": plan.team, "started_by": by.member, "address": by.address}
            )
            if is_new:
                _add_items(job, planned)
    except IntegrityError as error:
        busy = JobItem.objects.filter(
            team=plan.team, key__in=[change.key for change in planned], state__in=ACTIVE_STATES
        ).select_related("job__started_by")
        names = ", ".join(sorted({str(item.job.started_by) for item in busy})) or "Somebody"
        raise Invalid(
            [Problem("", f"{names} is changing this right now. Wait a moment, look at the result, then try again.")]
        ) from error
    return job


def _add_items(job: Job, planned: Sequence[Change]) -> None:
    """The items of a job; what hangs on another change of it depends on that one's item."""
    items: dict[str, JobItem] = {}
    left = list(enumerate(planned))
    while left:
        ready = [(place, change) for place, change in left if not change.parent or change.parent in items]
        assert ready, "a change hangs on one that is not in the plan"
        left = [(place, change) for place, change in left if change.parent and change.parent not in items]
        added = JobItem.objects.bulk_create(
            JobItem(
                job=job,
                team=job.team,
                sequence=place,
                phase=change.phase,
                depends_on=items.get(change.parent),
                key=change.key,
                change=change.as_json(),
            )
            for place, change in ready
        )
        items |= {item.key: item for item in added}


def ring(job_pk: int) -> None:
    """Ask the workers to look at a job; the sweeper finds it anyway if nobody hears."""
    broker.ring("achievements_admin.tasks.work_on_job", job_pk)


def work(job: Job, *, worker: str, is_background: bool = True, before: Before | None = None) -> None:
    """Work on a job's items until none is due. What has to wait is left, with the time it is due."""
    while item := _claim(job, worker):
        _process(item, worker, is_background=is_background, before=before or Before())
    finish(job)


def work_on(job_pk: int) -> None:
    """What a worker does when it hears the bell: several items at once, each by a thread with a lease of its own."""
    job = Job.objects.filter(pk=job_pk).first()
    if job is None:
        return
    waiting = job.items.filter(state__in=ACTIVE_STATES).count()
    before = Before(is_listed=waiting > 1)

    def hand() -> None:
        try:
            work(job, worker=f"worker:{uuid.uuid4().hex}", before=before)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=max(1, min(settings.ASC_CONNECTIONS, waiting))) as pool:
        for ended in [pool.submit(hand) for _ in range(max(1, min(settings.ASC_CONNECTIONS, waiting)))]:
            ended.result()


def settled(job: Job) -> JobItem:
    """The only item of a job by hand, when whoever works on it is done; rings for a worker if it has to wait."""
    deadline = time.monotonic() + ECHO_SECONDS
    while True:
        item = JobItem.objects.select_related("job").get(job=job)
        if item.state in (ItemState.CLAIMED, ItemState.SENDING) and time.monotonic() < deadline:
            time.sleep(0.1)
            continue
        if item.state in ACTIVE_STATES:
            ring(job.pk)
        return item


def sweep() -> int:
    """Give back leases that ran out and ring for every job that has work due; returns how many jobs that were."""
    now = timezone.now()
    expired = JobItem.objects.filter(lease_until__lt=now)
    expired.filter(state=ItemState.SENDING).update(
        state=ItemState.WAITING, outcome_unknown=True, claimed_by="", lease_until=None
    )
    expired.filter(state=ItemState.CLAIMED).update(state=ItemState.WAITING, claimed_by="", lease_until=None)
    due = JobItem.objects.filter(state=ItemState.WAITING).filter(Q(due_at=None) | Q(due_at__lte=now))
    jobs = list(due.order_by("job").values_list("job", flat=True).distinct())
    for job_pk in jobs:
        ring(job_pk)
    # Their last item had ended when their worker died.
    for job in Job.objects.filter(finished_at=None).exclude(items__state__in=ACTIVE_STATES):
        finish(job)
    return len(jobs)


def _claim(job: Job, worker: str) -> JobItem | None:
    now = timezone.now()
    phase = job.items.filter(state__in=ACTIVE_STATES).aggregate(least=Min("phase"))["least"]
    ready = (
        job.items.filter(state=ItemState.WAITING, phase=phase)
        .filter(Q(due_at=None) | Q(due_at__lte=now))
        .filter(Q(depends_on=None) | Q(depends_on__state__in=DONE))
    )
    for pk in ready.order_by("sequence").values_list("pk", flat=True)[:20]:
        claimed = JobItem.objects.filter(pk=pk, state=ItemState.WAITING).update(
            state=ItemState.CLAIMED,
            claimed_by=worker,
            lease_until=_lease_end(),
            attempts=F("attempts") + 1,
        )
        if claimed:
            return JobItem.objects.select_related("job__plan", "job__started_by", "team").get(pk=pk)
    return None


def _lease_end() -> datetime:
    """A lease outlasts the one unsafe request that is sent under it; it is renewed right before."""
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


def _write(item: JobItem, worker: str, **values: Any) -> None:
    """Write to an item while its lease is held; raises LeaseLost otherwise."""
    held = JobItem.objects.filter(
        pk=item.pk, claimed_by=worker, state__in=(ItemState.CLAIMED, ItemState.SENDING), lease_until__gt=timezone.now()
    )
    if not held.update(**values, updated_at=timezone.now()):
        raise LeaseLost
    for name, value in values.items():
        setattr(item, name, value)


def _settle(item: JobItem, worker: str, state: ItemState, message: str, **values: Any) -> None:
    _write(item, worker, state=state, message=message, **values)
    if state not in DONE:
        block(item.job)


def block(job: Job) -> None:
    """Set aside what waits for something that did not end well."""
    unwell = set(FINAL_STATES) - set(DONE)
    waiting = job.items.filter(state=ItemState.WAITING, depends_on__state__in=unwell)
    while blocked := list(waiting.values_list("pk", flat=True)):
        JobItem.objects.filter(pk__in=blocked, state=ItemState.WAITING).update(
            state=ItemState.BLOCKED, message="What it depends on did not end well. Mend that, then try this again."
        )


def _process(item: JobItem, worker: str, *, is_background: bool, before: Before) -> None:
    exchanges: list[dict[str, Any]] = list(item.requests)
    try:
        store = stores.for_item(item, is_background=is_background)
        with stores.logging_to(exchanges):
            _apply(item, worker, store, exchanges, before)
    except LeaseLost:
        log.warning("lease_lost", item=item.pk, worker=worker)
    except AppStoreError as error:
        _after_error(item, worker, error, exchanges, is_background=is_background)
    except ServiceError as error:
        _settle(item, worker, ItemState.FAILED, str(error))


def _apply(item: JobItem, worker: str, store: stores.Store, exchanges: list[dict[str, Any]], before: Before) -> None:
    """Apply one change, once, whatever happened before."""
    change = Change.from_json(item.change)
    effect = effects.of(change)
    home = effects.home_of(change)
    _recheck_right(item, effect.action(change), home)
    held: effects.Answer = None
    if change.kind is not Kind.CREATE or item.outcome_unknown:
        reader = Before() if item.outcome_unknown else before
        held, read_at = reader.read(store, home, change)
        if effects.agrees(held, change):
            state = ItemState.VERIFIED if item.outcome_unknown else ItemState.SKIPPED
            _verify(item, worker, state, home, change, held, read_at, exchanges)
            return
        if not effect.is_at_base(held, change):
            _conflict(item, worker, home, change, held, read_at, exchanges)
            return
    read_at = timezone.now()
    _write(item, worker, state=ItemState.SENDING, requests=exchanges, lease_until=_lease_end())
    try:
        answer = effect.send(store, home, change, held)
    except (Duplicate, InvalidState):
        if change.kind is not Kind.CREATE or item.outcome_unknown:
            raise
        # Somebody has made it since the plan; nothing of ours was applied.
        held, read_at = Before().read(store, home, change)
        if held is None or (change.resource is Resource.ACHIEVEMENT and not effects.agrees(held, change)):
            raise
        if effects.agrees(held, change):
            _verify(item, worker, ItemState.SKIPPED, home, change, held, read_at, exchanges)
            return
        if not effect.is_at_base(held, change):
            _conflict(item, worker, home, change, held, read_at, exchanges)
            return
        answer = effect.send(store, home, change, held)
    if effects.agrees(answer, change):
        _verify(item, worker, ItemState.VERIFIED, home, change, answer, read_at, exchanges)
    else:
        got, wanted = effects.values(answer) or {}, change.after or {}
        kept = ", ".join(f"{name}: {got.get(name)!r}" for name in wanted if not effects.same(answer, wanted, name))
        _settle(
            item,
            worker,
            ItemState.FAILED,
            f"Apple took the request but answered with other values ({kept}). Refresh and look at it.",
            requests=exchanges,
        )


def _recheck_right(item: JobItem, action: str, home: rows.Home) -> None:
    """A right that was taken away stops what is still waiting."""
    try:
        members.require_at(item.job.started_by, action, home)
    except NotAllowed as error:
        raise ServiceError(f"Nothing was sent: {error}") from error


def _verify(
    item: JobItem,
    worker: str,
    state: ItemState,
    home: rows.Home,
    change: Change,
    answer: Any,
    read_at: datetime,
    exchanges: list[dict[str, Any]],
) -> None:
    """Mirror, audit and item in one transaction, if the lease is still held."""
    job = item.job
    message = {
        ItemState.SKIPPED: "It was like that at Apple already; nothing was sent.",
        ItemState.VERIFIED: "Apple has it, read back and compared.",
    }[state]
    with transaction.atomic():
        _settle(
            item,
            worker,
            state,
            message,
            apple_id=effects.apple_id(answer, change),
            requests=exchanges,
            outcome_unknown=False,
        )
        effects.of(change).mirror(home, change, answer, read_at=read_at)
        if state is ItemState.VERIFIED:
            source = AuditEntry.Source.WEB if worker.startswith("web:") else AuditEntry.Source.WORKER
            audit.record(
                f"{change.resource}.{change.kind}d",
                by=By(job.started_by, job.address, source),
                team=item.team.name,
                key=change.key,
                title=change.title,
                before=change.before,
                after=change.after,
                requests=exchanges,
                job_id=job.pk,
            )


def _conflict(
    item: JobItem,
    worker: str,
    home: rows.Home,
    change: Change,
    answer: Any,
    read_at: datetime,
    exchanges: list[dict[str, Any]],
) -> None:
    if answer is None:
        message = "It is no longer at Apple: somebody has deleted it. Nothing was sent."
    elif change.kind is Kind.CREATE:
        message = "Apple has one of these already, with other values. Nothing more was sent."
    else:
        message = "It was changed at Apple after you opened it. Nothing was sent."
    with transaction.atomic():
        _settle(
            item,
            worker,
            ItemState.CONFLICT,
            message,
            actual=effects.values(answer),
            apple_id=effects.apple_id(answer, change),
            requests=exchanges,
            outcome_unknown=False,
        )
        effects.of(change).mirror(home, change, answer, read_at=read_at)


def _after_error(
    item: JobItem, worker: str, error: AppStoreError, exchanges: list[dict[str, Any]], *, is_background: bool
) -> None:
    """Decide what becomes of an item whose request went wrong: wait, look again, or give up with Apple's words."""
    stores.note(item, error)
    was_unknown = item.outcome_unknown
    is_unknown = error.outcome_unknown or (was_unknown and error.is_retryable)
    look_again = is_unknown or (was_unknown and isinstance(error, Duplicate))
    document = error.document
    try:
        if isinstance(error, BudgetExhausted | RateLimited):
            due = _resume_at(error)
            message = f"Apple's request limit is reached. This goes on by itself at {due:%H:%M} UTC."
            _back(item, worker, message, due, exchanges, document, unknown=was_unknown, counts=False)
        elif (look_again or (error.is_retryable and is_background)) and item.attempts < ATTEMPTS:
            due = timezone.now() + timedelta(
                seconds=REST_SECONDS * 2 ** (item.attempts - 1) if item.attempts > 1 else 0
            )
            message = "The answer was lost; looking whether Apple has it." if look_again else error.sentence
            _back(item, worker, message, due, exchanges, document, unknown=look_again, counts=True)
        elif look_again:
            message = (
                f"{error.sentence} Whether Apple has it could not be found out; refresh and look before trying again."
            )
            _settle(item, worker, ItemState.FAILED, message, error=document, requests=exchanges)
        else:
            _settle(item, worker, ItemState.FAILED, error.sentence, error=document, requests=exchanges)
    except LeaseLost:
        log.warning("lease_lost", item=item.pk, worker=worker)


def _resume_at(error: BudgetExhausted | RateLimited) -> datetime:
    if isinstance(error, BudgetExhausted):
        return datetime.fromtimestamp(error.until, tz=UTC)
    return timezone.now() + timedelta(seconds=error.retry_after or 60)


def _back(
    item: JobItem,
    worker: str,
    message: str,
    due: datetime,
    exchanges: list[dict[str, Any]],
    document: Any,
    *,
    unknown: bool,
    counts: bool,
) -> None:
    """Put an item back to wait until `due`."""
    _write(
        item,
        worker,
        state=ItemState.WAITING,
        message=message,
        due_at=due,
        outcome_unknown=unknown,
        requests=exchanges,
        error=document,
        attempts=item.attempts if counts else max(0, item.attempts - 1),
    )


def finish(job: Job) -> None:
    """Close a job whose items have all ended."""
    if job.items.filter(state__in=ACTIVE_STATES).exists():
        return
    if Job.objects.filter(pk=job.pk, finished_at=None).update(finished_at=timezone.now()):
        # Counts of a whole game are worked out once, not with every item.
        for home in job.plan.homes:
            rows.derive(home)
