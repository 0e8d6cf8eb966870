"""The budget header in all its forms, and the quota of one process."""

import threading
import time

import pytest
import time_machine

from achievements_admin.appstore.errors import BudgetExhausted
from achievements_admin.appstore.quota import LocalQuota, RateLimit, parse_rate_limit

NOON = 1_800_000_000


@pytest.mark.parametrize(
    ("header", "limit"),
    [
        ("user-hour-lim:3500;user-hour-rem:500;", RateLimit(3500, 500)),
        ("user-hour-lim:3600; user-hour-rem: 3599", RateLimit(3600, 3599)),
        ("user-minute-lim:150;user-minute-rem:149;", RateLimit(None, None, 150, 149)),
        (
            "user-hour-lim:3500;user-hour-rem:500;user-minute-lim:250;user-minute-rem:0;",
            RateLimit(3500, 500, 250, 0),
        ),
        ("user-hour-lim:3500;user-hour-rem:500;, user-minute-lim:150;user-minute-rem:9;", RateLimit(3500, 500, 150, 9)),
        ("user-hour-lim:3500;user-hour-rem:500;, user-hour-lim:3500;user-hour-rem:499;", RateLimit(3500, 499)),
        ("User-Hour-Rem:12", RateLimit(None, 12)),
        ("user-hour-lim:;user-hour-rem:abc;user-minute-rem:7;;:", RateLimit(None, None, None, 7)),
        ("user-hour-rem:-5;other:9", None),
        ("user-hour-rem:99999999999999999999999", None),
        ("rubbish", None),
        ("", None),
        (None, None),
    ],
)
def test_the_rate_header_is_read_in_every_form(header: str | None, limit: RateLimit | None) -> None:
    assert parse_rate_limit(header) == limit


def test_no_more_requests_at_once_than_connections() -> None:
    quota = LocalQuota(connections=3)
    at_once, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal at_once, most
        with quota.slot():
            with lock:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.01)
            with lock:
                at_once -= 1

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3


def test_a_slot_is_given_back_when_the_request_fails() -> None:
    quota = LocalQuota(connections=1)
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"), quota.slot():
            raise ValueError("broken")


def test_a_429_halves_the_connections_once_per_pause_and_calm_wins_them_back() -> None:
    quota = LocalQuota(connections=8)
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(3):
            quota.observe(None, 429, 2.0)
        assert quota.connections == 4
        clock.shift(3)
        quota.observe(None, 429, 2.0)
        assert quota.connections == 2
        for _ in range(40):
            quota.observe(None, 200, None)
        assert quota.connections == 3
        for _ in range(5000):
            quota.observe(None, 200, None)
        assert quota.connections == 8


def test_a_long_pause_is_the_callers_to_wait_for() -> None:
    quota = LocalQuota(patience=5)
    with time_machine.travel(NOON, tick=False) as clock:
        quota.observe(None, 429, 60.0)
        with pytest.raises(BudgetExhausted) as raised, quota.slot():
            pass
        assert raised.value.until == NOON + 60
        clock.shift(61)
        with quota.slot():
            pass


def test_pauses_without_a_date_grow() -> None:
    quota = LocalQuota(patience=0)
    untils = []
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(8):
            quota.observe(None, 429, None)
            with pytest.raises(BudgetExhausted) as raised, quota.slot():
                pass
            untils.append(raised.value.until - time.time())
            clock.move_to(raised.value.until)
    assert untils == [1, 2, 4, 8, 16, 32, 60, 60]


def test_the_minute_limit_is_kept_before_apple_has_to_say() -> None:
    quota = LocalQuota(patience=1)
    with time_machine.travel(NOON, tick=False) as clock:
        quota.observe(RateLimit(minute_limit=3, minute_remaining=2), 200, None)
        for _ in range(3):
            with quota.slot():
                clock.shift(1)
        with pytest.raises(BudgetExhausted) as raised, quota.slot():
            pass
        assert raised.value.until == NOON + 60
        clock.move_to(NOON + 60)
        with quota.slot():
            pass


def test_an_hour_that_others_used_up_is_waited_for() -> None:
    quota = LocalQuota()
    with time_machine.travel(NOON, tick=False):
        quota.observe(RateLimit(hour_limit=3600, hour_remaining=0), 200, None)
        with pytest.raises(BudgetExhausted), quota.slot():
            pass
        assert quota.rate_limit == RateLimit(hour_limit=3600, hour_remaining=0)
