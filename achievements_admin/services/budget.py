"""One budget and one set of connections per API key, shared by every process through the database.

A process leases requests in blocks and a share of the connections for a moment, so that an ordinary request costs no
query. Requests of a block count for the hour after it was taken, so the sum over any rolling hour stays within the
limit; blocks are settled to what was used of them. Work by hand may use the whole hour, work in the background leaves
a reserve, and gives connections up as soon as a person waits for one.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from achievements_admin.appstore.errors import BudgetExhausted
from achievements_admin.appstore.quota import RateLimit
from achievements_admin.models import ApiKey, Budget, BudgetLease, Member

from . import members

HOUR = timedelta(hours=1)
DEFAULT_HOUR_LIMIT = 3600
BLOCK = 25
# How long a share of the connections is held without asking again, and how long a person waits for one.
SHARE_SECONDS = 2.0
PATIENCE_SECONDS = 15.0
# After a 429 without a date of its own.
PAUSE_SECONDS = 30
BACKGROUND_RESERVE = 0.10


@dataclass(frozen=True, slots=True)
class Gauge:
    """How much of the hour a team has left; both None until Apple has said."""

    team_name: str
    limit: int | None
    remaining: int | None
    paused_until: datetime | None

    @property
    def label(self) -> str:
        """What the bar shows, for those who don't see it."""
        return f"Requests to Apple left this hour, {self.team_name}"

    @property
    def percent(self) -> int:
        """What is left, in percent."""
        return round(100 * self.remaining / self.limit) if self.limit and self.remaining is not None else 100


def gauges(member: Member) -> list[Gauge]:
    """What each team that the member may see has left this hour, as Apple last said."""
    found = Budget.objects.filter(key__team__in=members.visible_teams(member)).select_related("key__team")
    now = timezone.now()
    shown = []
    for budget in found.order_by("key__team__name"):
        remaining = budget.hour_remaining
        if budget.observed_at and budget.observed_at < now - HOUR:
            remaining = budget.hour_limit
        paused = budget.paused_until if budget.paused_until and budget.paused_until > now else None
        shown.append(Gauge(budget.key.team.name, budget.hour_limit, remaining, paused))
    return shown


class DatabaseQuota:
    """The client's quota protocol over the database; one per process, key and kind of work."""

    def __init__(self, key: ApiKey, *, is_background: bool) -> None:
        self._key_pk = key.pk
        self._is_background = is_background
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{'background' if is_background else 'by hand'}"
        self._condition = threading.Condition()
        self._lease_pk: int | None = None
        self._granted = 0
        self._used = 0
        self._connections = 0
        self._in_use = 0
        self._share_until = 0.0
        self._paused_until = 0.0
        self._seen: tuple[RateLimit, datetime] | None = None

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold one connection and one request of the budget; raises BudgetExhausted where there is none."""
        with self._condition:
            self._wait_for_slot()
            self._in_use += 1
            self._used += 1
        try:
            yield
        finally:
            with self._condition:
                self._in_use -= 1
                self._condition.notify()

    def observe(self, limit: RateLimit | None, status: int, retry_after: float | None) -> None:
        """Note what an answer said of the budget; a 429 is told to the other processes at once."""
        with self._condition:
            if limit is not None and limit.hour_limit is not None:
                self._seen = (limit, timezone.now())
            if status == 429:
                pause = retry_after if retry_after is not None else PAUSE_SECONDS
                self._paused_until = max(self._paused_until, time.time() + pause)
                self._tell_pause()

    def flush(self) -> None:
        """Give back what is held and write down what was seen, at the end of a piece of work."""
        with self._condition, transaction.atomic():
            budget = self._budget()
            self._settle(budget)
            budget.save()

    def _wait_for_slot(self) -> None:
        started = time.monotonic()
        while True:
            if self._paused_until > time.time():
                raise BudgetExhausted(until=self._paused_until)
            if self._used >= self._granted or time.monotonic() >= self._share_until:
                self._lease()
            if self._in_use < self._connections and self._used < self._granted:
                return
            if not self._is_background and time.monotonic() - started > PATIENCE_SECONDS:
                raise BudgetExhausted(until=time.time() + SHARE_SECONDS)
            self._condition.wait(timeout=0.2)

    def _budget(self) -> Budget:
        Budget.objects.get_or_create(key_id=self._key_pk)
        return Budget.objects.select_for_update().get(key_id=self._key_pk)

    def _settle(self, budget: Budget) -> None:
        """Count what was used of the block held so far, and pass on what Apple said meanwhile."""
        if self._lease_pk is not None:
            BudgetLease.objects.filter(pk=self._lease_pk).update(
                requests=self._used, connections=0, until=timezone.now()
            )
        self._lease_pk, self._granted, self._used = None, 0, 0
        self._connections, self._share_until = 0, 0.0
        if self._seen and (budget.observed_at is None or budget.observed_at < self._seen[1]):
            limit, budget.observed_at = self._seen
            budget.hour_limit, budget.hour_remaining = limit.hour_limit, limit.hour_remaining
        self._seen = None

    def _lease(self) -> None:
        """Settle the old block and take a new one, in one short transaction."""
        lease: BudgetLease | None = None
        with transaction.atomic():
            budget = self._budget()
            self._settle(budget)
            now = timezone.now()
            if budget.paused_until and budget.paused_until > now:
                until = budget.paused_until.timestamp()
                self._paused_until = until
            else:
                free, until = self._free_requests(budget, now)
                if free > 0:
                    lease = BudgetLease.objects.create(
                        budget=budget,
                        holder=self._holder,
                        requests=min(BLOCK, free),
                        connections=self._free_connections(budget, now),
                        taken_at=now,
                        until=now + timedelta(seconds=SHARE_SECONDS),
                    )
            budget.save()
        if lease is None:
            raise BudgetExhausted(until=until)
        self._lease_pk, self._granted, self._connections = lease.pk, lease.requests, lease.connections
        self._share_until = time.monotonic() + SHARE_SECONDS

    def _free_requests(self, budget: Budget, now: datetime) -> tuple[int, float]:
        """How many requests may still be leased, and when (epoch seconds) there will be more."""
        BudgetLease.objects.filter(budget=budget, taken_at__lt=now - HOUR).delete()
        leases = BudgetLease.objects.filter(budget=budget)
        limit = budget.hour_limit or DEFAULT_HOUR_LIMIT
        free = limit - (leases.aggregate(sum=Sum("requests"))["sum"] or 0)
        if budget.hour_remaining is not None and budget.observed_at and budget.observed_at > now - HOUR:
            since = leases.filter(taken_at__gte=budget.observed_at).aggregate(sum=Sum("requests"))["sum"] or 0
            free = min(free, budget.hour_remaining - since)
        if self._is_background:
            free -= round(limit * BACKGROUND_RESERVE)
        oldest = leases.filter(requests__gt=0).order_by("taken_at").first()
        return free, ((oldest.taken_at if oldest else now) + HOUR).timestamp()

    def _free_connections(self, budget: Budget, now: datetime) -> int:
        """This process's share: what others don't hold, less one for each person that waits."""
        most = budget.connections or settings.ASC_CONNECTIONS
        if budget.connections and budget.connections_cut_at and budget.connections_cut_at < now - timedelta(seconds=30):
            budget.connections = most = min(settings.ASC_CONNECTIONS, budget.connections + 1)
            budget.connections_cut_at = now
        others = BudgetLease.objects.filter(budget=budget, until__gt=now).exclude(holder=self._holder)
        held = others.aggregate(sum=Sum("connections"))["sum"] or 0
        waiting = others.filter(connections=0, requests__gt=0).count() if self._is_background else 0
        return max(0, most - held - waiting)

    def _tell_pause(self) -> None:
        with transaction.atomic():
            budget = self._budget()
            until = datetime.fromtimestamp(self._paused_until, tz=timezone.get_current_timezone())
            budget.paused_until = max(filter(None, (budget.paused_until, until)))
            budget.connections = max(1, (budget.connections or settings.ASC_CONNECTIONS) // 2)
            budget.connections_cut_at = timezone.now()
            budget.save()
