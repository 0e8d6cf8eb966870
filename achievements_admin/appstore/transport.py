"""Requests on the wire: one pooled session per key, a time-out on everything, every answer a document or an error."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from requests.adapters import HTTPAdapter

from . import retry
from .credentials import Credentials, TokenSource
from .documents import Document
from .errors import (
    AppStoreError,
    NotAuthorized,
    Rubbish,
    UnsafeUrl,
    Unreachable,
    from_response,
)
from .quota import LocalQuota, Quota, parse_rate_limit, parse_retry_after

log = structlog.get_logger()

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
# 100 pages of 200: far more than any list of Game Center's; a list that never ends is a fault.
PAGES_MAX = 100


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that left, and how it was answered; status 0 when it was not."""

    method: str
    path: str
    body_sent: Any
    status: int
    seconds: float


@dataclass(slots=True)
class Count:
    """How many requests have left since counting began."""

    count: int = 0


_counts: ContextVar[tuple[Count, ...]] = ContextVar("counts", default=())


class Transport:
    """Sends requests for one key. Safe to share between threads: nothing of a request is kept on the session."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        base_url: str,
        quota: Quota | None = None,
        is_background: bool = False,
        read_seconds: float = READ_SECONDS,
        on_request: Callable[[Exchange], None] = lambda exchange: None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._tokens = TokenSource(credentials)
        self._quota = quota or LocalQuota()
        self._retry = retry.BACKGROUND if is_background else retry.BY_HAND
        self._timeout = (CONNECT_SECONDS, read_seconds)
        self._on_request = on_request
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("http://", HTTPAdapter(pool_maxsize=16, pool_block=True))
        self._session.mount("https://", HTTPAdapter(pool_maxsize=16, pool_block=True))

    @contextmanager
    def counting(self) -> Iterator[Count]:
        """Count the requests of this thread, and of threads that were started in a copy of its context."""
        count = Count()
        token = _counts.set((*_counts.get(), count))
        try:
            yield count
        finally:
            _counts.reset(token)

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Document:
        """One document."""
        return Document(self._send("GET", self._base_url + path, query=query))

    def pages(self, path: str, query: Mapping[str, str | int] | None = None) -> Iterator[Document]:
        """All pages of a list; `links.next` is followed as it is, to the same host only."""
        document = self.get(path, query)
        yield document
        for _ in range(PAGES_MAX):
            if not document.next_url:
                return
            self._check_url(document.next_url)
            document = Document(self._send("GET", document.next_url))
            yield document
        raise Rubbish("Apple's list did not end. Try again; if it stays, report it.")

    def write(self, method: str, path: str, body: Any = None) -> Document | None:
        """Send a POST, PATCH or DELETE; None for an answer without content."""
        content = self._send(method, self._base_url + path, body=body)
        return None if content is None else Document(content)

    def _check_url(self, url: str) -> None:
        ours, theirs = urlsplit(self._base_url), urlsplit(url)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise UnsafeUrl

    def _send(self, method: str, url: str, *, query: Mapping[str, str | int] | None = None, body: Any = None) -> Any:
        """Send until there is an answer or no reason to go on; a refused token is renewed once."""
        waited, attempt, has_renewed = 0.0, 0, False
        while True:
            attempt += 1
            token = self._tokens.token()
            try:
                with self._quota.slot():
                    return self._exchange(method, url, query, body, token)
            except NotAuthorized:
                if has_renewed:
                    raise
                has_renewed = True
                attempt -= 1
            except AppStoreError as error:
                seconds = self._retry.wait(error, method=method, attempt=attempt, waited=waited)
                if seconds is None:
                    raise
                waited += seconds
                time.sleep(seconds)

    def _exchange(self, method: str, url: str, query: Mapping[str, str | int] | None, body: Any, token: str) -> Any:
        """One request, one answer."""
        for count in _counts.get():
            count.count += 1
        started, status = time.monotonic(), 0
        is_unsafe = method not in retry.SAFE_METHODS
        try:
            response = self._session.request(
                method,
                url,
                params=query,
                json=body,
                headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
                timeout=self._timeout,
                allow_redirects=False,
            )
            status = response.status_code
        except requests.exceptions.RequestException as error:
            # Only a connection that was never made is known to have carried nothing.
            never_left = isinstance(error, requests.exceptions.ConnectTimeout) or "NewConnectionError" in repr(error)
            raise Unreachable(outcome_unknown=is_unsafe and not never_left) from error
        finally:
            self._report(method, url, query, body, status, time.monotonic() - started)
        return self._answer(response, token, is_unsafe=is_unsafe)

    def _answer(self, response: requests.Response, token: str, *, is_unsafe: bool) -> Any:
        status = response.status_code
        retry_after = parse_retry_after(response.headers.get("Retry-After"))
        self._quota.observe(parse_rate_limit(response.headers.get("X-Rate-Limit")), status, retry_after)
        if status == 401:
            self._tokens.renew(token, server_time=_date(response.headers.get("Date")))
        content: Any = None
        if status != 204:
            try:
                content = response.json()
            except ValueError as error:
                if status < 400:
                    raise Rubbish(status=status, outcome_unknown=is_unsafe) from error
                content = None
        if 200 <= status < 300:
            return content
        if 300 <= status < 400:
            raise UnsafeUrl("Apple's answer was a redirection, which was not followed.", status=status)
        error = from_response(status, content, retry_after=retry_after, is_unsafe=is_unsafe)
        if isinstance(error, NotAuthorized) and self._tokens.clock_offset:
            minutes = abs(round(self._tokens.clock_offset / 60))
            error.sentence = f"{error.sentence} This machine's clock is off by {minutes} minutes, too; set it."
        raise error

    def _report(
        self, method: str, url: str, query: Mapping[str, str | int] | None, body: Any, status: int, seconds: float
    ) -> None:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if query:
            path += "?" + "&".join(f"{name}={value}" for name, value in query.items())
        log.debug("apple_request", method=method, path=path, status=status, ms=round(seconds * 1000))
        self._on_request(Exchange(method, path, body, status, seconds))


def _date(header: str | None) -> float | None:
    if not header:
        return None
    try:
        return parsedate_to_datetime(header).timestamp()
    except ValueError:
        return None

