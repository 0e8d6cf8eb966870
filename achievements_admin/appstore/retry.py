"""How long to wait before a request is sent again, and when to give up.

Whether it may be sent again is the error's to say: it must be retryable, and the request must certainly not have been
executed or have changed nothing (429, connection refused, any reading). A write whose outcome is unknown is never sent
again from here.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TypeVar

from .errors import AppStoreError, BudgetExhausted, RateLimited

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most `attempts`, none begun when more than `total` seconds would have passed since the first."""

    attempts: int = 3
    total: float = 5.0
    first: float = 0.5
    longest: float = 8.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random

    def run(self, attempt: Callable[[], Answer]) -> Answer:
        """Call `attempt` until it answers; raises its last error."""
        started = self.clock()
        number = 1
        while True:
            try:
                return attempt()
            except AppStoreError as error:
                if number >= self.attempts or not error.is_retryable or error.outcome_unknown:
                    raise
                wait = self._wait(error, number)
                if self.clock() - started + wait > self.total:
                    raise
            self.sleep(wait)
            number += 1

    def _wait(self, error: AppStoreError, number: int) -> float:
        """Seconds until the next attempt: as long as Apple says, else full jitter below a bound that doubles."""
        if isinstance(error, BudgetExhausted):
            return max(0.0, error.until - time.time())
        bound = min(self.longest, self.first * 2.0 ** (number - 1))
        if isinstance(error, RateLimited):
            # Never less than is asked for; a little more, so that not everybody comes back at once.
            return (bound if error.retry_after is None else error.retry_after) + self.jitter() * self.first
        return self.jitter() * bound


# A person waits for the answer.
FOREGROUND = RetryPolicy()
# A worker may wait, within its lease.
BACKGROUND = RetryPolicy(attempts=6, total=20.0)


def retry_after_seconds(header: str | None, *, now: float | None = None) -> float | None:
    """`Retry-After` in seconds from now (RFC 9110: seconds or an HTTP date); None when absent or malformed."""
    value = (header or "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, when.timestamp() - (time.time() if now is None else now))
