"""The whole server without its wire: store, rules, keys, quota, faults, journal, and one lock around the store."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import demo_games, errors, progress, seeds
from .calls import Answer, Call
from .clock import Clock
from .faults import Fault, Faults
from .journal import Entry, Journal
from .quota import Quota
from .routes import Route
from .rules import Rules
from .schema import View
from .store import Store, Tables
from .tokens import Key, Keyring
from .uploads import Uploads


@dataclass(slots=True)
class World:
    """Everything that one simulator holds."""

    rules: Rules = field(default_factory=Rules)
    clock: Clock = field(default_factory=Clock)
    store: Store = field(init=False)
    keyring: Keyring = field(default_factory=Keyring)
    quota: Quota = field(default_factory=Quota)
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)
    uploads: Uploads = field(default_factory=Uploads)
    latency: float = 0.0  # seconds, slept outside the lock so that requests overlap
    lock: threading.RLock = field(default_factory=threading.RLock)
    first_rules: Rules = field(init=False)
    first_latency: float = field(init=False)
    seed: dict[str, Any] = field(default_factory=dict)
    on_change: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.store = Store(self.clock)
        self.first_rules, self.first_latency = self.rules, self.latency

    def reset(self, *, entirely: bool = False) -> None:
        """Back to the seed: an empty journal, full quota, no faults; `entirely`: rules, keys, clock and latency too."""
        with self.lock:
            if entirely:
                self.rules, self.latency = self.first_rules, self.first_latency
                self.clock.frozen_at, self.clock.offset = None, 0.0
                self.keyring.restore()
            self.faults.clear()
            self.journal.reset()
            self.quota.reset()
            self.store = Store(self.clock)
            seeds.load(self.store, self.seed)
            self.on_change()

    def plant(self, seed: str | dict[str, Any]) -> None:
        """What `reset` begins with: a seed's name, or a document. Raises ValueError for an unknown name."""
        document = seed if isinstance(seed, dict) else demo_games.document() if seed == "demo" else seeds.named(seed)
        if document is None:
            raise ValueError(f"there is no seed called {seed}")
        self.seed = document

    def view(self, tables: Tables, base: str) -> View:
        """What a request sees."""
        now = self.clock.now()
        expires = now + self.rules.upload_valid_seconds

        def upload_url(image_id: str, part: int) -> str:
            return self.uploads.address(base, image_id, part, expires)

        return View(tables, self.rules, base, now, upload_url)

    def perform(
        self, route: Route, key: Key, *, identifier: str, path: str, query: str, content: bytes, base: str, entry: Entry
    ) -> Answer:
        """Carry out a request of a known key."""
        is_refused = self.rules.v2_refused or not key.has_second_generation
        if is_refused and (route.template.startswith("/v2/") or "V2" in route.template):
            raise errors.forbidden()
        lag = None
        if route.method == "GET" and self.faults.has_lag:
            lag = self.faults.lag(path=f"{path}?{query}", route=route.template, key_id=key.key_id)
        with self.lock:
            self.store.keeps_past = self.faults.has_lag
            if not self.store.keeps_past:
                self.store.past.clear()
            progress.run_due(self.store, self.rules)
            view = self.view(self.store.tables, base)
            lists = view if lag is None else self.view(self._lagging(lag), base)
            before = self.store.changes
            call = Call(self.store, self.rules, key, view, lists, route.method, path, query, identifier, content)
            try:
                return route.endpoint(call)
            finally:
                entry.applied = route.method != "GET" and self.store.changes > before
                if self.store.changes > before:
                    self.on_change()

    def _lagging(self, lag: Fault) -> Tables:
        """The tables as a lagging list still shows them."""
        past = self.store.past
        if lag.seconds:
            while past and past[0].moment <= self.clock.now() - lag.seconds:
                past.popleft()
        elif lag.reads:
            while past and past[0].reads >= lag.reads:
                past.popleft()
            for one in past:
                one.reads += 1
        return past[0].tables if past else self.store.tables

    def take_quota(self, key: Key) -> tuple[list[tuple[str, str]], float | None]:
        """Count a request: the headers to send, and the seconds to wait when the limit is used up."""
        with self.lock:
            wait = self.quota.take(key.key_id, self.clock.now(), self.rules)
            return self.quota.headers(key.key_id, self.rules), wait
