"""Requests as they leave, and every way in which no good answer comes."""

import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from email.utils import formatdate

import jwt
import pytest

from achievements_admin.appstore.credentials import Credentials
from achievements_admin.appstore.errors import (
    AppStoreError,
    BudgetExhausted,
    NotAuthorized,
    NotFound,
    RateLimited,
    Rubbish,
    ServerError,
    Unreachable,
    UnsafeUrl,
)
from achievements_admin.appstore.quota import LocalQuota
from achievements_admin.appstore.transport import Exchange, Transport

from .conftest import APP, ONE, Answer, ScriptedServer, errors, make_transport

BODY = {"data": {"type": "gameCenterGroups", "attributes": {"referenceName": "G"}}}
REFUSED = Answer(status=401, body=errors({"status": "401", "code": "NOT_AUTHORIZED"}))
LIMITED = Answer(
    status=429, body=errors({"status": "429", "code": "RATE_LIMIT_EXCEEDED"}), headers={"Retry-After": "0"}
)


def test_a_request_carries_token_and_accept_header(server: ScriptedServer, transport: Transport) -> None:
    server.script(ONE)
    assert transport.get("/v1/apps/1", {"include": "a,b", "filter[id]": "x y"}).resource.text("name") == "Space Game"
    received = server.received[0]
    assert received.path == "/v1/apps/1?include=a,b&filter%5Bid%5D=x+y"
    assert received.headers["Authorization"].startswith("Bearer ey")
    assert received.headers["Accept"] == "application/json"


def test_a_path_prefix_in_the_base_url_is_kept(server: ScriptedServer, credentials: Credentials) -> None:
    seen: list[Exchange] = []
    transport = make_transport(credentials, f"{server.url}/stand-in/", on_request=seen.append)
    following = {"data": [APP], "links": {"next": f"{server.url}/stand-in/v1/apps?cursor=2"}}
    server.script(Answer(body=following), Answer(body={"data": [APP]}))
    assert len(list(transport.get_pages("/v1/apps"))) == 2
    assert [request.path for request in server.received] == ["/stand-in/v1/apps", "/stand-in/v1/apps?cursor=2"]
    assert [exchange.path for exchange in seen] == ["/v1/apps", "/v1/apps"]
    transport.close()


def test_the_environment_has_no_say(
    server: ScriptedServer, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.script(ONE)
    assert transport.get("/v1/apps/1").resource.id == "1"


def test_a_redirect_is_not_followed(server: ScriptedServer, transport: Transport) -> None:
    server.script(Answer(status=307, headers={"Location": f"{server.url}/elsewhere"}))
    with pytest.raises(Rubbish, match="redirect"):
        transport.post("/v1/gameCenterGroups", BODY)
    assert [request.path for request in server.received] == ["/v1/gameCenterGroups"]


def test_a_next_page_on_another_server_never_sees_the_token(server: ScriptedServer, transport: Transport) -> None:
    other = f"http://localhost:{server.server_port}/v1/apps?cursor=2"
    server.script(Answer(body={"data": [APP], "links": {"next": other}}))
    with pytest.raises(UnsafeUrl):
        list(transport.get_pages("/v1/apps"))
    assert len(server.received) == 1


def test_cookies_are_not_kept(server: ScriptedServer, transport: Transport) -> None:
    server.script(Answer(body={"data": APP}, headers={"Set-Cookie": "session=1"}))
    transport.get("/v1/apps/1")
    transport.get("/v1/apps/1")
    assert "Cookie" not in server.received[1].headers


def test_an_exchange_is_told_without_its_token(server: ScriptedServer, credentials: Credentials) -> None:
    seen: list[Exchange] = []
    transport = make_transport(credentials, server.url, on_request=seen.append)
    server.script(Answer(status=201, body={"data": APP}))
    transport.post("/v1/gameCenterGroups", BODY)
    assert (seen[0].method, seen[0].path, seen[0].status) == ("POST", "/v1/gameCenterGroups", 201)
    assert (seen[0].body_sent, seen[0].answer, seen[0].error) == (BODY, {"data": APP}, None)
    assert "Bearer" not in repr(seen)
    assert "eyJ" not in repr(seen)
    transport.close()


def test_a_refused_request_is_told_with_apples_document(server: ScriptedServer, credentials: Credentials) -> None:
    seen: list[Exchange] = []
    transport = make_transport(credentials, server.url, on_request=seen.append)
    server.script(Answer(status=404, body=errors({"status": "404", "code": "NOT_FOUND"})))
    with pytest.raises(NotFound):
        transport.get("/v1/apps/2", {"include": "x"})
    assert (seen[0].status, seen[0].query, seen[0].answer) == (404, "include=x", server_document(seen[0]))
    transport.close()


def server_document(exchange: Exchange) -> dict[str, object] | None:
    """The document that the exchange's error keeps."""
    return exchange.error.document if exchange.error else None


def test_requests_are_counted_by_transport_and_by_context(server: ScriptedServer, transport: Transport) -> None:
    server.script(Answer(status=500), Answer(status=500), ONE)
    with transport.counting() as outer:
        transport.get("/v1/apps/1")
        with transport.counting() as inner:
            worker = threading.Thread(target=copy_context().run, args=(transport.get, "/v1/apps/1"))
            worker.start()
            worker.join()
        threading.Thread(target=transport.get, args=("/v1/apps/1",)).run()
    transport.get("/v1/apps/1")
    assert (outer.count, inner.count, transport.requests_sent) == (5, 1, 6)


def test_many_threads_share_one_transport(server: ScriptedServer, transport: Transport) -> None:
    server.script(ONE)
    threads = [threading.Thread(target=transport.get, args=("/v1/apps/1",)) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.received) == transport.requests_sent == 24


# --- no good answer: what is read is tried again, what is written is not ---

FAULTS = [
    (Answer(drop=True), Unreachable),
    (Answer(hang=0.6), Unreachable),
    (Answer(status=500), ServerError),
    (Answer(status=503, body=b"<html>busy</html>"), ServerError),
    (Answer(body=b"<html>hello</html>"), Rubbish),
    (Answer(body=b"[1]"), Rubbish),
    (Answer(body=b""), Rubbish),
    (Answer(body={"links": {}}), Rubbish),
    (Answer(body={"data": APP}, cut=5), Rubbish),
    (Answer(body=b"\xff\xfe" * 20, headers={"Content-Encoding": "gzip"}), Rubbish),
]


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
def test_reading_is_tried_again_after_a_fault(
    server: ScriptedServer, transport: Transport, fault: Answer, kind: type[AppStoreError]
) -> None:
    server.script(fault, ONE)
    assert transport.get("/v1/apps/1").resource.id == "1"
    assert len(server.received) == 2


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
def test_writing_is_never_tried_again_after_a_fault(
    server: ScriptedServer, transport: Transport, fault: Answer, kind: type[AppStoreError]
) -> None:
    server.script(fault, ONE)
    with pytest.raises(kind) as raised:
        transport.post("/v1/gameCenterGroups", BODY)
    assert raised.value.outcome_unknown
    assert raised.value.is_retryable
    assert len(server.received) == 1


def test_reading_gives_up_after_its_attempts(server: ScriptedServer, transport: Transport) -> None:
    server.script(Answer(status=503))
    with pytest.raises(ServerError) as raised:
        transport.get("/v1/apps/1")
    assert not raised.value.outcome_unknown
    assert len(server.received) == 3


def test_an_answer_without_content_is_enough_for_a_delete(server: ScriptedServer, transport: Transport) -> None:
    server.script(Answer(status=204))
    transport.delete("/v1/gameCenterGroups/1")
    assert server.received[0].method == "DELETE"


def test_a_write_is_sent_again_when_the_connection_was_refused(credentials: Credentials) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    waits: list[float] = []
    transport = make_transport(credentials, f"http://127.0.0.1:{port}", sleep=waits.append)
    with pytest.raises(Unreachable) as raised:
        transport.post("/v1/gameCenterGroups", BODY)
    assert (raised.value.was_sent, raised.value.outcome_unknown, len(waits)) == (False, False, 2)


def test_a_name_that_does_not_resolve_was_not_sent(credentials: Credentials) -> None:
    transport = make_transport(credentials, "http://no-such-host.invalid", attempts=1)
    with pytest.raises(Unreachable) as raised:
        transport.post("/v1/gameCenterGroups", BODY)
    assert not raised.value.was_sent


# --- 429 ---


@pytest.mark.parametrize("send", [lambda t: t.get("/v1/apps/1"), lambda t: t.post("/v1/apps", BODY)])
def test_a_request_over_the_limit_is_sent_again(
    server: ScriptedServer, transport: Transport, send: Callable[[Transport], object]
) -> None:
    server.script(LIMITED, ONE)
    send(transport)
    assert len(server.received) == 2


def test_no_thread_starts_a_request_before_retry_after(server: ScriptedServer, credentials: Credentials) -> None:
    server.script(Answer(status=429, headers={"Retry-After": "1"}), ONE)
    transport = make_transport(credentials, server.url, sleep=time.sleep, quota=LocalQuota(patience=5))
    transport_threads = [threading.Thread(target=transport.get, args=("/v1/apps/1",)) for _ in range(4)]
    first, *others = transport_threads
    first.start()
    while not server.received:
        time.sleep(0.005)
    time.sleep(0.1)
    for thread in others:
        thread.start()
    for thread in transport_threads:
        thread.join()
    limited, *later = server.received
    assert len(later) == 4
    assert min(request.at for request in later) - limited.at >= 1.0
    transport.close()


def test_a_pause_longer_than_patience_is_the_callers(server: ScriptedServer, credentials: Credentials) -> None:
    transport = make_transport(credentials, server.url, attempts=1)
    server.script(Answer(status=429, headers={"Retry-After": "120"}))
    with pytest.raises(RateLimited) as limited:
        transport.get("/v1/apps/1")
    assert limited.value.retry_after == 120
    with pytest.raises(BudgetExhausted) as exhausted:
        transport.get("/v1/apps/1")
    assert exhausted.value.until == pytest.approx(time.time() + 120, abs=5)
    assert len(server.received) == 1
    transport.close()


# --- 401 ---


def test_a_refused_token_is_renewed_once_even_for_a_write(server: ScriptedServer, transport: Transport) -> None:
    server.script(REFUSED, Answer(status=201, body={"data": APP}))
    transport.post("/v1/gameCenterGroups", BODY)
    first, second = (request.headers["Authorization"] for request in server.received)
    assert first != second
    assert server.received[1].body == server.received[0].body


def test_after_a_second_refusal_nothing_is_sent_for_a_while(server: ScriptedServer, transport: Transport) -> None:
    server.script(REFUSED)
    with pytest.raises(NotAuthorized) as raised:
        transport.get("/v1/apps/1")
    assert raised.value.document == REFUSED.body
    with pytest.raises(NotAuthorized) as again:
        transport.get("/v1/apps/1")
    assert not again.value.was_sent
    assert len(server.received) == 2


def test_threads_wait_for_the_one_that_tries_a_renewed_token(server: ScriptedServer, credentials: Credentials) -> None:
    transport = make_transport(credentials, server.url)
    server.script(Answer(status=401), Answer(status=401, hang=0.2), ONE)
    failures: list[AppStoreError] = []

    def ask() -> None:
        try:
            transport.get("/v1/apps/1")
        except AppStoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    threads[0].start()
    while len(server.received) < 2:
        time.sleep(0.005)
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.received) == 2
    assert [type(failure) for failure in failures] == [NotAuthorized] * 6
    transport.close()


class LateSlots(LocalQuota):
    """Keeps whoever comes first waiting for a slot until it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.is_waiting = threading.Event()
        self.opened = threading.Event()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait only if nobody does."""
        if not self.is_waiting.is_set():
            self.is_waiting.set()
            self.opened.wait(5)
        with super().slot():
            yield


def test_who_waits_for_a_slot_while_the_key_is_refused_sends_nothing(
    server: ScriptedServer, credentials: Credentials
) -> None:
    quota = LateSlots()
    transport = make_transport(credentials, server.url, quota=quota)
    server.script(REFUSED)
    with ThreadPoolExecutor() as pool:
        late = pool.submit(transport.get, "/v1/apps/1")
        quota.is_waiting.wait(5)
        with pytest.raises(NotAuthorized):
            transport.get("/v1/apps/1")
        quota.opened.set()
        assert isinstance(late.exception(), NotAuthorized)
    assert len(server.received) == 2
    transport.close()


def test_apples_clock_is_learned_from_a_refusal(server: ScriptedServer, transport: Transport) -> None:
    ahead = time.time() + 3000
    server.script(Answer(status=401, headers={"Date": formatdate(ahead, usegmt=True)}), ONE)
    transport.get("/v1/apps/1")
    token = server.received[1].headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["iat"] == pytest.approx(ahead - 30, abs=5)


# --- what must not show ---


def test_a_token_shows_neither_in_errors_nor_in_logs(
    server: ScriptedServer, transport: Transport, caplog: pytest.LogCaptureFixture
) -> None:
    server.script(Answer(drop=True))
    with caplog.at_level(logging.DEBUG), pytest.raises(Unreachable) as raised:
        transport.post("/v1/gameCenterGroups", BODY)
    shown = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    token = server.received[0].headers["Authorization"].removeprefix("Bearer ")
    assert token not in shown
    assert token not in caplog.text
    assert "private_key_pem" not in shown
