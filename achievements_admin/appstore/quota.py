"""How much of a key's hour is left, and who may send next.

The client asks a `Quota` before each request and tells it what came back. Services put one over the database, for all
processes of a key; `LocalQuota` does it for one process.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from .errors import BudgetExhausted

MINUTE = 60.0
HOUR = 3600.0
# A pause after a 429 without `Retry-After`, in seconds; doubles with each further one.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
# So many answers in a row without a 429, per connection, win one connection back.
GROWTH = 20


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What `X-Rate-Limit` says; None for what it does not."""

    hour_limit: int | None = None
    hour_remaining: int | None = None
    minute_limit: int | None = None
    minute_remaining: int | None = None


def parse_rate_limit(header: str | None) -> RateLimit | None:
    """Read `user-hour-lim:3500;user-hour-rem:500;` ("Identifying Rate Limits") and its relatives.

    Some endpoints add or instead send `user-minute-…`, and the header may come twice; then the smaller number counts.
    """
    found: dict[str, int] = {}
    for name, number in re.findall(r"([a-z-]+)\s*:\s*(\d{1,9})(?!\d)", (header or "").lower()):
        found[name] = min(int(number), found.get(name, int(number)))
    limit = RateLimit(
        hour_limit=found.get("user-hour-lim"),
        hour_remaining=found.get("user-hour-rem"),
        minute_limit=found.get("user-minute-lim"),
        minute_remaining=found.get("user-minute-rem"),
    )
    return limit if limit != RateLimit() else None


class Quota(Protocol):
    """What the client asks before, and tells after, each request."""

    def slot(self) -> AbstractContextManager[None]:
        """Hold one connection and one request of the budget; waits for a connection, raises BudgetExhausted."""

    def observe(self, limit: RateLimit | None, status: int, retry_after: float | None) -> None:
        """Note what an answer said; `retry_after` is in seconds. Called while the slot is still held."""


class LocalQuota:
    """A quota within one process. `patience` is the longest pause, in seconds, that a request waits through
    instead of raising BudgetExhausted."""

    def __init__(self, *, connections: int = 8, patience: float = 5.0) -> None:
        self._most = self._connections = connections
        self._patience = patience
        self._changed = threading.Condition()
        self._in_use = 0
        self._sent: deque[float] = deque()
        self._limits: dict[float, int] = {}
        self._paused_until = 0.0
        self._pauses = 0
        self._calm = 0
        self.rate_limit: RateLimit | None = None

    @property
    def connections(self) -> int:
        """How many requests may be under way at once, for now."""
        return self._connections

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold one connection and one request of the budget."""
        with self._changed:
            self._wait()
            self._in_use += 1
            self._sent.append(time.time())
        try:
            yield
        finally:
            with self._changed:
                self._in_use -= 1
                self._changed.notify()

    def observe(self, limit: RateLimit | None, status: int, retry_after: float | None) -> None:
        """Note what an answer said; a 429 stops every thread until it allows, and halves the connections once."""
        with self._changed:
            if limit is not None:
                self._remember(limit)
            if status != 429:
                self._calm += 1
                if self._calm >= GROWTH * self._connections:
                    self._calm, self._pauses = 0, 0
                    self._connections = min(self._most, self._connections + 1)
                    self._changed.notify()
                return
            now = time.time()
            if self._paused_until <= now:
                self._connections = max(1, self._connections // 2)
                self._pauses += 1
            grown = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self._pauses - 1))
            self._pause(now + (retry_after if retry_after is not None else grown))
            self._calm = 0

    def _remember(self, limit: RateLimit) -> None:
        """Keep the limits, and rest a little where others have used up what was left."""
        self.rate_limit = limit
        pairs = ((HOUR, limit.hour_limit, limit.hour_remaining), (MINUTE, limit.minute_limit, limit.minute_remaining))
        for window, most, remaining in pairs:
            if most:
                self._limits[window] = most
            if remaining == 0:
                self._pause(time.time() + window / 60)

    def _pause(self, until: float) -> None:
        self._paused_until = max(self._paused_until, until)

    def _wait(self) -> None:
        """Wait for a connection as long as it takes, for the budget as long as patience allows."""
        while True:
            now = time.time()
            due = max(self._paused_until, self._free_at(now))
            if due - now > self._patience:
                raise BudgetExhausted(until=due)
            if due <= now and self._in_use < self._connections:
                return
            self._changed.wait(timeout=due - now if due > now else None)

    def _free_at(self, now: float) -> float:
        """When one more request fits into every rolling window, in epoch seconds."""
        while self._sent and self._sent[0] <= now - HOUR:
            self._sent.popleft()
        full = ((window, most) for window, most in self._limits.items() if len(self._sent) >= most)
        return max((self._sent[-most] + window for window, most in full), default=0.0)
