"""Image bytes to where Apple wants them, and pictures from where Apple keeps them.

Developer documentation, "Uploading Assets": each part goes with exactly the given method and headers, and never with
the API's token. The addresses come from a server, so they are checked before anything is sent: https, an expected
host, no redirect, and no private address behind the host's name. A server on loopback stands for Apple only where the
API itself is on that address.
"""

import fnmatch
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from .errors import Rubbish, ServerError, UnsafeUrl, UploadExpired, UploadRefused
from .retry import FOREGROUND, RetryPolicy
from .sessions import new_session, unreachable

UPLOAD_HOSTS = ("*.apple.com",)
ASSET_HOSTS = ("*.mzstatic.com", "*.apple.com")
# Seconds to connect, and between two bytes.
TIMEOUT = (5.0, 20.0)
MOST_ASSET_BYTES = 20 * 1024 * 1024
UNSAFE = "Apple's answer leads to an address that is not Apple's, so nothing was sent there. Check ASC_UPLOAD_HOSTS."


@dataclass(frozen=True, slots=True)
class Operation:
    """One part of an upload (`UploadOperation`). The address is signed, so it is never shown."""

    method: str
    url: str = field(repr=False)
    offset: int
    length: int
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def from_apple(cls, given: Mapping[str, Any]) -> Self:
        """Read one of Apple's; raises Rubbish."""
        try:
            headers = tuple((str(each["name"]), str(each["value"])) for each in given.get("requestHeaders") or ())
            return cls(str(given["method"]), str(given["url"]), int(given["offset"]), int(given["length"]), headers)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Rubbish("Apple's instructions for the upload can't be read. Reserve the image again.") from None


class Uploads:
    """Sends parts and fetches pictures through a session of its own, to allowed hosts only; threads may share it."""

    def __init__(
        self,
        *,
        upload_hosts: Sequence[str] = UPLOAD_HOSTS,
        asset_hosts: Sequence[str] = ASSET_HOSTS,
        api_url: str = "",
        policy: RetryPolicy = FOREGROUND,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        """Hosts are names with `*`. When `api_url` is on loopback, its own host and port are allowed as well."""
        self._upload_hosts = tuple(upload_hosts)
        self._asset_hosts = tuple(asset_hosts)
        self._trusted = loopback_address(api_url)
        self._policy = policy
        self._timeout = timeout
        self._session = new_session()
        self._session.mount("https://", PublicAdapter(pool_maxsize=16, pool_block=True))
        if self._trusted:
            self._session.mount(f"{self._trusted}/", HTTPAdapter(pool_maxsize=16, pool_block=True))

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def send(self, operations: Sequence[Operation], content: bytes) -> None:
        """Upload an image part by part; may be repeated until the image is committed.

        Raises UploadExpired when the image has to be reserved again, UnsafeUrl before anything is sent.
        """
        for operation in operations:
            self._check(operation.url, self._upload_hosts)
            if operation.offset < 0 or not 0 <= operation.length <= len(content) - operation.offset:
                raise Rubbish("Apple's instructions for the upload don't fit the image. Reserve the image again.")
        for operation in operations:
            self._policy.run(lambda part=operation: self._send_part(part, content))  # type: ignore[misc]

    def fetch_asset(self, url: str, *, most_bytes: int = MOST_ASSET_BYTES) -> bytes:
        """The bytes of a picture at Apple; raises Rubbish when there are more than `most_bytes`."""
        self._check(url, self._asset_hosts)
        return self._policy.run(lambda: self._fetch(url, most_bytes))

    def _send_part(self, operation: Operation, content: bytes) -> None:
        part = content[operation.offset : operation.offset + operation.length]
        headers = CaseInsensitiveDict(operation.headers)
        headers["Content-Length"] = str(len(part))
        request = requests.Request(operation.method, operation.url, headers=headers, data=part)
        response = self._exchange(request)
        response.close()
        if response.status_code in {401, 403, 404, 410}:
            sentence = "Apple's address for the upload has expired. Reserve the image again."
            raise UploadExpired(sentence, status=response.status_code)
        _require_success(response)

    def _fetch(self, url: str, most_bytes: int) -> bytes:
        response = self._exchange(requests.Request("GET", url))
        content = bytearray()
        try:
            _require_success(response)
            for chunk in response.iter_content(64 * 1024):
                content += chunk
                if len(content) > most_bytes:
                    raise UploadRefused(f"The picture at Apple is larger than {most_bytes} bytes, so it was not read.")
        except requests.RequestException:
            raise Rubbish("The picture at Apple was cut off. Try again.") from None
        finally:
            response.close()
        return bytes(content)

    def _exchange(self, request: requests.Request) -> requests.Response:
        """Send one request; repeating it does no harm, so an outcome is never unknown."""
        try:
            prepared = self._session.prepare_request(request)
            return self._session.send(prepared, timeout=self._timeout, allow_redirects=False, stream=True)
        except requests.RequestException as error:
            raise unreachable("Apple's server for images", error, is_write=False) from None

    def _check(self, url: str, hosts: Sequence[str]) -> None:
        """Raise UnsafeUrl unless a URL may be followed; by the parser that is used for connecting, too."""
        try:
            parts = parse_url(url)
        except LocationParseError:
            raise UnsafeUrl(UNSAFE) from None
        if parts.auth or not parts.host:
            raise UnsafeUrl(UNSAFE)
        if self._trusted and f"{parts.scheme}://{parts.netloc}".lower() == self._trusted:
            return
        is_expected = any(fnmatch.fnmatchcase(parts.host.lower(), pattern.lower()) for pattern in hosts)
        if parts.scheme != "https" or parts.port not in {None, 443} or not is_expected:
            raise UnsafeUrl(UNSAFE)


def loopback_address(url: str) -> str:
    """Scheme, host and port of a URL on loopback; empty for any other."""
    parts = urlsplit(url.lower())
    is_loopback = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return f"{parts.scheme}://{parts.netloc}" if is_loopback else ""


def _require_success(response: requests.Response) -> None:
    if response.status_code >= 500:
        raise ServerError("Apple's server for images has trouble. Try again later.", status=response.status_code)
    if not 200 <= response.status_code < 300:
        sentence = f"Apple's server for images refused the request ({response.status_code}). Try again."
        raise UploadRefused(sentence, status=response.status_code)


class _PublicConnection(HTTPSConnection):
    """A connection that is closed again when the name has led to a private address: the address in use is checked,
    not one that was looked up before."""

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        if not ipaddress.ip_address(connection.getpeername()[0]).is_global:
            connection.close()
            raise UnsafeUrl(UNSAFE)
        return connection


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _PublicConnection


class PublicAdapter(HTTPAdapter):
    """Connects by https to public addresses only; raises UnsafeUrl."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _PublicPool}
