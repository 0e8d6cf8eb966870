"""JSON:API documents: what Apple's answers are made of. Tolerant of what is absent or null, strict where it matters."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from .errors import Rubbish, UnsafeUrl

# Far beyond what any team has; ends a server that pages in circles.
MOST_PAGES = 1000
# Apple's maximum of a page, and of a relation that is included.
PAGE = 200
INCLUDED = 50


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource object."""

    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Apple's identifier."""
        return str(self.raw["id"])

    @property
    def type(self) -> str:
        """Name of the kind of resource."""
        return str(self.raw["type"])

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Attributes that are there and not null, by Apple's names."""
        return {name: value for name, value in _mapping(self.raw.get("attributes")).items() if value is not None}

    def text(self, name: str) -> str:
        """An attribute as text, empty when absent."""
        return str(self.attributes.get(name, ""))

    def related_ids(self, relation: str) -> tuple[str, ...] | None:
        """Identifiers that a relationship holds; None when it holds no data, as where it was not included."""
        relationship = self._relationship(relation)
        if "data" not in relationship:
            return None
        linked = relationship["data"]
        links = linked if isinstance(linked, list) else [linked]
        return tuple(str(link["id"]) for link in links if isinstance(link, Mapping) and "id" in link)

    def related_id(self, relation: str) -> str:
        """Identifier that a to-one relationship holds, empty for none."""
        return next(iter(self.related_ids(relation) or ()), "")

    def related_total(self, relation: str) -> int | None:
        """How many a relationship has in all, also those that the answer left out; None when it does not say."""
        paging = _mapping(_mapping(self._relationship(relation).get("meta")).get("paging"))
        total = paging.get("total")
        return total if isinstance(total, int) else None

    def _relationship(self, relation: str) -> Mapping[str, Any]:
        return _mapping(_mapping(self.raw.get("relationships")).get(relation))


@dataclass(frozen=True, slots=True)
class Document:
    """An answer of Apple's. `is_write` when it answers a request that may have changed something."""

    body: Mapping[str, Any]
    is_write: bool = False
    _included: dict[tuple[str, str], Resource] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = _resources(self.body.get("included"))
        object.__setattr__(self, "_included", {(resource.type, resource.id): resource for resource in found})

    @property
    def resource(self) -> Resource:
        """The one resource; raises Rubbish when there is none."""
        found = self.resource_or_none
        if found is None:
            raise Rubbish("Apple's answer can't be read. Try again.", outcome_unknown=self.is_write)
        return found

    @property
    def resource_or_none(self) -> Resource | None:
        """The one resource, None for `data: null`."""
        return next(iter(_resources([self.body.get("data")])), None)

    @property
    def resources(self) -> list[Resource]:
        """The resources of a list."""
        return _resources(self.body.get("data"))

    @property
    def total(self) -> int | None:
        """How many the whole list has."""
        total = _mapping(_mapping(self.body.get("meta")).get("paging")).get("total")
        return total if isinstance(total, int) else None

    @property
    def next_link(self) -> str:
        """Where the list goes on, empty at its end."""
        link = _mapping(self.body.get("links")).get("next")
        return link if isinstance(link, str) else ""

    def included(self, kind: str, resource_id: str) -> Resource | None:
        """An included resource."""
        return self._included.get((kind, resource_id))

    def related(self, resource: Resource, relation: str, kind: str) -> list[Resource] | None:
        """All resources that an included relation holds; None when the answer does not hold them all.

        Included relations are capped (50): the relation's total says whether some were left out. An answer that was
        asked to include a relation and neither shows nor counts any has none.
        """
        ids = resource.related_ids(relation)
        total = resource.related_total(relation)
        if ids is None:
            return [] if not total else None
        found = [included for each in ids if (included := self.included(kind, each))]
        return found if len(found) == len(ids) and len(ids) >= (total or 0) else None


def pages(first: Document, fetch: Callable[[str], Document], *, url: str, base_url: str) -> Iterator[Document]:
    """A list's pages, from the first, which came from `url`; follows `links.next` as it is given.

    The token goes along, so the link must lead to the same server and path: raises UnsafeUrl otherwise.
    """
    seen = {url}
    page = first
    yield page
    while page.next_link:
        url = urljoin(url, page.next_link)
        require_same_server(url, base_url)
        if url in seen or len(seen) >= MOST_PAGES:
            raise Rubbish("Apple's list does not end. Try again later.")
        seen.add(url)
        page = fetch(url)
        yield page


def require_same_server(url: str, base_url: str) -> None:
    """Raise UnsafeUrl unless a URL has scheme, host, port and path prefix of the API."""
    try:
        is_same = _server(url) == _server(base_url)
        is_below = urlsplit(url).path.startswith(urlsplit(base_url).path.rstrip("/") + "/")
    except ValueError:
        is_same = is_below = False
    # Parsers disagree on a backslash in front of the host.
    if not is_same or not is_below or "\\" in url:
        raise UnsafeUrl("Apple's answer leads to another server, which is not followed. Check the address of the API.")


def _server(url: str) -> tuple[str, str | None, int | None, str | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme), parts.username


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _resources(values: object) -> list[Resource]:
    given = values if isinstance(values, list) else []
    return [Resource(value) for value in given if isinstance(value, Mapping) and "id" in value and "type" in value]
