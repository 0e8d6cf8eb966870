"""When a request is sent again, and how long that takes."""

from collections.abc import Callable
from email.utils import formatdate

import pytest
import time_machine

from achievements_admin.appstore.errors import (
    AppStoreError,
    BudgetExhausted,
    Conflict,
    RateLimited,
    ServerError,
    Unreachable,
)
from achievements_admin.appstore.retry import BACKGROUND, FOREGROUND, RetryPolicy, retry_after_seconds

NOON = 1_800_000_000


class Clock:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.waits.append(seconds)
        self.now += seconds


def run(error: AppStoreError, *, jitter: float = 1.0, attempts: int = 4, total: float = 60.0) -> list[float]:
    """The waits of a policy whose every attempt fails so."""
    clock = Clock()
    policy = RetryPolicy(
        attempts=attempts, total=total, sleep=clock.sleep, clock=lambda: clock.now, jitter=lambda: jitter
    )
    with pytest.raises(type(error)):
        policy.run(failing(error))
    return clock.waits


def failing(error: AppStoreError) -> Callable[[], None]:
    """An attempt that fails so."""

    def attempt() -> None:
        raise error

    return attempt


def test_waits_double_below_a_bound() -> None:
    assert run(ServerError("x"), attempts=8) == [0.5, 1, 2, 4, 8, 8, 8]


def test_jitter_is_full() -> None:
    assert run(ServerError("x"), jitter=0.0) == [0, 0, 0]


def test_waiting_ends_with_its_total() -> None:
    assert sum(run(ServerError("x"), attempts=100, total=5)) <= 5


def test_retry_after_is_never_undercut() -> None:
    assert all(wait >= 3 for wait in run(RateLimited(retry_after=3), jitter=0.0))


def test_a_retry_after_beyond_the_total_is_raised_at_once() -> None:
    assert run(RateLimited(retry_after=30), total=5) == []


def test_a_429_without_a_date_waits_longer_each_time() -> None:
    assert run(RateLimited(), jitter=0.0) == [0.5, 1, 2]


def test_a_budget_is_waited_for_when_that_is_soon() -> None:
    with time_machine.travel(NOON, tick=False):
        assert run(BudgetExhausted(until=NOON + 2), attempts=2) == [2]
        assert run(BudgetExhausted(until=NOON + 600)) == []


@pytest.mark.parametrize(
    "error",
    [
        Conflict("x"),
        ServerError("x", outcome_unknown=True),
        Unreachable("x", outcome_unknown=True),
    ],
)
def test_what_was_refused_or_may_have_been_applied_is_not_repeated(error: AppStoreError) -> None:
    assert run(error) == []


def test_what_never_left_is_repeated() -> None:
    assert len(run(Unreachable("x", was_sent=False))) == 3


def test_the_first_success_is_the_answer() -> None:
    outcomes: list[AppStoreError | None] = [ServerError("x"), RateLimited(), None]

    def attempt() -> str:
        error = outcomes.pop(0)
        if error:
            raise error
        return "done"

    assert RetryPolicy(sleep=lambda seconds: None).run(attempt) == "done"


def test_people_wait_five_seconds_at_most() -> None:
    assert FOREGROUND.total <= 5
    assert BACKGROUND.total > FOREGROUND.total


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        (formatdate(NOON + 90, usegmt=True), 90.0),
        (formatdate(NOON - 90, usegmt=True), 0.0),
        ("-1", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, now=NOON) == seconds
