"""What was asked of the server: a log for verdicts, and how many requests were open at once."""

import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

ENTRIES_MAX = 200_000


@dataclass(slots=True)
class Entry:
    """One request. `applied` says whether it changed the store; status 0 means that no answer has left yet."""

    number: int
    time: float
    method: str
    path: str
    route: str
    key_id: str
    body: Any
    status: int = 0
    finished: float = 0.0
    applied: bool = False
    fault: str = ""
    held: bool = False

    def document(self) -> dict[str, Any]:
        """The entry as JSON; times are the machine's, in seconds."""
        return {name: getattr(self, name) for name in Entry.__slots__}


@dataclass(slots=True)
class Journal:
    """All requests, newest last. Control requests are not among them."""

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=ENTRIES_MAX))
    counts: Counter[str] = field(default_factory=Counter)
    open: int = 0
    most_open: int = 0
    number: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, *, method: str, path: str, route: str, body: Any) -> Entry:
        """A request has arrived."""
        with self._lock:
            self.number += 1
            self.open += 1
            self.most_open = max(self.most_open, self.open)
            entry = Entry(self.number, time.time(), method, path, route, "", body)
            self.entries.append(entry)
        return entry

    def end(self, entry: Entry, status: int) -> None:
        """Its answer is on its way; status -1 means that the connection was ended instead."""
        entry.status, entry.finished, entry.held = status, time.time(), False
        with self._lock:
            self.open -= 1
            self.counts[f"{entry.method} {entry.route or '?'}"] += 1
            self.counts[f"status {status}"] += 1

    def since(self, number: int, limit: int) -> list[Entry]:
        """Entries after a number, oldest first."""
        with self._lock:
            return [one for one in self.entries if one.number > number][:limit]

    def reset(self) -> None:
        """Forget everything but the requests that are still open."""
        with self._lock:
            self.entries.clear()
            self.counts.clear()
            self.most_open = self.open
