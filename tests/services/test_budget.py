"""One budget per key over all processes: blocks, shares of the connections, pauses, and people first."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from achievements_admin.appstore.errors import BudgetExhausted
from achievements_admin.appstore.quota import RateLimit
from achievements_admin.models import ApiKey, Budget, BudgetLease
from achievements_admin.services import budget
from achievements_admin.services.budget import DatabaseQuota
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key() -> ApiKey:
    return factories.team().keys.create(key_id="K", issuer_id="I", encrypted_private_key=b"x")


def limit(number: int, remaining: int) -> RateLimit:
    return RateLimit(hour_limit=number, hour_remaining=remaining)


def use(quota: DatabaseQuota, number: int) -> int:
    """Start up to `number` requests; returns how many were allowed."""
    for done in range(number):
        try:
            with quota.slot():
                pass
        except BudgetExhausted:
            return done
    return number


def test_a_request_within_a_block_costs_no_query(key: ApiKey, django_assert_num_queries: object) -> None:
    quota = DatabaseQuota(key, is_background=True)
    use(quota, 1)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert use(quota, 10) == 10


def test_several_processes_together_stay_within_the_hour_and_leave_people_a_tenth(key: ApiKey) -> None:
    Budget.objects.create(key=key, hour_limit=200)
    first, second = DatabaseQuota(key, is_background=True), DatabaseQuota(key, is_background=True)
    second._holder = "another process"
    used = 0
    while done := use(first, 30) + use(second, 30):
        used += done
        first.flush()
        second.flush()
    assert used == 180
    by_hand = DatabaseQuota(key, is_background=False)
    assert use(by_hand, 100) == 20


def test_a_block_that_was_not_used_up_is_given_back(key: ApiKey) -> None:
    quota = DatabaseQuota(key, is_background=True)
    use(quota, 3)
    assert BudgetLease.objects.get().requests == budget.BLOCK
    quota.flush()
    assert BudgetLease.objects.get().requests == 3


def test_what_apple_says_is_left_counts_more_than_our_own_sum(key: ApiKey) -> None:
    quota = DatabaseQuota(key, is_background=False)
    use(quota, 1)
    quota.observe(limit(3600, 4), 200, None)
    quota.flush()
    assert use(quota, 50) == 4


def test_an_hour_later_the_budget_is_back(key: ApiKey) -> None:
    own = Budget.objects.create(key=key, hour_limit=100, hour_remaining=0, observed_at=timezone.now())
    lease = BudgetLease.objects.create(
        budget=own, holder="x", requests=100, connections=0, taken_at=timezone.now(), until=timezone.now()
    )
    quota = DatabaseQuota(key, is_background=False)
    with pytest.raises(BudgetExhausted) as refused, quota.slot():
        pass
    assert abs(refused.value.until - (lease.taken_at + timedelta(hours=1)).timestamp()) < 1
    BudgetLease.objects.update(taken_at=timezone.now() - timedelta(minutes=61))
    Budget.objects.update(observed_at=timezone.now() - timedelta(minutes=61))
    assert use(quota, 1) == 1


def test_after_a_429_no_request_starts_in_any_process_until_it_allows(key: ApiKey) -> None:
    first, second = DatabaseQuota(key, is_background=True), DatabaseQuota(key, is_background=False)
    assert use(second, 1) == use(first, 1) == 1
    first.observe(None, 429, 60.0)
    for quota in (first, DatabaseQuota(key, is_background=False)):
        with pytest.raises(BudgetExhausted) as refused, quota.slot():
            pass
        assert 55 < refused.value.until - time.time() <= 60


def test_a_429_halves_the_connections(key: ApiKey) -> None:
    DatabaseQuota(key, is_background=True).observe(None, 429, 0.0)
    assert Budget.objects.get().connections == 4


def test_at_most_the_given_connections_at_once_over_processes(key: ApiKey) -> None:
    quotas = [DatabaseQuota(key, is_background=True) for _ in range(3)]
    for number, quota in enumerate(quotas):
        quota._holder = f"process {number}"
    at_once, most, lock = 0, 0, threading.Lock()

    def work(quota: DatabaseQuota) -> None:
        nonlocal at_once, most
        for _ in range(4):
            with quota.slot():
                with lock:
                    at_once += 1
                    most = max(most, at_once)
                time.sleep(0.02)
                with lock:
                    at_once -= 1
        connection.close()

    threads = [threading.Thread(target=work, args=(quota,)) for quota in quotas for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 4 <= most <= 8


def test_a_person_who_waits_is_given_a_connection(key: ApiKey) -> None:
    background, by_hand = DatabaseQuota(key, is_background=True), DatabaseQuota(key, is_background=False)
    use(background, 1)
    started = time.monotonic()
    stop = threading.Event()

    def keep_busy() -> None:
        while not stop.is_set():
            with background.slot():
                time.sleep(0.01)
        connection.close()

    thread = threading.Thread(target=keep_busy)
    thread.start()
    try:
        assert use(by_hand, 1) == 1
    finally:
        stop.set()
        thread.join()
    assert time.monotonic() - started < budget.PATIENCE_SECONDS / 2


def test_the_gauge_shows_what_apple_said_last_and_only_to_those_who_may_see_the_team(key: ApiKey) -> None:
    Budget.objects.create(key=key, hour_limit=3600, hour_remaining=900, observed_at=timezone.now())
    (gauge,) = budget.gauges(factories.member())
    assert (gauge.remaining, gauge.percent) == (900, 25)
    assert budget.gauges(factories.member(None)) == []
