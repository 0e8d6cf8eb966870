"""How much may be sent: what Apple says in `X-Rate-Limit`, and the protocol by which somebody keeps count.

The header is a bag of `key:number;` pairs with an hour, a minute or both, sometimes sent twice and sometimes with
entries that make no sense (developer documentation, "Identifying Rate Limits"; measured forms in public reports).
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Protocol

from .errors import BudgetExhausted

PAUSE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What one answer said; None for what it did not say."""

    hour_limit: int | None = None
    hour_remaining: int | None = None
    minute_limit: int | None = None
    minute_remaining: int | None = None


def parse_rate_limit(header: str | None) -> RateLimit | None:
    """Read the header in any of its forms; None when it says nothing. Of a key given twice the smaller number counts."""
    bag: dict[str, int] = {}
    for entry in (header or "").replace(",", ";").split(";"):
        key, _, number = entry.strip().partition(":")
        if number.strip().isdecimal():
            bag[key.strip()] = min(int(number), bag.get(key.strip(), int(number)))
    limit = RateLimit(
        bag.get("user-hour-lim"), bag.get("user-hour-rem"), bag.get("user-minute-lim"), bag.get("user-minute-rem")
    )
    return None if limit == RateLimit() else limit


def parse_retry_after(header: str | None) -> float | None:
    """Seconds to wait, from a number or an HTTP date."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None


class Quota(Protocol):
    """Whoever keeps count of a key's requests and connections."""

    def slot(self) -> AbstractContextManager[None]:
        """Hold one request and one connection; raises BudgetExhausted where there is none to be had."""

    def observe(self, limit: RateLimit | None, status: int, retry_after: float | None) -> None:
        """Hear what an answer said."""


class LocalQuota:
    """Keeps count for one client alone, as when a key is checked before it is stored."""

    def __init__(self, connections: int = 8) -> None:
        self._slots = threading.BoundedSemaphore(connections)
        self._paused_until = 0.0

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold one connection, unless Apple asked to wait."""
        with self._slots:
            if self._paused_until > time.time():
                raise BudgetExhausted(until=self._paused_until)
            yield

    def observe(self, limit: RateLimit | None, status: int, retry_after: float | None) -> None:
        """Stop after a 429 until Apple allows more."""
        if status == 429:
            self._paused_until = time.time() + (PAUSE_SECONDS if retry_after is None else retry_after)
