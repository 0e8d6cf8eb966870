"""The wire: HTTP/1.1 with keep-alive, a thread per connection, on loopback only."""

import errno
import json
import math
import socket
import sys
import time
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from . import artwork, control, errors, routes
from .calls import Answer
from .errors import Refusal
from .faults import Fault
from .journal import Entry
from .records import Image
from .world import World

BODY_BYTES_MAX = 64 * 1024 * 1024
HOLD_SECONDS_MAX = 600.0
RUBBISH = b"<!DOCTYPE html><html><head><title>Apple</title></head><body><h1>We'll be back soon.</h1></body></html>"
_JSON_TYPES = {"application/json", "application/vnd.api+json"}
_RESET = b"\1\0\0\0\0\0\0\0"  # SO_LINGER on, zero seconds
Headers = list[tuple[str, str]]


class EndConnection(Exception):
    """The connection is to end without (more of) an answer."""


class PortTaken(Exception):
    """Another process listens there."""


class Server(ThreadingHTTPServer):
    """Serves one world."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, port: int, world: World) -> None:
        """Bind the port on loopback; raises PortTaken."""
        self.world = world
        try:
            super().__init__(("127.0.0.1", port), Handler)
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                raise PortTaken from error
            raise

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is reported as usual."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        """Any method is served alike; what it may do is the routes' business."""
        try:
            content = self._content()
            path, _, query = self.path.partition("?")
            if path.startswith("/_simulator"):
                status, document = control.answer(self.server.world, self.command, path, query, content)
                self._send(status, _dump(document))
            elif path.startswith("/_uploads/"):
                self._upload(path, query, content)
            elif path.startswith("/_assets/"):
                self._asset(path)
            else:
                self._api(path, query, content)
        except EndConnection:
            self.close_connection = True
            # A reset, not an orderly end: what a client sees when a machine in between dies.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_GET

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """The journal is the log."""

    def _content(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            # [D] uploads and bodies say their length.
            self.close_connection = True
            self._send(HTTPStatus.LENGTH_REQUIRED, b"")
            raise EndConnection
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            raise EndConnection
        return self.rfile.read(int(length)) if length != "0" else b""

    def _send(
        self, status: int, content: bytes, media_type: str = "application/json", headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Head and body in one write."""
        self.wfile.write(
            self._head(status, len(content), media_type, headers) + (b"" if self.command == "HEAD" else content)
        )

    def _head(self, status: int, length: int, media_type: str, headers: Sequence[tuple[str, str]]) -> bytes:
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if status != HTTPStatus.NO_CONTENT:
            lines += [f"Content-Type: {media_type}", f"Content-Length: {length}"]
        if self.close_connection:
            lines.append("Connection: close")
        return "\r\n".join((*lines, "", "")).encode("latin-1")

    # The API

    def _api(self, path: str, query: str, content: bytes) -> None:
        world = self.server.world
        template, _ = routes.template_of(path)
        entry = world.journal.begin(method=self.command, path=self.path, route=template, body=_shown(content))
        status = -1
        try:
            if world.latency:
                time.sleep(world.latency)
            status = self._answer(path, query, content, entry)
        finally:
            world.journal.end(entry, status)

    def _answer(self, path: str, query: str, content: bytes, entry: Entry) -> int:
        """Answer, with whatever has been asked to go wrong; returns the status that was sent."""
        world = self.server.world
        fault: Fault | None = None
        headers: Headers = []
        try:
            key = world.keyring.authenticate(self.headers.get("Authorization"), self.command, self.path)
            entry.key_id = key.key_id
            fault = world.faults.pick(
                method=self.command, path=self.path, route=entry.route, content=content, key_id=key.key_id
            )
            entry.fault = fault.kind if fault else ""
            headers, wait = world.take_quota(key)
            if wait is not None:
                raise errors.rate_limited(math.ceil(wait) if world.rules.retry_after else None)
            if fault is not None:
                self._go_wrong_before(fault, entry)
            route, identifier = routes.find(self.command, path)
            self._check_media(content)
            answer = world.perform(
                route,
                key,
                identifier=identifier,
                path=path,
                query=query,
                content=content,
                base=f"http://{self.headers.get('Host', '127.0.0.1')}",
                entry=entry,
            )
        except Refusal as refusal:
            answer = Answer(refusal.status, refusal.document())
            if refusal.retry_after is not None:
                headers.append(("Retry-After", f"{refusal.retry_after:g}"))
        if answer.location:
            headers.append(("Location", answer.location))
        if fault is not None and self._goes_wrong_after(fault, entry, answer, headers):
            return -1
        if answer.status == HTTPStatus.NOT_ACCEPTABLE:
            # [D] 406 replies in plain text.
            self._send(answer.status, b"Not Acceptable", "text/plain", headers)
        else:
            self._send(answer.status, _dump(answer.document), headers=headers)
        return answer.status

    def _check_media(self, content: bytes) -> None:
        accepted = self.headers.get("Accept", "*/*")
        if "*/*" not in accepted and "application/" not in accepted:
            raise errors.not_acceptable()
        given = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if content and given not in _JSON_TYPES:
            raise errors.unsupported_media_type(given)

    def _go_wrong_before(self, fault: Fault, entry: Entry) -> None:
        """What goes wrong without the request being carried out, or before it is."""
        if fault.kind == "429":
            raise errors.rate_limited(fault.retry_after)
        if fault.kind in {"500", "503"}:
            refusal = errors.unexpected(int(fault.kind))
            refusal.retry_after = fault.retry_after
            raise refusal
        if fault.kind == "401":
            raise errors.not_authorized()
        if fault.kind == "drop_before":
            raise EndConnection
        if fault.kind == "slow":
            time.sleep(fault.ms / 1000)
        if fault.kind == "hold" and fault.when == "before":
            self._hold(fault, entry)

    def _hold(self, fault: Fault, entry: Entry) -> None:
        entry.held = True
        fault.gate.wait(HOLD_SECONDS_MAX)
        entry.held = False
        if fault.is_dropping:
            raise EndConnection

    def _goes_wrong_after(self, fault: Fault, entry: Entry, answer: Answer, headers: Headers) -> bool:
        """What goes wrong with the answer; True when it has been sent, or never will be."""
        if fault.kind == "drop_after":
            raise EndConnection
        if fault.kind == "hold" and fault.when == "after":
            self._hold(fault, entry)
        if fault.kind == "500_applied":
            answer.status, answer.document = 500, errors.unexpected().document()
        if fault.kind == "rubbish":
            self._send(200, RUBBISH, "text/html", headers)
            return True
        if fault.kind == "cut_body":
            content = _dump(answer.document)
            self.wfile.write(self._head(answer.status, len(content), "application/json", headers))
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            # An orderly end, so that the half that was sent arrives.
            self.close_connection = True
            return True
        return False

    # The upload host and the asset host

    def _upload(self, path: str, query: str, content: bytes) -> None:
        world = self.server.world
        headers = {name.lower(): value for name, value in self.headers.items()}
        entry = world.journal.begin(
            method=self.command, path=self.path, route="/_uploads", body=f"{len(content)} bytes"
        )
        status = -1
        try:
            fault = world.faults.pick(
                method=self.command, path=self.path, route="/_uploads", content=content, key_id=""
            )
            entry.fault = fault.kind if fault else ""
            if world.latency:
                time.sleep(world.latency)
            if fault is not None:
                self._go_wrong_before(fault, entry)
            with world.lock:
                answer = world.uploads.receive(
                    world.store,
                    world.rules,
                    method=self.command,
                    path=path,
                    query=query,
                    headers=headers,
                    content=content,
                )
            entry.applied = answer.status == HTTPStatus.OK
            if fault is not None and fault.kind == "drop_after":
                raise EndConnection
            self._send(answer.status, answer.text.encode(), "text/plain")
            status = answer.status
        except Refusal as refusal:
            self._send(refusal.status, b"Try again.", "text/plain")
            status = refusal.status
        finally:
            world.journal.end(entry, status)

    def _asset(self, path: str) -> None:
        """The stored bytes, whatever the size and format that were asked for."""
        world = self.server.world
        pieces = path.split("/")
        with world.lock:
            image = world.store.tables.get(Image, pieces[2]) if len(pieces) == 4 else None
            content = world.store.contents.get(image.content) if image else None
        if image is None or image.state != "COMPLETE":
            self._send(404, b"There is nothing here.", "text/plain")
            return
        if content is None:
            content = artwork.draw(image.content)
        media_type = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
        self._send(200, content, media_type, [("Cache-Control", "public, max-age=3600")])


def _dump(document: Any) -> bytes:
    return b"" if document is None else json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _shown(content: bytes) -> Any:
    """A body for the journal: as JSON where it is JSON."""
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content.decode("utf-8", "replace")
