"""One request as the endpoints see it: who asks, for what, and how to find things the way Apple would refuse them."""

from dataclasses import dataclass
from typing import Any, TypeVar

from . import bodies, errors
from .bodies import Body, Shape
from .queries import Query
from .records import Record
from .rendering import Document
from .rules import Rules
from .schema import KINDS, Kind, View
from .store import Store
from .tokens import Key

R = TypeVar("R", bound=Record)


@dataclass(slots=True)
class Answer:
    """What goes back: a status, and a document where there is one."""

    status: int
    document: dict[str, Any] | None = None
    location: str = ""


@dataclass(slots=True)
class Call:
    """An authenticated request. `identifier` is the id in the path; `lists` is what lists show, perhaps older."""

    store: Store
    rules: Rules
    key: Key
    view: View
    lists: View
    method: str
    path: str
    query: str
    identifier: str
    content: bytes

    @property
    def self_link(self) -> str:
        """The request's own address."""
        return f"{self.view.base}{self.path}" + (f"?{self.query}" if self.query else "")

    def found(self, kind: type[R], identifier: str | None = None) -> R:
        """The thing that the path names, of this key's team; 404 otherwise."""
        wanted = self.identifier if identifier is None else identifier
        record = self.store.tables.get(kind, wanted)
        if record is None or record.team != self.key.team:
            raise errors.not_found(kind.table, wanted)
        return record

    def target(self, kind: type[R], name: str, identifier: str) -> R:
        """The thing that a relationship of the body names; 409 otherwise."""
        record = self.store.tables.get(kind, identifier)
        if record is None or record.team != self.key.team:
            raise errors.Refusal(errors.relationship_invalid(name, f"Cannot find {kind.table} '{identifier}'"))
        return record

    def body(self, shape: Shape) -> Body:
        """The body, which names the same thing as the path where there is one."""
        return bodies.parse(self.content, shape, identifier=self.identifier or None)

    def created(self, kind: str, record: Record, *, includes: tuple[str, ...] = ()) -> Answer:
        """201 with the new thing and where it is [D]."""
        shown = KINDS[kind]
        link = f"{self.view.base}{shown.path}/{record.id}"
        return Answer(201, self._document(shown, record, link, includes), location=link)

    def updated(self, kind: str, record: Record) -> Answer:
        """200 with the thing as it is now."""
        shown = KINDS[kind]
        return Answer(200, self._document(shown, record, f"{self.view.base}{shown.path}/{record.id}", ()))

    def _document(self, kind: Kind, record: Record, link: str, includes: tuple[str, ...]) -> dict[str, Any]:
        # The view is taken anew: the write may have replaced the tables.
        view = View(self.store.tables, self.rules, self.view.base, self.view.now, self.view.upload_url)
        return Document(view, Query(includes=includes)).single(kind, record, link)
