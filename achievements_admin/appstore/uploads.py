"""Image bytes to where Apple wants them, and pictures from where Apple keeps them.

Developer documentation, "Uploading Assets": each part goes with exactly the given method and headers, and never with
the API's token. The addresses come from a server, so they are checked before anything is sent to them: https, an
expected host, no redirect, no private address. A server on loopback stands for Apple only where that is allowed.
"""

import fnmatch
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import requests

from .errors import AppStoreError, Rubbish, UnsafeUrl, Unreachable

ASSET_BYTES_MAX = 20 * 1024 * 1024


class UploadExpired(AppStoreError):
    """The signed address is no longer good: the image has to be reserved again."""

    sentence = "Apple's address for the upload has expired. The image is reserved again on the next try."


@dataclass(frozen=True, slots=True)
class Operation:
    """One part of an upload: where to, how, and which bytes."""

    method: str
    url: str
    offset: int
    length: int
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def from_apple(cls, given: Mapping[str, Any]) -> Self:
        """Read an `UploadOperation`."""
        try:
            headers = tuple((str(one["name"]), str(one["value"])) for one in given.get("requestHeaders") or [])
            return cls(given["method"], given["url"], int(given["offset"]), int(given["length"]), headers)
        except (KeyError, TypeError, ValueError) as error:
            raise Rubbish from error


class AssetHosts:
    """Sends parts and fetches pictures, to allowed hosts only."""

    def __init__(self, patterns: Sequence[str], *, loopback_address: str = "") -> None:
        """`patterns` are host names with `*`; `loopback_address` is a `host:port` on loopback that stands for Apple."""
        self._patterns = tuple(patterns)
        self._loopback = loopback_address
        self._session = requests.Session()
        self._session.trust_env = False

    def send(self, operation: Operation, content: bytes) -> None:
        """Upload one part of `content`; may be repeated until the image is committed."""
        self._check(operation.url)
        part = content[operation.offset : operation.offset + operation.length]
        headers = {**dict(operation.headers), "Content-Length": str(len(part))}
        response = self._request(operation.method, operation.url, data=part, headers=headers)
        if response.status_code in {401, 403, 410}:
            raise UploadExpired(status=response.status_code)
        if not 200 <= response.status_code < 300:
            raise Unreachable(f"The upload was refused ({response.status_code}). Try again.", status=response.status_code)

    def fetch(self, url: str) -> bytes:
        """The bytes of a picture at Apple, 20 MB at most."""
        self._check(url)
        response = self._request("GET", url, stream=True)
        if response.status_code != 200:
            raise Unreachable(f"The picture could not be read ({response.status_code}).", status=response.status_code)
        content = b""
        for chunk in response.iter_content(64 * 1024):
            content += chunk
            if len(content) > ASSET_BYTES_MAX:
                raise UnsafeUrl("The picture at Apple is larger than 20 MB, so it was not fetched.")
        return content

    def _request(self, method: str, url: str, **given: Any) -> requests.Response:
        try:
            return self._session.request(method, url, timeout=(5, 60), allow_redirects=False, **given)
        except requests.exceptions.RequestException as error:
            raise Unreachable from error

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if self._loopback and parts.netloc == self._loopback:
            return
        host = parts.hostname or ""
        if parts.scheme != "https" or parts.username or parts.port not in {None, 443}:
            raise UnsafeUrl
        if not any(fnmatch.fnmatch(host.lower(), pattern.lower()) for pattern in self._patterns):
            raise UnsafeUrl
        try:
            found = {entry[4][0] for entry in socket.getaddrinfo(host, 443)}
        except OSError as error:
            raise Unreachable from error
        if any(not ipaddress.ip_address(address).is_global for address in found):
            raise UnsafeUrl
