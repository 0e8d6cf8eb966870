"""Rate limits: a rolling hour per key, perhaps a rolling minute, and the header in the forms that have been seen."""

from collections import defaultdict, deque
from dataclasses import dataclass, field

from .rules import Rules

HOUR = 3600.0
MINUTE = 60.0


@dataclass(slots=True)
class Quota:
    """When each key's requests were; the caller holds the lock."""

    _hours: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _minutes: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def take(self, key_id: str, now: float, rules: Rules) -> float | None:
        """Count a request; when the limit is used up it isn't counted, and the seconds until it is not are returned."""
        hour, minute = self._hours[key_id], self._minutes[key_id]
        for window, seconds in ((hour, HOUR), (minute, MINUTE)):
            while window and window[0] <= now - seconds:
                window.popleft()
        if len(hour) >= rules.hour_limit:
            return (hour[0] + HOUR - now) if hour else HOUR
        if rules.minute_limit and len(minute) >= rules.minute_limit:
            return minute[0] + MINUTE - now
        hour.append(now)
        minute.append(now)
        return None

    def headers(self, key_id: str, rules: Rules) -> list[tuple[str, str]]:
        """`X-Rate-Limit`, once or twice (facts 7)."""
        hour_left = max(0, rules.hour_limit - len(self._hours[key_id]))
        minute_limit = rules.minute_limit or 250
        minute_left = max(0, minute_limit - len(self._minutes[key_id]))
        hour = f"user-hour-lim:{rules.hour_limit};user-hour-rem:{hour_left};"
        minute = f"user-minute-lim:{minute_limit};user-minute-rem:{minute_left};"
        values = {"minute": [minute], "both": [hour + minute], "twice": [hour, minute]}.get(rules.rate_header, [hour])
        return [("X-Rate-Limit", value) for value in values]

    def used(self, key_id: str) -> int:
        """Requests of the last hour."""
        return len(self._hours[key_id])

    def reset(self) -> None:
        """Forget all requests."""
        self._hours.clear()
        self._minutes.clear()
