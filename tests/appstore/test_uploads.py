"""Where image bytes go, and where they must not."""

from collections.abc import Iterator

import pytest
import requests

from achievements_admin.appstore.errors import (
    Rubbish,
    ServerError,
    UnsafeUrl,
    UploadExpired,
    UploadRefused,
)
from achievements_admin.appstore.retry import RetryPolicy
from achievements_admin.appstore.uploads import Operation, PublicAdapter, Uploads, loopback_address

from .conftest import Answer, ScriptedServer

CONTENT = bytes(range(256)) * 4
QUICK = RetryPolicy(attempts=3, total=60, sleep=lambda seconds: None)


@pytest.fixture
def uploads(server: ScriptedServer) -> Iterator[Uploads]:
    """Uploads beside an API on loopback."""
    made = Uploads(api_url=server.url, policy=QUICK, timeout=(2, 0.4))
    yield made
    made.close()


def operation(url: str, offset: int = 0, length: int = len(CONTENT)) -> Operation:
    """A part as Apple would ask for it."""
    given = {"method": "PUT", "url": url, "offset": offset, "length": length}
    return Operation.from_apple({**given, "requestHeaders": [{"name": "Content-Type", "value": "image/png"}]})


def test_parts_go_with_given_method_headers_and_length_and_no_token(server: ScriptedServer, uploads: Uploads) -> None:
    server.script(Answer(body=b""))
    uploads.send([operation(f"{server.url}/p2", 1000, 24), operation(f"{server.url}/p1?Expires=1", 0, 1000)], CONTENT)
    assert [(each.method, each.path) for each in server.received] == [("PUT", "/p2"), ("PUT", "/p1?Expires=1")]
    assert server.received[1].body + server.received[0].body == CONTENT
    for received in server.received:
        assert received.headers["Content-Type"] == "image/png"
        assert received.headers["Content-Length"] == str(len(received.body))
        assert "Authorization" not in received.headers
        assert "Transfer-Encoding" not in received.headers


@pytest.mark.parametrize("fault", [Answer(status=503, body=b""), Answer(drop=True), Answer(hang=0.6)])
def test_a_part_is_sent_again_after_a_fault(server: ScriptedServer, uploads: Uploads, fault: Answer) -> None:
    server.script(fault, Answer(body=b""))
    uploads.send([operation(f"{server.url}/p")], CONTENT)
    assert [each.body for each in server.received] == [CONTENT, CONTENT]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, UploadExpired), (410, UploadExpired), (400, UploadRefused), (302, UploadRefused), (500, ServerError)],
)
def test_what_the_server_says_is_told(
    server: ScriptedServer, uploads: Uploads, status: int, kind: type[Exception]
) -> None:
    server.script(Answer(status=status, body=b"", headers={"Location": f"{server.url}/elsewhere"}))
    with pytest.raises(kind):
        uploads.send([operation(f"{server.url}/p")], CONTENT)
    assert {each.path for each in server.received} == {"/p"}


@pytest.mark.parametrize(
    "url",
    [
        "http://store.apple.com/p",
        "https://evil.example/p",
        "https://apple.com.evil.example/p",
        "https://evilapple.com/p",
        "https://store.apple.com:8443/p",
        "https://user:secret@store.apple.com/p",
        "https://evil.example\\@store.apple.com/p",
        "https://evil.example#@store.apple.com/p",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/p",
        "http://127.0.0.1:1/p",
        "ftp://store.apple.com/p",
        "//store.apple.com/p",
        "store.apple.com",
        "https:///p",
        "",
    ],
)
def test_an_address_that_is_not_apples_gets_nothing(server: ScriptedServer, uploads: Uploads, url: str) -> None:
    server.script(Answer(body=b""))
    with pytest.raises(UnsafeUrl):
        uploads.send([operation(f"{server.url}/p"), operation(url)], CONTENT)
    with pytest.raises(UnsafeUrl):
        uploads.fetch_asset(url)
    assert server.received == []


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_name_that_leads_to_a_private_address_gets_nothing(server: ScriptedServer, name: str) -> None:
    with requests.Session() as session:
        session.mount("https://", PublicAdapter())
        with pytest.raises(UnsafeUrl):
            session.get(f"https://{name}:{server.server_port}/p", timeout=2)
    assert server.received == []


def test_loopback_is_trusted_only_beside_an_api_on_loopback(server: ScriptedServer) -> None:
    uploads = Uploads(upload_hosts=["127.0.0.1"], api_url="https://api.appstoreconnect.apple.com", policy=QUICK)
    with pytest.raises(UnsafeUrl):
        uploads.send([operation(f"{server.url}/p")], CONTENT)
    assert server.received == []
    assert loopback_address("https://api.appstoreconnect.apple.com") == ""
    assert loopback_address("http://127.0.0.1:8010/prefix") == "http://127.0.0.1:8010"
    uploads.close()


@pytest.mark.parametrize(("offset", "length"), [(0, 2000), (1020, 5), (-1, 5), (5, -1)])
def test_parts_beyond_the_image_are_refused_before_anything_is_sent(
    server: ScriptedServer, uploads: Uploads, offset: int, length: int
) -> None:
    with pytest.raises(Rubbish):
        uploads.send([operation(f"{server.url}/p", offset, length)], CONTENT)
    assert server.received == []


@pytest.mark.parametrize(
    "given", [{}, {"method": "PUT", "url": "x", "offset": "a", "length": 1}, {"requestHeaders": [3]}]
)
def test_instructions_that_make_no_sense_are_rubbish(given: dict[str, object]) -> None:
    with pytest.raises(Rubbish):
        Operation.from_apple(given)


def test_a_signed_address_does_not_show_itself() -> None:
    assert "Expires" not in repr(operation("https://store.apple.com/p?Expires=1&Signature=x"))


def test_a_picture_is_read_without_a_token(server: ScriptedServer, uploads: Uploads) -> None:
    server.script(Answer(body=CONTENT))
    assert uploads.fetch_asset(f"{server.url}/512x512bb.png") == CONTENT
    assert "Authorization" not in server.received[0].headers


def test_a_picture_that_is_too_large_is_not_read_to_its_end(server: ScriptedServer, uploads: Uploads) -> None:
    server.script(Answer(body=bytes(300_000)))
    with pytest.raises(UploadRefused, match="larger than 1000 bytes"):
        uploads.fetch_asset(f"{server.url}/x.png", most_bytes=1000)


def test_a_picture_that_was_cut_off_is_read_again(server: ScriptedServer, uploads: Uploads) -> None:
    server.script(Answer(body=CONTENT, cut=3), Answer(body=CONTENT))
    assert uploads.fetch_asset(f"{server.url}/x.png") == CONTENT
