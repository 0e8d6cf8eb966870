"""Requests to App Store Connect: pooled, with time-outs; an answer becomes a document or an error, nothing else.

One `Transport` belongs to one API key. It never follows redirects and takes neither proxies nor passwords from the
environment, so that the token goes to the given server alone.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
import structlog
from requests.auth import AuthBase

from .credentials import Credentials, Token, TokenSource
from .documents import Document, pages
from .errors import AppStoreError, NotAuthorized, Rubbish, refusal
from .quota import LocalQuota, Quota, parse_rate_limit
from .retry import BACKGROUND, FOREGROUND, RetryPolicy, retry_after_seconds
from .sessions import new_session, unreachable

APPLE_URL = "https://api.appstoreconnect.apple.com"
CONNECT_SECONDS = 5.0
# Between two bytes of an answer.
READ_SECONDS = 20.0

Params = Mapping[str, str | int]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what came of it, for the ledger; it holds no token. `status` is 0 where no answer came."""

    method: str
    path: str
    query: str
    status: int
    body_sent: Mapping[str, Any] | None
    answer: Mapping[str, Any] | None = None
    error: AppStoreError | None = None
    seconds: float = 0.0


@dataclass(slots=True)
class Counter:
    """How many requests were sent."""

    count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self) -> None:
        """Count one more."""
        with self._lock:
            self.count += 1


_counters: ContextVar[tuple[Counter, ...]] = ContextVar("counters", default=())


class BearerAuth(AuthBase):
    """Puts the token on a request, so that it is in no header mapping of ours that a traceback could show."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token!s}"
        return request


class Transport:
    """Sends requests with one key. `quota` is asked before each; `on_request` hears of each, in the caller's thread."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        base_url: str = APPLE_URL,
        quota: Quota | None = None,
        is_background: bool = False,
        policy: RetryPolicy | None = None,
        read_seconds: float = READ_SECONDS,
        on_request: Callable[[Exchange], None] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._tokens = TokenSource(credentials)
        self._quota: Quota = quota or LocalQuota()
        self._policy = policy or (BACKGROUND if is_background else FOREGROUND)
        self._timeout = (CONNECT_SECONDS, read_seconds)
        self._on_request = on_request
        self._session = new_session()
        self._sent = Counter()
        # Held by the thread that tries a renewed token; the others wait for what comes of it.
        self._renewal = threading.RLock()

    @property
    def requests_sent(self) -> int:
        """How many requests were sent since the beginning, each attempt counted."""
        return self._sent.count

    @contextmanager
    def counting(self) -> Iterator[Counter]:
        """Count the requests sent by this context, and by threads that run in a copy of it."""
        counter = Counter()
        reset = _counters.set((*_counters.get(), counter))
        try:
            yield counter
        finally:
            _counters.reset(reset)

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def get(self, path: str, params: Params | None = None) -> Document:
        """Read one document."""
        return self._request("GET", self.base_url + path, params=params)

    def get_pages(self, path: str, params: Params | None = None) -> Iterator[Document]:
        """Read a list, page by page."""
        url = self.base_url + path
        first = self._request("GET", url, params=params)
        return pages(first, lambda link: self._request("GET", link), url=url, base_url=self.base_url)

    def post(self, path: str, body: Mapping[str, Any]) -> Document:
        """Create something."""
        return self._request("POST", self.base_url + path, body=body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Document:
        """Change something."""
        return self._request("PATCH", self.base_url + path, body=body)

    def delete(self, path: str) -> None:
        """Delete something."""
        self._request("DELETE", self.base_url + path)

    def _request(
        self, method: str, url: str, *, params: Params | None = None, body: Mapping[str, Any] | None = None
    ) -> Document:
        full_url = f"{url}?{urlencode(params, safe=',')}" if params else url
        request = requests.Request(method, full_url, headers={"Accept": "application/json"}, json=body)
        return self._policy.run(lambda: self._authorized(request))

    def _authorized(self, request: requests.Request) -> Document:
        """Send with a token; on a 401, which executes nothing, once more with a fresh one."""
        with self._renewal:
            token = self._tokens.token()
        try:
            return self._attempt(request, token)
        except _TokenRefused as refused:
            server_time = refused.server_time
        with self._renewal:
            self._tokens.token()
            fresh = self._tokens.renew(token, server_time=server_time)
            try:
                return self._attempt(request, fresh)
            except _TokenRefused as refused:
                raise self._tokens.refuse(document=refused.document) from None

    def _attempt(self, request: requests.Request, token: Token) -> Document:
        """Send once, within a slot of the quota, and tell the quota and the listener what came of it."""
        with self._quota.slot():
            self._tokens.require_accepted()
            started = time.monotonic()
            status = 0
            document: Document | None = None
            failure: AppStoreError | None = None
            self._count()
            try:
                response = self._send(request, token)
                status = response.status_code
                wait = retry_after_seconds(response.headers.get("Retry-After"))
                self._quota.observe(parse_rate_limit(response.headers.get("X-Rate-Limit")), status, wait)
                document = _read(response, method=str(request.method), retry_after=wait)
            except AppStoreError as error:
                failure = error
        self._tell(request, status, document, failure, seconds=time.monotonic() - started)
        if failure is not None:
            raise failure from None
        assert document is not None  # there is either an answer or an error
        return document

    def _send(self, request: requests.Request, token: Token) -> requests.Response:
        prepared = self._session.prepare_request(request)
        BearerAuth(token)(prepared)
        is_write = request.method != "GET"
        try:
            return self._session.send(prepared, timeout=self._timeout, allow_redirects=False)
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            raise Rubbish("Apple's answer was cut off. Try again.", outcome_unknown=is_write) from None
        except requests.RequestException as error:
            raise unreachable("Apple", error, is_write=is_write) from None

    def _count(self) -> None:
        for counter in (self._sent, *_counters.get()):
            counter.add()

    def _tell(
        self,
        request: requests.Request,
        status: int,
        document: Document | None,
        error: AppStoreError | None,
        *,
        seconds: float,
    ) -> None:
        parts = urlsplit(str(request.url))
        log.debug("appstore.request", method=request.method, path=parts.path, status=status, seconds=round(seconds, 3))
        if self._on_request:
            self._on_request(
                Exchange(
                    method=str(request.method),
                    path=parts.path.removeprefix(urlsplit(self.base_url).path),
                    query=parts.query,
                    status=status,
                    body_sent=request.json,
                    answer=document.body if document else (error.document if error else None),
                    error=error,
                    seconds=seconds,
                )
            )


class _TokenRefused(NotAuthorized):
    """A 401, before it is known whether a fresh token helps."""

    server_time: float | None = None


def _read(response: requests.Response, *, method: str, retry_after: float | None) -> Document:
    """The document of an answer; raises the error that an answer is."""
    is_write = method != "GET"
    body = _json(response.content)
    if response.status_code == 401:
        refused = _TokenRefused("", status=401, document=body)
        refused.server_time = _server_time(response)
        raise refused
    if response.status_code >= 300:
        raise refusal(response.status_code, body, is_write=is_write, retry_after=retry_after)
    if response.status_code == 204 or method == "DELETE":
        return Document({}, is_write=is_write)
    if body is None or "data" not in body:
        raise Rubbish("Apple's answer can't be read. Try again.", status=response.status_code, outcome_unknown=is_write)
    return Document(body, is_write=is_write)


def _json(content: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _server_time(response: requests.Response) -> float | None:
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
    except ValueError:
        return None
