"""A key, and a real HTTP server whose answers a test scripts."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from achievements_admin.appstore.credentials import Credentials
from achievements_admin.appstore.quota import LocalQuota
from achievements_admin.appstore.retry import RetryPolicy
from achievements_admin.appstore.transport import Transport


def pem_of(key: Any, *, format_: PrivateFormat = PrivateFormat.PKCS8) -> str:
    """A private key as text."""
    return str(key.private_bytes(Encoding.PEM, format_, NoEncryption()).decode())


@dataclass(slots=True)
class Answer:
    """One scripted answer. `cut` bytes of the body are withheld; it comes after `hang` seconds; `drop` sends none."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    hang: float = 0.0
    drop: bool = False


@dataclass(slots=True)
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


class ScriptedServer(ThreadingHTTPServer):
    """Gives the scripted answers in order, then the last one again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.received: list[Received] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def script(self, *answers: Answer) -> None:
        """Say what to answer from now on."""
        self.answers = list(answers)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def _answer(self) -> None:
        arrived = time.time()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            self.server.received.append(Received(self.command, self.path, dict(self.headers), body, arrived))
            answer = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        time.sleep(answer.hang)
        self.close_connection = answer.drop or bool(answer.cut)
        if answer.drop:
            return
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        content = b"" if answer.status == 204 else content
        self.send_response_only(answer.status)
        for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content[: len(content) - answer.cut])

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _answer  # noqa: N815 - named by the library

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the library
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A scripted server on loopback."""
    scripted = ScriptedServer()
    thread = threading.Thread(target=scripted.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield scripted
    scripted.shutdown()
    scripted.server_close()
    thread.join()


@pytest.fixture(scope="session")
def private_key() -> ec.EllipticCurvePrivateKey:
    """The key behind `credentials`."""
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def credentials(private_key: ec.EllipticCurvePrivateKey) -> Credentials:
    """A team key."""
    return Credentials(key_id="KEY1", issuer_id="issuer-1", private_key_pem=pem_of(private_key))


@pytest.fixture
def transport(server: ScriptedServer, credentials: Credentials) -> Iterator[Transport]:
    """A transport to the scripted server that retries at once and waits for nothing."""
    made = make_transport(credentials, server.url)
    yield made
    made.close()


def make_transport(
    credentials: Credentials,
    url: str,
    *,
    sleep: Callable[[float], None] = lambda seconds: None,
    attempts: int = 3,
    **given: Any,
) -> Transport:
    """A transport with short time-outs."""
    given.setdefault("quota", LocalQuota(patience=0.5))
    policy = RetryPolicy(attempts=attempts, total=60, sleep=sleep)
    return Transport(credentials, base_url=url, policy=policy, read_seconds=0.4, **given)


APP = {"type": "apps", "id": "1", "attributes": {"name": "Space Game"}}
ONE = Answer(body={"data": APP, "links": {"self": "/v1/apps/1"}})


def errors(*given: dict[str, Any]) -> dict[str, Any]:
    """An error document of Apple's."""
    return {"errors": [{"status": "409", "title": "A title.", **error} for error in given]}
