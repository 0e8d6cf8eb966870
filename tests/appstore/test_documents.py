"""JSON:API documents, their relations and pages."""

from typing import Any

import pytest

from achievements_admin.appstore.documents import Document, Resource, pages, require_same_server
from achievements_admin.appstore.errors import Rubbish, UnsafeUrl

API = "https://api.appstoreconnect.apple.com"


def versions(ids: list[str] | None, *, total: int | None = None) -> Resource:
    """An achievement with a relation to versions."""
    relation: dict[str, Any] = {"links": {}}
    if ids is not None:
        relation["data"] = [{"type": "v", "id": each} for each in ids]
    if total is not None:
        relation["meta"] = {"paging": {"total": total, "limit": 50}}
    return Resource({"type": "a", "id": "1", "relationships": {"versions": relation}})


def included(*ids: str) -> Document:
    """A document that includes versions."""
    return Document({"data": [], "included": [{"type": "v", "id": each} for each in ids]})


def test_a_whole_relation_is_found_in_order() -> None:
    found = included("2", "1").related(versions(["1", "2"], total=2), "versions", "v")
    assert [each.id for each in found or []] == ["1", "2"]


@pytest.mark.parametrize(
    ("resource", "document"),
    [
        (versions(["1"], total=60), included("1")),
        (versions(["1", "2"]), included("1")),
        (versions(None, total=3), included("1")),
    ],
)
def test_a_relation_that_was_cut_off_is_noticed(resource: Resource, document: Document) -> None:
    assert document.related(resource, "versions", "v") is None


@pytest.mark.parametrize(
    "resource",
    [versions([]), versions([], total=0), versions(None, total=0), versions(None), Resource({"type": "a", "id": "1"})],
)
def test_an_empty_relation_is_whole(resource: Resource) -> None:
    assert included().related(resource, "versions", "v") == []


@pytest.mark.parametrize(
    "body",
    [
        {"data": None},
        {"data": []},
        {"data": "x"},
        {"data": {"id": "1"}},
        {"data": [None, 7]},
        {"data": None, "included": None, "links": None, "meta": None},
    ],
)
def test_absent_and_odd_parts_are_bearable(body: dict[str, Any]) -> None:
    document = Document(body)
    assert (document.resource_or_none, document.resources, document.next_link, document.total) == (None, [], "", None)


def test_a_missing_resource_leaves_the_outcome_of_a_write_unknown() -> None:
    with pytest.raises(Rubbish) as raised:
        _ = Document({"data": None}, is_write=True).resource
    assert raised.value.outcome_unknown
    with pytest.raises(Rubbish) as read:
        _ = Document({"data": None}).resource
    assert not read.value.outcome_unknown


def test_null_attributes_and_relations_pass_for_absent() -> None:
    resource = Resource({"type": "a", "id": "1", "attributes": {"name": None}, "relationships": {"x": {"data": None}}})
    assert resource.text("name") == ""
    assert resource.related_id("x") == ""
    assert Resource({"type": "a", "id": "1", "attributes": None, "relationships": None}).attributes == {}


@pytest.mark.parametrize(
    "url",
    [
        f"{API}/v1/apps?cursor=abc",
        "https://API.appstoreconnect.apple.com:443/v1/apps",
    ],
)
def test_a_next_page_on_the_same_server_is_followed(url: str) -> None:
    require_same_server(url, API)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.appstoreconnect.apple.com/v1/apps",
        "https://evil.example/v1/apps",
        "https://api.appstoreconnect.apple.com.evil.example/v1",
        "https://api.appstoreconnect.apple.com:8443/v1",
        "https://api.appstoreconnect.apple.com@evil.example/v1",
        "https://user@api.appstoreconnect.apple.com/v1",
        "https://evil.example\\@api.appstoreconnect.apple.com/v1",
        "https://[broken/v1",
        "https://api.appstoreconnect.apple.com:port/v1",
        "file:///etc/passwd",
    ],
)
def test_a_next_page_elsewhere_is_not_followed(url: str) -> None:
    with pytest.raises(UnsafeUrl) as raised:
        require_same_server(url, API)
    assert not raised.value.was_sent


def test_a_next_page_outside_the_path_prefix_is_not_followed() -> None:
    with pytest.raises(UnsafeUrl):
        require_same_server("http://127.0.0.1:1/v1/apps", "http://127.0.0.1:1/stand-in")


def test_pages_are_followed_verbatim_until_there_is_no_next() -> None:
    links = {f"{API}/v1/a?cursor=B%3D%3D&limit=2": "/v1/a?cursor=C", f"{API}/v1/a?cursor=C": ""}
    first = Document({"data": [], "links": {"next": f"{API}/v1/a?cursor=B%3D%3D&limit=2"}})
    asked: list[str] = []

    def fetch(url: str) -> Document:
        asked.append(url)
        return Document({"data": [], "links": {"next": links[url]}})

    assert len(list(pages(first, fetch, url=f"{API}/v1/a", base_url=API))) == 3
    assert asked == list(links)


@pytest.mark.parametrize("step", [0, 1])
def test_pages_that_never_end_are_noticed(step: int) -> None:
    count = 0

    def fetch(url: str) -> Document:
        nonlocal count
        count += step
        return Document({"data": [], "links": {"next": f"{API}/v1/a?cursor={count}"}})

    first = fetch("")
    with pytest.raises(Rubbish, match="does not end"):
        list(pages(first, fetch, url=f"{API}/v1/a", base_url=API))
    assert count <= 1001
