"""The simulator's clock: real time, shifted, frozen or set, so that days of review pass in a test's moment."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(slots=True)
class Clock:
    """Seconds since the epoch, as the server sees them."""

    offset: float = 0.0
    frozen_at: float | None = None

    def now(self) -> float:
        """The present moment on this clock."""
        return self.frozen_at if self.frozen_at is not None else time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Move on; a frozen clock stays frozen, later."""
        if self.frozen_at is not None:
            self.frozen_at += seconds
        else:
            self.offset += seconds

    def set(self, moment: float) -> None:
        """Jump to a moment; a running clock runs on from there."""
        if self.frozen_at is not None:
            self.frozen_at = moment
        else:
            self.offset = moment - time.time()

    def freeze(self, frozen: bool = True) -> None:
        """Stop the clock where it is, or let it run on from there."""
        now = self.now()
        if frozen:
            self.frozen_at = now
        else:
            self.frozen_at = None
            self.offset = now - time.time()


def isoformat(moment: float) -> str:
    """A moment as the API writes it."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
