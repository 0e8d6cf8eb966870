"""How long to wait before a request goes out again. Whether it may, the error says."""

import random
import time
from dataclasses import dataclass

from .errors import AppStoreError, BudgetExhausted, RateLimited

SAFE_METHODS = frozenset({"GET"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Tries at most `attempts` times and waits at most `patience` seconds in all, with full jitter."""

    attempts: int = 3
    first: float = 0.3
    patience: float = 4.0

    def wait(self, error: AppStoreError, *, method: str, attempt: int, waited: float) -> float | None:
        """Seconds until the next try, None when there is none.

        An unsafe request is repeated only when it was certainly not carried out: after a 429.
        """
        if isinstance(error, BudgetExhausted):
            seconds = error.until - time.time()
        elif not error.is_retryable or attempt >= self.attempts:
            return None
        elif isinstance(error, RateLimited) and error.retry_after is not None:
            seconds = error.retry_after + random.uniform(0, self.first)  # noqa: S311 - jitter, no secret
        elif method in SAFE_METHODS or isinstance(error, RateLimited):
            seconds = random.uniform(0, self.first * 2**attempt)  # noqa: S311 - jitter, no secret
        else:
            return None
        seconds = max(0.0, seconds)
        return seconds if waited + seconds <= self.patience else None


BY_HAND = Retry()
BACKGROUND = Retry(attempts=5, first=0.5, patience=20.0)
