"""JSON:API documents: resources, what they include, and the pages of a list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import Rubbish

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a document, with what was included beside it."""

    type: str
    id: str
    attributes: Json
    relationships: Json
    document: "Document" = field(repr=False)

    def related_id(self, name: str) -> str:
        """Identifier of a to-one relationship; empty where there is none or it was not included."""
        linkage = (self.relationships.get(name) or {}).get("data")
        return str(linkage["id"]) if isinstance(linkage, Mapping) else ""

    def related_ids(self, name: str) -> list[str]:
        """Identifiers of a to-many relationship that came with the document."""
        linkage = (self.relationships.get(name) or {}).get("data")
        return [str(one["id"]) for one in linkage] if isinstance(linkage, Sequence) else []

    def one(self, name: str) -> "Resource | None":
        """The included resource of a to-one relationship."""
        linkage = (self.relationships.get(name) or {}).get("data")
        return self.document.find(linkage["type"], linkage["id"]) if isinstance(linkage, Mapping) else None

    def many(self, name: str) -> "list[Resource]":
        """The included resources of a to-many relationship."""
        linkage = (self.relationships.get(name) or {}).get("data")
        linkages = linkage if isinstance(linkage, Sequence) else []
        return [found for one in linkages if (found := self.document.find(one["type"], one["id"]))]

    def is_cut(self, name: str) -> bool:
        """Whether a to-many relationship has more than what was included."""
        relationship = self.relationships.get(name) or {}
        total = ((relationship.get("meta") or {}).get("paging") or {}).get("total")
        return isinstance(total, int) and total > len(relationship.get("data") or [])


class Document:
    """One answer of Apple's; raises Rubbish for anything that is no JSON:API document."""

    def __init__(self, content: Any) -> None:
        if not isinstance(content, Mapping):
            raise Rubbish
        self._content = content
        self._included: dict[tuple[str, str], Json] = {}
        try:
            for one in content.get("included") or ():
                self._included[one["type"], str(one["id"])] = one
            data = content.get("data")
            self.resources = [self._resource(one) for one in (data if isinstance(data, list) else [data] if data else [])]
        except (KeyError, TypeError, AttributeError) as error:
            raise Rubbish from error

    def _resource(self, one: Json) -> Resource:
        return Resource(
            one["type"], str(one["id"]), one.get("attributes") or {}, one.get("relationships") or {}, self
        )

    def find(self, type_: str, id_: str) -> Resource | None:
        """An included resource."""
        one = self._included.get((type_, str(id_)))
        return self._resource(one) if one else None

    @property
    def first(self) -> Resource:
        """The resource of a document that must have one."""
        if not self.resources:
            raise Rubbish
        return self.resources[0]

    @property
    def next_url(self) -> str:
        """Address of the next page; empty at the end."""
        return str((self._content.get("links") or {}).get("next") or "")

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)
