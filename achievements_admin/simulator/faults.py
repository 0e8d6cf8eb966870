"""Faults on demand: rules that pick requests, and what goes wrong with the ones they pick."""

import hashlib
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

KINDS = (
    "429",  # refused in spite of quota left; nothing is done
    "500",
    "503",
    "401",  # the token is called stale
    "slow",  # answered after `ms`
    "drop_before",  # the connection ends, nothing is done
    "drop_after",  # done, then the connection ends without an answer
    "500_applied",  # done, then answered with 500
    "cut_body",  # done, then half of the answer
    "rubbish",  # done, then HTML with status 200
    "lag",  # lists don't show the writes of the last `seconds`, or until they were read `reads` times
    "hold",  # kept waiting until it is released over the control plane
)
PERS = ("", "route", "request")


@dataclass(slots=True, kw_only=True)
class Fault:
    """A rule. A request is picked when everything that is given fits; counting is per `per`.

    `per`: "" counts all matching requests together, "route" each method and path template on its own, "request" each
    distinct method, path and body on its own (so that `nth: 1` is the first try of every request).
    """

    kind: str
    method: str = ""  # e.g. "POST" or "POST,PATCH"
    path: str = ""  # a regular expression that is searched in path and query
    key: str = ""
    nth: int | list[int] | None = None  # of the matching requests, from 1
    every: int = 0
    after: int = 0  # the first so many matching requests are let through
    probability: float = 1.0
    seed: int = 0
    count: int = 0  # at most so many times, per `per`; 0: no end
    for_seconds: float = 0.0  # from when the rule was set; 0: no end
    per: str = ""
    ms: float = 0.0  # slow
    retry_after: float | None = None  # 429 and 503: seconds in the header
    seconds: float = 0.0  # lag
    reads: int = 0  # lag
    when: str = "before"  # hold: before the request is carried out, or after
    id: str = ""
    hits: int = 0
    matches: Counter[str] = field(default_factory=Counter)
    picked: Counter[str] = field(default_factory=Counter)
    since: float = field(default_factory=time.monotonic)
    gate: threading.Event = field(default_factory=threading.Event)
    is_dropping: bool = False
    chance: random.Random = field(default_factory=random.Random)
    pattern: re.Pattern[str] = field(default_factory=lambda: re.compile(""))

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault called {self.kind!r}; there are {', '.join(KINDS)}")
        if self.per not in PERS or self.when not in {"before", "after"}:
            raise ValueError("`per` is route or request; `when` is before or after")
        self.chance = random.Random(self.seed)  # chance for tests, not for secrets
        self.pattern = re.compile(self.path)

    def picks(self, *, method: str, path: str, route: str, content: bytes, key_id: str) -> bool:
        """Does this request go wrong? Counts it if it matches."""
        if self.method and method not in self.method.upper().split(","):
            return False
        if (self.key and self.key != key_id) or not self.pattern.search(path):
            return False
        if self.for_seconds and time.monotonic() - self.since > self.for_seconds:
            return False
        scope = self._scope(method, path, route, content)
        self.matches[scope] += 1
        number = self.matches[scope]
        if number <= self.after or (self.count and self.picked[scope] >= self.count):
            return False
        if self.nth is not None and number not in (self.nth if isinstance(self.nth, list) else [self.nth]):
            return False
        if self.every and (number - self.after) % self.every:
            return False
        if self.probability < 1.0 and self.chance.random() >= self.probability:
            return False
        self.picked[scope] += 1
        self.hits += 1
        return True

    def _scope(self, method: str, path: str, route: str, content: bytes) -> str:
        if self.per == "route":
            return f"{method} {route}"
        if self.per == "request":
            return f"{method} {path} {hashlib.sha256(content).hexdigest()}"
        return ""

    def document(self) -> dict[str, Any]:
        """The rule as JSON, with how often it has struck."""
        return {name: getattr(self, name) for name in SETTABLE} | {"hits": self.hits}


SETTABLE = tuple(
    one.name
    for one in fields(Fault)
    if one.name not in {"hits", "matches", "picked", "since", "gate", "is_dropping", "chance", "pattern"}
)


@dataclass(slots=True)
class Faults:
    """All rules in force, tried in order; the first that picks a request decides (lags apply beside it)."""

    rules: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0

    def add(self, given: Mapping[str, Any]) -> Fault:
        """A new rule from JSON; raises ValueError for what is none."""
        unknown = sorted(set(given) - set(SETTABLE))
        if unknown:
            raise ValueError(f"a fault has no {', '.join(unknown)}")
        fault = Fault(**given)
        with self._lock:
            self._number += 1
            fault.id = fault.id or f"fault-{self._number}"
            self.rules.append(fault)
        return fault

    def load(self, text: str) -> None:
        """Rules from a file: a JSON list."""
        for one in json.loads(text):
            self.add(one)

    def clear(self, identifier: str = "") -> None:
        """Take away all rules, or one; what they hold is let go."""
        with self._lock:
            gone = [one for one in self.rules if not identifier or one.id == identifier]
            self.rules = [one for one in self.rules if one not in gone]
        for one in gone:
            one.gate.set()

    def release(self, identifier: str = "", *, drop: bool = False) -> int:
        """Let go of what is held, and hold no more by these rules; `drop` ends the connections instead."""
        with self._lock:
            held = [one for one in self.rules if one.kind == "hold" and (not identifier or one.id == identifier)]
            self.rules = [one for one in self.rules if one not in held]
        for one in held:
            one.is_dropping = drop
            one.gate.set()
        return len(held)

    def pick(self, *, method: str, path: str, route: str, content: bytes, key_id: str) -> Fault | None:
        """What goes wrong with this request, if anything; lags are asked for with `lag`."""
        with self._lock:
            for one in self.rules:
                if one.kind != "lag" and one.picks(
                    method=method, path=path, route=route, content=content, key_id=key_id
                ):
                    return one
        return None

    def lag(self, *, path: str, route: str, key_id: str) -> Fault | None:
        """The lag of this list, if any."""
        with self._lock:
            for one in self.rules:
                if one.kind == "lag" and one.picks(method="GET", path=path, route=route, content=b"", key_id=key_id):
                    return one
        return None

    @property
    def has_lag(self) -> bool:
        """Does any list lag? The store keeps its past only then."""
        return any(one.kind == "lag" for one in self.rules)
